"""Reports of a batch: JSON for programs, and a page for people that loads nothing."""

from __future__ import annotations

import json
import os
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from html import escape
from typing import Any

import click

from . import targets
from .batch import Failure
from .inputs import Job
from .reduction import Done, Pictures, Skipped

SUFFIXES = (".json", ".html")
"""How the names of reports end."""


@dataclass(frozen=True)
class Row:
    """What became of an input."""

    input: str
    outcome: Done | Skipped | Failure
    pictures: Pictures = field(default_factory=Pictures)

    def record(self) -> dict[str, Any]:
        """Return it as an object of JSON."""
        match self.outcome:
            case Done():
                return asdict(self.outcome)
            case Skipped(reason):
                return {"input": self.input, "skipped": reason}
            case Failure(message):
                return {"input": self.input, "failure": message}


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

    text = _page(rows, stopped=stopped) if path.lower().endswith(".html") else _json(rows, stopped=stopped)
    write_bytes(text.encode(), path)


def totals(rows: Sequence[Row]) -> dict[str, int]:
    """Count what became of the inputs, and the bytes of those that were done."""
    done = [row.outcome for row in rows if isinstance(row.outcome, Done)]
    return {
        "inputs": len(rows),
        "done": len(done),
        "kept": sum(one.kept is not None for one in done),
        "skipped": sum(isinstance(row.outcome, Skipped) for row in rows),
        "failed": sum(isinstance(row.outcome, Failure) for row in rows),
        "bytes_in": sum(one.bytes_in for one in done),
        "bytes_out": sum(one.bytes_out for one in done),
    }


def _json(rows: Sequence[Row], *, stopped: bool) -> str:
    from .. import __version__

    whole = {"hueclid": __version__, "stopped": stopped, **totals(rows), "files": [row.record() for row in rows]}
    return json.dumps(whole, indent=1) + "\n"


def _page(rows: Sequence[Row], *, stopped: bool) -> str:
    from importlib.resources import files
    from string import Template

    from rich.filesize import decimal

    sums = totals(rows)
    shown = {name: f"{sums[name]:,}" for name in ("done", "kept", "skipped", "failed") if sums[name] or name == "done"}
    shown |= {"before": decimal(sums["bytes_in"]), "after": decimal(sums["bytes_out"])}
    if sums["bytes_in"]:
        shown["change"] = f"{sums['bytes_out'] / sums['bytes_in'] - 1:+.1%}"
    title = f"hueclid: {sums['inputs']:,} files" + ", stopped before the end" * stopped
    return Template((files(__package__) / "web" / "report.html").read_text("utf-8")).substitute(
        title=escape(title),
        totals="".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>\n" for name, value in shown.items()),
        rows="".join(map(_item, rows)),
    )


def _item(row: Row) -> str:
    match row.outcome:
        case Done() as done:
            words = f"<span>{escape(done.output)}</span>"
            words += f"<span>kept as it was: {escape(done.kept)}</span>" if done.kept else ""
            return _entry(row, words, _bytes(done))
        case Skipped(reason):
            return _entry(row, f"<span>{escape(reason)}</span>", "")
        case Failure(message):
            return _entry(row, f'<span class="bad">{escape(message)}</span>', "")


def _entry(row: Row, words: str, numbers: str) -> str:
    names = f'<div class="names"><b>{escape(row.input)}</b>{words}</div>'
    if not row.pictures.before:
        return f'<li class="plain">{names}{numbers}</li>\n'
    pictures = _picture(row.pictures.before, "before") + _picture(row.pictures.after, "after")
    return f'<li><div class="pictures">{pictures}</div>{names}{numbers}</li>\n'


def _bytes(done: Done) -> str:
    from rich.filesize import decimal

    change = done.bytes_out / done.bytes_in
    score = "exact" if done.psnr is None else f"score {done.ssimulacra2:.1f}" if done.ssimulacra2 is not None else ""
    sizes = f"{decimal(done.bytes_in)} → {decimal(done.bytes_out)}"
    return (
        f'<div class="bytes"><p><span>{sizes}</span><b class="{"good" if change < 1 else ""}">{change - 1:+.1%}</b></p>'
        f'<div class="bar"><i style="width: {min(change, 1):.1%}"></i></div>'
        f"<p><span>{done.colors_in:,} → {done.colors_out:,} colors</span>"
        f'<span title="SSIMULACRA2">{score}</span></p></div>'
    )


def _picture(webp: bytes, title: str) -> str:
    return f'<span><img alt="{title}" title="{title}" src="data:image/webp;base64,{b64encode(webp).decode()}"></span>'
