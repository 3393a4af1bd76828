"""Elements of the page: native tags, and components of our own in `web`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nicegui.element import Element
from nicegui.elements.mixins.text_element import TextElement
from nicegui.events import GenericEventArguments

from ..options import ColorOption, Option, SizeOption

_LETTERS = 24  # of choices that stand side by side


class Viewer(Element, component="web/viewer.js"):
    """Original and result under a handle."""


class Swatches(Element, component="web/swatches.js"):
    """The colors of a palette, to be held."""


class Chart(Element, component="web/chart.js"):
    """Error and bytes over the number of colors."""


class Control(Element, component="web/control.js"):
    """One value, to be set.

    Args:
        settings: properties of the component.
        choose: takes the value as text, None where it is left to the table.
        slide: takes it while it moves; without it, `choose` does.
    """

    def __init__(
        self, settings: dict[str, Any], choose: Callable[[Any], None], slide: Callable[[Any], None] | None = None
    ) -> None:
        super().__init__()
        self._heard = 0
        for name, value in settings.items():
            self._props[name] = value
        self.on("choose", lambda event: self._hear(choose, *event.args))
        self.on("slide", lambda event: self._hear(slide or choose, *event.args))

    def _hear(self, take: Callable[[Any], None], value: Any, number: int) -> None:
        self._heard = number
        take(value)

    def show(self, value: Any) -> None:
        """Show a value, unless the user has chosen another one meanwhile, of which nothing is known here yet."""
        for name, now in (("value", value), ("heard", self._heard)):
            if self._props.get(name) != now:
                self.props[name] = now


def tag(name: str, text: str = "", classes: str = "", **attributes: Any) -> Element:
    """Make an element of HTML; underscores in names of attributes are dashes."""
    element = TextElement(tag=name, text=text) if text else Element(name)
    element.classes(classes)
    for attribute, value in attributes.items():
        element.props[attribute.strip("_").replace("_", "-")] = value
    return element


def button(text: str, click: Callable[[], None], classes: str = "", **attributes: Any) -> Element:
    """Make a button."""
    made = tag("button", text, classes, type="button", **attributes)

    def clicked(_: GenericEventArguments) -> None:
        click()

    return made.on("click", clicked, args=[])


def settings_of(option: Option, label: str, value: Any, none: str) -> dict[str, Any]:
    """Return how a control shows an option of the table.

    Args:
        option: what it sets.
        label: what it is called.
        value: what it says now.
        none: words for what is left to the table; empty where there is always a value.
    """
    shown: dict[str, Any] = {"label": label, "help": option.help, "value": value_of(option, value), "none": none}
    if isinstance(option, ColorOption):
        return {**shown, "kind": "color"}
    if isinstance(option, SizeOption):
        return {**shown, "kind": "text"}
    if option.choices:
        few = len("".join(option.choices) + none) <= _LETTERS
        kind = "text" if option.is_range else "segments" if few else "select"
        return {**shown, "kind": kind, "choices": list(option.choices)}
    if not isinstance(option.low, int) and option.high <= 1:
        return {
            **shown,
            "kind": "range",
            "low": option.low,
            "high": option.high,
            "step": (option.high - option.low) / 20,
        }
    step = 1 if isinstance(option.low, int) else "any"
    high = option.high if option.high < 2**53 else None
    return {**shown, "kind": "number", "low": option.low, "high": high, "step": step}


def value_of(option: Any, value: Any) -> Any:
    """Return a value as its control shows it."""
    if isinstance(value, tuple):
        return "#" + bytes(value).hex()
    if isinstance(option, SizeOption) and value and value % 1000 == 0:
        return f"{value // 1000} kB"
    return value


def label_of(option: Any) -> str:
    """Return an option's name as a word of the page."""
    return str(option.name).replace("_", " ").capitalize()
