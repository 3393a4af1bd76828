"""Maps and diagrams."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from .easel import font, picture


@picture
def map_of_lands() -> Image.Image:
    random = np.random.default_rng(11)
    image = Image.new("RGB", (1440, 1080), "#aad3df")
    draw = ImageDraw.Draw(image)
    for color in ("#f2efe9", "#add19e", "#d9d0c9", "#f7fabf", "#cdebb0", "#e0dfdf", "#eecfa1"):
        for _ in range(5):
            x, y, size = random.uniform(0, 1440), random.uniform(0, 1080), random.uniform(60, 260)
            turns = np.linspace(0, 2 * np.pi, 24, endpoint=False)
            radii = size * random.uniform(0.6, 1.2, 24)
            corners = list(zip(x + radii * np.cos(turns), y + radii * np.sin(turns), strict=True))
            draw.polygon(corners, fill=color, outline="#b5b0a8")
    for i in range(30):
        points = [tuple(point) for point in random.uniform(0, 1, (3, 2)) * (1440, 1080)]
        draw.line(points, fill=("#ffffff", "#f9b29c", "#fcd6a4", "#e892a2")[i % 4], width=4 + i % 4 * 2)
    image = image.resize((720, 540), Image.Resampling.BOX)
    draw = ImageDraw.Draw(image)
    for i in range(14):
        draw.text(tuple(random.uniform(0, 1, 2) * (600, 500)), f"Town {i}", fill="#333333", font=font(11))
    return image


@picture
def diagram() -> Image.Image:
    image = Image.new("RGB", (1440, 960), "#ffffff")
    draw = ImageDraw.Draw(image)
    colors = ("#dae8fc", "#d5e8d4", "#ffe6cc", "#f8cecc", "#e1d5e7", "#fff2cc")
    for i in range(12):
        left, top = 60 + i % 4 * 350, 80 + i // 4 * 300
        draw.line((left + 100, top + 60, 60 + (i + 1) % 4 * 350, 140 + (i + 3) // 4 % 3 * 300), fill="#666666", width=3)
        draw.rounded_rectangle((left, top, left + 220, top + 120), 20, fill=colors[i % 6], outline="#6c8ebf", width=3)
    image = image.resize((720, 480), Image.Resampling.BOX)
    draw = ImageDraw.Draw(image)
    for i in range(12):
        draw.text((46 + i % 4 * 175, 60 + i // 4 * 150), f"step {i + 1}", fill="#000000", font=font(14))
    return image


@picture
def map_of_heights() -> Image.Image:
    random = np.random.default_rng(21)
    y, x = np.mgrid[:600, :800]
    height = sum(
        np.sin(x / scale + random.uniform(0, 6)) * np.cos(y / scale * 1.2 + random.uniform(0, 6)) * scale / 90
        for scale in (90, 47, 23, 12)
    )
    tints = np.array(
        [(86, 140, 190), (148, 199, 219), (172, 208, 165), (239, 235, 192), (222, 202, 139), (170, 135, 83)], float
    )
    bands = np.clip(np.floor(height * 1.8 + 2.5), 0, 5).astype(int)
    down, right = np.gradient(height)
    shade = np.where(bands > 1, np.clip(1 - 6 * right - 6 * down, 0.75, 1.15), 1)
    colors = tints[bands] * shade[..., None]
    contours = np.floor(height * 6)
    lines = (contours != np.roll(contours, 1, 0)) | (contours != np.roll(contours, 1, 1))
    colors[lines & (bands > 1)] *= 0.8
    return Image.fromarray(np.clip(np.rint(colors), 0, 255).astype(np.uint8))


@picture
def map_of_streets() -> Image.Image:
    random = np.random.default_rng(31)
    image = Image.new("RGB", (1600, 1200), "#f2efe9")
    draw = ImageDraw.Draw(image)
    for _ in range(60):
        left, top = random.uniform(0, 1600), random.uniform(0, 1200)
        fill = ("#d9d0c9", "#cdebb0", "#e0dfdf")[int(random.integers(3))]
        draw.rectangle((left, top, left + random.uniform(40, 220), top + random.uniform(40, 180)), fill=fill)
    draw.line([(0, 800), (400, 720), (800, 860), (1200, 760), (1600, 900)], fill="#aad3df", width=70)
    for i in range(46):
        slope, at = random.uniform(-0.15, 0.15), random.uniform(-100, 1700)
        ends = [(at, 0), (at + slope * 1200, 1200)] if i % 2 else [(0, at), (1600, at + slope * 1600)]
        width = (8, 8, 12, 20)[i % 4]
        draw.line(ends, fill="#bbb5ad", width=width + 4)
        draw.line(ends, fill=("#ffffff", "#ffffff", "#f7fabf", "#fcd6a4")[i % 4], width=width)
    image = image.resize((800, 600), Image.Resampling.BOX)
    draw = ImageDraw.Draw(image)
    for i in range(26):
        draw.text(tuple(random.uniform(0, 1, 2) * (720, 580)), f"Street {i}", fill="#555555", font=font(10))
    return image
