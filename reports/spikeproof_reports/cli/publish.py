"""``spikeproof publish``: the documents of finished runs, side by side in one folder."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(short_help="Copy the documents of runs of one clean commit to where they are published.")
@click.argument("folders", metavar="FOLDER...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--to", "target", type=click.Path(path_type=Path, file_okay=False), default=Path("reports/published"),
    show_default=True, help="Folder of what is published.",
)  # fmt: skip
def publish(folders: tuple[Path, ...], target: Path) -> None:
    """Copy the documents that `verify`, `bench`, `train`, `lesson` and `audit` left in each FOLDER to their places.

    Verification, benchmark and training must come from one commit, without changes to it, those that stay there among
    them; the lesson and the audit each from one of its own. What an earlier run of the same kind has published is
    replaced.
    """
    from spikeproof_reports.paper.publish import publish

    click.echo(f"Published: {len(publish(folders, target))} files in {target}")
