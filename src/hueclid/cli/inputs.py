"""What a batch works on: files, and what is found in folders, each with its output."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path, PurePath

import click

from . import targets


@dataclass(frozen=True)
class Job:
    """An input and its output.

    Attributes:
        image: a path, or "-" for standard input.
        output: a path, or "-" for standard output; empty where nothing is to be written.
        skipped: why it is left out, as the user wanted; or empty.
        refused: why it can't be done; or empty.
    """

    image: str
    output: str = ""
    skipped: str = ""
    refused: str = ""


def plan(images: Sequence[str], output: str | None, ending: str, skip: Sequence[str] = ()) -> list[Job]:
    """Name the inputs and the output of each, before anything is done.

    A folder is searched with all those in it for names that end as images do. What begins with a dot is left out, links
    to folders are not followed, and an output folder inside it is not searched. Its results have the same names in the
    same tree, but for the suffix.

    Args:
        images: files, folders, or "-" for standard input.
        output: a file or "-" for one input; a folder; or None for a file beside each input. Inputs that are folders
            ask for one, which is made when it is not there.
        ending: what follows the name of an input without its suffix, such as "-k16.png".
        skip: patterns of names, or of paths as they are below the folder that is searched, that are left out.

    Raises:
        click.BadParameter: an output folder is missing, a folder has no images, or a terminal would get an image.
    """
    folders = [image for image in images if image != targets.STREAM and os.path.isdir(image)]
    if folders and (output is None or output == targets.STREAM):
        raise click.BadParameter(f"{folders[0]} is a folder; name one for the results with -o", param_hint="--output")
    if folders and output is not None and os.path.exists(output) and not os.path.isdir(output):
        raise click.BadParameter(
            f"{output} is no folder; {folders[0]} needs one for its results", param_hint="--output"
        )
    jobs: list[Job] = []
    for image in images:
        if image in folders:
            assert output is not None
            found = list(_found(image, output, PurePath(ending).suffix, skip))
            if not found:
                raise click.BadParameter(f"there are no images in the folder {image}", param_hint="IMAGE")
            jobs += found
        elif pattern := _match(PurePath(image), skip):
            jobs.append(Job(image, skipped=_words(pattern)))
        elif folders:
            jobs.append(Job(image, str(Path(output or "", f"{Path(image).stem}{ending}"))))
        else:
            jobs.append(Job(image, targets.name(image, output, ending, alone=len(images) == 1)))
    targets.refuse_terminal([job.output for job in jobs])
    planned = [job for job in jobs if job.output]
    reasons = iter(targets.clashes([(job.image, job.output) for job in planned]))
    return [replace(job, refused=next(reasons)) if job.output else job for job in jobs]


def _found(folder: str, output: str, suffix: str, skip: Sequence[str]) -> Iterator[Job]:
    """Give the images of a folder in order of their paths."""
    from ..reader import READ_SUFFIXES

    errors: list[OSError] = []
    own = os.path.realpath(output) if targets.identity(output) != targets.identity(folder) else ""
    for place, folders, files in os.walk(folder, onerror=errors.append):
        below = PurePath(place).relative_to(folder)
        kept = []
        for name in sorted(folders):
            if name.startswith(".") or os.path.realpath(os.path.join(place, name)) == own:
                continue
            if pattern := _match(below / name, skip):
                yield Job(os.path.join(place, name), skipped=_words(pattern))
            else:
                kept.append(name)
        folders[:] = kept
        for name in sorted(files):
            path = below / name
            if name.startswith(".") or path.suffix.lower() not in READ_SUFFIXES:
                continue
            image = os.path.join(place, name)
            if pattern := _match(path, skip):
                yield Job(image, skipped=_words(pattern))
            else:
                yield Job(image, str(Path(output, path.with_suffix(suffix))))
    for error in errors:
        yield Job(str(error.filename), refused=f"the folder can't be searched: {error.strerror}")


def _match(path: PurePath, skip: Sequence[str]) -> str:
    """Return the first pattern that a name or a path fits; empty if none does."""
    return next(
        (pattern for pattern in skip if fnmatchcase(path.name, pattern) or fnmatchcase(path.as_posix(), pattern)), ""
    )


def _words(pattern: str) -> str:
    return f"skipped as {pattern}"
