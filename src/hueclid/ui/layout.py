"""What stands where on the page, and how it shows what there is."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any

from nicegui.element import Element

from ..options import (
    ALPHA,
    COLORS_OR_AUTO,
    DITHER,
    DITHER_STRENGTH,
    EFFORT,
    LOSSY,
    MATTE,
    MAX_BYTES,
    METHOD,
    OPTIMIZE,
    PALETTE_FORMAT,
    PINNED,
    SORT,
    SPACE,
    TIME_LIMIT,
    ColorsOption,
    Option,
)
from ..palettes import names
from .choices import BOUNDS, MOST, NAMES, SHOWN, TARGETS, WAYS
from .elements import Chart, Control, Swatches, Viewer, button, label_of, settings_of, tag, value_of
from .presets import PRESETS
from .session import Picture, Served
from .work import LADDER

if TYPE_CHECKING:
    from .page import Page

STOPS = (*range(2, 17), *range(18, 33, 2), *range(36, 65, 4), *range(72, 129, 8), *range(144, MOST + 1, 16))
"""Where the slider of colors stops: each number where few matter, steps of about an eighth where many do."""

MAIN = (DITHER, DITHER_STRENGTH, SPACE, EFFORT, METHOD)
"""The options that are always in sight."""

LABELS = {
    "min_ssimulacra2": "SSIMULACRA2 at least",
    "min_psnr": "PSNR at least",
    "max_bytes": "Bytes at most",
    "lossy": "Loss",
    "max_delta_e": "CIEDE2000 at most",
    "max_error": "Error at most",
}
_VIEWS = {"picture": "Picture", "cloud": "Colors in space", "curve": "Error and bytes"}


class Layout:
    """The elements of a page.

    Args:
        page: what they belong to.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.view = "picture"
        self.controls: dict[Option | ColorsOption, Control] = {}
        self.steps: dict[int, tuple[Element, Element]] = {}
        self.queued: dict[int, Element] = {}
        self.root = tag("div", classes="app")
        with self.root:
            self._header()
            with tag("div", classes="main"):
                with tag("section", classes="hero", aria_label="Picture"):
                    self._stage()
                with tag("aside", classes="panel", aria_label="Choices"):
                    self._panel()

    # What stands where

    def _header(self) -> None:
        with tag("header"):
            tag("h1", "hueclid")
            self.queue = tag("nav", classes="queue", aria_label="Pictures")
            with tag("label", classes="button open", title="Or drop pictures anywhere, or paste one"):
                tag("span", "Open")
                tag("input", classes="hidden", type="file", id="files", multiple=True, accept="image/*,.psd,.tga,.ppm")
            made = tag("button", "◐", "theme", type="button", title="Light or dark", aria_label="Light or dark")
            made.on("click", js_handler="() => hueclid.toggleTheme()")

    def _stage(self) -> None:
        with tag("div", classes="views"):
            with tag("span", classes="choice", role="group", aria_label="View"):
                self.views = {
                    name: button(word, partial(self._choose_view, name), aria_pressed=str(name == self.view).lower())
                    for name, word in _VIEWS.items()
                }
            self.working = tag("span", classes="working", role="status")
        self.progress = tag("div", classes="progress", aria_hidden="true")
        with tag("div", classes="scenes picture") as self.scenes:
            self.viewer = Viewer()
            self.frame = tag("iframe", title="Colors in space", onload="hueclid.framed(this)")
            self.chart = Chart()
            self.chart.on("take", lambda event: self.page.choose(COLORS_OR_AUTO, int(event.args)))
        tag("p", classes="word", id="word", role="alert")
        self.facts = tag("dl", classes="facts", aria_label="What it costs and brings")
        with tag("div", classes="ladder", role="group", aria_label="In few and in many colors"):
            for colors in LADDER:
                with button(
                    "", partial(self.page.choose, COLORS_OR_AUTO, colors), aria_label=f"{colors} colors"
                ) as made:
                    image = tag("img", alt="", src=_EMPTY)
                    tag("span", str(colors))
                self.steps[colors] = (made, image)

    def _panel(self) -> None:
        with tag("section", classes="first"):
            settings = {"kind": "stops", "label": "Colors", "stops": list(STOPS), "none": "auto", "help": ""}
            self.colors = Control(settings, self._choose_colors, partial(self.page.slide, COLORS_OR_AUTO))
            with tag("div", classes="presets", role="group", aria_label="Presets"):
                for preset in PRESETS:
                    button(preset.name, partial(self.page.preset, preset.values), "chip", title=preset.help)
        with tag("section"):
            self.swatches = Swatches()
            self.swatches.on("lock", lambda event: self.page.lock(*event.args))
            self.swatches.on("replace", lambda event: self.page.replace(*event.args))
            self.swatches.on("remove", lambda event: self.page.remove_color(event.args))
            with tag("div", classes="row"):
                self._select(
                    "Sort", {"": "Unsorted", **{name: f"Sorted by {name}" for name in SORT.choices}}, self._sort
                )
                self.unlock = button("Unlock all", self.page.unlock_all)
                formats = {"": "Save palette …", **{name: name.upper() for name in PALETTE_FORMAT.choices}}
                self._select("Save the palette", formats, self._save_palette, back=True)
        with tag("section"):
            self.ways = Control(_WAYS, self.page.choose_way)
            for way in WAYS.values():
                self._control(way, **({} if way is MAX_BYTES else _DIAL))
            for option in MAIN:
                self._control(option)
        with tag("details"):
            tag("summary", "Reach something else")
            tag("p", "The slider says how many colors there may be; as many as it takes are used.")
            for target in TARGETS:
                if target not in BOUNDS:
                    self._control(target)
            button(
                "As many as the picture is worth",
                partial(self.page.choose, COLORS_OR_AUTO, COLORS_OR_AUTO.word),
                "auto",
            )
        with tag("details"):
            tag("summary", "More options")
            others = [option for option in SHOWN if option not in (COLORS_OR_AUTO, PINNED, LOSSY, *MAIN, *TARGETS)]
            for other in (*others, OPTIMIZE):
                self._control(other)
        with tag("details"):
            tag("summary", "The same in a terminal, or in Python")
            self.lines = [self._line("Command"), self._line("Python")]
        with tag("section", classes="take"):
            with tag("span", classes="choice formats", role="group", aria_label="Format"):
                self.formats = {name: button(_FORMATS[name], partial(self.page.write_as, name)) for name in NAMES}
            self.save = button("Download", self.page.download, "primary", disabled=True)
            self.save_all = button("All as a zip", self.page.download_all)

    def _line(self, label: str) -> Element:
        with tag("div", classes="line"):
            text = tag("pre", " ", tabindex=0, aria_label=label)
            copy = tag("button", "Copy", type="button", aria_label=f"Copy: {label}")
            copy.on("click", js_handler="(e) => hueclid.copy(e.target.previousElementSibling.textContent)")
        return text

    def _control(self, option: Any, **more: Any) -> None:
        without = "none" if option in (*TARGETS, MATTE, TIME_LIMIT) else "auto"
        none = without if option.default is None or option is ALPHA else ""
        settings = settings_of(option, LABELS.get(option.name, label_of(option)), self.page.choices[option], none)
        # What costs time is looked at when the slider rests.
        slide = (lambda _: None) if option in WAYS.values() else partial(self.page.slide, option)
        self.controls[option] = Control({**settings, **more}, partial(self._choose, option), slide)

    def _select(self, label: str, words: dict[str, str], choose: Any, *, back: bool = False) -> None:
        with tag("select", aria_label=label) as made:
            for value, word in words.items():
                tag("option", word, value=value)
        again = " e.target.value = '';" if back else ""
        made.on("change", lambda event: choose(event.args), js_handler=f"(e) => {{ emit(e.target.value);{again} }}")

    # What becomes of it

    def _choose(self, option: Any, value: Any) -> None:
        self.page.choose(option, option.default if value is None and option is not ALPHA else value)

    def _choose_colors(self, value: Any) -> None:
        number = COLORS_OR_AUTO.word if value is None else value
        try:
            self.page.choose(
                COLORS_OR_AUTO, number if number == COLORS_OR_AUTO.word else min(max(int(number), 1), MOST)
            )
        except ValueError:
            self.show_choices()

    def _choose_view(self, name: str) -> None:
        self.view = name
        for other, made in self.views.items():
            made.props["aria-pressed"] = str(other == name).lower()
        self.scenes.classes(replace=f"scenes {name}")
        self.page.show_view(name)

    def _sort(self, by: str) -> None:
        self.page.sort_by(SORT.check(by or None))  # type: ignore[arg-type]

    def _save_palette(self, format: str) -> None:  # noqa: A002
        if format:
            self.page.download_palette(PALETTE_FORMAT.check(format))  # type: ignore[arg-type]

    # How it shows what there is

    def say(self, word: str, *, wrong: bool = False) -> None:
        """Say something; nothing takes back what was said."""
        self.page.client.run_javascript(f"hueclid.tell({_quoted(word)}, {str(wrong).lower()})")

    def busy(self, what: str) -> None:
        """Show that something is done, in words; nothing: that nothing is."""
        self.progress.classes(replace="progress busy" if what else "progress")
        self.note(what)

    def note(self, what: str) -> None:
        """Show how far it is."""
        self.working.props["data-word"] = what

    def show_queue(self) -> None:
        """Show the pictures there are, those that are new behind the others."""
        session = self.page.session
        for gone in self.queued.keys() - {picture.id for picture in session.pictures}:
            self.queued.pop(gone).delete()
        with self.queue:
            for picture in session.pictures:
                if picture.id not in self.queued:
                    self.queued[picture.id] = self._queued(picture)
        now = session.current.id if session.current else 0
        for number, made in self.queued.items():
            classes = "queued now" if number == now else "queued"
            if made.classes != classes.split():
                made.classes(replace=classes)
        self.save_all.props["hidden"] = len(session.pictures) < 2

    def _queued(self, picture: Picture) -> Element:
        session = self.page.session
        name = f"thumbnail-{picture.id}"
        address = f"/s/{session.id}/{name}"
        if name not in session.files:
            session.serve(name, Served(picture.thumbnail, "image/png"))
        with tag("span", classes="queued") as made:
            with button("", partial(self.page.select, picture), title=picture.name, aria_label=picture.name):
                tag("img", src=address, alt="")
            remove = partial(self.page.remove, picture)
            button("\N{MULTIPLICATION SIGN}", remove, "gone", aria_label=f"Remove {picture.name}")
        return made

    def show_choices(self) -> None:
        """Show what is chosen."""
        choices = self.page.choices
        self.colors.show(choices[COLORS_OR_AUTO])
        self.ways.show(choices.way)
        self.ways.props["help"] = "What hardly shows goes." if choices.way == LOSSY.word else ""
        self.ways.props["choices"] = [LOSSY.word, *(way for way in WAYS if choices.loses or WAYS[way] is not LOSSY)]
        for option, control in self.controls.items():
            value = choices[option]
            control.show(value_of(option, value))
            shown = option is WAYS.get(choices.way) if option in WAYS.values() else choices.useful(option)
            control.props["hidden"] = not shown
        for name, made in self.formats.items():
            made.props["aria-pressed"] = str(name == choices.format).lower()
        self.unlock.props["hidden"] = not choices[PINNED]
        for colors, (made, _) in self.steps.items():
            made.props["aria-pressed"] = str(colors == choices[COLORS_OR_AUTO]).lower()
        self.show_lines()

    def show_lines(self) -> None:
        """Show the command and the Python that do the same."""
        if picture := self.page.session.current:
            file = self.page.outcome.file if self.page.outcome else None
            larger = file is not None and len(file) >= len(picture.data)
            texts = (self.page.choices.command(picture, larger=larger), self.page.choices.python(picture))
            for line, text in zip(self.lines, texts, strict=True):
                line.text = text  # type: ignore[attr-defined]
        number = self.page.choices[COLORS_OR_AUTO]
        self.chart.props["chosen"] = number if isinstance(number, int) else 0

    def show_palette(self) -> None:
        """Show the colors of the result."""
        if (palette := self.page.palette()) is None:
            return
        total, pinned = int(palette.weights.sum()) or 1, set(self.page.choices[PINNED])
        colors = zip(palette.hex(), palette.weights.tolist(), names(palette), palette.colors.tolist(), strict=True)
        self.swatches.props["entries"] = [
            [code, round(weight / total, 6), name, tuple(color) in pinned] for code, weight, name, color in colors
        ]

    def show_step(self, step: tuple[int, bytes]) -> None:
        """Show a thumbnail."""
        colors, image = step
        self.steps[colors][1].props["src"] = self.page.session.serve(f"k{colors}", Served(image, "image/png"))

    def show_rows(self) -> None:
        """Show the points of the curve."""
        self.chart.props["kind"] = _FORMATS[self.page.choices.format]
        self.chart.props["rows"] = [
            {"colors": row.colors, "error": row.error, "psnr": _finite(row.psnr), "bytes": row.bytes}
            for row in self.page.rows
        ]

    def show_facts(self) -> None:
        """Show what the result costs and brings, as far as it is known."""
        outcome, subject = self.page.outcome, self.page.subject
        if outcome is None or subject is None:
            return
        before = len(subject.picture.data)
        wait = "…" if not outcome.done else "\N{EN DASH}"
        size, change, better = wait, "", True
        if outcome.file is not None:
            after = len(outcome.file)
            size, change, better = (
                _bytes(after),
                f"{after / before - 1:+.0%}".replace("-", "\N{MINUS SIGN}"),
                after <= before,
            )
        height, width = subject.pixels.shape[:2]
        nearness = wait if outcome.psnr is None else "exact" if math.isinf(outcome.psnr) else f"{outcome.psnr:.1f} dB"
        score = wait if outcome.ssimulacra2 is None else f"{outcome.ssimulacra2:.1f}"
        facts = [
            ("Size", f"{_bytes(before)} → {size}"),
            ("Change", change),
            ("Colors", f"{subject.colors:,} → {len(outcome.indexed.palette)}"),
            ("PSNR", nearness),
            ("SSIMULACRA2", score),
            ("Time", wait if outcome.file is None else f"{outcome.seconds:.2f} s"),
            ("Pixels", f"{width:,} \N{MULTIPLICATION SIGN} {height:,}"),
        ]
        self.facts.clear()
        with self.facts:
            for name, value in facts:
                with tag("div", classes=name.lower() + " worse" * (name == "Change" and not better)):
                    tag("dt", name)
                    tag("dd", value or "\N{NO-BREAK SPACE}")
        self.save.props["disabled"] = outcome.file is None
        self.save.text = f"Download {size}" if outcome.file else "Download"  # type: ignore[attr-defined]


_EMPTY = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
_DIAL = {"kind": "range", "low": 0, "high": 100, "step": 1}
_WAYS = {
    "kind": "segments",
    "label": "Fewer bytes",
    "help": "",
    "choices": [LOSSY.word, *WAYS],
}
_FORMATS = {"png": "PNG", "gif": "GIF", "webp": "WebP"}


def _quoted(word: str) -> str:
    from json import dumps

    return dumps(word).replace("<", "\\u003c")


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _bytes(size: int) -> str:
    """Return bytes in words of three digits."""
    if size < 1000:
        return f"{size} B"
    return f"{size / 1000:.0f} kB" if size < 999_500 else f"{size / 1e6:.2f} MB"
