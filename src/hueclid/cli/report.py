"""Reports of a batch: JSON for programs, and a page for people."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence

import click

from . import targets
from .inputs import Job
from .rows import Row, totals

SUFFIXES = (".json", ".html")
"""How the names of reports end."""


def check(reports: Sequence[str], resume: str | None, jobs: Sequence[Job], *, force: bool) -> None:
    """Refuse reports that can't be written, or would take the place of something else, before anything is done.

    Raises:
        click.BadParameter: a name ends otherwise, the folder is missing or write-protected, or a file is in the way.
    """
    taken = {targets.identity(path) for job in jobs for path in (job.image, job.output) if path != targets.STREAM}
    if resume is not None and targets.identity(resume) in taken:
        raise click.BadParameter(f"{resume} is an image of this batch; name another file", param_hint="--resume")
    if resume is not None:
        taken.add(targets.identity(resume))
    for path in reports:
        folder = os.path.dirname(path) or os.curdir
        reason = ""
        if not path.lower().endswith(SUFFIXES):
            reason = f"{path} is neither JSON nor a page; end its name in {' or '.join(SUFFIXES)}"
        elif not os.path.isdir(folder):
            reason = f"there is no folder {folder}; create it first"
        elif targets.identity(path) in taken:
            reason = f"{path} is another file of this batch; name one for the report alone"
        elif os.path.isdir(path):
            reason = f"{path} is a folder; name a file in it"
        elif os.path.lexists(path) and not force:
            reason = f"{path} exists; name another, or replace it with --force or --resume"
        elif not os.access(path if os.path.exists(path) else folder, os.W_OK):
            reason = f"no permission to write {path}; name another file"
        if reason:
            raise click.BadParameter(reason, param_hint="--report")
        taken.add(targets.identity(path))


def write(path: str, rows: Sequence[Row], *, stopped: bool) -> None:
    """Write a report, whole or not at all.

    Raises:
        WriteError: it can't be written.
    """
    from ..codec import write_bytes

    if path.lower().endswith(".html"):
        from .report_page import page

        text = page(rows, stopped=stopped)
    else:
        text = _json(rows, stopped=stopped)
    write_bytes(text.encode("utf-8", "backslashreplace"), path)  # names of files may be no text


def _json(rows: Sequence[Row], *, stopped: bool) -> str:
    from .. import __version__

    whole = {"hueclid": __version__, "stopped": stopped, **totals(rows), "files": [row.record() for row in rows]}
    return json.dumps(whole, indent=1) + "\n"
