"""Make the tiles of blue noise that the core dithers with: `python rust/assets/blue_noise.py`.

R. Ulichney, "The void-and-cluster method for dither array generation", Proc. SPIE 1913 (1993). Nearness is counted in
whole numbers, so that every machine makes the same tiles.
"""

from pathlib import Path

import numpy as np
import numpy.typing as npt

SIGMA = 1.5  # of the Gaussian by which places are near, in pixels; Ulichney's choice
SIDES = (64, 128)


def ranks(side: int) -> npt.NDArray[np.uint16]:
    """Return the rank of each place of a tile, `(side, side)`: the lowest are the last to be left free."""
    offset = np.minimum(np.arange(side), side - np.arange(side))
    squares = offset[:, None] ** 2 + offset[None] ** 2
    near = np.round(2**20 * np.exp(squares / (-2 * SIGMA**2))).astype(np.int64)
    taken = _scattered(side)
    energy = _energy(near, taken)

    def put(at: int, there: bool) -> None:
        place = divmod(at, side)
        taken[place] = there
        energy[...] += (1 if there else -1) * np.roll(near, place, (0, 1))

    def tightest() -> int:
        return int(np.argmax(np.where(taken, energy, -1)))

    def emptiest() -> int:
        return int(np.argmin(np.where(taken, np.iinfo(np.int64).max, energy)))

    while True:  # until what leaves the tightest cluster comes back
        leaving = tightest()
        put(leaving, False)
        entering = emptiest()
        put(entering, True)
        if entering == leaving:
            break

    found = np.zeros(side * side, np.uint16)
    start, first = taken.copy(), int(taken.sum())
    for rank in reversed(range(first)):
        found[at := tightest()] = rank
        put(at, False)
    taken[...] = start
    energy[...] = _energy(near, taken)
    for rank in range(first, side * side):
        # Once half is taken, the largest void of what is taken is the tightest cluster of what is free.
        found[at := emptiest()] = rank
        put(at, True)
    return found.reshape(side, side)


def _scattered(side: int) -> npt.NDArray[np.bool_]:
    """Take a tenth of the places, by numbers of a linear congruential generator."""
    state, numbers = 1, []
    for _ in range(side * side):
        state = (1_664_525 * state + 1_013_904_223) % 2**32
        numbers.append(state)
    chosen = np.argsort(numbers, kind="stable")[: side * side // 10]
    taken = np.zeros(side * side, np.bool_)
    taken[chosen] = True
    return taken.reshape(side, side)


def _energy(near: npt.NDArray[np.int64], taken: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """Return how crowded each place is."""
    energy = np.zeros_like(near)
    for place in np.argwhere(taken):
        energy += np.roll(near, place, (0, 1))
    return energy


def main() -> None:
    """Write the tiles, two bytes a rank, the lower first."""
    for side in SIDES:
        path = Path(__file__).parent / f"blue_noise_{side}.bin"
        path.write_bytes(ranks(side).astype("<u2").tobytes())


if __name__ == "__main__":
    main()
