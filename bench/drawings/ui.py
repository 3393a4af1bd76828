"""Windows and screens of phones."""

from __future__ import annotations

import math

from PIL import Image, ImageDraw

from .easel import font, gradient, photograph, picture, rounded


@picture
def window_settings() -> Image.Image:
    image = Image.new("RGB", (800, 600), "#f0f0f3")
    rounded(image, (40, 40, 760, 560), 12, "#ffffff", shadow=12)
    draw = ImageDraw.Draw(image)
    for i in range(8):
        y = 70 + i * 58
        draw.text((70, y), f"Setting number {i + 1}", fill="#1c1c1e", font=font(16))
        draw.text((70, y + 22), "What it does, in small grey words", fill="#8e8e93", font=font(11))
        rounded(image, (680, y + 4, 724, y + 28), 12, "#34c759" if i % 3 else "#e5e5ea")
        rounded(image, (702 if i % 3 else 682, y + 6, 722 if i % 3 else 702, y + 26), 10, "#ffffff", shadow=2)
        ImageDraw.Draw(image).line((70, y + 46, 730, y + 46), fill="#e5e5ea")
    return image


@picture
def window_dashboard() -> Image.Image:
    image = Image.new("RGB", (960, 600), "#0f172a")
    for i, color in enumerate(("#38bdf8", "#a78bfa", "#f472b6", "#34d399")):
        left = 20 + i * 235
        rounded(image, (left, 20, left + 215, 120), 10, "#1e293b")
        draw = ImageDraw.Draw(image)
        draw.text((left + 16, 34), ("Users", "Sales", "Errors", "Load")[i], fill="#94a3b8", font=font(13))
        draw.text((left + 16, 60), f"{(i + 3) * 1379:,}", fill=color, font=font(28, "DejaVuSans-Bold.ttf"))
    rounded(image, (20, 140, 940, 580), 10, "#1e293b")
    draw = ImageDraw.Draw(image)
    for i in range(40):
        height = int(180 + 120 * math.sin(i / 5) + 40 * math.cos(i * 1.7))
        draw.rectangle((50 + i * 22, 560 - height, 64 + i * 22, 560), fill="#38bdf8" if i % 5 else "#0ea5e9")
    for y in range(180, 560, 60):
        draw.line((40, y, 920, y), fill="#334155")
    return image


@picture
def window_gradient() -> Image.Image:
    image = gradient(800, 600, "#3a7bd5", "#00d2ff")
    rounded(image, (150, 120, 650, 480), 16, "#ffffff", shadow=24)
    draw = ImageDraw.Draw(image)
    draw.text((200, 160), "Sign in", fill="#20304a", font=font(32, "DejaVuSans-Bold.ttf"))
    for i, label in enumerate(("Name", "Password")):
        draw.text((200, 222 + i * 80), label, fill="#6b7a90", font=font(13))
        rounded(image, (200, 242 + i * 80, 600, 282 + i * 80), 6, "#eef2f7")
    rounded(image, (200, 410, 600, 454), 22, "#3a7bd5")
    ImageDraw.Draw(image).text((370, 421), "Go on", fill="#ffffff", font=font(17))
    return image


@picture
def window_photographs() -> Image.Image:
    image = Image.new("RGB", (900, 600), "#fafafa")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 900, 56), fill="#6200ee")
    draw.text((20, 14), "Gallery", fill="#ffffff", font=font(22))
    for i, name in enumerate(("coffee", "chelsea", "rocket", "astronaut", "coffee", "chelsea")):
        left, top = 24 + i % 3 * 290, 80 + i // 3 * 256
        image.paste(photograph(name, 270, 190), (left, top))
        draw.text((left, top + 198), f"{name.capitalize()} {i + 1}", fill="#212121", font=font(15))
        draw.text((left, top + 220), "yesterday", fill="#757575", font=font(12))
    return image


@picture
def window_phone() -> Image.Image:
    image = Image.new("RGB", (390, 760), "#ece5dd")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 390, 64), fill="#075e54")
    draw.text((70, 20), "Anna", fill="#ffffff", font=font(20))
    rounded(image, (16, 12, 56, 52), 20, "#ff8a65")
    for i in range(11):
        mine = i % 3 == 1
        box = (90 if mine else 14, 80 + i * 60, 376 if mine else 290, 128 + i * 60)
        rounded(image, box, 8, "#dcf8c6" if mine else "#ffffff", shadow=1)
        text = ImageDraw.Draw(image)
        text.text((box[0] + 12, box[1] + 6), ("See you there?", "Yes, at eight!", "Fine.")[i % 3], "#111111", font(15))
        text.text((box[2] - 44, box[3] - 16), f"{8 + i}:{i}7", fill="#999999", font=font(10))
    return image


@picture
def window_old() -> Image.Image:
    image = Image.new("RGB", (640, 480), "#008080")
    draw = ImageDraw.Draw(image)
    for i, left in enumerate((40, 180, 300)):
        top = 40 + 70 * i
        draw.rectangle((left, top, left + 280, top + 200), fill="#c0c0c0", outline="#000000")
        draw.line((left, top + 200, left, top, left + 280, top), fill="#ffffff")
        image.paste(gradient(274, 18, "#000080", "#1084d0", down=False), (left + 3, top + 3))
        draw.text((left + 6, top + 4), f"Window {i + 1}", fill="#ffffff", font=font(12, "DejaVuSans-Bold.ttf"))
        for button in range(3):
            box = (left + 20 + 84 * button, top + 160, left + 94 + 84 * button, top + 184)
            draw.rectangle(box, fill="#c0c0c0", outline="#808080")
            draw.text((box[0] + 20, box[1] + 5), ("OK", "Apply", "Help")[button], fill="#000000", font=font(11))
    return image


def icons(paper: str) -> Image.Image:
    """Draw round and square icons with gradients, as on a phone."""
    image = Image.new("RGB", (640, 480), paper)
    for i in range(24):
        left, top = 20 + i % 6 * 104, 20 + i // 6 * 116
        mask = Image.new("L", (320, 320))
        pen = ImageDraw.Draw(mask)
        pen.rounded_rectangle((0, 0, 319, 319), 72 if i % 3 else 160, fill=255)
        hue = i * 37 % 360
        tile = gradient(320, 320, f"hsl({hue}, 80%, 60%)", f"hsl({(hue + 30) % 360}, 85%, 45%)")
        ImageDraw.Draw(tile).text((96, 40), "AbQ&5Z"[i % 6], fill="#ffffff", font=font(200, "DejaVuSans-Bold.ttf"))
        image.paste(
            tile.resize((80, 80), Image.Resampling.BOX), (left, top), mask.resize((80, 80), Image.Resampling.BOX)
        )
    return image


@picture
def icons_light() -> Image.Image:
    return icons("#ffffff")


@picture
def icons_dark() -> Image.Image:
    return icons("#1c1c1e")
