"""The curves of `bytes.py`: bytes and looks of one picture of each kind."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bytes_curve import Picture, Point
from bytes_peers import EXACT


def draw(pictures: Sequence[Picture], path: Path) -> None:
    """Draw the middle picture of each kind: SSIMULACRA2 over bytes, ours in color."""
    import matplotlib as mpl

    mpl.use("agg")
    from matplotlib import pyplot

    kinds = {picture.kind: [other for other in pictures if other.kind == picture.kind] for picture in pictures}
    columns = min(3, len(kinds))
    rows = -(-len(kinds) // columns)
    figure, grid = pyplot.subplots(rows, columns, figsize=(5 * columns, 3.6 * rows), squeeze=False)
    for axes, some in zip(grid.flat, kinds.values(), strict=False):
        curves(axes, some[len(some) // 2])
    for axes in list(grid.flat)[len(kinds) :]:
        axes.axis("off")
    names: dict[str, Any] = {}
    for axes in grid.flat:
        lines, labels = axes.get_legend_handles_labels()
        names |= dict(zip(labels, lines, strict=True))
    figure.legend(names.values(), names.keys(), loc="lower center", ncols=3, fontsize=8)
    figure.tight_layout(rect=(0, 0.16 / rows + 0.02, 1, 1))
    figure.savefig(path, dpi=90)
    pyplot.close(figure)


def curves(axes: Any, picture: Picture) -> None:
    """Draw all curves of one picture."""
    makers = dict.fromkeys(point.maker for point in picture.peers if point.maker != EXACT)
    for grey, maker in enumerate(makers):
        line(
            axes, [p for p in picture.peers if p.maker == maker], maker, color=f"C{grey}", lw=0.8, marker=".", alpha=0.7
        )
    for style, (name, points) in zip(("*", "-", "--", ":", "-."), picture.curves.items(), strict=False):
        line(
            axes,
            points,
            f"hueclid, {name}",
            color="black",
            ls="none" if style == "*" else style,
            marker="*" if style == "*" else None,
        )
    axes.set_title(f"{picture.kind}: {picture.path.stem}", fontsize=9)
    axes.set_xscale("log")
    axes.set_xlabel("bytes", fontsize=8)
    axes.set_ylabel("SSIMULACRA2", fontsize=8)
    axes.set_ylim(bottom=min(30.0, *(point.scores.ssimulacra2 for point in picture.peers)))
    axes.grid(alpha=0.3)


def line(axes: Any, points: Sequence[Point], label: str, **style: Any) -> None:
    """Draw a maker's points, from the fewest bytes on."""
    points = sorted(points, key=lambda point: point.bytes)
    axes.plot([point.bytes for point in points], [point.scores.ssimulacra2 for point in points], label=label, **style)
