"""One tab of the browser: what it shows, and what becomes of what its user does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from functools import partial
from typing import Any

from nicegui import ui

from ..curves import Row
from ..errors import HueclidError
from ..lossy import SAFE
from ..options import COLORS_OR_AUTO, LOSSY, MAX_BYTES, PINNED, QUALITY, Option, PaletteFormat, Sort
from ..palette import Palette
from ..palettes import encode, in_order
from . import wire, work
from .choices import BOUNDS, WAYS, Choices
from .jobs import Lane, Request, Work
from .layout import Layout
from .session import LARGEST_FILE, Picture, Served, Session
from .work import Outcome, Subject

_REST = 0.35  # seconds without a move after which the slider is at rest
_PAUSE = 0.12  # the same, after which what stands beside the picture follows, too


class Page:
    """A tab.

    Args:
        session: what it has.
        pool: whose threads work for it.
        max_pixels: refuse larger pictures.
    """

    def __init__(self, session: Session, pool: Executor, *, max_pixels: int) -> None:
        self.session, self.max_pixels = session, max_pixels
        self.client = ui.context.client
        self.subject: Subject | None = None
        self.outcome: Outcome | None = None
        self.rows: list[Row] = []
        self.sort: Sort | None = None
        self._shown = 0
        self._asked = False  # whether the result of what is chosen is on its way
        self._stopped = False
        self._rest: asyncio.TimerHandle | None = None
        self._pause: asyncio.TimerHandle | None = None
        self._loading = Lane(pool)
        self._previews = Lane(pool, patient=True, idle=self._previewed)
        self._results = Lane(pool, idle=self._rested)
        self._extras = Lane(pool, idle=self._idle)
        self._archives = Lane(pool)
        self.layout = Layout(self)

    @property
    def choices(self) -> Choices:
        """What the controls say."""
        return self.session.choices

    def open(self) -> None:
        """Fill the page, once it stands."""
        self.client.run_javascript(f"hueclid.enter({self.session.id!r}, {LARGEST_FILE})")
        self.layout.show_queue()
        self.layout.show_choices()
        if self.session.current:
            self.select(self.session.current)

    def stop(self) -> None:
        """End all work."""
        self._keep_on()
        self._stopped = True
        for lane in (self._loading, self._previews, self._results, self._extras, self._archives):
            lane.stop()

    def forget(self) -> None:
        """Let go of what takes much memory; who still holds the page does not hold that."""
        self.stop()
        self.subject = self.outcome = None
        self.rows = []

    def settle(self) -> None:
        """Take up what was stopped when the connection broke; some of it may still be on its way to its end."""
        if not self._stopped:
            return
        self._stopped = False
        if self.subject is None:
            if self.session.current:
                self.select(self.session.current)
        elif not (self.outcome and self.outcome.done):
            self.ask()

    # Pictures

    def taken(self, picture: Picture) -> None:
        """Show a picture that has arrived."""
        self.layout.show_queue()
        self.select(picture)

    def select(self, picture: Picture) -> None:
        """Show a picture of the queue."""
        self.session.current = picture
        self.subject = self.outcome = None
        for lane in (self._previews, self._results, self._extras):
            lane.stop()
        self.layout.show_queue()
        self.layout.busy(f"Reading {picture.name}")
        opened: Work = lambda _checkpoint: work.open_picture(picture, self.max_pixels)  # noqa: E731
        self._ask(self._loading, opened, self._opened)

    def remove(self, picture: Picture) -> None:
        """Take a picture out of the queue."""
        if len(self.session.pictures) == 1:
            return
        place = self.session.pictures.index(picture)
        self.session.remove(picture)
        if self.session.current is picture:
            self.select(self.session.pictures[max(0, place - 1)])
        self.layout.show_queue()

    def _opened(self, subject: Subject) -> None:
        self.subject = subject
        height, width = subject.pixels.shape[:2]
        address = self.session.serve("original", Served(subject.rgba(), "application/octet-stream"))
        self.layout.viewer.run_method("load", address, width, height)
        self.ask()
        picture = subject.picture
        first = f"{picture.name} has {picture.frames} frames, took the first" if picture.frames > 1 else ""
        self.layout.say("; ".join(filter(None, [first, picture.note])))

    # Choices

    def choose(self, option: Any, value: Any) -> None:
        """Take a value that a control has, as text or as it is."""
        try:
            parsed = option.parse(value) if isinstance(value, str) and isinstance(option, Option) else value
            self.choices.choose(option, parsed)
        except (TypeError, ValueError):
            self.layout.say(f"{option.name} must be {option.allowed}, got {str(value)[:60]!r}", wrong=True)
            self.layout.show_choices()
            return
        self._chosen()

    def choose_way(self, way: str) -> None:
        """Say in another way how small the file is: by a loss, a quality or a size, or leave it to "auto"."""
        size = len(self.outcome.file or b"") if self.outcome else 0
        begin = {LOSSY: SAFE, QUALITY: 75, MAX_BYTES: -(-size // 1000) * 1000 or 100_000}
        for other, option in WAYS.items():
            self.choices.choose(option, begin[option] if other == way else None)
        if WAYS.get(way) in BOUNDS:  # as many colors as it takes
            self.choices.choose(COLORS_OR_AUTO, COLORS_OR_AUTO.default)
        self._chosen()

    def _chosen(self) -> None:
        self.layout.show_choices()
        self.ask()

    def slide(self, option: Option, value: str) -> None:
        """Take a value while its slider moves."""
        self.choices.choose(option, option.parse(str(value)))
        self.ask(moving=True)

    def preset(self, values: dict[str, Any]) -> None:
        """Take the choices of a preset; the format stays."""
        self.session.choices = Choices({**values, "format": self.choices.format})
        self._chosen()

    def write_as(self, format: str) -> None:  # noqa: A002
        """Take a format of the file."""
        self.choices.values["format"] = format
        self._chosen()

    # The palette

    def _pin(self, colors: Sequence[tuple[int, ...]], number: int | None = None) -> None:
        try:
            self.choices.choose(PINNED, colors)
        except ValueError as error:
            self.layout.say(str(error), wrong=True)
            return
        if number is not None:
            self.choices.choose(COLORS_OR_AUTO, number)
        self._chosen()

    def lock(self, code: str, locked: bool) -> None:
        """Lock a color of the palette, or let it go."""
        if locked != (PINNED.color(code) in self.choices[PINNED]):  # or pressed twice before the first was answered
            self._pin(self.choices.toggled(code))

    def unlock_all(self) -> None:
        """Let all colors go."""
        self._pin([])

    def replace(self, code: str, by: str) -> None:
        """Put another color, locked, in the place of one."""
        self._pin(self.choices.replaced(code, by))

    def remove_color(self, code: str) -> None:
        """Leave a color out: the others stay as they are, locked."""
        codes = self.outcome.indexed.palette.hex() if self.outcome else []
        kept = [PINNED.color(other) for other in codes if other != code]
        if code not in codes:  # the others would all be locked for nothing
            self.layout.say(f"{code} is not in the palette any more, nothing was removed")
        elif kept:
            self._pin(kept, max(2, len(kept)))
            number = f"the other {len(kept)} are" if len(kept) > 1 else "the other one is"
            self.layout.say(
                f"Without {code}; {number} locked, so that it does not come back. Unlock all to find others."
            )

    def sort_by(self, sort: Sort | None) -> None:
        """Show and save the palette in another order."""
        self.sort = sort
        self.layout.show_palette()

    def palette(self) -> Palette | None:
        """Return the palette of the result in the order in which it is shown."""
        if self.outcome is None:
            return None
        palette = self.outcome.indexed.palette
        return in_order(palette, self.sort) if self.sort else palette

    # Results

    def ask(self, *, moving: bool = False) -> None:
        """Ask for a preview at once and for the result; while the slider moves, for that when it is at rest."""
        if self.subject is None:
            return
        self._keep_on()
        self._extras.stop()
        self._results.stop()
        self.rows = []
        if self.outcome:  # the file there is is none of these choices
            self.outcome = replace(
                self.outcome, preview=True, file=None, failure="", psnr=None, ssimulacra2=None, done=False
            )
        if moving or (self.subject.small is not self.subject.pixels and not self.choices.aims):
            followed = partial(work.previews, self.subject.small, self.choices.copy())
            self._ask(self._previews, followed, self._follow)
        self._asked = False
        if not moving:
            self._ask_result()

    def _ask_result(self) -> None:
        if self.subject is None:
            return
        self._asked = True
        self.layout.show_facts()
        self.layout.show_lines()
        self.layout.say("")
        self.layout.busy("Working")
        self._ask(self._results, partial(work.outcomes, self.subject, self.choices.copy()), self._show)

    def _keep_on(self) -> None:
        """Take the slider for moving."""
        for timer in (self._rest, self._pause):
            if timer:
                timer.cancel()

    def _follow(self, outcome: Outcome) -> None:
        """Show a preview alone, so that it is seen as soon as may be; the rest follows in a pause."""
        if self.outcome is None or self.outcome.preview:
            self._show_image(outcome)
            self.outcome = outcome

    def _show_image(self, outcome: Outcome) -> None:
        self._shown += 1
        address = self.session.serve("result", Served(outcome.image, wire.KIND))
        colors = len(outcome.indexed.palette)
        self.layout.viewer.run_method("show", address, self._shown, f"{colors} color{'s' * (colors > 1)}")

    def _show(self, outcome: Outcome) -> None:
        fresh = self.outcome is None or self.outcome.indexed is not outcome.indexed
        self.outcome = outcome
        if fresh:
            self._show_image(outcome)
            self.layout.show_palette()
        if outcome.failure:
            self.layout.say(outcome.failure, wrong=True)
        self.layout.show_facts()
        self.layout.show_lines()

    def _previewed(self) -> None:
        """Wait for the slider to rest, once it is followed; anything else would take its time from the previews."""
        self._keep_on()
        if self.subject and not self._stopped and not self.client.is_deleted:
            loop = asyncio.get_running_loop()
            self._pause = loop.call_later(_PAUSE, self._alive(lambda _: self._catch_up()), None)
            if not self._asked:
                self._rest = loop.call_later(_REST, self._alive(lambda _: self._ask_result()), None)

    def _catch_up(self) -> None:
        self.layout.show_palette()
        self.layout.show_choices()
        self.layout.show_facts()

    def _rested(self) -> None:
        """Do what can wait: thumbnails, the curve, the cloud."""
        if self._results.busy:
            return
        self.layout.busy("")
        if self.subject and self.outcome and self.outcome.done:
            self._ask(self._extras, partial(work.ladder, self.subject, self.choices.copy()), self.layout.show_step)
            self.show_view(self.layout.view)

    def show_view(self, view: str) -> None:
        """Fill what is seen beside the picture."""
        if self.subject is None or self.outcome is None or not self.outcome.done:
            return
        if view == "curve" and not self.rows:
            self.layout.chart.props["rows"] = []
            self._ask(
                self._extras, partial(work.curve, self.subject, self.choices.copy()), self._show_row, self._note_curve
            )
        if view == "cloud":
            self._ask(
                self._extras, partial(work.cloud_page, self.subject, self.outcome.indexed.palette), self._show_cloud
            )

    def _show_row(self, row: Row) -> None:
        self.rows.append(row)
        self.layout.show_rows()

    def _note_curve(self, note: str) -> None:
        if "points" in note:
            self.layout.chart.props["note"] = note

    def _idle(self) -> None:
        if not self.client.is_deleted:
            self.layout.chart.props["note"] = ""

    def _show_cloud(self, page: bytes) -> None:
        self.layout.frame.props["src"] = self.session.serve("cloud", Served(page, "text/html; charset=utf-8"))

    # Leaving with it

    def download(self) -> None:
        """Let the browser take the result."""
        if self.outcome and self.outcome.file is not None and self.session.current:
            name = self.choices.file_name(self.session.current.name)
            self._hand(self.outcome.file, f"image/{self.choices.format}", name)

    def download_palette(self, format: PaletteFormat) -> None:  # noqa: A002
        """Let the browser take the palette."""
        palette = self.palette()
        if palette is None or self.session.current is None:
            return
        try:
            data = encode(palette, format)
        except HueclidError as error:
            self.layout.say(str(error), wrong=True)
            return
        stem = self.session.current.name.rpartition(".")[0] or self.session.current.name
        self._hand(data, "application/octet-stream", f"{stem}-palette.{format}")

    def download_all(self) -> None:
        """Reduce all pictures of the queue and let the browser take the results."""
        self.layout.busy("Working on all pictures")
        packed = partial(work.archive, tuple(self.session.pictures), self.choices.copy(), self.max_pixels)
        self._ask(self._archives, packed, self._packed, self.layout.busy)

    def _packed(self, result: tuple[bytes, list[str]]) -> None:
        data, failures = result
        self.layout.busy("")
        self.layout.say("; ".join(failures), wrong=bool(failures))
        if data:
            self._hand(data, "application/zip", "hueclid.zip")

    def _hand(self, data: bytes, kind: str, name: str) -> None:
        self.client.download(self.session.serve("download", Served(data, kind, name)), name)

    # Work

    def _ask(
        self, lane: Lane, what: Work, show: Callable[[Any], None], note: Callable[[str], None] | None = None
    ) -> None:
        lane.ask(Request(what, self._alive(show), self._alive(self._failed), self._alive(note or self.layout.note)))

    def _alive(self, tell: Callable[[Any], None]) -> Callable[[Any], None]:
        """Tell nothing to a page that is gone."""

        def told(what: Any) -> None:
            if not self.client.is_deleted:
                with self.layout.root:
                    tell(what)

        return told

    def _failed(self, error: Exception) -> None:
        self.layout.busy("")
        if self.outcome:
            self.outcome = replace(self.outcome, done=True)
            self.layout.show_facts()
        memory = "not enough memory for a picture of this size" if isinstance(error, MemoryError) else ""
        self.layout.say(memory or str(error) or type(error).__name__, wrong=True)
