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
    """Colors as points of the working space "srgb": their codes over middle grey, and alpha, 220.8 where opaque."""
    rgba = colors.astype(float)
    alpha = rgba[:, 3:] / 255
    return np.concatenate([rgba[:, :3] * alpha + 127.5 * (1 - alpha), alpha * 127.5 * np.sqrt(3)], axis=1)


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


def premultiplied(colors: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    """Codes times alpha, rounded, and alpha."""
    rgba = colors.astype(int)
    return np.concatenate([(rgba[:, :3] * rgba[:, 3:] + 127) // 255, rgba[:, 3:]], axis=1)


def straight(points: Array) -> npt.NDArray[np.uint8]:
    """The colors nearest to points of the working space "srgb"."""
    share = np.round(points[:, 3:] / (127.5 * np.sqrt(3)), 12)  # means of equal alphas are as equal
    alpha = np.floor(share * 255 + 0.5)
    color = (points[:, :3] - 127.5 * (1 - share)) / np.where(alpha > 0, share, 1)
    return np.where(alpha > 0, np.concatenate([np.floor(color + 0.5), alpha], axis=1), 0).clip(0, 255).astype(np.uint8)


def median_cut(points: Array, weights: Array, k: int) -> list[Array]:
    """Members of boxes: the box of the most pixels is halved across its longest side, until there are `k`."""
    boxes, whole = [np.arange(len(points))], []
    while len(boxes) + len(whole) < k and boxes:
        i = int(np.argmax([weights[box].sum() for box in boxes]))
        box = boxes.pop(i)
        along = points[box, np.argmax(np.ptp(points[box], axis=0))]
        cuts = np.unique(along)[:-1]
        if not len(cuts):
            whole.append(box)
            continue
        off = [abs(weights[box].sum() - 2 * weights[box[along <= cut]].sum()) for cut in cuts]
        low = along <= cuts[int(np.argmin(off))]
        boxes[i:i] = [box[low], box[~low]]
    return boxes + whole


def wu(points: Array, weights: Array, k: int) -> list[Array]:
    """Members of boxes of a lattice: that of the largest squared error is cut where that error falls most."""
    extent = np.ptp(points, axis=0)
    steps = np.where(extent > 0, [32, 32, 32, 16], 1)
    shares = (points - points.min(0)) / np.where(extent > 0, extent, 1)
    cells = np.minimum((shares * steps).astype(int), steps - 1)

    def explained(members: npt.NDArray[np.intp]) -> float:
        total = (points[members] * weights[members, None]).sum(0)
        return float((total * total).sum() / weights[members].sum())

    def error(members: npt.NDArray[np.intp]) -> float:
        return float(((points[members] ** 2).sum(1) * weights[members]).sum()) - explained(members)

    boxes = [np.arange(len(points))]
    errors = [error(boxes[0])]
    while len(boxes) < k and max(errors) > 0:
        i = int(np.argmax(errors))
        box, best = boxes[i], 0.0
        for d in range(4):
            for cut in np.unique(cells[box, d])[:-1]:
                low = cells[box, d] <= cut
                gain = explained(box[low]) + explained(box[~low])
                if gain > best:
                    best, parts = gain, (box[low], box[~low])
        errors[i] = 0.0
        if best > 0:
            boxes[i], errors[i] = parts[0], error(parts[0])
            boxes.append(parts[1])
            errors.append(error(parts[1]))
    return boxes


def octree(codes: npt.NDArray[np.int64], weights: Array, k: int) -> list[Array]:
    """Members of leaves: those of the deepest branch of the fewest pixels become one, until there are at most `k`."""
    leaves: dict[tuple[tuple[int, ...], ...], list[int]] = {}
    for i, code in enumerate(codes):
        path = tuple(tuple(code >> bit & 1) for bit in range(7, -1, -1))
        leaves.setdefault(path, []).append(i)
    for depth in range(7, -1, -1):
        branches: dict[tuple[tuple[int, ...], ...], list[tuple[tuple[int, ...], ...]]] = {}
        for path in leaves:
            if len(path) > depth:
                branches.setdefault(path[:depth], []).append(path)
        heavy = {branch: sum(weights[leaves[path]].sum() for path in paths) for branch, paths in branches.items()}
        for branch in sorted(branches, key=lambda branch: (heavy[branch], branch)):
            if len(leaves) > k:
                leaves[branch] = [i for path in branches[branch] for i in leaves.pop(path)]
    return [np.array(members) for members in leaves.values()]


def popularity(codes: npt.NDArray[np.int64], weights: Array, k: int) -> list[Array]:
    """Members of the `k` fullest cells of 5 bits a channel."""
    cells: dict[tuple[int, ...], list[int]] = {}
    for i, code in enumerate(codes):
        cells.setdefault(tuple(code >> 3), []).append(i)
    fullest = sorted(cells, key=lambda cell: (-weights[cells[cell]].sum(), cell))
    return [np.array(cells[cell]) for cell in fullest[:k]]


def maxmin(points: Array, weights: Array, k: int) -> list[Array]:
    """The most used point, then each time the one farthest from all before."""
    chosen = [int(np.argmax(weights))]
    while len(chosen) < k:
        squares = nearest(points, points[chosen])[1]
        if not squares.max() > 0:
            break
        chosen.append(int(np.argmax(squares)))
    return [np.array([i]) for i in chosen]


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
