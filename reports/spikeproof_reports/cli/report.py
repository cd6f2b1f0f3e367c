"""``spikeproof report``: the documents of a stored run, made again."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(short_help="Make the documents again from stored measurements.")
@click.argument("folder", type=click.Path(path_type=Path), default=Path("spikeproof-report"))
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Where to write; default: FOLDER.")
def report(folder: Path, out: Path | None) -> int:
    """Make tables, figures and pages from the measurements that `spikeproof verify` left in FOLDER.

    FOLDER is spikeproof-report by default. No case is solved again.
    """
    from spikeproof_reports import load_run, write_report
    from spikeproof_reports.cli.summary import show_summary
    from spikeproof_reports.paper.folder import claim

    run = load_run(folder)
    target = folder if out is None else out
    claim(target, "verify", field="folder" if out is None else "--out", adopt=out is None)
    write_report(run, target)
    return show_summary(run, target)
