"""The three lines everybody wants, as one call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
import numpy.typing as npt

from .alpha import reduce_alpha
from .choose import Target, room
from .codec import ImageLike, encode, read
from .dithering import Kernel, Thresholds
from .goal import Goal, check_search
from .histogram import Histogram
from .indexed import Indexed
from .look import Look
from .lossy import check_lossy, loses
from .methods import Clusterer
from .options import (
    ACCENTS,
    ALPHA,
    ALPHA_DITHER,
    ALPHA_THRESHOLD,
    ATTEMPTS,
    COLORS_OR_AUTO,
    DIRECT_SEARCH,
    DITHER,
    DITHER_FORM,
    DITHER_PATH,
    DITHER_STRENGTH,
    EFFORT,
    FIT,
    FLAT,
    IMPORTANCE,
    INIT,
    LOSSY,
    LOSSY_FOR,
    MATTE,
    MAX_BYTES,
    MAX_DELTA_E,
    MAX_ERROR,
    MAX_ITERATIONS,
    METHOD,
    MIN_PSNR,
    MIN_SSIMULACRA2,
    OBJECTIVE,
    OPTIMIZE,
    PINNED,
    SEED,
    SPACE,
    THREADS,
    TIME_LIMIT,
    TOLERANCE,
    Alpha,
    AlphaDither,
    Dither,
    DitherForm,
    DitherPath,
    Effort,
    FlatColors,
    Importance,
    LossyFor,
    Method,
    Objective,
    Optimize,
    Space,
)
from .palette import Palette, Start
from .pins import Pinned
from .quality_scale import as_range


def quantize(
    image: ImageLike,
    colors: int | Literal["auto"] = COLORS_OR_AUTO.default,
    *,
    lossy: float | Literal["auto"] | None = LOSSY.default,
    lossy_for: LossyFor = LOSSY_FOR.default,
    optimize: Optimize = OPTIMIZE.default,
    quality: str | float | None = None,
    max_bytes: int | None = MAX_BYTES.default,
    max_error: float | None = MAX_ERROR.default,
    min_psnr: float | None = MIN_PSNR.default,
    min_ssimulacra2: float | None = MIN_SSIMULACRA2.default,
    max_delta_e: float | None = MAX_DELTA_E.default,
    pinned: Pinned = PINNED.default,
    importance: Importance | ImageLike | npt.NDArray[np.bool_] | None = IMPORTANCE.default,
    accents: float = ACCENTS.default,
    flat: FlatColors | None = FLAT.default,
    method: Method | Clusterer = METHOD.default,
    space: Space = SPACE.default,
    objective: Objective = OBJECTIVE.default,
    effort: Effort = EFFORT.default,
    init: Start = INIT.default,
    attempts: int = ATTEMPTS.default,
    max_iterations: int | None = MAX_ITERATIONS.default,
    tolerance: float | None = TOLERANCE.default,
    seed: int = SEED.default,
    time_limit: float | None = TIME_LIMIT.default,
    dither: Dither | Kernel | Thresholds = DITHER.default,
    dither_strength: float = DITHER_STRENGTH.default,
    dither_mask: ImageLike | npt.NDArray[np.bool_] | None = None,
    dither_path: DitherPath = DITHER_PATH.default,
    dither_form: DitherForm = DITHER_FORM.default,
    fit: int | None = FIT.default,
    direct_search: int | None = DIRECT_SEARCH.default,
    alpha: Alpha | int = ALPHA.default,
    alpha_threshold: int = ALPHA_THRESHOLD.default,
    alpha_dither: AlphaDither = ALPHA_DITHER.default,
    matte: str | npt.ArrayLike | None = MATTE.default,
    threads: int = THREADS.default,
    on_pass: Callable[[int, float], None] | None = None,
    on_rows: Callable[[int], None] | None = None,
) -> Indexed:
    """Reduce an image to a few colors: count, solve, map.

    k-means in the spaces "oklab" and "lab" is to please the eye: busy places count less, and the palette is fitted to
    its dithering. With `space="srgb"` it is to be near in numbers: the mean squared error is small. The setting of the
    classic OpenCV tutorial is `space="srgb", dither="none"`. Other methods make their palettes as they always did.

    With `max_error`, `min_psnr`, `min_ssimulacra2` or `max_delta_e`, or several of them, `colors` is the most there may
    be, and the result is that of the fewest that reach the target: it does, and with one color less it was tried and
    does not. It is the same as with `colors` of that number.

    With `lossy="auto"`, which `quality` and `max_bytes` imply, the result is instead the one whose file is smallest of
    those that reach the target, or the best one that `max_bytes` hold: first as much of the picture goes as may,
    then, if that is not enough, colors do. So the file is smaller than that of the fewest colors.

    Args:
        image: a path, the bytes of an image file, a binary file object, a `PIL.Image`, or an array of RGB(A).
        colors: how many to keep, 1 to 65,536; an image with no more than these comes back exact. "auto": as many as the
            error curve is worth, as `knee` finds it, at most 256.
        lossy: how much of the picture may go for a smaller file, 0 (nothing) to 100; `Indexed.map` says more. Where
            there are flat areas, fewer colors are tried, too. An image with no more colors than `colors` stays exact.
            "auto": as much as targets allow. Without a target it means what hardly shows and what the command line
            does unasked: 30, or 15 where there are flat areas, with 256 colors, and less with fewer; and 0 with another
            dither than "floyd-steinberg" or "none", with more than 256 colors, where the result is to be near in
            numbers, and of up to 16,384 pixels where it does not pay. None: "auto" with `quality` or `max_bytes`,
            else 0.
        lossy_for: the format whose files are to be small: "png", "gif", "tiff" or "webp".
        optimize: how hard these files are packed where they are weighed, "fast", "default" or "max", as `save` is told.
        quality: "60-80", "60-" or "-80": the lowest quality allowed and the one to reach, each 0 to 100, where a table
            in the documentation says what they mean; a number n for `9 n // 10` to n. What cannot reach the second is
            as good as it gets.
        max_bytes: the largest file of the format `lossy_for`, as `save` writes it, that the result may have.
        max_error: the largest error of the palette, as `Palette.error` counts it before any dithering; 0 or more.
        min_psnr: the least PSNR of the result in decibels, as `measure` counts it; 0 or more.
        min_ssimulacra2: the least SSIMULACRA2 score of the result, 0 to 100; for images of at least 8 x 8 pixels.
        max_delta_e: the largest mean CIEDE2000 difference of the result.
        pinned: colors that the palette holds exactly, and first, in this order: up to `colors` distinct ones, each
            "#rrggbb", "#rrggbbaa", or 3 or 4 integers from 0 to 255; of a palette all are pinned. The others are
            searched around them. Where the number of colors is looked for it is never less than that of these.
        importance: how much each pixel counts for the palette: "masking", less where the picture is busy; "uniform",
            the same everywhere; or a number for each, 0 (ignored) to 255: `(H, W)` uint8 or bool, or a grey image of
            that size. None: "masking" for k-means in "oklab" or "lab", else "uniform". `Histogram.count` says more.
        accents: how much rare colors are raised, so that small accents get a color of their own, 0 to 1.
        flat: "exact": an entry that mostly serves the color of a flat area becomes that color, so that windows, paper
            and bars of charts keep theirs; or "mean": all are means, and the error is as small as it gets. None:
            "exact" for k-means in "oklab" or "lab", else "mean". Other methods than "kmeans" take no heed of it.
        method: "kmeans", "wu", "median-cut", "octree", "maxmin", "popularity", "uniform", or a clusterer as
            scikit-learn has them, such as `GaussianMixture(16)`; `Palette.solve` says what each does.
        space: where distances are measured and errors diffused: "oklab", "srgb", "linear" or "lab".
        objective: what is made small, the sum of "squared" or of "euclidean" distances: k-means or k-medians.
        effort: "fast", "balanced" or "best". Where results are to please the eye, of pictures of up to 65,536 pixels,
            of drawings and grey pictures of up to 1,048,576, and of photographs with flat areas in up to 32 colors,
            several are made, also in other spaces and without dithering, and the one with the best SSIMULACRA2 is kept.
            That of a small picture, or of a drawing or grey picture in up to 32 colors, is polished, as
            `Indexed.polished` does, if nothing was said of how it is to look. "best" fits and polishes further what
            "balanced" made, of all pictures; "fast" makes one.
        init: where the search starts: "divisive", "k-means++", "random", "maximin", or `(colors, 3)` or `(colors, 4)`
            distinct integers from 0 to 255. `Palette.solve` says more of this and the next five.
        attempts: how many starts to try, 1 to 10,000; more than one asks for an `init` of chance.
        max_iterations: most passes of an attempt; None: as many as the effort makes.
        tolerance: relative gain of a pass, 0 to 1, below which passes end; None: the effort's.
        seed: what the random numbers of the starts depend on, 0 to 2**64 - 1.
        time_limit: seconds after which the search ends; None: no limit. With one the result depends on the
            speed of the machine. Counting and mapping take their time besides.
        dither: how in-between colors are mixed: "none", a name such as "floyd-steinberg" or "blue-noise-64", a
            `Kernel`, or `Thresholds`; `Indexed.map` says more of this and the next four.
        dither_strength: how much of an error counts, 0 to 1.
        dither_mask: how much of the strength each pixel has: `(H, W)` uint8 or bool, or a grey image of that size.
        dither_path: how error diffusion walks rows, "serpentine" or "raster".
        dither_form: what thresholds do, "mixing" or "amplitude".
        fit: how often the palette is fitted to the dithered picture, 0 to 100; `Indexed.map` says more. None: in
            "oklab" and "lab" 0, 2 or 4 times for "fast", "balanced" and "best"; else 0.
        direct_search: how often each pixel is asked for a better entry, 0 to 100. None: twice for "best" in "oklab"
            and "lab" where errors are diffused and nothing is polished; else 0.
        alpha: "full", "binary" (transparent or opaque, as GIF has it), or a number of levels from 2 to 256, which
            entries, means of pixels of several levels, may miss by a few. Targets compare with what this and the next
            three make of the image; `alpha.reduce_alpha` says more of them.
        alpha_threshold: the least alpha, 1 to 255, that "binary" makes opaque.
        alpha_dither: "none" or "floyd-steinberg": how alphas between levels are mixed.
        matte: "#rrggbb" or `(r, g, b)`, over which translucent pixels are laid: with "full" all are, and the result is
            opaque; otherwise what gets another alpha looks on that page as it did.
        threads: how many to use, 0 for all cores; never changes the result.
        on_pass: called after each pass of the search, as `Palette.solve` calls it; what it raises ends the work.
        on_rows: called while indices are chosen at a loss, as `Indexed.map` calls it; what it raises ends the work.

    Raises:
        ReadError: the image can't be read.
        TargetError: `colors` colors do not reach the target.
        TypeError: the image or an option is of a wrong type.
        ValueError: an option is out of range, or an array has a wrong shape.

    >>> import numpy as np
    >>> quantize(np.array([[0, 4, 250]], dtype=np.uint8), colors=2).indices.tolist()
    [[0, 0, 1]]
    """
    target = Target(max_error, min_psnr, min_ssimulacra2, max_delta_e)
    goal = Goal(target, as_range(quality), max_bytes, lossy)
    most = COLORS_OR_AUTO.check(colors)
    check_search(most, goal)
    LOSSY_FOR.check(lossy_for)
    OPTIMIZE.check(optimize)
    if goal.lossy != LOSSY.word:
        check_lossy(goal.lossy, dither, most if isinstance(most, int) else 1)
    if not isinstance(init, str) and (most == COLORS_OR_AUTO.word or goal):
        raise ValueError("init must be a way to start where the number of colors is looked for, got centers")
    if not isinstance(method, str) and (most == COLORS_OR_AUTO.word or goal):
        raise ValueError("method must be a name where the number of colors is looked for, got a clusterer")
    mapping = {
        "dither": dither,
        "dither_strength": dither_strength,
        "dither_mask": dither_mask,
        "dither_path": dither_path,
        "dither_form": dither_form,
    }
    look = Look(space, effort, method, importance, accents, flat, fit, direct_search, mapping)
    pixels = reduce_alpha(
        read(image),
        alpha,
        alpha_threshold=alpha_threshold,
        alpha_dither=alpha_dither,
        matte=matte,
        threads=threads,
    )
    histogram = look.count(pixels, threads=threads)
    anchors = look.anchors(pixels, threads=threads)

    def solve(way: Look, counted: Histogram, colors: int) -> Palette:
        return Palette.solve(
            counted,
            colors,
            pinned=pinned,
            anchors=anchors,
            method=method,
            space=way.space,
            objective=objective,
            effort=way.effort_of_search(colors),
            init=init,
            attempts=attempts,
            max_iterations=max_iterations,
            tolerance=tolerance,
            seed=seed,
            time_limit=time_limit,
            known=way.plain,
            threads=threads,
            on_pass=on_pass,
        )

    return goal.reach(
        pixels,
        histogram,
        look,
        solve,
        most,
        lambda indexed: len(encode(indexed, lossy_for, optimize=optimize, draft=max_bytes is None)),
        least=room(histogram, pinned),
        flat=anchors is not None and len(anchors) > 0,
        lossy_for=lossy_for,
        loses=loses(dither, most if isinstance(most, int) else 1),
        tries=time_limit is None,
        threads=threads,
        on_rows=on_rows,
    )
