"""The entry point of `hueclid` and `python -m hueclid`."""

import sys


def main() -> None:
    """Run the command line; `--version` alone answers before anything heavy is imported."""
    if sys.argv[1:] == ["--version"]:
        from ._core import __version__

        sys.stdout.write(f"hueclid {__version__}\n")
        return
    from .cli import app

    app()


if __name__ == "__main__":
    main()
