"""The entry points of `hueclid`, `python -m hueclid` and `hueclid-pngquant`."""

import atexit
import errno
import gc
import os
import sys
from collections.abc import Callable
from typing import Any

_UNHEARD = (errno.EBADF, errno.ENOSPC, errno.EIO, errno.EPIPE, errno.EINVAL)
"""What writing to a stream that is closed, full or gone fails with; on Windows the last."""


def main() -> None:
    """Run the command line; `--version` alone answers before anything heavy is imported."""
    _run(_version if sys.argv[1:] == ["--version"] else _hueclid)


def pngquant() -> None:
    """Run pngquant's command line."""
    _run(_pngquant)


def _version() -> None:
    from ._core import __version__

    sys.stdout.write(f"hueclid {__version__}\n")


def _hueclid() -> Any:
    from .cli import app

    return app()


def _pngquant() -> int:
    from .compat.pngquant import main

    return main()


def _run(command: Callable[[], Any]) -> None:
    """Run a command in a process that starts and ends as quickly as Python lets it, and exit with its status."""
    _mend_streams()
    # NumPy's BLAS, which nothing here uses, would start a thread for each core: 12 ms, and 100 ms of the processors'.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # What is imported, 50,000 objects, stays: to look through it for garbage again and again takes 8 ms.
    gc.set_threshold(100_000)
    status: int | None = None

    def leave() -> None:
        """End the process without the interpreter's last look for garbage, which takes 25 ms."""
        if status is not None:
            for stream in filter(None, (sys.stdout, sys.stderr)):
                stream.flush()
            os._exit(status)

    atexit.register(leave)  # registered first, called last, when all threads have ended
    try:
        sys.exit(_heard(command))
    except KeyboardInterrupt:  # while a command is still imported
        status = 130
        sys.exit(status)
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            status = end.code or 0
        raise


def _heard(command: Callable[[], Any]) -> Any:
    """Return what a command does; that what it says can't be written ends it with words and a status of 1."""
    try:
        try:
            return command()
        finally:
            sys.stdout.flush()
    except OSError as error:
        if error.filename is not None or error.errno not in _UNHEARD:
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what is left in the buffer would fail once more
        if error.errno != errno.EPIPE:  # a reader that has read enough, such as head
            sys.stderr.write(f"hueclid: standard output can't be written: {error.strerror}\n")
        return 1


def _mend_streams() -> None:
    """Replace standard streams that were closed by ones whose use fails with words, and no file gets their numbers."""
    ways = (("stdin", os.O_WRONLY, "r"), ("stdout", os.O_RDONLY, "w"), ("stderr", os.O_WRONLY, "w"))
    for number, (name, access, mode) in enumerate(ways):
        if getattr(sys, name) is None:
            descriptor = os.open(os.devnull, access)
            if descriptor != number:
                os.dup2(descriptor, number)
                os.close(descriptor)
            setattr(sys, name, open(number, mode, closefd=False))  # noqa: SIM115 open to the end, as all streams


if __name__ == "__main__":
    main()
