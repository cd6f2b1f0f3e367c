"""``spikeproof warm``: the kernels of both engines compiled now, for later processes."""

from __future__ import annotations

import time

import click


@click.command(short_help="Compile the kernels of both engines, once for all later processes.")
def warm() -> None:
    """Compile the kernels of the event and the grid engine.

    They are kept beside the package, or in the folder NUMBA_CACHE_DIR, and later processes load them from there: run
    it once when an image is built, or before many processes start on a cluster.
    """
    import spikeproof

    start = time.perf_counter()
    spikeproof.warm()
    click.echo(f"The kernels of both engines are compiled: {time.perf_counter() - start:.1f} s.")
