"""The exact versions of everything that a run was computed with, as a file that pip installs."""

from __future__ import annotations

import platform
import re
from importlib import metadata

import spikeproof
from spikeproof_reports.paper import provenance

ENVIRONMENT = "environment.txt"
_OWN = "spikeproof"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_OF_AN_EXTRA = re.compile(r";.*\bextra\s*==")


def locked_environment() -> str:
    """A line ``name==version`` for each installed distribution that spikeproof needs, with any of its extras.

    What they need is followed to the end. Lines of comment name spikeproof with its commit, Python and the system;
    there are no paths and no addresses.
    """
    facts = [
        f"spikeproof {spikeproof.__version__}, commit {provenance.commit()}",
        f"{platform.python_implementation()} {platform.python_version()}",
        " ".join(part for part in (platform.system(), platform.machine(), *platform.libc_ver()) if part),
    ]
    pins = sorted(f"{name}=={version}" for name, version in _closure().items())
    return "".join(f"{line}\n" for line in [*(f"# {fact}" for fact in facts), *pins])


def _closure() -> dict[str, str]:
    """Versions of what is installed of the requirements of spikeproof, and of theirs, by their normalised names."""
    found, left = dict[str, str](), [_OWN]
    seen = {_OWN}
    while left:
        name = left.pop()
        try:
            own = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue
        if name != _OWN:
            found[name] = own.version
        needed = [text for text in own.requires or () if name == _OWN or not _OF_AN_EXTRA.search(text)]
        names = {normalised(match[0]) for text in needed if (match := _NAME.match(text))}
        left += sorted(names - seen)
        seen |= names
    return found


def normalised(name: str) -> str:
    """The one spelling of a distribution's name."""
    return re.sub(r"[-_.]+", "-", name).lower()
