"""A run on disk: one Parquet file per frame or table of a study, and run.json with the rest and the files' sums."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from spikeproof.atomic import replacing
from spikeproof.errors import InvalidInput
from spikeproof_reports.paper.files import write_text
from spikeproof_reports.paper.folder import renewed
from spikeproof_reports.verification.columns import check_frame
from spikeproof_reports.verification.run import FRAMES, RunRecord

FORMAT = "spikeproof-run"
VERSION = 1
INDEX = "run.json"
STUDIES = "studies"  # folder of the studies' tables
PROVENANCE = "spikeproof"  # key of the provenance, as JSON, in the metadata of a Parquet file


def save_run(run: RunRecord, folder: Path | str) -> list[Path]:
    """Write a run to a folder: the frames as Parquet files, then run.json, which completes the run.

    Every file is written under another name and then moved to its place; run.json comes last and holds the SHA-256 of
    the others, so an interrupted save is noticed by `load_run`. Tables of an earlier run that this one does not have
    are removed. Row labels are not kept. Every file carries the provenance: the Parquet files as JSON under the key
    `PROVENANCE` of their metadata.

    Parameters
    ----------
    run : RunRecord
    folder : path
        Made if missing.

    Returns
    -------
    list of Path
        The files written.
    """
    folder = Path(folder)
    with renewed(folder, "verify", "run", last=INDEX) as new:
        written = _save(run, new)
    return [folder / path.relative_to(new) for path in written]


def _save(run: RunRecord, folder: Path) -> list[Path]:
    frames = {f"{name}.parquet": getattr(run, name) for name in FRAMES}
    for study, tables in run.studies.items():
        (folder / STUDIES / study).mkdir(parents=True, exist_ok=True)
        frames |= {_table_file(study, table): frame for table, frame in tables.items()}
    paths = [save_frame(frame, folder / name, run.provenance) for name, frame in frames.items()]
    content = {
        "format": FORMAT,
        "version": VERSION,
        "sha256": {name: _sum(folder / name) for name in frames},
        "studies": {study: list(tables) for study, tables in run.studies.items()},
        "provenance": dict(run.provenance),
        "environment": run.environment,
        "example": {key: _plain(value) for key, value in run.example.items()},
    }
    return [*paths, write_text(folder / INDEX, json.dumps(content, indent=1) + "\n")]


def load_run(folder: Path | str) -> RunRecord:
    """The run that `save_run` stored, bit for bit.

    Parameters
    ----------
    folder : path

    Returns
    -------
    RunRecord

    Raises
    ------
    InvalidInput
        If a file is missing, unreadable, of another format version or not the one that was saved with the others, or
        if a column is missing; the message names the file.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise InvalidInput("folder", str(folder), "a folder that `spikeproof verify` has written")
    content = _load_index(folder / INDEX)
    sums = content["sha256"]
    frames = {name: _load_frame(folder, f"{name}.parquet", sums, kind=name) for name in FRAMES}
    return RunRecord(
        studies={
            study: {table: _load_frame(folder, _table_file(study, table), sums) for table in tables}
            for study, tables in content["studies"].items()
        },
        example={key: _array_or_plain(value) for key, value in content["example"].items()},
        provenance=content["provenance"],
        environment=str(content.get("environment", "")),
        **frames,
    )


def save_frame(frame: pd.DataFrame, path: Path, provenance: Mapping[str, str]) -> Path:
    """`path`, after `frame` was written to it as a Parquet file, with the provenance in its metadata."""
    table = pa.Table.from_pandas(frame, preserve_index=False)
    table = table.replace_schema_metadata({**table.schema.metadata, PROVENANCE: json.dumps(dict(provenance))})
    with replacing(path) as temporary:
        pq.write_table(table, temporary)
    return path


def _table_file(study: str, table: str) -> str:
    """Name of the file of a table, within the folder of the run."""
    return f"{STUDIES}/{study}/{table}.parquet"


def _load_frame(folder: Path, name: str, sums: Mapping[str, str], kind: str = "") -> pd.DataFrame:
    """The frame in the file `name`; `kind` is which of `FRAMES` it is, if any."""
    _must_exist(folder / name, name)
    try:
        frame = pd.read_parquet(folder / name, engine="pyarrow")
    except (ValueError, OSError) as error:  # pyarrow's errors are of these kinds
        raise InvalidInput(name, str(error), "a readable Parquet file") from error
    if kind:
        check_frame(kind, frame, source=name)
    if _sum(folder / name) != sums.get(name):
        raise InvalidInput(name, "another file", f"the file saved together with {INDEX} (same SHA-256)")
    return frame


def _load_index(path: Path) -> dict[str, Any]:
    _must_exist(path, path.name)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InvalidInput(path.name, str(error), "a JSON document") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise InvalidInput(f"{path.name}: format", _get(content, "format"), repr(FORMAT))
    if content.get("version") != VERSION:
        raise InvalidInput(
            f"{path.name}: version", _get(content, "version"), f"{VERSION}, the version this release reads"
        )
    content.setdefault("studies", {})  # a run without studies may lack the key
    for key in ("sha256", "provenance", "example", "studies"):
        if not isinstance(content.get(key), dict):
            raise InvalidInput(f"{path.name}: {key}", _get(content, key), "an object")
    return content


def _must_exist(path: Path, name: str) -> None:
    if not path.is_file():
        raise InvalidInput(
            name, "no such file", f"the folder of a run of spikeproof verify, with {INDEX} and the frames"
        )


def _get(content: object, key: str) -> object:
    return content.get(key) if isinstance(content, dict) else content


def _sum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _plain(value: object) -> object:
    """`value` as JSON; arrays keep their type, floats all their digits (shortest text that reads back the same)."""
    if isinstance(value, np.ndarray):
        return {"dtype": value.dtype.str, "values": value.tolist()}
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, (list, tuple)):
        return [_plain(member) for member in value]
    return value


def _array_or_plain(value: Any) -> Any:
    if isinstance(value, dict) and value.keys() == {"dtype", "values"}:
        return np.array(value["values"], dtype=value["dtype"])
    if isinstance(value, list):
        return [tuple(member) if isinstance(member, list) else member for member in value]
    return value
