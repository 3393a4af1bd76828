"""Every option has a default that it allows, and words for what it allows."""

import math

import numpy as np
import pytest

from hueclid import options
from hueclid.options import Option

TABLE = [value for value in vars(options).values() if isinstance(value, Option)]
RANGES = [option for option in TABLE if option.is_range and not option.choices]
CHOICES = [option for option in TABLE if option.choices and not option.is_range]


@pytest.mark.parametrize("option", TABLE, ids=lambda option: option.name)
def test_defaults_are_allowed_and_helped(option):
    assert option.check(option.default) == option.default
    assert option.help.endswith(".")
    assert len(option.help) < 80


@pytest.mark.parametrize("option", RANGES, ids=lambda option: option.name)
def test_ranges_hold_at_both_ends(option):
    assert option.check(option.low) == option.low
    assert option.check(option.high) == option.high
    bounds = f"from {option.low} to {option.high}" if math.isfinite(option.high) else f"of at least {option.low}"
    for beyond in {option.low - 1, option.high + 1} - {math.inf}:
        with pytest.raises(ValueError, match=f"{option.name} must be .* {bounds}(, or 'auto')?(, or None)?, got"):
            option.check(beyond)


@pytest.mark.parametrize("option", RANGES, ids=lambda option: option.name)
def test_numbers_are_of_the_right_kind(option):
    whole = isinstance(option.low, int)
    assert type(option.check(np.uint8(option.low))) is (int if whole else float)
    for wrong in (True, "1", b"1", [1], 1.0 if whole else object()):
        with pytest.raises(TypeError, match=f"{option.name} must be {'an integer' if whole else 'a number'} "):
            option.check(wrong)
    if not whole:
        with pytest.raises(ValueError, match="got nan"):
            option.check(math.nan)


@pytest.mark.parametrize("option", TABLE, ids=lambda option: option.name)
def test_only_what_may_be_left_out_may_be_none(option):
    if option.default is None:
        assert option.check(None) is None
    else:
        with pytest.raises(TypeError, match="got None"):
            option.check(None)


@pytest.mark.parametrize("option", CHOICES, ids=lambda option: option.name)
def test_choices_hold(option):
    assert [option.check(choice) for choice in option.choices] == list(option.choices)
    with pytest.raises(ValueError, match=f"{option.name} must be one of .*, got 'x'"):
        option.check("x")
    with pytest.raises(TypeError, match="got 1"):
        option.check(1)


@pytest.mark.parametrize("option", [o for o in TABLE if o.word], ids=lambda option: option.name)
def test_a_word_may_stand_for_a_number(option):
    assert option.check(option.word) == option.word
    with pytest.raises(TypeError, match=f", or '{option.word}'.*, got 'more'"):
        option.check("more")
