"""A figure with its caption, and its files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib import rc_context
from matplotlib.collections import Collection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from spikeproof.atomic import replacing
from spikeproof_reports.paper.columns import in_a_column
from spikeproof_reports.paper.style import RC

MANY = 2000  # markers or strokes from which on files for print have pixels
PRINTED = 400  # of these, per inch


@dataclass(frozen=True, eq=False)
class Picture:
    """A figure, or the sentence that says why there is none (`figure` is None, `caption` the sentence).

    `alt` says in words what is to be seen, for those who do not see the figure.
    """

    name: str
    title: str
    caption: str
    figure: Figure | None
    alt: str = ""

    def save(self, folder: Path, facts: Mapping[str, str]) -> list[Path]:
        """The files written to `folder`, with the provenance `facts` in their metadata.

        PNG, PDF and SVG as wide as a page; PDF and SVG as wide as a column, except of a figure that would be higher
        than a page then.
        """
        if self.figure is None:
            return []
        folder.mkdir(parents=True, exist_ok=True)
        _clouds_as_pixels(self.figure)
        with rc_context(RC):
            narrow = in_a_column(self.figure)
        drawn = {self.name: self.figure, **({f"{self.name}_column": narrow} if narrow else {})}
        paths = {folder / f"{name}{suffix}": figure for name, figure in drawn.items() for suffix in (".pdf", ".svg")}
        for path, figure in ({self.png(folder): self.figure} | paths).items():
            with replacing(path) as temporary, rc_context(RC):
                dots = RC["savefig.dpi"] if path.suffix == ".png" else PRINTED
                figure.savefig(temporary, metadata=_metadata(path.suffix, self.title, facts), dpi=dots)
        return [self.png(folder), *paths]

    def png(self, folder: Path) -> Path:
        """Path of the PNG file that `save` writes."""
        return folder / f"{self.name}.png"


def _clouds_as_pixels(figure: Figure) -> None:
    """Have markers and strokes that are very many drawn as pixels in files for print, which would be huge."""
    for line in figure.findobj(Line2D):
        if line.get_marker() not in ("", " ", "None", None) and np.size(line.get_xdata()) > MANY:
            line.set_rasterized(True)
    for cloud in figure.findobj(Collection):
        if max(np.shape(cloud.get_offsets())[0], len(cloud.get_paths())) > MANY:
            cloud.set_rasterized(True)


def _metadata(suffix: str, title: str, facts: Mapping[str, str]) -> dict[str, str | None]:
    if suffix == ".png":
        return {"Title": title, **facts}
    # the formats of print know a fixed set of keys; no creation date, so that the same run gives the same bytes
    keywords = "; ".join(f"{key}: {value}" for key, value in facts.items())
    if suffix == ".svg":
        return {"Title": title, "Description": "spikeproof report", "Keywords": keywords, "Date": None}
    return {"Title": title, "Subject": "spikeproof verification report", "Keywords": keywords, "CreationDate": None}
