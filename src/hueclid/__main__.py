"""The entry points of `hueclid`, `python -m hueclid` and `hueclid-pngquant`."""

import os
import sys


def main() -> None:
    """Run the command line; `--version` alone answers before anything heavy is imported."""
    if sys.argv[1:] == ["--version"]:
        from ._core import __version__

        sys.stdout.write(f"hueclid {__version__}\n")
        return
    # NumPy's BLAS, which nothing here uses, would start a thread for each core: 12 ms, and 100 ms of the processors'.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from .cli import app

    app()


def pngquant() -> None:
    """Run pngquant's command line."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as above
    from .compat.pngquant import main

    sys.exit(main())


if __name__ == "__main__":
    main()
