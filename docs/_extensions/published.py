"""The published reports, copied into the site."""

import shutil
from pathlib import Path

PUBLISHED = Path(__file__).resolve().parents[2] / "reports" / "published"


def setup(app):
    app.connect("build-finished", _copy)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


def _copy(app, error):
    if error is None and app.builder.format == "html":
        shutil.copytree(PUBLISHED, Path(app.outdir) / "results" / "published", dirs_exist_ok=True)
