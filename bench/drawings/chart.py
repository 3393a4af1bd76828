"""Charts by matplotlib."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import Image

from .easel import picture


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
