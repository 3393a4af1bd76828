"""Gradients and little else."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageColor, ImageDraw

from .easel import font, picture

Plane = npt.NDArray[np.float64]


def plane(width: int, height: int) -> tuple[Plane, Plane]:
    """Return x and y of each pixel, from 0 to 1."""
    y, x = np.mgrid[:height, :width]
    return x / (width - 1), y / (height - 1)


def ramp(level: Plane, *colors: str) -> Plane:
    """Return the colors, evenly spaced from 0 to 1, at some level."""
    stops = np.linspace(0, 1, len(colors))
    return np.stack(
        [np.interp(level, stops, [ImageColor.getrgb(color)[channel] for color in colors]) for channel in range(3)], -1
    )


def rounded_off(colors: Plane) -> Image.Image:
    """Return colors from 0 to 255 as an image."""
    return Image.fromarray(np.clip(np.rint(colors), 0, 255).astype(np.uint8))


@picture
def gradient_banner() -> Image.Image:
    x, y = plane(960, 400)
    image = rounded_off(ramp((x + y) / 2, "#ff512f", "#dd2476", "#5b247a"))
    draw = ImageDraw.Draw(image)
    draw.text((70, 130), "Colors, reduced", fill="#ffffff", font=font(64, "DejaVuSans-Bold.ttf"))
    draw.text((74, 220), "and nobody sees which", fill="#ffe3ec", font=font(28))
    return image


@picture
def gradient_dusk() -> Image.Image:
    x, y = plane(800, 500)
    sky = ramp(y, "#0b1026", "#1f2a5c", "#6b4a86", "#e2798e", "#ffc27a")
    glow = np.exp(-((x - 0.7) ** 2 * 9 + (y - 0.95) ** 2 * 14))[..., None]
    return rounded_off(sky + glow * (60, 45, 10))


@picture
def gradient_mesh() -> Image.Image:
    x, y = plane(640, 480)
    lights = (("#7f5af0", 0.1, 0.2), ("#2cb67d", 0.9, 0.1), ("#ff8906", 0.8, 0.9), ("#e53170", 0.2, 0.8))
    weights = [1 / (0.02 + (x - left) ** 2 + (y - top) ** 2) for _, left, top in lights]
    colors = [np.array(ImageColor.getrgb(color), float) for color, _, _ in lights]
    return rounded_off(np.einsum("iyx,ic->yxc", weights, colors) / np.sum(weights, axis=0)[..., None])


@picture
def gradient_night() -> Image.Image:
    x, y = plane(720, 480)
    return rounded_off(ramp(np.hypot(x - 0.5, (y - 0.45) * 0.8) * 1.6, "#2a3140", "#161a24", "#0b0d12"))


@picture
def gradient_wheel() -> Image.Image:
    x, y = plane(512, 512)
    angle, distance = np.arctan2(y - 0.5, x - 0.5), np.hypot(x - 0.5, y - 0.5)
    wheel = 127.5 + 127.5 * np.cos(angle[..., None] - np.array([0, 2, 4]) * np.pi / 3)
    within = np.clip((0.46 - distance) * 512, 0, 1)[..., None]
    return rounded_off(255 + within * np.minimum(distance / 0.46, 1)[..., None] * (wheel - 255))
