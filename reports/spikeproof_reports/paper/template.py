"""The templates of the documents, package files in the folder `templates`."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined


def environment(*, escape: bool) -> Environment:
    """A jinja2 environment that escapes what is inserted, or not, and refuses unknown names."""
    loader = PackageLoader("spikeproof_reports.paper")
    return Environment(
        loader=loader, autoescape=escape, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        keep_trailing_newline=True,
    )  # fmt: skip
