"""A chapter: the page of one study."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import pandas as pd

from spikeproof.errors import InvalidInput
from spikeproof_reports.paper.picture import Picture
from spikeproof_reports.paper.table import Table

Frames: TypeAlias = Mapping[str, pd.DataFrame]


@dataclass(frozen=True, eq=False)
class Chapter:
    """A study's texts, tables and figures, independent of any output format.

    Attributes
    ----------
    slug : name of its page; small letters, digits and underscores.
    title : heading.
    paragraphs : what is shown and why, for a reader who has nothing but the report.
    tables, pictures : their names begin with the slug, since files are named by them.

    Raises
    ------
    InvalidInput
        If the slug has other characters, or the name of a table or figure does not begin with it.
    """

    slug: str
    title: str
    paragraphs: tuple[str, ...]
    tables: tuple[Table, ...] = ()
    pictures: tuple[Picture, ...] = ()

    def __post_init__(self) -> None:
        if not self.slug.isidentifier() or self.slug != self.slug.lower():
            raise InvalidInput("chapter.slug", self.slug, "small letters, digits and underscores")
        for name in [*(t.name for t in self.tables), *(p.name for p in self.pictures)]:
            if not name.startswith(self.slug):
                raise InvalidInput("chapter", name, f"names of tables and pictures that begin with {self.slug!r}")


Maker: TypeAlias = Callable[[Frames], Chapter]
