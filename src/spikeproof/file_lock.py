"""A lock between processes, which ends with the process that holds it, whatever ends that."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any
from zlib import crc32

if sys.platform != "win32":
    import fcntl

LOCKED = 2**31  # bytes, of a file that stays empty: each name has one of them


class FileLock:
    """The lock of a name among the processes that know the same file.

    Parameters
    ----------
    path : Path
        The file, which is made if there is none, and stays; its folder must exist by the time of the first `acquire`.
    name : str

    Notes
    -----
    A process that needs several locks must not be able to wait in a circle with others. Where a file system knows no
    locks, or the operating system is Windows, there is none, and `acquire` says so.
    """

    _files: dict[Path, Any] = {}  # noqa: RUF012 - open ones: closing a file gives up all locks that a process has there

    def __init__(self, path: Path, name: str) -> None:
        self.path, self.byte, self.held = path, crc32(name.encode()) % LOCKED, False

    def acquire(self) -> bool:
        """Wait for the lock; False where there are no locks."""
        if sys.platform == "win32":
            return False
        try:
            file = self._files.get(self.path)
            if file is None:
                file = self._files[self.path] = self.path.open("ab")
            fcntl.lockf(file, fcntl.LOCK_EX, 1, self.byte)
        except OSError:
            return False
        self.held = True
        return True

    def release(self) -> None:
        """Give up the lock, if it is held."""
        if sys.platform != "win32" and self.held:
            self.held = False
            fcntl.lockf(self._files[self.path], fcntl.LOCK_UN, 1, self.byte)
