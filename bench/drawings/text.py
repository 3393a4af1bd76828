"""Text: source code, pages, a terminal."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from .easel import font, photograph, picture

CODE = (
    """def lloyd(points, weights, centers, passes):
    \"Centers after so many passes, and the error.\"
    for _ in range(passes):
        labels = nearest(points, centers)
        for i, center in enumerate(centers):
            members = points[labels == i]
            if len(members) == 0: continue
            centers[i] = np.average(members, axis=0, weights=weights[labels == i])
    return centers, error(points, weights, centers)

class Palette:
    name = "sixteen colors" ; size = 16
    def __init__(self, colors: Array) -> None:
        self.colors = np.ascontiguousarray(colors[:256], np.uint8)
        self.weights = np.zeros(len(colors), np.uint64)
""".splitlines()
    * 3
)


def subpixels(image: Image.Image) -> Image.Image:
    """Turn a picture of three times the width into one whose red, green and blue are a third of a pixel apart."""
    wide = np.asarray(image.filter(ImageFilter.Kernel((3, 3), [0, 0, 0, 1, 1, 1, 0, 0, 0], 3)))
    return Image.fromarray(np.stack([wide[:, i::3, i] for i in range(3)], axis=-1).copy())


def editor(paper: str, ink: str, colors: tuple[str, ...], *, wide: bool = False) -> Image.Image:
    """Draw source code as editors show it, in seven colors or so."""
    scale = 3 if wide else 1
    image = Image.new("RGB", (800 * scale, 600), paper)
    draw = ImageDraw.Draw(image)
    face = font(13, "DejaVuSansMono.ttf")
    for row, line in enumerate(CODE[:36]):
        y = 8 + row * 16
        layer = Image.new("RGB", (800, 16), paper)
        pen = ImageDraw.Draw(layer)
        pen.text((8, 0), f"{row + 1:3}", fill=colors[0], font=face)
        x = 48.0
        for word in line.replace("(", " ( ").replace('"', ' " ').split(" "):
            known = {"def": 1, "return": 1, "from": 1, "import": 1, "->": 2, "(": 2, '"': 3}
            number = known.get(word, 4 if word[:1].isdigit() else 5 if word.endswith(":") else -1)
            pen.text((x, 0), word, fill=colors[number] if number >= 0 else ink, font=face)
            x += face.getlength(word + " ")
        image.paste(layer.resize((800 * scale, 16), Image.Resampling.BICUBIC) if wide else layer, (0, y))
    draw.rectangle((0, 580, 800 * scale, 600), fill=colors[1])
    return subpixels(image) if wide else image


@picture
def code_light() -> Image.Image:
    return editor("#ffffff", "#24292f", ("#8c959f", "#cf222e", "#0550ae", "#0a3069", "#8250df", "#953800"))


@picture
def code_dark() -> Image.Image:
    return editor("#282c34", "#abb2bf", ("#636d83", "#c678dd", "#56b6c2", "#98c379", "#d19a66", "#e5c07b"))


@picture
def code_subpixels() -> Image.Image:
    colors = ("#93a1a1", "#859900", "#268bd2", "#2aa198", "#d33682", "#cb4b16")
    return editor("#fdf6e3", "#657b83", colors, wide=True)


WORDS = (
    "Flat graphics are made of few colors that occur exactly and of many that lie between them. A letter has a color, "
    "the paper has one, and the edge of the letter has all between. Who counts pixels alone forgets the thin line. "
)


def paragraphs(draw: ImageDraw.ImageDraw, box: tuple[int, int, int, int], size: int, fill: str) -> None:
    """Fill a box with text."""
    face, (left, top, right, bottom) = font(size), box
    x, y = float(left), top
    for word in (WORDS * 40).split():
        if x + face.getlength(word) > right:
            x, y = float(left), y + round(size * 1.5)
        if y + size > bottom:
            return
        draw.text((x, y), word, fill=fill, font=face)
        x += face.getlength(word + " ")


@picture
def text_page() -> Image.Image:
    image = Image.new("RGB", (720, 720), "#ffffff")
    draw = ImageDraw.Draw(image)
    draw.text((40, 30), "What the eye sees", fill="#111111", font=font(34, "DejaVuSerif-Bold.ttf"))
    paragraphs(draw, (40, 100, 680, 480), 15, "#222222")
    paragraphs(draw, (40, 500, 680, 690), 11, "#0645ad")
    return image


@picture
def text_colors() -> Image.Image:
    image = Image.new("RGB", (720, 480), "#f4f1ea")
    draw = ImageDraw.Draw(image)
    for i in range(24):
        hue = f"hsl({i * 15}, {90 - 20 * (i % 3)}%, {35 + 8 * (i % 4)}%)"
        draw.text((20 + 350 * (i % 2), 12 + 38 * (i // 2)), f"Recolored text, line {i}", fill=hue, font=font(22))
    return image


@picture
def text_on_photograph() -> Image.Image:
    image = photograph("chelsea", 720, 480)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 360, 720, 480), fill="#101418")
    draw.text((24, 376), "Headline on a band", fill="#ffffff", font=font(36, "DejaVuSans-Bold.ttf"))
    draw.text((24, 430), "and smaller words, in another color", fill="#ffcc00", font=font(20))
    return image


@picture
def terminal() -> Image.Image:
    image = Image.new("RGB", (800, 500), "#300a24")
    draw = ImageDraw.Draw(image)
    colors = ("#eeeeec", "#8ae234", "#729fcf", "#ef2929", "#fce94f", "#ad7fa8", "#34e2e2")
    for row, line in enumerate(CODE[:30]):
        draw.text((6, 4 + row * 16), line[:95], fill=colors[row * 5 % 7], font=font(13, "DejaVuSansMono.ttf"))
    return image
