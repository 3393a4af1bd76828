"""Work in threads beside the page: one piece at a time, and of those that wait only the newest."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any, Protocol

_EVERY = 0.2  # seconds between two notes


class Stopped(Exception):  # noqa: N818 no error: something newer was asked for
    """Work is to end, as nobody waits for it any more."""


class Checkpoint(Protocol):
    """Called between steps of the work: says how far it is; raises `Stopped` when it is to end."""

    def __call__(self, note: str = "") -> None:
        """Go on, or stop."""


Work = Callable[[Checkpoint], Iterator[Any]]


@dataclass(frozen=True)
class Request:
    """A piece of work and who is told of it, on the page's own thread.

    Attributes:
        work: runs in a thread, and gives what there is to show, step by step.
        show: takes each of these.
        fail: takes what went wrong.
        note: takes words on how far it is.
    """

    work: Work
    show: Callable[[Any], None]
    fail: Callable[[Exception], None]
    note: Callable[[str], None] = lambda _: None


class Lane:
    """Work of one kind.

    Args:
        pool: whose threads do it.
        patient: let what runs come to its end when something newer is asked for; otherwise it is stopped.
        idle: called on the page's thread when nothing runs and nothing waits any more.
    """

    def __init__(self, pool: Executor, *, patient: bool = False, idle: Callable[[], None] = lambda: None) -> None:
        self._pool, self._patient, self._idle = pool, patient, idle
        self._stop = threading.Event()
        self._waiting: Request | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def busy(self) -> bool:
        """Whether something runs or waits."""
        return self._task is not None

    def ask(self, request: Request) -> None:
        """Do this next; what waited before is forgotten."""
        self._waiting = request
        if not self._patient:
            self._stop.set()
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._work_off())

    def stop(self) -> None:
        """Forget what waits and end what runs, at its next step; nothing of it is shown any more."""
        self._waiting = None
        self._stop.set()

    async def _work_off(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while (request := self._waiting) is not None:
                self._waiting = None
                self._stop = stop = threading.Event()
                try:
                    await loop.run_in_executor(self._pool, _run, request, stop, loop)
                except Stopped:
                    continue
                except Exception as error:  # whatever it is, the page says it and lives on
                    if not stop.is_set():
                        request.fail(error)
        finally:
            self._task = None
        self._idle()


def _run(request: Request, stop: threading.Event, loop: asyncio.AbstractEventLoop) -> None:
    """Do the work, in a thread; what it gives is shown in order, and nothing after it was stopped."""
    said = 0.0

    def checkpoint(note: str = "") -> None:
        nonlocal said
        if stop.is_set():
            raise Stopped
        if note and time.monotonic() > said + _EVERY:
            said = time.monotonic()
            loop.call_soon_threadsafe(tell, request.note, note)

    def tell(hear: Callable[[Any], None], what: Any) -> None:
        if not stop.is_set():
            hear(what)

    for step in request.work(checkpoint):
        loop.call_soon_threadsafe(tell, request.show, step)
        checkpoint()
