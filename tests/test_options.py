"""Every option has a default that it allows, and words for what it allows."""

import pytest

from hueclid import options
from hueclid.options import Option

TABLE = [value for value in vars(options).values() if isinstance(value, Option)]


@pytest.mark.parametrize("option", TABLE, ids=lambda option: option.name)
def test_defaults_are_allowed_and_helped(option):
    assert option.check(option.default) == option.default
    assert option.help.endswith(".")
    assert len(option.help) < 80


@pytest.mark.parametrize("option", [o for o in TABLE if not o.choices], ids=lambda option: option.name)
def test_ranges_hold_at_both_ends(option):
    assert option.check(option.low) == option.low
    assert option.check(option.high) == option.high
    for beyond in (option.low - 1, option.high + 1):
        with pytest.raises(ValueError, match=f"{option.name} must be .* from {option.low} to {option.high}"):
            option.check(beyond)


@pytest.mark.parametrize("option", [o for o in TABLE if o.choices], ids=lambda option: option.name)
def test_choices_hold(option):
    assert [option.check(choice) for choice in option.choices] == list(option.choices)
    with pytest.raises(ValueError, match=f"{option.name} must be one of .*, got 'x'"):
        option.check("x")
    with pytest.raises(TypeError, match="got 1"):
        option.check(1)
