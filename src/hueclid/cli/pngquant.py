"""`hueclid pngquant`: pngquant's own arguments, names and exit statuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


class _Raw(click.Command):
    """A command that takes its arguments as they are, `--` and `--help` too."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.args = args
        return []

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:  # noqa: ARG002 click's
        from click.shell_completion import CompletionItem

        return [CompletionItem(incomplete, type="file")]


@click.command(cls=_Raw, add_help_option=False)
@click.pass_context
def pngquant(ctx: click.Context) -> None:
    """Do what pngquant does with the arguments that follow."""
    from ..compat.pngquant import main

    ctx.exit(main(ctx.args))
