"""Numbers of colors are found by few looks, where bits and errors together are fewest."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hueclid import Indexed, Palette
from hueclid.look import Look
from hueclid.lossy import worth
from hueclid.suited import suited


@given(
    most=st.integers(2, 256),
    least=st.integers(1, 256),
    best=st.floats(0, 8),
    steep=st.floats(0.2, 3),
)
def test_the_fewest_bits_are_found_between_halves(most, least, best, steep):
    least = min(least, most)
    asked = []

    def bits(numbers):
        asked.extend(numbers)
        return [1 + steep * abs(math.log2(number) - best) for number in numbers]

    found = suited(bits, most, least)
    assert max(least, min(most, 2)) <= found <= most
    assert len(asked) == len(set(asked)) <= 11
    wanted = min(max(best, math.log2(max(least, 2)) if most > least else math.log2(least)), math.log2(most))
    assert abs(math.log2(found) - wanted) < 0.6 or found in (2, 3)


@given(best=st.sampled_from([256, 128, 64, 32, 16, 8]))
def test_what_is_far_from_the_best_is_not_looked_at(best):
    asked = []

    def bits(numbers):
        asked.extend(numbers)
        return [abs(math.log2(number / best)) for number in numbers]

    assert suited(bits, 256, 1) == best
    assert min(asked) >= min(best / 2, 32)
    assert max(asked) <= max(best * 2, 128)
    assert len(asked) <= 8


def test_errors_and_bytes_are_foretold(photo):
    look = Look()
    results = [Indexed.map(photo, Palette.solve(look.count(photo), colors), dither="none") for colors in (128, 8, 2)]
    dear, cheap = (look.foretold(photo, results, lossy, 256) for lossy in (5.0, 100.0))
    assert dear[0] < dear[1] < dear[2]
    assert cheap[0] > cheap[1]
    undithered = Look(mapping={"dither": "none"})
    ours = [undithered.cost(photo, result, 5.0, 256) for result in results]
    files = np.array(dear) - ours
    assert (files > 0).all()
    assert files[0] > files[1] > files[2]
    one, other = (look.foretold(photo, results, lossy, 256) for lossy in (20.0, 40.0))
    errors = [worth(40.0, 256) * (a - f) for a, f in zip(other, files, strict=True)]
    np.testing.assert_allclose([worth(20.0, 256) * (a - f) for a, f in zip(one, files, strict=True)], errors, rtol=1e-3)
