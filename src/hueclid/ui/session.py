"""What a tab of the browser has: its pictures, its choices, and the files it can fetch."""

from __future__ import annotations

import secrets
import unicodedata
from dataclasses import dataclass, field
from typing import Final, Protocol

from ..codec import Source, encode_png, load
from ..errors import HueclidError
from ..pixels import Pixels
from ..sheet import shrink
from .choices import Choices

LARGEST_FILE: Final = 128 << 20
"""Bytes; larger uploads are refused while they arrive."""

ROOM: Final = 512 << 20
"""Bytes of all the pictures of all tabs."""

_MOST_PICTURES: Final = 500
_LONGEST_NAME: Final = 120


class RefusedError(HueclidError):
    """The page does not take a file; its text says why."""


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture as it came.

    Attributes:
        id: its number.
        name: of its file, without folders.
        data: the file.
        width: in pixels.
        height: in pixels.
        format: of the file, in small letters, such as "jpeg".
        frames: how many there are, of which the first is taken.
        resolution: whether it says how large it prints.
        note: what was wrong with the file, in words; empty mostly.
        thumbnail: a small PNG.
    """

    id: int
    name: str
    data: bytes
    width: int
    height: int
    format: str
    frames: int
    resolution: bool
    note: str
    thumbnail: bytes


@dataclass(frozen=True)
class Served:
    """A file that the browser may fetch; `name` makes it a download."""

    data: bytes
    kind: str
    name: str = ""


class Shown(Protocol):
    """The page of a session."""

    def stop(self) -> None:
        """End all work."""

    def taken(self, picture: Picture) -> None:
        """Show a picture that has arrived."""


@dataclass(eq=False)
class Session:
    """A tab.

    Attributes:
        id: part of its addresses; nobody can guess it.
        pictures: in the order in which they came.
        current: the one that is shown.
        choices: what the controls say.
        files: what it can fetch, by name.
        count: of addresses given so far.
        page: what shows it; None while it is loaded again.
    """

    id: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    pictures: list[Picture] = field(default_factory=list)
    current: Picture | None = None
    choices: Choices = field(default_factory=Choices)
    files: dict[str, Served] = field(default_factory=dict)
    count: int = 0
    page: Shown | None = None

    def serve(self, name: str, file: Served) -> str:
        """Let the browser fetch a file; returns its address, new each time, so that no old one is shown."""
        self.count += 1
        self.files[name] = file
        return f"/s/{self.id}/{name}?{self.count}"

    def stop(self) -> None:
        """End what is done for it."""
        if self.page:
            self.page.stop()

    def take(self, picture: Picture) -> None:
        """Put a picture into the queue, and show it.

        Raises:
            RefusedError: there are too many.
        """
        if len(self.pictures) >= _MOST_PICTURES:
            raise RefusedError(f"{picture.name}: a queue holds {_MOST_PICTURES} pictures; remove some")
        self.pictures.append(picture)
        if self.page:
            self.page.taken(picture)

    def remove(self, picture: Picture) -> None:
        """Forget a picture."""
        self.pictures.remove(picture)
        self.files.pop(f"thumbnail-{picture.id}", None)


@dataclass(eq=False)
class Sessions:
    """All tabs.

    Attributes:
        max_pixels: refuse larger pictures.
        given: the pictures with which every new tab begins.
        by_id: sessions by their ids.
        by_tab: sessions by the browser's names of its tabs.
    """

    max_pixels: int
    given: list[Picture] = field(default_factory=list)
    by_id: dict[str, Session] = field(default_factory=dict)
    by_tab: dict[str, Session] = field(default_factory=dict)
    count: int = 0

    def enter(self, tab: str) -> Session:
        """Return the session of a tab, which outlives a reload."""
        session = self.by_tab.get(tab)
        if session is None:
            session = Session(pictures=list(self.given), current=self.given[0] if self.given else None)
            self.by_tab[tab] = self.by_id[session.id] = session
        return session

    def leave(self, tab: str) -> None:
        """Forget a tab and its pictures, unless a page shows it again."""
        session = self.by_tab.get(tab)
        if session and session.page is None:
            del self.by_tab[tab], self.by_id[session.id]
            session.pictures.clear()
            session.files.clear()
            session.current = None

    def check_room(self, more: int) -> None:
        """Refuse a file for which there is no room.

        Raises:
            RefusedError: it is too large, or all files together are.
        """
        if more > LARGEST_FILE:
            raise RefusedError(f"the file is larger than {LARGEST_FILE >> 20} MiB; use the command line for it")
        held = {picture.id: len(picture.data) for session in self.by_id.values() for picture in session.pictures}
        if more + sum(held.values()) > ROOM:
            raise RefusedError(f"the pictures here are more than {ROOM >> 20} MiB; remove some, or close other tabs")

    def picture(self, data: bytes, name: str) -> Picture:
        """Make a picture of a file, read to see that it can be.

        Raises:
            ReadError: it is no image, or too large.
            RefusedError: the file is too large.
        """
        self.check_room(len(data))
        name = plain(name)
        try:
            source: Source = load(data, first_frame=True, max_pixels=self.max_pixels)
        except HueclidError as error:
            words = str(error).removeprefix("image: ").split("; if you trust the file")[0]
            raise RefusedError(f"{name}: {words}") from error
        self.count += 1
        height, width = source.pixels.shape[:2]
        return Picture(
            id=self.count,
            name=name,
            data=data,
            width=width,
            height=height,
            format=source.format.lower(),
            frames=source.frames,
            resolution=source.metadata.resolution is not None,
            note=source.note,
            thumbnail=_thumbnail(source.pixels),
        )


def plain(name: str) -> str:
    """Return the name of a file without folders and without what is no letter of a name."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(letter for letter in last if unicodedata.category(letter)[0] not in "C" and letter not in '<>:"|?*')
    stem, dot, suffix = kept.strip(". ").rpartition(".")
    kept = f"{stem[:_LONGEST_NAME]}{dot}{suffix[:16]}" if dot else suffix[:_LONGEST_NAME]
    return kept or "picture"


def _thumbnail(pixels: Pixels) -> bytes:
    return encode_png(shrink(pixels, 96, 72))
