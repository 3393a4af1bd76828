"""Flat graphics to measure on: charts, text, windows, pixel art, icons, drawn here, the same every time.

    python bench/graphics.py draw FOLDER
    python bench/graphics.py judge FOLDER [-k 256 -k 64 -k 16] [--limit 5]

`draw` writes 32 pictures with matplotlib, Pillow and scikit-image's CC0 photographs. `judge` prints, for hueclid and
libimagequant with its dithering, SSIMULACRA2 (100 is equal) and the share of pixels that are exact.
"""

from __future__ import annotations

import argparse
import io
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageChops, ImageColor, ImageDraw, ImageFilter, ImageFont

Picture = Callable[[], Image.Image]
PICTURES: dict[str, Picture] = {}
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


def picture(draw: Picture) -> Picture:
    """Name a picture by the function that draws it."""
    PICTURES[draw.__name__] = draw
    return draw


def font(size: int, name: str = "DejaVuSans.ttf") -> ImageFont.FreeTypeFont:
    """Return a font that matplotlib ships."""
    import matplotlib

    return ImageFont.truetype(str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / name), size)


def photograph(name: str, width: int, height: int) -> Image.Image:
    """Return a part of a photograph that scikit-image ships under CC0."""
    from skimage import data

    image = Image.fromarray(getattr(data, name)())
    scale = max(width / image.width, height / image.height)
    resized = image.resize((math.ceil(image.width * scale), math.ceil(image.height * scale)), Image.Resampling.LANCZOS)
    return resized.crop((0, 0, width, height))


# Charts


def chart(plot: Callable[..., None], style: str = "default", **figure: Any) -> Image.Image:
    """Draw on one pair of axes."""
    import matplotlib as mpl

    mpl.use("agg")
    from matplotlib import pyplot

    with pyplot.style.context(style):
        drawn, axes = pyplot.subplots(figsize=(8, 6), dpi=100, **figure)
        plot(axes)
        file = io.BytesIO()
        drawn.savefig(file, format="png")
        pyplot.close(drawn)
    return Image.open(file).convert("RGB")


@picture
def chart_lines() -> Image.Image:
    def plot(axes: Any) -> None:
        x = np.linspace(0, 10, 300)
        for i in range(6):
            axes.plot(x, np.sin(x + i) * (i + 1), label=f"series {i}", lw=1.2)
        axes.legend()
        axes.grid(alpha=0.4)
        axes.set_title("Six damped things")

    return chart(plot)


@picture
def chart_bars() -> Image.Image:
    def plot(axes: Any) -> None:
        for i in range(4):
            axes.bar(np.arange(7) + 0.2 * i, np.random.default_rng(i).integers(3, 20, 7), 0.18, label=f"20{20 + i}")
        axes.legend()
        axes.set_title("Bars beside bars")

    return chart(plot, "ggplot")


@picture
def chart_pie() -> Image.Image:
    names = [f"part {i}" for i in range(11)]
    return chart(lambda axes: axes.pie(range(3, 14), labels=names, autopct="%1.0f%%", shadow=True) and None)


@picture
def chart_scatter() -> Image.Image:
    def plot(axes: Any) -> None:
        random = np.random.default_rng(5)
        x, y = random.normal(size=(2, 900))
        axes.figure.colorbar(axes.scatter(x, y, c=x * y, s=random.uniform(5, 150, 900), alpha=0.5, cmap="plasma"))

    return chart(plot)


@picture
def chart_heatmap() -> Image.Image:
    y, x = np.mgrid[-2:2:200j, -2:2:200j]
    return chart(lambda axes: axes.figure.colorbar(axes.imshow(np.sin(x * 3) * np.cos(y * y * 2))) and None)


@picture
def chart_contours() -> Image.Image:
    def plot(axes: Any) -> None:
        y, x = np.mgrid[-2:2:100j, -2:2:100j]
        z = np.exp(-(x**2) - y**2) - np.exp(-((x - 1) ** 2) - (y - 1) ** 2)
        axes.contourf(z, 24, cmap="RdBu")
        axes.contour(z, 24, colors="k", linewidths=0.4)

    return chart(plot)


@picture
def chart_dark() -> Image.Image:
    def plot(axes: Any) -> None:
        random = np.random.default_rng(2)
        for _ in range(5):
            walk = random.normal(size=400).cumsum()
            axes.fill_between(range(400), walk, walk.min(), alpha=0.35)
            axes.plot(walk, lw=0.8)
        axes.set_title("Random walks at night")

    return chart(plot, "dark_background")


@picture
def chart_surface() -> Image.Image:
    def plot(axes: Any) -> None:
        y, x = np.mgrid[-3:3:60j, -3:3:60j]
        axes.plot_surface(x, y, np.sin(np.hypot(x, y) * 2), cmap="viridis")

    return chart(plot, subplot_kw={"projection": "3d"})


@picture
def chart_histograms() -> Image.Image:
    def plot(axes: Any) -> None:
        random = np.random.default_rng(9)
        for i in range(4):
            axes.hist(random.normal(i, 1, 4000), 60, alpha=0.5, label=f"mean {i}")
        axes.legend()

    return chart(plot, "seaborn-v0_8")


# Text


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


# Windows


def rounded(image: Image.Image, box: tuple[int, int, int, int], radius: int, fill: str, shadow: int = 0) -> None:
    """Draw a rounded box with smooth edges, and its shadow."""
    mask = Image.new("L", (image.width * 4, image.height * 4))
    ImageDraw.Draw(mask).rounded_rectangle(tuple(4 * v for v in box), 4 * radius, fill=255)
    mask = mask.resize(image.size, Image.Resampling.BOX)
    if shadow:
        soft = ImageChops.offset(mask.filter(ImageFilter.GaussianBlur(shadow)), 0, shadow // 2)
        image.paste("#000000", mask=soft.point(lambda v: v * 2 // 7))
    image.paste(fill, mask=mask)


def gradient(width: int, height: int, first: str, last: str, *, down: bool = True) -> Image.Image:
    """Return a picture that goes from one color to another."""
    ends = [np.array(ImageColor.getrgb(color), float) for color in (first, last)]
    way = np.linspace(0, 1, height if down else width)[:, None]
    line = np.floor(ends[0] + way * (ends[1] - ends[0]) + 0.5).astype(np.uint8)
    shape = (height, width, 3)
    return Image.fromarray(np.broadcast_to(line[:, None] if down else line[None], shape).copy())


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


# Drawings


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
def fractal() -> Image.Image:
    y, x = np.mgrid[-1.2:1.2:480j, -2.2:0.9:640j]
    c = x + 1j * y
    z, steps = np.zeros_like(c), np.zeros(c.shape, np.uint8)
    for _ in range(60):
        inside = np.abs(z) < 4
        z[inside] = z[inside] ** 2 + c[inside]
        steps += inside
    wheel = np.random.default_rng(4).integers(0, 256, (61, 3), np.uint8)
    wheel[60] = 0
    return Image.fromarray(wheel[steps])


# Pixel art


def sprites(seed: int, count: int, colors: npt.NDArray[np.uint8], size: int = 8) -> list[npt.NDArray[np.uint8]]:
    """Return symmetric figures of four colors each; color 0 is left free."""
    random = np.random.default_rng(seed)
    found = []
    for _ in range(count):
        half = random.integers(0, 4, (size, size // 2)) * (random.random((size, size // 2)) < 0.75)
        ramp = np.concatenate([[0], random.integers(1, len(colors), 3)])
        found.append(ramp[np.concatenate([half, half[:, ::-1]], axis=1)])
    return found


def field(seed: int, count: int, paper: str, scale: int) -> Image.Image:
    """Lay figures out on paper, some hundred colors in all."""
    random = np.random.default_rng(seed)
    colors = random.integers(0, 256, (count, 3), np.uint8)
    colors[0] = ImageColor.getrgb(paper)
    canvas = np.zeros((120, 160), int)
    for i, sprite in enumerate(sprites(seed, 130, colors)):
        top, left = 2 + i // 13 * 12, 2 + i % 13 * 12
        canvas[top : top + 8, left : left + 8] = sprite[: 120 - top]
    return Image.fromarray(np.repeat(np.repeat(colors[canvas], scale, axis=0), scale, axis=1))


@picture
def pixels_invaders() -> Image.Image:
    return field(1, 24, "#000000", 1)


@picture
def pixels_many() -> Image.Image:
    return field(2, 400, "#1d2b53", 4)


@picture
def pixels_landscape() -> Image.Image:
    random = np.random.default_rng(3)
    ramps = {
        "sky": ("#29adff", "#83c9ff", "#c2e5ff"),
        "land": ("#008751", "#00a862", "#00e436"),
        "rock": ("#5f574f", "#83769c"),
    }
    ramp = {name: np.array([ImageColor.getrgb(color) for color in colors]) for name, colors in ramps.items()}
    canvas = np.zeros((120, 200, 3), np.uint8)
    y, x = np.mgrid[:120, :200]
    level = y / 40 + ((x + y) % 2) * 0.5 * (y % 4 < 2)
    canvas[:] = ramp["sky"][np.clip(level, 0, 2).astype(int)]
    ground = (80 + 12 * np.sin(np.arange(200) / 17) + random.integers(0, 2, 200)).astype(int)
    canvas[y >= ground] = ramp["land"][0]
    grass = (y >= ground) & (y < ground + 3)
    canvas[grass] = ramp["land"][2]
    stones = (y > ground + 8) & (random.random((120, 200)) < 0.08)
    canvas[stones] = ramp["rock"][0]
    canvas[np.roll(stones, 1, axis=0)] = ramp["rock"][1]
    return Image.fromarray(np.repeat(np.repeat(canvas, 3, axis=0), 3, axis=1))


@picture
def pixels_glow() -> Image.Image:
    art = np.asarray(field(6, 40, "#0b0d1a", 4)).astype(float)
    y, x = np.mgrid[: art.shape[0], : art.shape[1]]
    glow = np.exp(-((x - 320) ** 2 + (y - 240) ** 2) / 40000)[..., None]
    return Image.fromarray(np.clip(art + glow * (120, 60, 90), 0, 255).astype(np.uint8))


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


# Judging


def libimagequant(image: npt.NDArray[np.uint8], colors: int) -> npt.NDArray[np.uint8]:
    """Reduce by libimagequant, best quality, with its full dithering; `(H, W, 3)`."""
    import imagequant

    height, width, _ = image.shape
    rgba = np.dstack([image, np.full((height, width), 255, np.uint8)]).tobytes()
    indices, palette = imagequant.quantize_raw_rgba_bytes(rgba, width, height, 1.0, colors)
    return np.array(palette, np.uint8).reshape(-1, 4)[np.frombuffer(indices, np.uint8), :3].reshape(image.shape)


def judge(folder: Path, colors: list[int], limit: int | None) -> None:
    """Print a row for each picture and number of colors."""
    import hueclid

    wins, rows = 0, []
    print(f"{'picture':22}{'K':>4} | hueclid: S2, exact | libimagequant: S2, exact | more")
    for path in sorted(folder.glob("*.png"))[:limit]:
        image = np.asarray(Image.open(path).convert("RGB"))
        for k in colors:
            ours = hueclid.quantize(image, k).to_pixels()[..., :3]
            theirs = libimagequant(image, k)
            scores = [hueclid.measure(image, result).ssimulacra2 for result in (ours, theirs)]
            exact = [float((image == result).all(axis=-1).mean()) for result in (ours, theirs)]
            rows.append((*scores, *exact))
            wins += scores[0] >= scores[1]
            more = scores[0] - scores[1]
            print(
                f"{path.stem:22}{k:4} | {scores[0]:6.2f} {exact[0]:6.1%} | "
                f"{scores[1]:6.2f} {exact[1]:6.1%} | {more:+6.2f}"
            )
    means = np.mean(rows, axis=0)
    print(
        f"mean | {means[0]:.2f} {means[2]:.1%} | {means[1]:.2f} {means[3]:.1%} | at least equal {wins} of {len(rows)}"
    )


def main() -> None:
    """Draw or judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["draw", "judge"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("-k", type=int, action="append", help="numbers of colors: 256, 64 and 16")
    parser.add_argument("--limit", type=int, help="this many pictures only")
    arguments = parser.parse_args()
    if arguments.what == "draw":
        arguments.folder.mkdir(parents=True, exist_ok=True)
        for name, draw in list(PICTURES.items())[: arguments.limit]:
            draw().save(arguments.folder / f"{name}.png")
    else:
        judge(arguments.folder, arguments.k or [256, 64, 16], arguments.limit)


if __name__ == "__main__":
    main()
