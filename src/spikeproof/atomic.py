"""Files that are replaced as a whole: a reader sees the old content or all of the new, never a part."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path beside `path` that takes its place when the block ends without an exception.

    Parameters
    ----------
    path : Path
        Its folder must exist.

    Yields
    ------
    Path
        A path of the same suffix where no file exists yet; the block creates it. It is removed if the block fails.

    Raises
    ------
    OSError
        If the temporary file cannot take the place of `path`.
    """
    temporary = path.parent / f".{secrets.token_hex(8)}{path.suffix}"
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
