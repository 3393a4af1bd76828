"""Where results go: output names, and what must not be overwritten."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from ..atomic import is_stream
from ..errors import WriteError
from . import terminal

STREAM = "-"
"""The name of standard input or output."""


def plan(inputs: Sequence[str], output: str | None, ending: str) -> list[str]:
    """Name the output of each input, before anything is done.

    Args:
        inputs: paths, or "-" for standard input.
        output: what the user gave: a file or "-", standard output, for one input; a folder; or None for a
            file beside each input, and standard output for standard input.
        ending: what follows an input's name without its suffix, such as "-k16.png".

    Raises:
        click.BadParameter: a folder is missing, two inputs would meet in one output, or a terminal would get
            an image.
    """
    targets = [name(given, output, ending, alone=len(inputs) == 1) for given in inputs]
    for reason in clashes(list(zip(inputs, targets, strict=True))):
        if reason:
            raise click.BadParameter(reason, param_hint="IMAGE")
    refuse_terminal(targets)
    return targets


def clashes(jobs: Sequence[tuple[str, str]]) -> list[str]:
    """Say of each input and its output why it can't be written beside the others; empty where it can."""
    inputs = {identity(given): given for given, _ in jobs}
    identities = [identity(target) for _, target in jobs]
    writers: dict[str, list[int]] = {}
    for number, which in enumerate(identities):
        writers.setdefault(which, []).append(number)
    reasons = []
    for number, ((given, target), which) in enumerate(zip(jobs, identities, strict=True)):
        reason = ""
        if others := [other for other in writers[which] if other != number]:
            first, second = (jobs[writer][0] for writer in sorted((number, others[0])))
            reason = f"{first} and {second} would both write {target}; do them apart, each with its -o"
        elif target != STREAM and inputs.get(which, given) != given:
            reason = f"{given} would write {target}, which is an input too; leave one of them out"
        reasons.append(reason)
    return reasons


def refuse_terminal(targets: Sequence[str]) -> None:
    """Refuse to write an image to a terminal.

    Raises:
        click.BadParameter: standard output is one.
    """
    if STREAM in targets and sys.stdout.isatty():
        raise click.BadParameter("a terminal can't take an image; name a file, or redirect", param_hint="--output")


def guard(given: str, target: str, *, force: bool) -> None:
    """Refuse to overwrite a file, unless forced to.

    Raises:
        WriteError: the output exists, or is the input itself.
    """
    if force or target == STREAM or not os.path.lexists(target) or is_stream(target):
        return
    if given != STREAM and identity(given) == identity(target):
        raise WriteError("output and input are the same file; name another with -o, or replace it with --force")
    raise WriteError(f"{target} exists; name another output with -o, or replace it with --force")


def put(data: bytes, target: str, *, force: bool, like: str | None = None) -> int:
    """Write a result to its output, whole or not at all, and return its size.

    Args:
        data: the result.
        target: a path, in a folder that may have to be made first, or "-".
        force: whether to replace a file.
        like: a file whose times and permissions the output has.

    Raises:
        WriteError: it can't be written, or the output exists and is not to be replaced.
    """
    from ..codec import write_bytes

    if target == STREAM:
        terminal.write(data)
        return len(data)
    if folder := os.path.dirname(target):
        try:
            os.makedirs(folder, exist_ok=True)
        except OSError as error:
            raise WriteError(f"{folder}: is no folder and can't be made one: {error.strerror}") from error
    return write_bytes(data, target, overwrite=force, like=like)


def ending(target: str, allowed: Sequence[str], default: str) -> str:
    """Return the suffix of an output without its dot, in small letters; the default for standard output.

    Raises:
        click.BadParameter: it is none of those allowed.
    """
    suffix = default if target == STREAM else Path(target).suffix.lower().removeprefix(".")
    if suffix not in allowed:
        endings = " or ".join(f".{name}" for name in allowed)
        raise click.BadParameter(f"the name ends in {endings}, got {target}", param_hint="--output")
    return suffix


def name(given: str, output: str | None, ending: str, *, alone: bool) -> str:
    """Name the output of one input.

    Args:
        given: the input.
        output: as `plan` takes it.
        ending: as `plan` takes it.
        alone: whether it is the only one.

    Raises:
        click.BadParameter: a folder is missing, one file would take several results, or a name is empty.
    """
    for path, hint in ((given, "IMAGE"), (output, "--output")):
        if path == "":
            raise click.BadParameter("the name is empty", param_hint=hint)
    called = ("stdin" if given == STREAM else Path(given).stem) + ending
    if output is None:
        return STREAM if given == STREAM else str(Path(given).parent / called)
    if output != STREAM:
        asks_folder = output.endswith(("/", os.sep))
        folder = output if asks_folder or os.path.isdir(output) else os.path.dirname(output) or os.curdir
        if not os.path.isdir(folder):
            raise click.BadParameter(f"there is no folder {folder}; create it first", param_hint="--output")
        if folder == output:
            return str(Path(output, called))
    if not alone:
        raise click.BadParameter(
            f"{output} takes one input; for several, name a folder that exists", param_hint="--output"
        )
    return output


def spelled(path: str) -> str:
    """Return what is the same for a path however it is spelled; a link and what it leads to are two."""
    return path if path == STREAM else os.path.normcase(os.path.abspath(path))


def identity(path: str) -> str:
    """Return what is the same for two paths of one file."""
    return path if path == STREAM else os.path.normcase(os.path.realpath(path))
