"""pngquant's command line: the arguments, names, streams and exit statuses of version 2."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from typing import Final

from .arguments import USAGE, Misuse, Settings, parse

VERSION: Final = "2.18.0"
"""The version of pngquant whose arguments these are; wrappers look for the 2."""

_UNOPENED, _MISUSED, _EXISTS, _UNWRITTEN = 2, 4, 15, 16


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what pngquant does with these arguments, and return its exit status.

    Args:
        arguments: as a shell gives them; None: those of this process.
    """
    from ... import __version__

    about = f"{VERSION} (hueclid {__version__})"
    try:
        settings = parse(sys.argv[1:] if arguments is None else arguments, _warn)
    except Misuse as misuse:
        block = f"pngquant, {about}\n\n{USAGE}" if misuse.usage else ""
        _warn("\n".join(filter(None, [str(misuse), block])))
        return misuse.status
    if settings.asked:
        sys.stdout.write(f"{about}\n" if settings.asked == "version" else f"pngquant, {about}\n\n{USAGE}")
        return 0
    try:
        return _run(settings)
    except KeyboardInterrupt:
        return 130


def _run(settings: Settings) -> int:
    """Convert all files, and return the status of the last that failed."""
    from .conversion import LARGER, TOO_LOW, Refusal, read_palette

    palette = None
    if settings.map_file is not None:
        try:
            palette = read_palette(_read(settings.map_file), settings.colors)
        except Refusal as refusal:
            _warn(f"{refusal}\n  error: unable to load {settings.map_file}")
            return _MISUSED

    status = skipped = failed = 0
    files: tuple[str | None, ...] = settings.files or (None,)
    for file in files:
        lines: list[str] = []
        tell = _warn if settings.verbose else lines.append
        tell(f"{file or 'stdin'}:")
        try:
            _convert(file, settings, palette, tell)
        except Refusal as refusal:
            status = refusal.status
            verdict = status in (LARGER, TOO_LOW)
            skipped, failed = skipped + verdict, failed + (not verdict)
            (tell if verdict else _warn)(str(refusal))
    done = len(files) - skipped - failed
    if settings.verbose:
        if failed:
            _warn(f"There were errors quantizing {failed} file(s) out of a total of {len(files)} file(s).")
        if skipped:
            _warn(f"Skipped {skipped} file(s) out of a total of {len(files)} file(s).")
        if done:
            _warn(f"Quantized {done} image(s).")
    return status


def _convert(file: str | None, settings: Settings, palette: object, tell: Callable[[str], object]) -> None:
    """Convert one file, or standard input.

    Raises:
        Refusal: it can't be done, or is not to be kept.
    """
    from ...palette import Palette
    from .conversion import LARGER, TOO_LOW, Refusal, convert

    assert palette is None or isinstance(palette, Palette)
    output = "-" if settings.streams else settings.output or name(file or "stdin", settings)
    if output != "-" and not settings.force and os.path.exists(output):
        raise Refusal(f"  error: '{output}' exists; not overwriting", _EXISTS)
    given = _read_stream() if file is None else _read(file)
    try:
        converted = convert(given, settings, palette, tell)
    except Refusal as refusal:
        # Who reads the stream counts on a picture: the original, once, as it was.
        if output == "-" and refusal.status in (LARGER, TOO_LOW):
            _write(given, output, file, force=settings.force)
        raise
    where = "to stdout" if output == "-" else f"as {os.path.basename(output)}"
    tell(f"  writing {converted.colors}-color image {where}")
    _write(converted.data, output, file, force=settings.force)


def name(file: str, settings: Settings) -> str:
    """Return where the result of a file goes: ".png" or ".PNG" at its end gives way to the suffix."""
    suffix = settings.suffix
    if suffix is None:
        suffix = "-fs8.png" if settings.dithering else "-or8.png"
    return (file[:-4] if len(file) > 4 and file.endswith((".png", ".PNG")) else file) + suffix


def _read(file: str) -> bytes:
    from .conversion import UNREADABLE, Refusal

    try:
        with open(file, "rb") as opened:
            return opened.read()
    except IsADirectoryError as error:
        raise Refusal(f"  error: cannot decode {file}, it is a folder", UNREADABLE) from error
    except (OSError, ValueError) as error:
        raise Refusal(f"  error: cannot open {file} for reading", _UNOPENED) from error


def _read_stream() -> bytes:
    from .conversion import UNREADABLE, Refusal

    try:
        return sys.stdin.buffer.read()
    except OSError as error:
        raise Refusal(f"  error: cannot read stdin: {error.strerror}", UNREADABLE) from error


def _write(data: bytes, output: str, file: str | None, *, force: bool) -> None:
    """Write a result, whole or not at all; one that takes the place of its input gets its times and permissions."""
    from ...atomic import write_bytes
    from ...errors import WriteError
    from .conversion import Refusal

    try:
        if output == "-":
            sys.stdout.buffer.write(data)
            sys.stdout.flush()
            return
        replaces = file is not None and os.path.exists(output) and os.path.samefile(file, output)
        write_bytes(data, output, overwrite=force, like=file if replaces else None)
    except WriteError as error:
        raise Refusal(f"  error: cannot open '{output}' for writing: {error}", _UNWRITTEN) from error
    except OSError as error:
        # What is left in the buffer would fail once more, with a traceback, when the interpreter ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise Refusal(f"  error: cannot write to stdout: {error.strerror}", _UNWRITTEN) from error


def _warn(line: str) -> None:
    sys.stderr.write(line.rstrip("\n") + "\n")
