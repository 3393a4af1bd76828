"""Pixel art, and a fractal, which is as flat and as busy."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageColor

from .easel import picture


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
