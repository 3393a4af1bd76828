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


KERNELS = {
    "floyd-steinberg": "7; 3 5 1 / 16",
    "false-floyd-steinberg": "3; 3 2 / 8",
    "jarvis-judice-ninke": "7 5; 3 5 7 5 3; 1 3 5 3 1 / 48",
    "stucki": "8 4; 2 4 8 4 2; 1 2 4 2 1 / 42",
    "burkes": "8 4; 2 4 8 4 2 / 32",
    "sierra": "5 3; 2 4 5 4 2; 0 2 3 2 0 / 32",
    "sierra-two-row": "4 3; 1 2 3 2 1 / 16",
    "sierra-lite": "2; 1 1 0 / 4",
    "atkinson": "1 1; 1 1 1; 0 1 0 / 8",
    "stevenson-arce": "0 32 0; 12 0 26 0 30 0 16; 0 12 0 26 0 12 0; 5 0 12 0 12 0 5 / 200",
}
"""What is handed ahead; to the row below, the pixel's own column in the middle; and so on; their unit."""


def taps(name: str) -> list[tuple[int, int, float]]:
    """Columns ahead, rows below and share of a published kernel."""
    rows, unit = KERNELS[name].split("/")
    ahead, *below = [[int(share) for share in row.split()] for row in rows.split(";")]
    found = [(column, 0, share / int(unit)) for column, share in enumerate(ahead, 1)]
    for number, row in enumerate(below, 1):
        first = 0 if name == "false-floyd-steinberg" else -(len(row) // 2)
        found += [(column, number, share / int(unit)) for column, share in enumerate(row, first)]
    return found


def clipped(points: Array, palette: Array) -> Array:
    """Points, moved into each of 13 slabs around the palette in turn where they are outside."""
    extents = np.ptp(palette[:, :3], axis=0)
    stretched = np.maximum(extents / max(extents.max(), 1e-38), 1e-3)
    result = points.copy()
    for direction in DIRECTIONS:
        normal = np.array(direction) / stretched
        normal /= np.linalg.norm(normal)
        entries, along = palette[:, :3] @ normal, result[..., :3] @ normal
        result[..., :3] -= (along - np.clip(along, entries.min(), entries.max()))[..., None] * normal
    result[..., 3] = np.clip(result[..., 3], palette[:, 3].min(), palette[:, 3].max())
    return result


DIRECTIONS = [
    *[(1, 0, 0), (0, 1, 0), (0, 0, 1)],
    *[(1, 1, 0), (1, -1, 0), (1, 0, 1), (1, 0, -1), (0, 1, 1), (0, 1, -1)],
    *[(1, 1, 1), (1, 1, -1), (1, -1, 1), (1, -1, -1)],
]
"""From the middle of a cube to its faces, its edges and its corners."""


def spacing(palette: Array, neighbors: int) -> Array:
    """The mean distance from each entry to the nearest others."""
    apart = np.linalg.norm(palette[:, None] - palette[None], axis=-1)
    return np.array([np.sort(row[row > 0])[:neighbors].mean() if np.any(row > 0) else 0.0 for row in apart])


def bounded(error: Array, limit: float) -> Array:
    """The error, no longer than the limit."""
    length = np.linalg.norm(error)
    return error if length <= limit else error * (limit / length)


def diffused(
    points: Array,
    palette: Array,
    strength: float,
    indices: npt.NDArray[np.integer],
    *,
    kernel: list[tuple[int, int, float]] | None = None,
    serpentine: bool = True,
    mask: npt.NDArray[np.uint8] | None = None,
) -> Array:
    """What each pixel of an `(H, W, 4)` array wants once the errors of those before it, mapped to `indices`, arrived.

    Of a picture of one band: at most 64 rows. Transparent pixels, those of mask 0, and all at strength 0 want what they
    are.
    """
    if strength == 0:
        return points
    height, width, _ = points.shape
    shares = np.ones((height, width)) if mask is None else np.sqrt(mask / 255)
    shares = np.where(points[..., 3] == 0, 0, shares)
    wanted = np.where(shares[..., None] == 0, points, clipped(points, palette))
    limits = 1.15 * spacing(palette, min(max(len(palette) // 2 - 1, 1), 4))
    for y in range(height):
        step = -1 if serpentine and y % 2 else 1
        for x in range(width)[::step]:
            index = indices[y, x]
            error = bounded(wanted[y, x] - palette[index], limits[index]) * shares[y, x] * strength
            for ahead, below, share in kernel or taps("floyd-steinberg"):
                if 0 <= x + ahead * step < width and y + below < height:
                    wanted[y + below, x + ahead * step] += error * share * shares[y + below, x + ahead * step]
    return wanted


def gaussian(sigma: float, reach: int) -> Array:
    """Shares of a window of 2 `reach` + 1; they add up to 1."""
    shares = np.exp(-(np.arange(-reach, reach + 1) ** 2) / (2 * sigma**2))
    return shares / shares.sum()


def windowed(plane: Array, window: Array) -> Array:
    """A plane `(H, W)` blurred with a window in both directions; nothing comes from beyond its edges."""
    rows = np.array([np.convolve(row, window, "full") for row in plane])
    both = np.array([np.convolve(column, window, "full") for column in rows.T]).T
    reach = len(window) // 2
    return both[reach : reach + plane.shape[0], reach : reach + plane.shape[1]]


def masking(points: Array) -> Array:
    """How often each pixel counts, by the variance around it: points are `(H, W, D)`."""
    height, width = points.shape[:2]
    padded = np.pad(points, ((5, 5), (5, 5), (0, 0)), "edge")
    mean, square = (
        np.stack([windowed(plane, gaussian(1.5, 5)) for plane in np.moveaxis(planes, -1, 0)], -1)[5:-5, 5:-5]
        for planes in (padded, padded**2)
    )
    variance = (square - mean**2).sum(-1)
    assert variance.shape == (height, width)
    return 255 * np.sqrt(1e-3 / (1e-3 + np.maximum(variance, 0)))


def seen(errors: Array, sigma: float, sharp: float) -> Array:
    """What is seen of errors `(H, W, D)`: a share as it is, the rest through a Gaussian twice."""
    window = gaussian(sigma * np.sqrt(2), int(np.ceil(2 * np.sqrt(2) * sigma)))
    planes = [sharp * plane + (1 - sharp) * windowed(plane, window) for plane in np.moveaxis(errors, -1, 0)]
    return np.stack(planes, -1)


def blurred_error(first: npt.NDArray[np.uint8], second: npt.NDArray[np.uint8]) -> float:
    """Mean squared Oklab distance, L from 0 to 100, of RGB images blurred by a Gaussian of one pixel in light."""
    gap = blurred_oklab(first) - blurred_oklab(second)
    return float((gap**2).sum(axis=2).mean()) * 1e4


def blurred_oklab(image: npt.NDArray[np.uint8]) -> Array:
    """An RGB image in Oklab (B. Ottosson, 2020), blurred; the Gaussian's weights within the image add up to one."""
    codes = image / 255
    light = np.where(codes <= 0.04045, codes / 12.92, ((codes + 0.055) / 1.055) ** 2.4)
    for axis in (0, 1):
        places = np.arange(image.shape[axis])
        gaps = places[:, None] - places
        weights = np.where(abs(gaps) <= 4, np.exp(-0.5 * gaps**2), 0)
        weights /= weights.sum(axis=1, keepdims=True)
        light = np.moveaxis(np.tensordot(weights, light, (1, axis)), 0, axis)
    responses = light @ np.transpose(
        [
            [0.4122214708, 0.5363325363, 0.0514459929],
            [0.2119034982, 0.6806995451, 0.1073969566],
            [0.0883024619, 0.2817188376, 0.6299787005],
        ]
    )
    return np.cbrt(responses) @ np.transpose(
        [
            [0.2104542553, 0.7936177850, -0.0040720468],
            [1.9779984951, -2.4285922050, 0.4505937099],
            [0.0259040371, 0.7827717662, -0.8086757660],
        ]
    )


def along_curve(points: Array, palette: Array, strength: float, indices: npt.NDArray[np.integer]) -> Array:
    """What each pixel wants once the last 16 errors along a Hilbert curve of a square of a power of two count."""
    width = points.shape[1]

    def hilbert(order: int) -> list[tuple[int, int]]:
        if order == 0:
            return [(0, 0)]
        half, part = 1 << (order - 1), hilbert(order - 1)
        return [
            *((y, x) for x, y in part),
            *((x, y + half) for x, y in part),
            *((x + half, y + half) for x, y in part),
            *((2 * half - 1 - y, half - 1 - x) for x, y in part),
        ]

    reached, wanted = clipped(points, palette), np.empty_like(points)
    parts = strength * 16.0 ** (-np.arange(16) / 15)
    errors: list[Array] = []
    for x, y in hilbert(width.bit_length() - 1):
        recent = errors[:-17:-1]
        wanted[y, x] = reached[y, x] + sum((e * part for e, part in zip(recent, parts, strict=False)), np.zeros(4))
        errors.append(reached[y, x] - palette[indices[y, x]])
    return wanted


def mixed(points: Array, palette: Array, lightness: Array, strength: float, thresholds: Array) -> npt.NDArray[np.intp]:
    """The entry of each of `(n, 4)` points that its threshold picks from 16 that make it together, 64 of few."""
    count = 16 if len(palette) > 16 else 64
    haste = 8 / count if len(palette) > 2 else 1
    errors, chosen = np.zeros_like(points), np.empty((count, len(points)), int)
    reached = clipped(points, palette)
    for found in chosen:
        found[:] = nearest(reached + errors * strength * haste, palette)[0]
        errors += reached - palette[found]
    ranks = np.argsort(np.argsort(lightness, kind="stable"), kind="stable")
    place = np.sort(ranks[chosen], axis=0)[np.floor(thresholds * count).astype(int), np.arange(len(points))]
    return np.argsort(lightness, kind="stable")[place]


def bayer(side: int) -> npt.NDArray[np.intp]:
    """Ranks of Bayer's matrix."""
    ranks = np.zeros((1, 1), int)
    while len(ranks) < side:
        ranks = np.block([[4 * ranks, 4 * ranks + 2], [4 * ranks + 3, 4 * ranks + 1]])
    return ranks


def flat(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Which pixels are one of 3 x 3 equal ones; beyond the border the image goes on as it is there."""
    colors = widen(pixels)
    colors = np.where(colors[..., 3:] == 0, 0, colors)
    height, width, _ = colors.shape
    found = np.zeros((height, width), bool)
    for y in range(height):
        for x in range(width):
            rows, columns = slice(max(y - 1, 0), y + 2), slice(max(x - 1, 0), x + 2)
            if (colors[rows, columns] == colors[y, x]).all():
                found[rows, columns] = True
    return found


def shares(exact: npt.NDArray[np.bool_]) -> npt.NDArray[np.uint8]:
    """What share of its error each pixel takes, of 255, where these lie flat and exact: 30 around one leave it none."""
    height, width = exact.shape
    found = np.zeros((height, width), np.uint8)
    for y in range(height):
        for x in range(width):
            around = exact[max(y - 4, 0) : y + 5, max(x - 4, 0) : x + 5].sum()
            found[y, x] = 0 if exact[y, x] else 255 * (30 - min(around, 30)) // 30
    return found
