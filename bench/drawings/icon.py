"""Icons with alpha: shadows, glows and glass."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from .easel import font, gradient, picture


def disc(side: int, inset: int) -> Image.Image:
    """Return the mask of a disc with smooth edges."""
    mask = Image.new("L", (4 * side, 4 * side))
    ImageDraw.Draw(mask).ellipse((4 * inset, 4 * inset, 4 * (side - inset), 4 * (side - inset)), fill=255)
    return mask.resize((side, side), Image.Resampling.BOX)


@picture
def icon_button() -> Image.Image:
    side = 256
    icon = Image.new("RGBA", (side, side))
    shadow = disc(side, 34).filter(ImageFilter.GaussianBlur(12))
    icon.paste((0, 0, 0, 255), (0, 8), shadow.point(lambda level: level * 2 // 5))
    face = gradient(side, side, "#4facfe", "#0052d4").convert("RGBA")
    face.putalpha(disc(side, 30))
    icon.alpha_composite(face)
    gloss = Image.new("RGBA", (side, side), (255, 255, 255, 255))
    fade = np.clip(130 - np.mgrid[:side, :side][0], 0, 130).astype(np.uint8)
    gloss.putalpha(Image.fromarray(np.minimum(fade, np.asarray(disc(side, 44)))))
    icon.alpha_composite(gloss)
    ImageDraw.Draw(icon).text((84, 70), "H", fill="#ffffff", font=font(112, "DejaVuSans-Bold.ttf"))
    return icon


@picture
def icon_glow() -> Image.Image:
    y, x = np.mgrid[-1:1:256j, -1:1:256j]
    distance = np.hypot(x, y)
    alpha = np.clip(np.exp(-(distance**2) * 4) * 1.15 - 0.02, 0, 1) * 255
    red, green, blue = 255 - 0 * x, 120 + 130 * np.exp(-distance * 3), 40 + 180 * np.exp(-distance * 5)
    return Image.fromarray(np.rint(np.stack([red, green, blue, alpha], -1)).astype(np.uint8))


@picture
def icon_sheet() -> Image.Image:
    sheet = Image.new("RGBA", (512, 256))
    for i in range(32):
        tile = Image.new("RGBA", (64, 64))
        shadow = disc(64, 12).filter(ImageFilter.GaussianBlur(3)).point(lambda level: level // 2)
        tile.paste((20, 20, 40, 255), (1, 3), shadow)
        hue = i * 47 % 360
        face = gradient(64, 64, f"hsl({hue}, 85%, 62%)", f"hsl({(hue + 40) % 360}, 80%, 42%)").convert("RGBA")
        face.putalpha(disc(64, 10))
        tile.alpha_composite(face)
        ImageDraw.Draw(tile).text((22, 16), "AbQ&5Z?x"[i % 8], fill="#ffffff", font=font(26, "DejaVuSans-Bold.ttf"))
        sheet.paste(tile, (i % 8 * 64, i // 8 * 64))
    return sheet
