"""`hueclid ui`: the local web page."""

from __future__ import annotations

from collections.abc import Sequence

import click

from ..options import HOST, MAX_PIXELS, PORT
from . import flags, terminal

_PIXELS = 1 << 25


@click.command()
@click.argument("images", metavar="[IMAGE...]", type=flags.FILE, nargs=-1)
@flags.flag(PORT, show_default="a free one")
@click.option(
    "--host",
    default=HOST,
    metavar="ADDRESS",
    help="Address to listen on. Any other than this machine's own asks every visitor for a token, which is part of the "
    "address that is printed.",
)
@click.option("--no-browser", is_flag=True, help="Print the address, but open no browser.")
@flags.flag(MAX_PIXELS, default=_PIXELS)
def ui(images: Sequence[str], port: int, host: str, no_browser: bool, max_pixels: int) -> None:
    """Open a local web page: see a result before you save it.

    IMAGE: image files to begin with; others can be dropped onto the page.

    Pictures stay on this machine: the page is served by this command alone, until Ctrl-C. It needs the extra ui:
    pip install 'hueclid[ui]'.
    """
    try:
        from ..ui import server
    except ModuleNotFoundError as error:
        if error.name and error.name.startswith("hueclid"):
            raise
        terminal.say(f"the page needs {error.name}; install it with: pip install 'hueclid[ui]'", style="red")
        raise click.exceptions.Exit(1) from None
    pictures, failed = [], False
    for image in images:
        try:
            with open(image, "rb") as file:
                pictures.append((image, file.read()))
        except OSError as error:
            terminal.say(image, error.strerror or str(error), style="red")
            failed = True
    if failed:
        raise click.exceptions.Exit(1)
    try:
        taken = server.listen(host, port)
    except OSError as error:
        raise click.BadParameter(
            f"can't listen on {host}, port {port}: {error.strerror or error}; take another, or leave it out",
            param_hint="--port",
        ) from None

    def ready(address: str) -> None:
        terminal.emit(f"hueclid is at {address}  (Ctrl-C ends it)")
        if not no_browser:
            click.launch(address)

    server.run(
        taken,
        pictures,
        foreign=not server.is_local(host),
        max_pixels=max_pixels,
        said=lambda words: terminal.say(words, style="red"),
        ready=ready,
    )
