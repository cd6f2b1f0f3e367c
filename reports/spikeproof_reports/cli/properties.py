"""``spikeproof verify --engine``: the properties of an engine, on the terminal and in a file."""

from __future__ import annotations

from pathlib import Path

import click

PASSED, FAILED = 0, 1
KIND, FILE = "properties", "properties.json"


def try_properties(name: str, kind: str, seed: int, draws: int, out: Path) -> int:
    """Try all properties on the engine ``module:attribute``, print and write what was found; the exit status."""
    from rich.console import Console
    from rich.progress import Progress

    from spikeproof.errors import InvalidInput
    from spikeproof_reports.paper.folder import claim, renewed
    from spikeproof_verification.conformance.serve import attribute
    from spikeproof_verification.conformance.served import Served
    from spikeproof_verification.files.json_file import write_json
    from spikeproof_verification.properties import verify

    claim(out, KIND)
    try:
        engine = Served(attribute(name)).engine(1.0 / 32.0)
    except InvalidInput:
        raise
    except Exception as error:  # whatever the import of a foreign engine raises
        raise InvalidInput("--engine", name, f"an engine that starts ({type(error).__name__}: {error})") from None
    with Progress() as progress:
        bar = progress.add_task("properties", total=None)
        record = verify(
            engine, kind=kind, seed=seed, draws=draws, seen=lambda n, m: progress.update(bar, completed=n, total=m)
        )
    with renewed(out, KIND, "documents") as new:
        write_json({"format": "spikeproof-properties-1", **record.to_dict()}, new / FILE)
    console = Console(highlight=False, markup=False, emoji=False)
    for row in record.rows:
        if row.verdict != "pass":
            console.print(f"{row.verdict}: {row.claim}: {row.message} {row.draw}".rstrip(": "), soft_wrap=True)
    console.print(str(record), style="bold green" if record.clean else "bold red", soft_wrap=True)
    click.echo(f"Record: {out / FILE}")
    return PASSED if record.clean else FAILED
