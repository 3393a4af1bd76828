"""The `hueclid` command and its subcommands; nothing here imports NumPy or Pillow before a command runs."""

from __future__ import annotations

import os
import shlex
from importlib import import_module
from typing import Any

import click

_NAMES = ("quantize", "palette", "compare", "measure", "curve", "plot", "ui", "pngquant")


class _Commands(click.Group):
    """Commands in this order, each imported when it is asked for; Ctrl-C is an exit status of its own."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 the signature is click's
        return list(_NAMES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 as above
        if cmd_name not in _NAMES:
            return None
        command: click.Command = getattr(import_module(f".{cmd_name}", __package__), cmd_name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if (name := args[0]) not in _NAMES and not name.startswith("-") and not ctx.resilient_parsing:
            from difflib import get_close_matches

            remedy = f"one of {', '.join(_NAMES)}"
            if os.path.exists(name):  # to reduce it is all that other programs do
                remedy = f"{ctx.command_path} quantize {shlex.quote(name)}"
            elif close := get_close_matches(name, _NAMES, 1):
                remedy = close[0]
            ctx.fail(f"there is no command {name!r}; did you mean {remedy}?")
        return super().resolve_command(ctx, args)

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        try:
            return super().make_context(*args, **kwargs)
        except KeyboardInterrupt:
            raise click.exceptions.Exit(130) from None

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            ctx.exit(130)


def _version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        from .. import __version__

        click.echo(f"hueclid {__version__}")
        ctx.exit()


@click.group(
    cls=_Commands,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100, "show_default": True},
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_version,
    help="Print the version and exit.",
)
def app() -> None:
    """Reduce images to a few colors by k-means: nearer to the picture, in fewer bytes.

    Exit status: 0 done, 1 some input failed, 2 wrong usage, 130 stopped by Ctrl-C.
    """
