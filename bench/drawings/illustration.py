"""Illustrations: flat, and shaded."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from .easel import font, gradient, picture, rounded


@picture
def cartoon() -> Image.Image:
    image = gradient(1440, 1080, "#87ceeb", "#fef5d9")
    draw = ImageDraw.Draw(image)
    draw.ellipse((1080, 100, 1280, 300), fill="#ffd93b")
    draw.polygon([(0, 1080), (0, 700), (400, 500), (900, 760), (1440, 560), (1440, 1080)], fill="#6ab04c")
    draw.polygon([(0, 1080), (0, 860), (700, 760), (1440, 900), (1440, 1080)], fill="#4f8a37")
    draw.rectangle((300, 560, 620, 860), fill="#e17055", outline="#2d3436", width=8)
    draw.polygon([(260, 570), (460, 400), (660, 570)], fill="#a53f2b", outline="#2d3436", width=8)
    for x in (350, 490):
        draw.rectangle((x, 620, x + 80, 700), fill="#ffeaa7", outline="#2d3436", width=8)
    for x in (200, 320, 260):
        draw.ellipse((x, 120, x + 220, 240), fill="#ffffff")
    return image.resize((720, 540), Image.Resampling.LANCZOS)


@picture
def logo() -> Image.Image:
    image = Image.new("RGB", (2400, 1200), "#ffffff")
    disc = Image.new("L", image.size)
    ImageDraw.Draw(disc).ellipse((200, 200, 1000, 1000), fill=255)
    ImageDraw.Draw(disc).ellipse((420, 420, 780, 780), fill=0)
    image.paste(gradient(2400, 1200, "#ff5f6d", "#ffc371", down=False), mask=disc)
    draw = ImageDraw.Draw(image)
    draw.text((1080, 420), "Hueclid", fill="#2b2d42", font=font(260, "DejaVuSans-Bold.ttf"))
    return image.resize((800, 400), Image.Resampling.LANCZOS)


@picture
def slide() -> Image.Image:
    image = gradient(960, 540, "#1d2671", "#c33764", down=False)
    draw = ImageDraw.Draw(image)
    draw.text((60, 60), "Three things to know", fill="#ffffff", font=font(44, "DejaVuSans-Bold.ttf"))
    for i, line in enumerate(("Exact colors stay exact", "Gradients stay smooth", "Text stays sharp")):
        rounded(image, (60, 170 + i * 110, 96, 206 + i * 110), 18, "#ffd166")
        ImageDraw.Draw(image).text((120, 168 + i * 110), line, fill="#f1f1f1", font=font(30))
    return image


@picture
def shaded_balls() -> Image.Image:
    random = np.random.default_rng(12)
    y, x = np.mgrid[:960, :1280].astype(float)
    canvas = np.array([238, 240, 245]) - 60 * (y / 960)[..., None]
    light = np.array([-0.5, -0.65, 0.57])
    for _ in range(14):
        left, top, radius = random.uniform(100, 1180), random.uniform(100, 860), random.uniform(50, 150)
        color = random.uniform(30, 255, 3)
        shadow = np.exp(-(((x - left - 0.35 * radius) / radius) ** 2 + ((y - top - 0.6 * radius) / radius) ** 2) * 1.4)
        canvas *= 1 - 0.4 * shadow[..., None]
        u, v = (x - left) / radius, (y - top) / radius
        inside = u**2 + v**2 < 1
        w = np.sqrt(np.where(inside, 1 - u**2 - v**2, 0))
        facing = np.clip(u * light[0] + v * light[1] + w * light[2], 0, 1)[..., None]
        shine = np.clip(2 * facing[..., 0] * w - light[2], 0, 1)[..., None] ** 20
        canvas = np.where(inside[..., None], color * (0.25 + 0.75 * facing) + 200 * shine, canvas)
    image = Image.fromarray(np.clip(np.rint(canvas), 0, 255).astype(np.uint8))
    return image.resize((640, 480), Image.Resampling.BOX)


@picture
def shaded_hills() -> Image.Image:
    random = np.random.default_rng(8)
    y, x = np.mgrid[:960, :1440].astype(float)
    canvas = np.array([255, 214, 170]) + (y / 960)[..., None] * np.array([-20, 10, 40])
    for layer in range(7):
        waves = sum(np.sin(x[0] / random.uniform(40, 260) + random.uniform(0, 6)) * 18 for _ in range(4))
        edge = 330 + 85 * layer + waves
        depth = np.clip((y - edge) / 300, 0, 1)[..., None]
        near = np.array([60, 70, 120]) * (1 - layer / 8) + np.array([20, 60, 50]) * layer / 8
        far = near + (np.array([235, 200, 180]) - near) * (0.75 - layer * 0.08)
        canvas = np.where((y > edge)[..., None], near + (far - near) * depth, canvas)
    image = Image.fromarray(np.clip(np.rint(canvas), 0, 255).astype(np.uint8))
    return image.resize((720, 480), Image.Resampling.BOX)


@picture
def shaded_cubes() -> Image.Image:
    image = Image.new("RGB", (1440, 960), "#20243a")
    for i in range(40):
        left, top = 60 + i % 8 * 170 + i // 8 % 2 * 85, 90 + i // 8 * 165
        hue = i * 23 % 360
        for corners, first, last in (
            ([(0, 40), (70, 0), (140, 40), (70, 80)], 78, 62),
            ([(0, 40), (70, 80), (70, 160), (0, 120)], 56, 36),
            ([(140, 40), (70, 80), (70, 160), (140, 120)], 42, 22),
        ):
            mask = Image.new("L", (140, 160))
            ImageDraw.Draw(mask).polygon(corners, fill=255)
            face = gradient(140, 160, f"hsl({hue}, 70%, {first}%)", f"hsl({hue}, 75%, {last}%)")
            image.paste(face, (left, top), mask)
    return image.resize((720, 480), Image.Resampling.LANCZOS)
