"""Work on many inputs at once, stop soon on Ctrl-C, and let no failure reach the other inputs."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import click

from ..errors import HueclidError
from . import terminal
from .recipe import Checkpoint

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True)
class Failure:
    """Why one input failed, in words for its user."""

    message: str


class _Stopped(Exception):  # noqa: N818 no error: the user asked for it
    pass


@contextmanager
def running(
    items: Sequence[T],
    work: Callable[[T, Checkpoint], R],
    *,
    threads: int,
    advance: Callable[[], object] = lambda: None,
) -> Iterator[Iterator[tuple[T, R | Failure]]]:
    """Work on items in parallel; gives an iterator of each with its result, in the order given.

    As many items are in flight as there are threads. Each may use all threads of the core, where they share
    one pool, so that the last and largest of a batch is not left to a single thread.

    Args:
        items: what to work on.
        work: takes an item and a checkpoint, to be called between steps; runs in threads.
        threads: how many, 0 for all cores.
        advance: called after each item, in any thread.

    Raises:
        KeyboardInterrupt: Ctrl-C was pressed; raised by the iterator, last, when it has given the items done
            by then and nothing runs any more. An item is done whole or not at all.
    """
    stop = threading.Event()

    def checkpoint() -> None:
        if stop.is_set():
            raise _Stopped

    def attempt(item: T) -> R | Failure | _Stopped:
        try:
            checkpoint()
            return work(item, checkpoint)
        except _Stopped as stopped:
            return stopped
        except (HueclidError, OSError, MemoryError) as error:
            return Failure(_words(error))
        finally:
            advance()

    def outcomes() -> Iterator[tuple[T, R | Failure]]:
        for item, future in zip(items, futures, strict=True):
            outcome = future.result()
            if not isinstance(outcome, _Stopped):
                yield item, outcome
        if stop.is_set():
            raise KeyboardInterrupt

    workers = min(threads or os.cpu_count() or 1, len(items))
    with _on_interrupt(stop.set), ThreadPoolExecutor(workers) as pool:
        futures = [pool.submit(attempt, item) for item in items]
        try:
            yield outcomes()
        finally:
            stop.set()  # when the caller leaves early: the pool waits for what runs


def alone(item: str, work: Callable[[str, Checkpoint], R], *, threads: int) -> R:
    """Work on the only input and return its result.

    Raises:
        click.exceptions.Exit: it failed, which has been said on standard error.
        KeyboardInterrupt: Ctrl-C was pressed.
    """
    with running([item], work, threads=threads) as outcomes:
        ((_, outcome),) = outcomes
    if isinstance(outcome, Failure):
        terminal.say(item, outcome.message, style="red")
        raise click.exceptions.Exit(1)
    return outcome


@contextmanager
def _on_interrupt(call: Callable[[], None]) -> Iterator[None]:
    """Let Ctrl-C make a call instead of raising wherever the main thread is; a second one raises."""
    previous = signal.getsignal(signal.SIGINT)

    def handle(*_: object) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        call()

    signal.signal(signal.SIGINT, handle)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous)


def _words(error: Exception) -> str:
    if isinstance(error, MemoryError):
        return "not enough memory for an image of this size"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error)
