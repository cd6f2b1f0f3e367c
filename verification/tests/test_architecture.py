"""ARCHITECTURE.md lists the files that there are."""

import re
from pathlib import Path

import pytest

import spikeproof

ROOT = Path(__file__).parents[2]
PACKAGE = Path(spikeproof.__file__).parent


def rooms():
    """The files in the table of each room, by the folder that its heading names."""
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf8")
    found = {}
    for section in re.split(r"^### ", text, flags=re.M)[1:]:
        folder = re.match(r"`([^`]*)`", section).group(1).strip("/")
        found[folder] = re.findall(r"^\| `([\w.]+)` \|", section.split("\n## ")[0], flags=re.M)
    return found


def folders():
    return sorted({p.parent.relative_to(PACKAGE.parent).as_posix() for p in PACKAGE.rglob("*.py")})


@pytest.mark.skipif(not (ROOT / "ARCHITECTURE.md").exists(), reason="needs a clone")
@pytest.mark.parametrize("folder", folders())
def test_every_file_is_in_the_table_of_its_room(folder):
    files = sorted(p.name for p in (PACKAGE.parent / folder).glob("*.py") if p.name != "__init__.py")
    assert sorted(rooms().get(folder, [])) == files
