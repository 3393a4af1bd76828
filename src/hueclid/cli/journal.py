"""A journal of what was done, so that a batch that was stopped goes on where it was."""

from __future__ import annotations

import contextlib
import json
import os
import threading
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import IO, Any

import click

from ..errors import WriteError
from . import targets
from .reduction import Done

_BEGINNING = '{"key": '


class Journal:
    """A file with a line for each input that was done.

    An input counts as done when a line has it with the same size and time of change, the same options and version, and
    the same output, which is there with the size that was written. Paths are noted as they were given, so that a tree
    can be moved with its journal; they may be spelled in another way.

    Args:
        path: the file; it is begun when there is none. None: nothing is noted, and nothing was.
        options: those that reach results, by name; of values that name files, what these hold counts.

    Raises:
        click.BadParameter: it can't be read or written, or is no journal.
    """

    def __init__(self, path: str | None, options: Mapping[str, Any]) -> None:
        self._path = path
        self._done: dict[str, dict[str, Any]] = {}
        self._lock = threading.Lock()
        self._file: IO[str] | None = None
        if path is None:
            return
        self._options = _fingerprint(options)
        try:
            if os.path.exists(path):
                with open(path, encoding="utf-8") as file:
                    self._read(file)
            self._file = open(path, "a", encoding="utf-8")  # noqa: SIM115 closed with the journal
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is no journal of hueclid"
            raise click.BadParameter(f"{path} can't be used: {reason}", param_hint="--resume") from error
        if self._file.tell():
            self._write("")  # a line that was cut off ends here

    def find(self, image: str, output: str) -> Done | None:
        """Return what was done with an input before; None when it has to be done."""
        line = self._done.get(targets.spelled(image))
        if line is None or image == targets.STREAM or line["key"] != self._key(image, targets.spelled(output)):
            return None
        done = replace(Done(**line["done"]), input=image)
        try:
            return done if os.path.getsize(done.output) == done.bytes_out else None
        except OSError:
            return None

    def add(self, done: Done, output: str) -> None:
        """Note what was done, at once; in any thread. `output` is the name that was planned.

        Raises:
            WriteError: it can't be written.
        """
        if self._file is None or done.input == targets.STREAM:
            return
        line = {"key": self._key(done.input, output), "done": asdict(done)}
        try:
            self._write(json.dumps(line))
        except OSError as error:
            raise WriteError(f"{done.output} is written, but not noted in {self._path}: {error.strerror}") from error

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def _key(self, image: str, output: str) -> list[object]:
        try:
            status = os.stat(image)
        except OSError:
            return []
        return [self._options, output, status.st_size, status.st_mtime_ns]

    def _read(self, file: IO[str]) -> None:
        for number, text in enumerate(file):
            if number == 0 and not text.startswith(_BEGINNING[: len(text)]):
                raise ValueError(text)
            with contextlib.suppress(ValueError, TypeError, LookupError):  # a line that was cut off
                line = json.loads(text)
                line["key"][1] = targets.spelled(line["key"][1])
                self._done[targets.spelled(line["done"]["input"])] = line

    def _write(self, line: str) -> None:
        assert self._file is not None
        with self._lock:
            self._file.write(f"{line}\n")
            self._file.flush()


def _fingerprint(options: Mapping[str, Any]) -> str:
    from hashlib import sha256

    from .. import __version__

    digest = sha256(__version__.encode())
    for name in sorted(options):
        value = options[name]
        digest.update(f"{name}={value!r}\n".encode())
        if isinstance(value, str) and os.path.isfile(value):
            with open(value, "rb") as file:
                digest.update(file.read())
    return digest.hexdigest()
