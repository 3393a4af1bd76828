"""Lloyd's algorithm at work: the picture and its cloud of colors, pass by pass."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from ..codec import encode_png
from ..histogram import Histogram
from ..indexed import Indexed
from ..lloyd import Pass, assign, passes
from ..options import POINTS, STEPS_FORMAT, THREADS, StepsFormat
from ..palette import Palette
from ..pixels import Pixels
from ..sheet import shrink
from .clouds import Membership, cloud_page, still
from .pages import image_url
from .scenes import Scene, place
from .shapes import GREY, PAPER, Text, to_image

_SIDE = 480  # of the picture and of the cloud, in pixels
_GAP, _CAPTION = 20, 44
_PAUSE, _END = 600, 2400  # milliseconds that a frame, and the last one, stay


def steps(
    pixels: Pixels,
    start: Palette,
    format: StepsFormat = STEPS_FORMAT.default,  # noqa: A002 the name of the flag
    *,
    max_iterations: int | None = 40,
    tolerance: float | None = 1e-3,
    points: int = POINTS.default,
    title: str = "",
    threads: int = THREADS.default,
) -> bytes:
    """Show Lloyd's passes on the colors of a picture, from given centers: the recolored picture beside its cloud.

    The passes are those of `hueclid.lloyd.passes`, on all distinct colors of the picture. The picture is shown scaled
    down to 480 pixels; each of its pixels takes the nearest center of the pass.

    Args:
        pixels: `(H, W)`, `(H, W, 3)` or `(H, W, 4)` uint8: grey, RGB or RGBA.
        start: the first centers, up to 256, and the working space. `Palette.solve(..., max_iterations=0)` gives those
            of any `init`.
        format: "html": a page to play and to turn; "gif", "webp" or "png" (APNG): an animated picture.
        max_iterations: the most passes; None: until nothing moves.
        tolerance: stop after a pass that lowered the error by a smaller share, 0 to 1; None: when it lowers nothing.
        points: the most points of the cloud, 1 to 100,000.
        title: of the page, plain text.
        threads: how many to use, 0 for all cores; never changes the result.

    Raises:
        TypeError: an option is of a wrong type.
        ValueError: an option is out of range, or there are more than 256 centers.
    """
    STEPS_FORMAT.check(format)
    if len(start) > 256:
        raise ValueError(f"steps are shown for up to 256 colors, got {len(start):,}; choose fewer")
    histogram = Histogram.count(pixels, threads=threads)
    scene = Scene.of(histogram, start.space, points)
    made = list(passes(histogram, start, max_iterations=max_iterations, tolerance=tolerance, threads=threads))
    members = [
        Membership(one.colors, one.weights, place(one.centers, one.space), one.labels[scene.picked], one.error)
        for one in made
    ]
    pictures = _recolored(np.ascontiguousarray(shrink(pixels, _SIDE, _SIDE)), made)
    if format == "html":
        data = [
            {**member.to_data(), "picture": image_url(encode_png(picture))}
            for member, picture in zip(members, pictures, strict=True)
        ]
        return cloud_page(scene, data, title=title, distinct=len(histogram))
    frames = [_frame(scene, members[: number + 1], picture.to_pixels()) for number, picture in enumerate(pictures)]
    return _animated(frames, format)


def _recolored(pixels: Pixels, made: Sequence[Pass]) -> list[Indexed]:
    """Return `(h, w, 4)` pixels in the colors of the centers that are nearest to them, for each pass."""
    histogram = Histogram.count(pixels)
    clear = np.where(pixels[..., 3:] == 0, np.uint8(0), pixels)  # as the histogram counts them
    which = np.searchsorted(histogram.colors.view(">u4").ravel(), np.ascontiguousarray(clear).view(">u4")[..., 0])
    pictures = []
    for one in made:
        labels, _, _ = assign(histogram, one.centers, one.space)
        # Centers that round to the same color share an entry: those of a palette are distinct.
        colors, entries = np.unique(one.colors.view(">u4").ravel(), return_inverse=True)
        palette = Palette.from_colors(colors.view(np.uint8).reshape(-1, 4), space=one.space)
        pictures.append(Indexed(palette, entries.ravel()[labels][which].astype(np.uint8)))
    return pictures


def _frame(scene: Scene, members: list[Membership], picture: Pixels) -> Image.Image:
    """Draw the picture beside the cloud, with a line about the last pass."""
    now = members[-1]
    height, width = picture.shape[:2]
    ways = np.stack([member.places for member in members], axis=1)
    cloud = to_image(still(scene, now, (_SIDE, _SIDE), clustered=True, ways=ways), _SIDE, _SIDE)
    size = (width + _SIDE + 3 * _GAP, _SIDE + 2 * _GAP + _CAPTION)
    gained = f", {now.error / members[-2].error - 1:+.1%}" if len(members) > 1 and members[-2].error else ""
    caption = Text(_GAP, _CAPTION / 2, f"Pass {len(members) - 1}", 17)
    note = Text(size[0] - _GAP, _CAPTION / 2, f"error {now.error:.5g}{gained}", 17, GREY, "right")
    sheet = Image.new("RGB", size, PAPER)
    sheet.paste(cloud, (width + 2 * _GAP, _GAP))
    shown = Image.fromarray(picture)
    sheet.paste(shown, (_GAP, _GAP + (_SIDE - height) // 2), shown)
    sheet.paste(to_image([caption, note], size[0], _CAPTION), (0, size[1] - _CAPTION))
    return sheet


def _animated(frames: list[Image.Image], format: str) -> bytes:  # noqa: A002
    """Encode frames that follow one another, the last one staying longer."""
    settings: dict[str, Any] = {"webp": {"lossless": True}, "gif": {"optimize": False}, "png": {}}[format]
    if format == "gif":
        frames = _with_one_palette(frames)
    stays = [_PAUSE] * (len(frames) - 1) + [_END]
    file = io.BytesIO()
    first, *rest = frames
    first.save(file, format, save_all=True, append_images=rest, duration=stays, loop=0, **settings)
    return file.getvalue()


def _with_one_palette(frames: list[Image.Image]) -> list[Image.Image]:
    """Reduce frames to 256 colors that all of them share, so that nothing flickers."""
    arrays: list[npt.NDArray[np.uint8]] = [np.asarray(frame) for frame in frames]
    palette = Palette.solve(sum(map(Histogram.count, arrays), Histogram.empty()), 256)
    return [Indexed.map(array, palette, dither="none").to_pil() for array in arrays]
