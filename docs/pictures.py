"""The pictures and the numbers of the docs site: `python docs/pictures.py` makes them anew.

Pictures go into docs/pictures; tables and figures into the pages, between their marks. Captions of results are of the
very files that are shown. The photographs are those of scikit-image that its documentation calls CC0 or public domain.
"""

import io
import math
import re
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import skimage.data
from PIL import Image, ImageDraw

import hueclid
from hueclid import Histogram, Indexed, Palette, _core, plot
from hueclid.lloyd import passes
from hueclid.options import DITHER, KERNELS, TILES

DOCS = Path(__file__).parent
PICTURES = DOCS / "pictures"
PHOTOGRAPHS = {
    "coffee": ("Coffee", "Rachel Michetti, CC0"),
    "chelsea": ("Chelsea", "Stéfan van der Walt, CC0"),
    "rocket": ("Rocket", "SpaceX, released into the public domain"),
    "astronaut": ("Eileen Collins", "NASA, public domain"),
    "hubble_deep_field": ("Hubble eXtreme Deep Field", "NASA, public domain"),
}
SIDE = 320  # of the gallery's pictures, in pixels


def photograph(name: str) -> np.ndarray:
    """Return a photograph as scikit-image ships it."""
    return np.ascontiguousarray(getattr(skimage.data, name)())


def show(name: str, indexed: Indexed) -> int:
    """Write a result as `hueclid quantize` does; return its bytes."""
    return indexed.save(PICTURES / f"{name}.png")


def show_photograph(name: str, pixels: np.ndarray) -> None:
    """Write a photograph as WebP, which browsers show and which is small."""
    Image.fromarray(pixels).save(PICTURES / f"{name}.webp", quality=82, method=6)


def figure(file: str, title: str, caption: str) -> str:
    """Return a picture with its caption."""
    path = PICTURES / file
    with Image.open(path) as image:
        width, height = image.size
    return (
        f'<figure markdown="span">\n![{title}](pictures/{file}){{ width="{width}" height="{height}" loading="lazy" }}\n'
        f"<figcaption><b>{title}</b>{caption}</figcaption>\n</figure>"
    )


def side_by_side(figures: Sequence[str], kind: str = "pictures") -> str:
    """Return figures in a row that wraps."""
    return f'<div class="{kind}" markdown>\n' + "\n".join(figures) + "\n</div>"


def table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a Markdown table whose first column is words and whose others are numbers."""
    lines = [heads, ["---"] + ["--:"] * (len(heads) - 1), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def fill(page: str, **parts: str) -> None:
    """Put parts between the marks of a page."""
    path = DOCS / page
    text = path.read_text("utf-8")
    for name, part in parts.items():
        marks = re.compile(rf"(<!-- pictures.py: {name} -->\n).*?(<!-- end -->)", re.DOTALL)
        text, places = marks.subn(lambda match, part=part: f"{match[1]}\n{part}\n\n{match[2]}", text)
        if places != 1:
            raise SystemExit(f"{page} must have the marks of {name!r} once, found {places} times")
        print(f"\n{page}: {name}\n{part}")
    path.write_text(text, "utf-8")


def millions(error: float) -> str:
    """Return an error of sRGB, shorter."""
    return f"{error / 1e6:,.1f}"


def decibels(pixels: np.ndarray, indexed: Indexed) -> str:
    """Return the PSNR of a result."""
    return f"{hueclid.measure(pixels, indexed).psnr:.1f} dB"


def index() -> None:
    """Make what `index.md` shows: the coffee, reduced as `hueclid quantize` does by default."""
    pixels = photograph("coffee")
    show_photograph("coffee", pixels)
    shown = [figure("coffee.webp", "The photograph", f"{len(Histogram.count(pixels)):,} colors")]
    for k in (2, 3, 4, 8, 16):
        indexed = hueclid.quantize(pixels, k)
        size = show(f"coffee-dithered-{k}", indexed)
        caption = f"{size:,} bytes, {decibels(pixels, indexed)}"
        shown.append(figure(f"coffee-dithered-{k}.png", f"{k} colors", caption))
    fill("index.md", colors=side_by_side(shown, "pictures wide"))


def tutorial() -> None:
    """Make what `tutorial.md` shows: the coffee, in the setting of tutorials and beyond."""
    pixels = photograph("coffee")
    histogram = Histogram.count(pixels)

    start = Palette.solve(histogram, 3, space="srgb", init="random", seed=2, max_iterations=0)
    made = list(passes(histogram, start, tolerance=1e-4))
    shown, rows = [], []
    for number, one in enumerate(made):
        rows.append([number, millions(one.error), ", ".join(f"`#{r:02x}{g:02x}{b:02x}`" for r, g, b, _ in one.colors)])
        if number in (0, 1, 3, len(made) - 1):
            palette = Palette.from_colors(one.colors, space="srgb")
            show(f"pass-{number}", Indexed.map(pixels, palette, dither="none"))
            shown.append(figure(f"pass-{number}.png", f"Pass {number}", f"error {millions(one.error)} million"))
    kept = [row for row in rows if row[0] <= 4 or row[0] % 5 == 0 or row[0] == len(rows) - 1]
    fill("tutorial.md", passes=side_by_side(shown) + "\n\n" + table(["pass", "error, millions", "centers"], kept))

    results, rows = [], []
    for k in (2, 3, 8):
        indexed = hueclid.quantize(pixels, k, space="srgb", dither="none")
        size = show(f"coffee-{k}", indexed)
        error, nearness = millions(indexed.palette.error), decibels(pixels, indexed)
        rows.append([f"K = {k}", error, nearness, f"{size:,}"])
        results.append(figure(f"coffee-{k}.png", f"K = {k}", f"{size:,} bytes, {nearness}"))
    heads = ["", "compactness, millions", "PSNR", "bytes as PNG"]
    fill("tutorial.md", colors=side_by_side(results), compactness=table(heads, rows))

    results, rows = [], []
    for space, dither in (("srgb", "none"), ("oklab", "none"), ("oklab", "floyd-steinberg")):
        indexed = hueclid.quantize(pixels, 8, space=space, dither=dither)
        name = f"coffee-8-{space}" if dither == "none" else "coffee-dithered-8"
        size, quality = show(name, indexed), hueclid.measure(pixels, indexed)
        title = f"{'sRGB' if space == 'srgb' else 'Oklab'}, {'dithered' if dither != 'none' else 'not dithered'}"
        results.append(figure(f"{name}.png", title, f"SSIMULACRA2 {quality.ssimulacra2:.1f}"))
        rows.append([title, f"{quality.psnr:.1f} dB", f"{quality.ssimulacra2:.1f}", f"{size:,}"])
    heads = ["K = 8", "PSNR", "SSIMULACRA2", "bytes"]
    fill("tutorial.md", eye=side_by_side(results) + "\n\n" + table(heads, rows))

    indexed = hueclid.quantize(pixels, "auto")
    quality = hueclid.measure(pixels, indexed)
    name = f"coffee-dithered-{len(indexed.palette)}"
    size = show(name, indexed)
    caption = f"{size:,} bytes, {quality.psnr:.1f} dB, SSIMULACRA2 {quality.ssimulacra2:.1f}"
    shown = [
        figure("coffee.webp", "The photograph", f"{len(histogram):,} colors"),
        figure(f"{name}.png", f"{len(indexed.palette)} colors, as many as the knee says", caption),
    ]
    fill("tutorial.md", auto=side_by_side(shown, "pictures wide"))


def parameters() -> None:
    """Make what `parameters.md` shows: the rocket, 8 and 16 colors in sRGB, one parameter at a time."""
    pixels = photograph("rocket")
    histogram = Histogram.count(pixels)

    def solve(k: int = 16, **options: object) -> Palette:
        return Palette.solve(histogram, k, **{"space": "srgb", **options})

    def picture(name: str, title: str, palette: Palette, caption: str) -> str:
        show(name, Indexed.map(pixels, palette, dither="none"))
        return figure(f"{name}.png", title, caption)

    shown, rows = [], []
    for k in (2, 4, 8, 16, 64):
        palette = solve(k)
        indexed = Indexed.map(pixels, palette, dither="none")
        rows.append([k, millions(palette.error), decibels(pixels, indexed), f"{show(f'rocket-{k}', indexed):,}"])
        if k < 64:
            shown.append(figure(f"rocket-{k}.png", f"K = {k}", f"{rows[-1][2]}, {rows[-1][3]} bytes"))
    (PICTURES / "rocket-64.png").unlink()
    heads = ["K", "error, millions", "PSNR", "bytes"]
    fill("parameters.md", k=side_by_side(shown) + "\n\n" + table(heads, rows))

    drawn = [solve(init="random", seed=seed).error for seed in range(20)]
    best = min(*drawn, solve(effort="best").error)
    shown, rows = [], []
    for init in ("divisive", "k-means++", "random", "maximin"):
        errors = [solve(init=init, seed=1, max_iterations=most).error / best for most in (0, 1, 5, 20, None)]
        rows.append([f"`{init}`", *(f"{error:.2f}" for error in errors)])
        first = solve(init=init, seed=1, max_iterations=0)
        shown.append(picture(f"init-{init}", init, first, f"{first.error / best:.2f} of the least error"))
    heads = ["`init`", "start", "1 pass", "5", "20", "to the end"]
    fill("parameters.md", init=side_by_side(shown) + "\n\n" + table(heads, rows))

    tries = solve(8, init="random", attempts=10, max_iterations=10, seed=1)
    rows = [["error, millions", *(millions(error) for error in tries.attempt_errors)]]
    free = Palette.solve(histogram, 8, space="srgb")
    note = f"The best of the ten: {millions(tries.error)}. One start by cuts, to the end: {millions(free.error)}."
    fill("parameters.md", attempts=table(["attempt", *range(1, 11)], rows) + "\n\n" + note)

    shown, rows = [], []
    for most in (0, 1, 2, 5, 10, 50, 100, None):
        palette = solve(8, init="random", seed=1, max_iterations=most)
        rows.append([most, palette.iterations, millions(palette.error), f"`{palette.ended}`"])
        if most in (0, 1, 2, None):
            name, title = ("all", "to the end") if most is None else (most, f"max_iterations={most}")
            caption = f"error {millions(palette.error)} million"
            shown.append(picture(f"iterations-{name}", title, palette, caption))
    heads = ["`max_iterations`", "passes made", "error, millions", "`ended`"]
    fill("parameters.md", max_iterations=side_by_side(shown) + "\n\n" + table(heads, rows))

    rows = []
    first = solve(init="random", seed=3, max_iterations=0)
    for tolerance in (0.1, 0.01, 0.001, 0.0001, 0.0):
        palette = solve(init="random", seed=3, tolerance=tolerance)
        plain = list(passes(histogram, first, tolerance=tolerance))
        row = [f"{tolerance:g}", len(plain) - 1, f"{plain[-1].error / 1e6:.2f}"]
        rows.append([*row, palette.iterations, f"{palette.error / 1e6:.2f}"])
    heads = ["`tolerance`", "plain passes", "error, millions", "hueclid's passes", "error, millions"]
    fill("parameters.md", tolerance=table(heads, rows))

    row = [f"{error / best:.3f}" for error in (min(drawn), float(np.median(drawn)), max(drawn))]
    fill("parameters.md", seed=table(["error, of the least known", "best", "median", "worst"], [["20 seeds", *row]]))

    rows = []
    for effort in ("fast", "balanced", "best"):
        row = [f"`{effort}`"]
        for k in (16, 256):
            palette = solve(k, effort=effort)
            row += [f"{palette.error / 1e6:.2f}", f"{palette.iterations:,}"]
            row += [f"{1000 * took(lambda k=k, effort=effort: solve(k, effort=effort, threads=1)):,.0f}"]
        rows.append(row)
    heads = ["`effort`", "K = 16: error, millions", "passes", "ms", "K = 256: error, millions", "passes", "ms"]
    fill("parameters.md", effort=table(heads, rows))

    shown = []
    for space in ("oklab", "srgb", "linear", "lab"):
        indexed = hueclid.quantize(pixels, 8, space=space, dither="none")
        quality = hueclid.measure(pixels, indexed)
        show(f"space-{space}", indexed)
        caption = f"{quality.psnr:.1f} dB, SSIMULACRA2 {quality.ssimulacra2:.1f}"
        shown.append(figure(f"space-{space}.png", f'space="{space}"', caption))
    fill("parameters.md", space=side_by_side(shown))

    shown = []
    for objective in ("squared", "euclidean"):
        palette = solve(4, objective=objective)
        caption = ", ".join(palette.hex())
        shown.append(picture(f"objective-{objective}", f'objective="{objective}"', palette, caption))
    fill("parameters.md", objective=side_by_side(shown, "pictures wide"))

    rows = []
    for name in PHOTOGRAPHS:
        image = photograph(name)
        counted = Histogram.count(image)
        ratio = f"{counted.total / len(counted):.1f}"
        rows.append([PHOTOGRAPHS[name][0], f"{counted.total:,}", f"{len(counted):,}", ratio])
    fill("parameters.md", weights=table(["", "pixels", "distinct colors", "pixels a color"], rows))


def took(call: Callable[[], object]) -> float:
    """Return the seconds of processor time that a call takes, the shortest of five."""
    times = []
    for _ in range(5):
        begun = time.process_time()
        call()
        times.append(time.process_time() - begun)
    return min(times)


def how_it_works() -> None:
    """Make the figures of `how_it_works.md`: the four nouns, and the cuts of the start."""
    pixels = photograph("rocket")
    histogram = Histogram.count(pixels)
    indexed = hueclid.quantize(pixels, 8)
    show_photograph("rocket", pixels)
    show("rocket-indexed", indexed)
    height, width = pixels.shape[:2]
    cloud = plot.cloud(histogram, indexed.palette, "png", points=8000)
    show("rocket-cloud", framed(cloud, (170, 20, 890, 880), (width, height)))
    with Image.open(io.BytesIO(plot.strip(indexed.palette, "png"))) as strip:
        strip.resize((width, height), Image.Resampling.NEAREST).save(PICTURES / "rocket-strip.png")
    shown = [
        figure("rocket.webp", "Pixels", f"{width} x {height}"),
        figure("rocket-cloud.png", "Histogram", f"{len(histogram):,} colors, each with its weight"),
        figure("rocket-strip.png", "Palette", f"{len(indexed.palette)} colors, each with its share"),
        figure("rocket-indexed.png", "Indexed", "a number of the palette for each pixel"),
    ]
    fill("how_it_works.md", nouns=side_by_side(shown))

    shown = []
    for k in (2, 3, 4, 8):
        palette = Palette.solve(histogram, k, max_iterations=0)
        show(f"cuts-{k}", Indexed.map(pixels, palette, dither="none"))
        title = "1 cut" if k == 2 else f"{k - 1} cuts"
        shown.append(figure(f"cuts-{k}.png", title, f"error {palette.error:,.0f} in Oklab"))
    fill("how_it_works.md", cuts=side_by_side(shown))


def framed(png: bytes, box: tuple[int, int, int, int], size: tuple[int, int]) -> Indexed:
    """Return a part of a picture in the middle of a frame, which takes the color of the part's corner."""
    with Image.open(io.BytesIO(png)) as image:
        part = image.convert("RGB").crop(box)
    part.thumbnail(size, Image.Resampling.LANCZOS)
    frame = Image.new("RGB", size, part.getpixel((0, 0)))
    frame.paste(part, ((size[0] - part.width) // 2, (size[1] - part.height) // 2))
    return hueclid.quantize(frame, 128, dither="none")


def graphics() -> None:
    """Make `graphics.md`'s pictures: parts of drawings before and after, each pixel 2 x 2."""
    sys.path.insert(0, str(DOCS.parent / "bench"))
    from graphics import PICTURES as DRAWINGS

    def part(name: str, pixels: np.ndarray, box: tuple[int, int, int, int]) -> None:
        crop = Image.fromarray(pixels[..., :3]).crop(box)
        crop = crop.resize((2 * crop.width, 2 * crop.height), Image.Resampling.NEAREST)
        hueclid.quantize(crop, 256, dither="none").save(PICTURES / f"{name}.png", optimize="max")

    parts = []
    for name, box in (("chart_contours", (300, 150, 460, 280)), ("window_photographs", (0, 20, 160, 150))):
        pixels = np.asarray(DRAWINGS[name]().convert("RGB"))
        palette = Palette.solve(Histogram.count(pixels), 16)
        before = palette.colors[_core.map_floyd_steinberg(pixels, palette.colors, palette.space, 0.8, None, 0)]
        after = hueclid.quantize(pixels, 16).to_pixels()
        shown = []
        for kind, title, result in (
            ("drawn", "The drawing", pixels),
            ("means", "Means, dithered", before),
            ("exact", "Flat colors exact", after),
        ):
            part(f"graphics-{name}-{kind}", result, box)
            share = (result[..., :3] == pixels).all(axis=-1).mean()
            caption = f"{len(Histogram.count(pixels)):,} colors" if kind == "drawn" else f"{share:.0%} of pixels exact"
            shown.append(figure(f"graphics-{name}-{kind}.png", title, caption))
        parts.append(side_by_side(shown))
    note = "*16 colors, each pixel shown as 2 x 2. Photograph: Rachel Michetti, CC0, from scikit-image.*"
    fill("graphics.md", graphics="\n\n".join([*parts, note]))


def gallery() -> None:
    """Make `gallery.md`'s pictures: photographs scaled down to a column, and what they become."""
    parts = []
    for name, (title, source) in PHOTOGRAPHS.items():
        image = Image.fromarray(photograph(name))
        image.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
        small = np.asarray(image)
        show_photograph(f"gallery-{name}", small)
        shown = [figure(f"gallery-{name}.webp", "The photograph", f"{len(Histogram.count(small)):,} colors")]
        for k in (2, 4, 8, 16, 64):
            indexed = hueclid.quantize(small, k)
            size, psnr = show(f"gallery-{name}-{k}", indexed), hueclid.measure(small, indexed).psnr
            nearness = "exact" if math.isinf(psnr) else f"{psnr:.1f} dB"
            shown.append(figure(f"gallery-{name}-{k}.png", f"K = {k}", f"{size:,} bytes, {nearness}"))
        credit = f"*Photograph: {source}, from scikit-image.*"
        parts.append(f"## {title}\n\n{side_by_side(shown, 'pictures wide')}\n\n{credit}")
    fill("gallery.md", gallery="\n\n".join(parts))


def gradient() -> np.ndarray:
    """Draw an evening sky around a sun, 240 x 160."""
    y, x = np.mgrid[:160, :240] / 160
    glow = np.exp(-3 * ((x - 1) ** 2 + (y - 0.8) ** 2))
    colors = np.stack([40 + 190 * glow + 20 * y, 50 + 120 * glow + 20 * y, 120 - 40 * y + 20 * glow], axis=-1)
    return np.round(colors.clip(0, 255)).astype(np.uint8)


def drawing() -> np.ndarray:
    """Draw a house in flat colors with smooth edges, 240 x 160."""
    sheet = Image.new("RGB", (960, 640), "#bfe3f2")
    pen = ImageDraw.Draw(sheet)
    pen.ellipse((700, 50, 850, 200), "#ffd75e")
    pen.rectangle((0, 470, 960, 640), "#7cb35c")
    pen.polygon([(0, 470), (250, 300), (520, 470)], "#5a8f8a")
    pen.rectangle((330, 290, 640, 540), "#f4ead7")
    pen.polygon([(290, 300), (485, 140), (680, 300)], "#b5482f")
    pen.rectangle((440, 400, 530, 540), "#6d4b35")
    for left in (360, 560):
        pen.rectangle((left, 340, left + 55, 400), "#2f4d6b", "#1f1f24", 6)
    for i in range(24):
        pen.line((20 + 40 * i, 640, 34 + 40 * i, 590), "#3f6f33", 6)
    return np.asarray(sheet.resize((240, 160), Image.Resampling.LANCZOS))


def dithering() -> None:
    """Make what `dithering.md` shows: every way on a photograph, a gradient and a drawing."""
    ways = {f"`{name}`": {"dither": name} for name in ("none", *DITHER.choices[:-1]) if name != "ostromoukhov"}
    ways |= {
        f"`{name}`, amplitude": {"dither": name, "dither_form": "amplitude"}
        for name in ("blue-noise-64", "bayer-8", "clustered-dot")
    }
    images = {
        "photograph": (np.ascontiguousarray(photograph("coffee")[40:200, 190:430]), 16),
        "gradient": (gradient(), 8),
        "drawing": (drawing(), 8),
    }
    rows: dict[str, list[object]] = {way: [way] for way in ways}
    for kind, (pixels, k) in images.items():
        palette = Palette.solve(Histogram.count(pixels), k)
        Image.fromarray(pixels).save(PICTURES / f"dither-{kind}.png", optimize=True)
        shown = [figure(f"dither-{kind}.png", "The original", f"{len(Histogram.count(pixels)):,} colors")]
        for way, options in ways.items():
            name = f"dither-{kind}-" + "-".join(options.values())
            indexed = Indexed.map(pixels, palette, **options)
            size, score = show(name, indexed), hueclid.measure(pixels, indexed).ssimulacra2
            shown.append(figure(f"{name}.png", way.replace("`", ""), f"SSIMULACRA2 {score:.1f}, {size:,} bytes"))
            rows[way] += [f"{score:.1f}", f"{size:,}"]
        fill("dithering.md", **{kind: side_by_side(shown, "pictures exact")})
    heads = ["`dither`", *(head for kind in images for head in (kind, "bytes"))]
    fill("dithering.md", scores=table(heads, list(rows.values())))

    grey = np.asarray(Image.fromarray(images["photograph"][0]).convert("L"))
    palette = Palette.from_colors([(0, 0, 0), (255, 255, 255)], space="linear")
    shown = []
    for name in (*KERNELS, "riemersma", *TILES):
        size = show(f"dither-two-{name}", Indexed.map(grey, palette, dither=name, dither_strength=1.0))
        shown.append(figure(f"dither-two-{name}.png", name, f"{size:,} bytes"))
    fill("dithering.md", two=side_by_side(shown, "pictures exact"))


def transparency() -> None:
    """Make `transparency.md`'s pictures: a ball with a shadow and a glow, on three pages."""
    ball = drawn_ball(144)
    shown = []
    for name, title, options in (
        ("full", "full", {}),
        ("binary", "binary", {"alpha": "binary"}),
        ("binary-matte", "binary, matte #ffffff", {"alpha": "binary", "matte": "#ffffff"}),
        ("levels", "4 levels", {"alpha": 4}),
        ("levels-dithered", "4 levels, dithered", {"alpha": 4, "alpha_dither": "floyd-steinberg"}),
        ("binary-dithered", "binary, dithered", {"alpha": "binary", "alpha_dither": "floyd-steinberg"}),
        ("matte", "matte #ffffff", {"matte": "#ffffff"}),
    ):
        indexed = hueclid.quantize(ball, 32, **options)
        pages = [hueclid.reduce_alpha(indexed.to_pixels(), matte=page) for page in ("#ffffff", "#8a8f98", "#1b2a57")]
        show(f"alpha-{name}", hueclid.quantize(np.hstack([page[..., :3] for page in pages]), 256))
        levels = len(np.unique(indexed.palette.colors[:, 3]))
        size = indexed.save(io.BytesIO(), "png")
        shown.append(figure(f"alpha-{name}.png", title, f"{levels} alpha{'s' * (levels > 1)}, {size:,} bytes as PNG"))
    fill("transparency.md", modes=side_by_side(shown, "pictures wide"))


def drawn_ball(side: int) -> np.ndarray:
    """Draw a shaded red ball with a soft shadow below it and a bluish glow around it."""
    y, x = (np.mgrid[:side, :side] + 0.5) / side
    distance = np.hypot(x - 0.5, y - 0.46)
    cover = np.clip((0.3 - distance) * side, 0, 1)
    light = np.clip(1.15 - 2.2 * np.hypot(x - 0.4, y - 0.34), 0.15, 1)
    color = np.dstack([255 * light, 60 * light, 50 * light + 20])
    shine = np.exp(-(((x - 0.4) / 0.06) ** 2) - ((y - 0.32) / 0.045) ** 2)[..., None]
    color = color * (1 - shine) + 255 * shine
    glow = 0.75 * np.exp(-((np.maximum(distance - 0.3, 0) / 0.07) ** 2))
    shadow = 0.6 * np.exp(-(((x - 0.5) / 0.27) ** 2) - ((y - 0.84) / 0.06) ** 2)
    alpha = np.zeros((side, side))
    mixed = np.zeros((side, side, 3))
    for layer, share in ((np.array([0, 0, 0]), shadow), (np.array([150, 190, 255]), glow), (color, cover)):
        mixed = layer * share[..., None] + mixed * (1 - share[..., None])
        alpha = share + alpha * (1 - share)
    straight = mixed / np.maximum(alpha, 1e-9)[..., None]
    return np.dstack([straight, 255 * alpha]).round().clip(0, 255).astype(np.uint8)


def main() -> None:
    """Make all pictures anew, and no other."""
    PICTURES.mkdir(exist_ok=True)
    for path in PICTURES.iterdir():
        path.unlink()
    for make in (index, tutorial, parameters, how_it_works, gallery, dithering, graphics, transparency):
        make()
    sizes = [path.stat().st_size for path in PICTURES.iterdir()]
    print(f"\n{len(sizes)} pictures, {sum(sizes):,} bytes")


if __name__ == "__main__":
    main()
