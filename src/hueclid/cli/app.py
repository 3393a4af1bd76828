"""The `hueclid` command and its subcommands; nothing here imports NumPy or Pillow before a command runs."""

from __future__ import annotations

from typing import Annotated

import typer

from .compare import compare
from .palette import palette
from .quantize import quantize

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
for command in (quantize, palette, compare):
    app.command(no_args_is_help=True)(command)


def _version(wanted: bool) -> None:
    if wanted:
        from .. import __version__

        typer.echo(f"hueclid {__version__}")
        raise typer.Exit


@app.callback()
def hueclid(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Reduce images to a few colors by k-means: nearer to the picture, in fewer bytes.

    Exit status: 0 done, 1 some input failed, 2 wrong usage, 130 stopped by Ctrl-C.
    """
