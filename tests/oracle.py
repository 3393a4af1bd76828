"""Slow, obvious NumPy twins of what the core computes; they share no code with it."""

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

ORIENTED = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.swapaxes(0, 1),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: a[::-1, ::-1].swapaxes(0, 1),
    8: lambda a: np.rot90(a),
}
"""What to do with an image of each EXIF orientation to set it upright."""


def count(pixels: npt.NDArray[np.uint8]) -> dict[tuple[int, ...], int]:
    """How often each RGBA color occurs, all transparent ones as one."""
    counts: dict[tuple[int, ...], int] = {}
    for color in widen(pixels).reshape(-1, 4).tolist():
        key = tuple(color) if color[3] else (0, 0, 0, 0)
        counts[key] = counts.get(key, 0) + 1
    return counts


def widen(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Grey, RGB or RGBA as RGBA."""
    if pixels.ndim == 2:
        pixels = np.repeat(pixels[..., None], 3, axis=-1)
    if pixels.shape[-1] == 3:
        opaque = np.full((*pixels.shape[:2], 1), 255, np.uint8)
        pixels = np.concatenate([pixels, opaque], axis=-1)
    return pixels


def srgb_points(colors: npt.NDArray[np.uint8]) -> Array:
    """Colors as points of the working space "srgb": premultiplied codes, and alpha."""
    rgba = colors.astype(float)
    return np.concatenate([rgba[:, :3] * rgba[:, 3:] / 255, rgba[:, 3:]], axis=1)


def nearest(points: Array, centers: Array) -> tuple[npt.NDArray[np.intp], Array]:
    """The nearest center of each point, ties to the lower, and the squared distance."""
    squares = ((points[:, None] - centers[None]) ** 2).sum(-1)
    return squares.argmin(1), squares.min(1)


def lloyd(points: Array, weights: Array, centers: Array, passes: int) -> tuple[Array, float]:
    """Centers after so many of Lloyd's passes, and the weighted squared error of the last assignment."""
    for _ in range(passes):
        labels, _ = nearest(points, centers)
        centers = np.array(
            [
                np.average(points[labels == i], axis=0, weights=weights[labels == i]) if np.any(labels == i) else center
                for i, center in enumerate(centers)
            ]
        )
    return centers, float((nearest(points, centers)[1] * weights).sum())


def median(points: Array, weights: Array, steps: int = 2000) -> Array:
    """The place of the least weighted sum of distances: a point, or where Weiszfeld's steps from the mean lead."""
    place = np.average(points, axis=0, weights=weights)
    for _ in range(steps):
        distances = np.linalg.norm(points - place, axis=1)
        pulls = weights[distances > 0] / distances[distances > 0]
        if not pulls.size:
            break
        place = np.average(points[distances > 0], axis=0, weights=pulls)
    return min([place, *points], key=lambda one: distance_sum(points, weights, one[None]))


def distance_sum(points: Array, weights: Array, centers: Array) -> float:
    """The weighted sum of the distances to the nearest centers."""
    return float((np.sqrt(nearest(points, centers)[1]) * weights).sum())


def diffused(points: Array, palette: Array, strength: float, indices: npt.NDArray[np.integer]) -> Array:
    """What each pixel of an `(H, W, d)` array wants once the errors of those before it, mapped to `indices`, arrived.

    Floyd-Steinberg, serpentine, of a picture of one band: at most 64 rows.
    """
    wanted = points.copy()
    height, width, _ = points.shape
    for y in range(height):
        step = 1 if y % 2 == 0 else -1
        for x in range(width)[::step]:
            error = (wanted[y, x] - palette[indices[y, x]]) * strength
            for dx, dy, share in ((step, 0, 7), (-step, 1, 3), (0, 1, 5), (step, 1, 1)):
                if 0 <= x + dx < width and y + dy < height:
                    wanted[y + dy, x + dx] += error * share / 16
    return wanted
