"""Text files, written atomically and the same on every system."""

from __future__ import annotations

from pathlib import Path

from spikeproof.atomic import replacing


def write_text(path: Path, text: str) -> Path:
    """`path`, after `text` was written to it in UTF-8 with plain line feeds; its folder is made if missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")
    return path
