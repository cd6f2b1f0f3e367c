"""``spikeproof cite``: how a paper says what it did with a finished run."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(short_help="Print a methods paragraph and BibTeX entries of a finished run.")
@click.argument("folder", type=click.Path(path_type=Path), default=Path("spikeproof-report"))
def cite(folder: Path) -> None:
    """Print the methods paragraph of the finished run in FOLDER, and the BibTeX entries that it cites.

    FOLDER is spikeproof-report by default; any folder with the report of a command will do. The tables of a run are in
    tables/ as LaTeX, and numbers.tex has a macro for every number in them.
    """
    from spikeproof.errors import InvalidInput
    from spikeproof_reports.paper.methods import ENTRIES, METHODS

    for name in (METHODS, ENTRIES):
        path = folder / name
        if not path.is_file():
            raise InvalidInput("folder", str(folder), f"a folder with the report of a command; it lacks {name}")
        click.echo("".join(x for x in path.read_text(encoding="utf-8").splitlines(True) if not x.startswith("%")))
