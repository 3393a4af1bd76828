"""Files that appear whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import stat

from .errors import WriteError

_REMEDIES = {
    errno.ENOSPC: "the disk is full; make room, nothing was changed",
    errno.EDQUOT: "the disk quota is used up; make room, nothing was changed",
    errno.ENOENT: "there is no such folder; create it first",
    errno.ENOTDIR: "there is no such folder; create it first",
    errno.EACCES: "no permission to write there; choose another output",
    errno.EPERM: "no permission to write there; choose another output",
    errno.EROFS: "the file system is read-only; choose another output",
    errno.EISDIR: "is a folder; name a file in it",
    errno.ENAMETOOLONG: "the name is too long; choose a shorter one",
}


def write_bytes(
    data: bytes,
    path: str | os.PathLike[str],
    *,
    overwrite: bool = True,
    like: str | os.PathLike[str] | None = None,
) -> int:
    """Write a file and return its size; `path` holds all of `data` afterwards, or what it held before.

    The bytes go to a temporary file in the same folder, which reaches the disk and then takes the name. A
    replaced file hands on its mode; of a symbolic link the target is replaced; a device or pipe is written to
    directly.

    Args:
        data: the content.
        path: where to.
        overwrite: whether a file that exists may be replaced; if not, even one that appears meanwhile stays. Devices
            and pipes are written to anyway.
        like: a file whose times of access and change, and whose permissions, the new one has.

    Raises:
        WriteError: the file exists and may not be replaced, or can't be written.
    """
    name = os.fspath(path)
    try:
        if not overwrite and os.path.lexists(name) and not is_stream(name):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), name)
        mode = _mode(name)
        model = None if like is None else os.stat(like)
        if mode is not None and not stat.S_ISREG(mode):
            with open(name, "wb") as device:
                device.write(data)
        else:
            _put(data, os.path.realpath(name), mode, model, overwrite=overwrite)
    except FileExistsError as error:
        raise WriteError(f"{name}: exists; choose another output, or allow to replace it") from error
    except OSError as error:
        reason = _REMEDIES.get(error.errno or 0, error.strerror or str(error))
        raise WriteError(f"{name}: {reason}") from error
    return len(data)


def is_stream(path: str | os.PathLike[str]) -> bool:
    """Return whether a path is a pipe or a character device, such as /dev/null: what is written replaces nothing."""
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISCHR(mode)


def _mode(name: str) -> int | None:
    """Return kind and permissions of an existing file that may be written; None when there is none.

    Raises:
        PermissionError: it is write-protected; a rename alone would not mind.
    """
    try:
        mode = os.stat(name).st_mode
    except FileNotFoundError:
        return None
    if not os.access(name, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), name)
    return mode


def _put(data: bytes, target: str, mode: int | None, model: os.stat_result | None, *, overwrite: bool) -> None:
    """Write `data` beside `target` and rename it; the temporary file never stays."""
    temporary = os.path.join(os.path.dirname(target), f".hueclid-{os.urandom(8).hex()}.tmp")
    try:
        # Created without tempfile, whose files are 0600: the kernel applies the umask.
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
        with open(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if model is not None:
            os.chmod(temporary, stat.S_IMODE(model.st_mode))
            os.utime(temporary, ns=(model.st_atime_ns, model.st_mtime_ns))
        elif mode is not None:
            os.chmod(temporary, stat.S_IMODE(mode))
        if overwrite:
            os.replace(temporary, target)
        else:
            _rename_to_free_name(temporary, target)
    finally:
        with contextlib.suppress(OSError):
            os.unlink(temporary)


def _rename_to_free_name(source: str, target: str) -> None:
    """Rename unless `target` exists: a hard link fails then, in one step."""
    try:
        os.link(source, target)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links, such as FAT
        if os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), target) from None
        os.rename(source, target)
