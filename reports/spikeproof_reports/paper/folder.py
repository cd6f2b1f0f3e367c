"""A folder that a command writes to: a manifest lists the command's own files; other files are left alone."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

from spikeproof.errors import InvalidInput
from spikeproof_reports.paper.files import write_text

MANIFEST = "manifest.json"
FORMAT = "spikeproof-folder-1"
_UNFINISHED = ".unfinished-"  # prefix of folders that a killed process may leave

Parts = Mapping[str, Sequence[str]]  # the files of each part, relative to the folder


def claim(folder: Path, kind: str, *, field: str = "--out", adopt: bool = False) -> None:
    """Make `folder` if it is missing, and mark it as one that holds a `kind` of run and can be written.

    Parameters
    ----------
    folder, kind : where, and of what.
    field : what the folder is called where it was asked for.
    adopt : take it although it is not marked; its other files are left alone.

    Raises
    ------
    InvalidInput
        If it holds anything and was not marked as of this kind, or if it cannot be written.
    """
    try:
        marked = (folder / MANIFEST).exists()
        if not marked and not adopt and folder.exists() and any(folder.iterdir()):
            raise InvalidInput(field, str(folder), f"an empty folder, or one of an earlier {kind} run")
        folder.mkdir(parents=True, exist_ok=True)
        _write(folder, kind, parts_of(folder, kind, field=field))
    except OSError as error:
        raise InvalidInput(field, str(folder), f"a folder that can be written ({error.strerror})") from None


def claim_file(path: Path, field: str = "--out") -> None:
    """Check that `path` can be written or replaced, before there is anything to write.

    Raises
    ------
    InvalidInput
        If it is something else than a file, or its folder cannot be written.
    """
    try:
        if path.exists() and not path.is_file():
            raise InvalidInput(field, str(path), "a new file, or a plain one to be replaced")
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise InvalidInput(field, str(path), f"a file in a folder that can be written ({error.strerror})") from None


@contextmanager
def renewed(folder: Path, kind: str, part: str, last: str = "") -> Iterator[Path]:
    """An empty folder; when the block succeeds, the files in it replace those of one part of `folder`.

    Files of the part that only an earlier block wrote are removed, since they belong to another run. Until the block
    ends, and if it fails, `folder` is unchanged.

    Parameters
    ----------
    folder, kind : a folder, made if missing, and the kind of run that it holds.
    part : which of its parts is made anew; others are left alone.
    last : name of the file that is moved to its place after all others.

    Raises
    ------
    InvalidInput
        If `folder` holds another kind of run.
    """
    before = parts_of(folder, kind)
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob(f"{_UNFINISHED}*"):
        shutil.rmtree(left)
    with tempfile.TemporaryDirectory(prefix=_UNFINISHED, dir=folder) as name:
        new, old = Path(name), before.get(part, ())
        yield new
        names = sorted(path.relative_to(new).as_posix() for path in new.rglob("*") if path.is_file())
        names.sort(key=lambda name: name == last)
        _write(folder, kind, {**before, part: sorted({*names, *old})})  # first: they are ours, whatever happens
        for name in names:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (new / name).replace(folder / name)
        _remove(folder, set(old) - set(names))
        _write(folder, kind, {**before, part: sorted(names)})


def kind_of(folder: Path) -> str:
    """The kind of run that `folder` is marked to hold; raises `InvalidInput` if it is not marked."""
    return str(_read(folder, "folder")["kind"])


def parts_of(folder: Path, kind: str, *, field: str = "folder") -> dict[str, list[str]]:
    """The files of each part of `folder`, which holds a `kind` of run, or nothing yet.

    Raises
    ------
    InvalidInput
        If it holds another kind of run, or its manifest is damaged.
    """
    if not (folder / MANIFEST).exists():
        return {}
    content = _read(folder, field)
    if content["kind"] != kind:
        raise InvalidInput(field, str(folder), f"a folder of a {kind} run; it holds a {content['kind']} run")
    return {part: list(names) for part, names in content["files"].items()}


def _read(folder: Path, field: str) -> dict[str, Any]:
    allowed = f"a folder that spikeproof has written, with its {MANIFEST}"
    try:
        content = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        fits = content["format"] == FORMAT and isinstance(content["kind"], str)
        names = [PurePosixPath(name) for names in content["files"].values() for name in names]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise InvalidInput(field, str(folder), allowed) from None
    if not fits or any(name.is_absolute() or ".." in name.parts for name in names):
        raise InvalidInput(field, str(folder), allowed)
    return dict(content)


def _write(folder: Path, kind: str, files: Parts) -> None:
    content = {"format": FORMAT, "kind": kind, "files": files}
    write_text(folder / MANIFEST, json.dumps(content, indent=1) + "\n")


def _remove(folder: Path, names: set[str]) -> None:
    """Remove files of `folder`, and folders that are empty then."""
    for name in sorted(names):
        (folder / name).unlink(missing_ok=True)
        for parent in (folder / name).parents:
            if parent == folder or not parent.is_dir() or any(parent.iterdir()):
                break
            parent.rmdir()
