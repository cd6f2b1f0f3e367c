"""A figure with its caption, and its files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from matplotlib import rc_context
from matplotlib.figure import Figure

from spikeproof.atomic import replacing
from spikeproof_reports.paper.style import RC


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
        """The PNG and PDF files written to `folder`, with the provenance `facts` in their metadata."""
        if self.figure is None:
            return []
        folder.mkdir(parents=True, exist_ok=True)
        paths = [self.png(folder), folder / f"{self.name}.pdf"]
        for path in paths:
            with replacing(path) as temporary, rc_context(RC):
                self.figure.savefig(temporary, metadata=_metadata(path.suffix, self.title, facts))
        return paths

    def png(self, folder: Path) -> Path:
        """Path of the PNG file that `save` writes."""
        return folder / f"{self.name}.png"


def _metadata(suffix: str, title: str, facts: Mapping[str, str]) -> dict[str, str | None]:
    if suffix == ".png":
        return {"Title": title, **facts}
    # PDF knows a fixed set of keys; no creation date, so that the same run gives the same bytes
    keywords = "; ".join(f"{key}: {value}" for key, value in facts.items())
    return {"Title": title, "Subject": "spikeproof verification report", "Keywords": keywords, "CreationDate": None}
