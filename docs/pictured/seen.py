"""For the eye or for the numbers, what counts where, and accents."""

import io

import numpy as np
from PIL import Image

import hueclid
from hueclid import _core

from .tools import PICTURES, figure, fill, photograph, show, show_photograph, side_by_side, table


def for_the_eye() -> None:
    """Make the page's pictures and numbers."""
    pixels = photograph("chelsea")
    show_photograph("chelsea", pixels)
    ways = {
        "for the numbers": {"space": "srgb", "dither": "none"},
        "for the numbers, dithered": {"space": "srgb"},
        "for the eye, not dithered": {"dither": "none"},
        "for the eye": {},
        "for the eye, best": {"effort": "best"},
    }
    shown, rows = [figure("chelsea.webp", "The photograph", "")], []
    for colors in (16, 4):
        for number, (title, options) in enumerate(ways.items()):
            indexed = hueclid.quantize(pixels, colors, **options)
            size, quality = indexed.save(io.BytesIO(), "png"), hueclid.measure(pixels, indexed)
            scores = [f"{quality.mse:.0f}", f"{quality.psnr:.1f} dB", f"{quality.ssimulacra2:.1f}", f"{size:,}"]
            rows.append([f"{colors} colors, {title}", *scores])
            if colors == 16 and number != 1:
                show(f"eye-{colors}-{number}", indexed)
                caption = f"16 colors, SSIMULACRA2 {scores[2]}"
                shown.append(figure(f"eye-{colors}-{number}.png", title.capitalize(), caption))
    heads = ["", "MSE", "PSNR", "SSIMULACRA2", "bytes"]
    fill("for_the_eye.md", eye=side_by_side(shown, "pictures wide") + "\n\n" + table(heads, rows))

    Image.fromarray(_core.masking(pixels, 0)).save(PICTURES / "masking.webp", quality=82, method=6)
    pair = [figure("chelsea.webp", "The photograph", ""), figure("masking.webp", "What counts", "0 to 255 times")]
    fill("for_the_eye.md", masking=side_by_side(pair))

    leaves = with_berries(photograph("chelsea"))
    show_photograph("berries", leaves)
    shown = [figure("berries.webp", "The picture", "three red beads and a blue one")]
    for accents in (0, 0.25, 0.5):
        indexed = hueclid.quantize(leaves, 12, accents=accents)
        size = show(f"accents-{round(100 * accents)}", indexed)
        shown.append(figure(f"accents-{round(100 * accents)}.png", f"accents={accents}", f"12 colors, {size:,} bytes"))
    fill("for_the_eye.md", accents=side_by_side(shown))


def with_berries(pixels: np.ndarray) -> np.ndarray:
    """Return a photograph with small beads, shaded as spheres are."""
    pixels = pixels.copy()
    rows, columns = np.mgrid[: pixels.shape[0], : pixels.shape[1]]
    for y, x, color in (
        (50, 60, (205, 20, 30)),
        (70, 395, (205, 20, 30)),
        (255, 400, (205, 20, 30)),
        (240, 45, (30, 60, 215)),
    ):
        away = np.hypot(rows - y, columns - x) / 6
        light = 1.15 - 0.6 * np.hypot(rows - y + 2, columns - x + 2)[..., None] / 8
        bead = np.clip(np.array(color) * light, 0, 255)
        pixels[away < 1] = bead[away < 1]
    return pixels
