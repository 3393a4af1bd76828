"""Contact sheets keep the colors, the order and the width."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hueclid.sheet import WIDTH, Panel, draw, shrink

SHADES = [(200, 30, 30), (30, 200, 30), (30, 30, 200), (200, 200, 30), (30, 200, 200), (200, 30, 200)]


def flat(color: tuple[int, ...], width: int, height: int) -> np.ndarray:
    return np.full((height, width, len(color)), color, np.uint8)


def boxes(sheet: np.ndarray, count: int) -> list[tuple[int, int, int, int]]:
    """The box (top, left, bottom, right) of each flat panel; all of its pixels must have its color."""
    found = []
    for color in SHADES[:count]:
        rows, columns = np.nonzero((sheet == color).all(axis=2))
        box = (rows.min(), columns.min(), rows.max() + 1, columns.max() + 1)
        assert (box[2] - box[0]) * (box[3] - box[1]) == len(rows)
        found.append(box)
    return found


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 6), st.integers(1, 1500), st.integers(1, 1500))
def test_panels_lie_in_reading_order_within_even_margins(count: int, width: int, height: int) -> None:
    panels = [Panel(flat(color, width, height), "K = 2", "1 kB") for color in SHADES[:count]]
    sheet = np.asarray(draw(panels))
    assert sheet.shape[1] <= WIDTH
    found = boxes(sheet, count)
    assert [box[:2] for box in found] == sorted(box[:2] for box in found)
    top, left = found[0][:2]
    assert top == left
    for box in found:
        shown = (box[3] - box[1]) / (box[2] - box[0])
        assert shown == pytest.approx(width / height, rel=1 / min(box[3] - box[1], box[2] - box[0]) + 0.01)
        assert box[3] <= sheet.shape[1] - left


def test_rows_of_given_length_with_empty_places() -> None:
    first, second, third = (Panel(flat(color, 300, 200), "", "") for color in SHADES[:3])
    sheet = np.asarray(draw([first, second, None, third], columns=2))
    top, left = np.transpose([box[:2] for box in boxes(sheet, 3)])
    assert top[0] == top[1] < top[2]
    assert left[0] < left[1] == left[2]


def test_several_lines_below_a_picture_have_room() -> None:
    panels = [Panel(flat((10, 10, 10), 300, 200), "K = 2", "\n".join("line" for _ in range(n))) for n in (1, 4)]
    one, four = (np.asarray(draw([panel])) for panel in panels)
    assert np.array_equal(one[:250], four[:250])
    assert four.shape[0] > one.shape[0]
    assert np.all(four[-10:] == four[-1, 0])


def test_small_pictures_grow_by_whole_pixels() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (5, 7, 3), np.uint8)
    sheet = np.asarray(draw([Panel(pixels, "", "")]))
    factor = 240 // 7
    shown = sheet[24 : 24 + 5 * factor, 24 : 24 + 7 * factor]
    assert np.array_equal(shown, pixels.repeat(factor, axis=0).repeat(factor, axis=1))


def test_captions_are_drawn() -> None:
    pixels = flat((10, 10, 10), 300, 200)
    bare, titled, detailed = (
        np.asarray(draw([Panel(pixels, title, detail)])) for title, detail in (("", ""), ("K = 2", ""), ("", "1 kB"))
    )
    assert not np.array_equal(bare, titled)
    assert not np.array_equal(bare, detailed)
    assert np.array_equal(bare[:224], titled[:224])


def test_transparency_shows_the_checkerboard() -> None:
    sheet = np.asarray(draw([Panel(flat((9, 9, 9, 0), 240, 240), "", "")]))
    assert sheet[24, 24].tolist() == [255, 255, 255]
    assert sheet[24, 32].tolist() == [220, 220, 220]
    assert sheet[32, 32].tolist() == [255, 255, 255]


@pytest.mark.parametrize("panels", [[], [None], [Panel(flat((0, 0, 0), n, 5), "", "") for n in (4, 5)]])
def test_pictures_must_be_of_one_size(panels: list[Panel]) -> None:
    with pytest.raises(ValueError, match="one size"):
        draw(panels)


@pytest.mark.parametrize("shape", [(30, 40), (30, 40, 3), (30, 40, 4)])
def test_shrink_fits_and_never_enlarges(shape: tuple[int, ...]) -> None:
    pixels = np.full(shape, 255, np.uint8)
    assert shrink(pixels, 20, 100).shape == (15, 20, 4)
    assert shrink(pixels, 100, 10).shape == (10, 13, 4)
    assert shrink(pixels, 100, 100).shape == (30, 40, 4)
    assert shrink(pixels, 20, 20).min() == 255
