"""What people see: data on standard output, lines and a progress bar on standard error, a viewer."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

import click

from ..errors import WriteError

if TYPE_CHECKING:
    from rich.console import Console


_CONTROLS = {code: repr(chr(code))[1:-1] for code in (*range(32), *range(127, 160))}


@cache
def console(*, stderr: bool) -> Console:
    """Return the one console of a stream: plain in a pipe, without color under NO_COLOR."""
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, soft_wrap=True)


def say(*words: str, style: str = "") -> None:
    """Write a line to standard error, `hueclid: photo.png: why`; names can't break it nor steer a terminal."""
    line = ": ".join(("hueclid", *words)).translate(_CONTROLS)
    if not style:  # the line that ends every run: rich would take 30 ms to start
        sys.stderr.write(f"{line}\n")
        return
    from rich.text import Text

    console(stderr=True).print(Text(line, style=style))


def write(data: bytes) -> None:
    """Write to standard output and make sure that it arrived.

    Raises:
        WriteError: the disk is full, or the reader of the pipe is gone.
    """
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
    except OSError as error:
        # What is left in the buffer would fail once more, with a traceback, when the interpreter ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise WriteError(f"standard output can't be written: {error.strerror}") from error


def emit(line: str) -> None:
    """Write a line of text to standard output.

    Raises:
        click.exceptions.Exit: it can't be written, which ends the command; said on standard error.
    """
    try:
        write(f"{line}\n".encode(sys.stdout.encoding, "backslashreplace"))
    except WriteError as error:
        say(str(error), style="red")
        raise click.exceptions.Exit(1) from error


@contextmanager
def progress(total: int, *, hidden: bool = False) -> Iterator[Callable[[], object]]:
    """Show a bar on a terminal while many files are done; yields what to call after each."""
    if hidden or total < 2 or not console(stderr=True).is_terminal:
        yield lambda: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(
        *columns, console=console(stderr=True), transient=True, redirect_stdout=False, redirect_stderr=False
    ) as bar:
        task = bar.add_task("", total=total)
        yield lambda: bar.advance(task)


def has_colors(*, stderr: bool) -> bool:
    """Return whether a stream ends in a terminal that shows colors."""
    screen = console(stderr=stderr)
    return screen.is_terminal and screen.color_system is not None and not screen.no_color


def view(path: str) -> bool:
    """Open an image in the system's viewer; return whether there is a display and a viewer."""
    desktop = sys.platform in ("darwin", "win32")
    if not desktop and not os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY"):
        return False
    return click.launch(os.path.abspath(path)) == 0
