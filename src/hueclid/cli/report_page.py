"""The report for people: a page with pictures that loads nothing."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from html import escape
from importlib.resources import files
from string import Template

from rich.filesize import decimal

from .batch import Failure
from .reduction import Done, Skipped
from .rows import Row, totals


def page(rows: Sequence[Row], *, stopped: bool) -> str:
    """Return the report as HTML."""
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
