"""What ARCHITECTURE.md says of files: each is listed in its room, with its first sentence and what calls it."""

import ast
import re
from importlib.util import find_spec

import pytest
from places import ROOT

PAGE = ROOT / "ARCHITECTURE.md"
PACKAGES = {
    "spikeproof": "src/spikeproof",
    "spikeproof_reference": "reference/spikeproof_reference",
    "spikeproof_verification": "verification/spikeproof_verification",
    "spikeproof_reports": "reports/spikeproof_reports",
}

pytestmark = pytest.mark.skipif(not PAGE.exists(), reason="ARCHITECTURE.md is not beside the tests")


def tables():
    """The rows of each room's table: file, what for, called by."""
    parts = (
        re.split(r"^### `(\S+)`$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:] if PAGE.exists() else []
    )
    row = re.compile(r"^\| `(\w+)` \| (.+) \| (.+) \|$", re.MULTILINE)
    return {room: row.findall(text) for room, text in zip(parts[::2], parts[1::2], strict=True)}


def files(folder):
    return sorted(path.stem for path in folder.glob("*.py") if path.stem != "__init__")


def sources(room, caller):
    """The text of a caller: a file of the room, with a slash another room of the package, or a package."""
    package = next(path for path in PACKAGES.values() if room.startswith(path))
    if caller.endswith("/"):
        paths = (ROOT / package / caller).glob("*.py")
    elif caller in PACKAGES:
        paths = (ROOT / PACKAGES[caller]).glob("*.py" if PACKAGES[caller] == package else "**/*.py")
    else:
        paths = [ROOT / room / f"{caller}.py"]
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


@pytest.mark.parametrize("room", tables())
def test_the_table_of_a_room_lists_its_files(room):
    assert [name for name, _, _ in tables()[room]] == files(ROOT / room)


@pytest.mark.parametrize("room", tables())
def test_what_a_file_is_for_is_the_first_sentence_of_its_docstring(room):
    for name, what_for, _ in tables()[room]:
        text = ast.get_docstring(ast.parse((ROOT / room / f"{name}.py").read_text(encoding="utf-8"))) or ""
        first = re.split(r"\.(?:\s|$)", " ".join(text.split()), maxsplit=1)[0]
        assert what_for.replace("`", "") == first.replace("`", "").replace("\\\\", "\\"), name


def test_every_room_has_a_table_and_says_what_lives_there():
    rooms = {path.parent for package in PACKAGES.values() for path in (ROOT / package).rglob("*.py")}
    assert {str(room.relative_to(ROOT)) for room in rooms if files(room)} == set(tables())
    assert all((room / "__init__.py").read_text(encoding="utf-8").startswith('"""') for room in rooms)


@pytest.mark.parametrize("room", tables())
def test_whom_a_table_names_does_call_the_file(room):
    dotted = room.split("/", 1)[1].replace("/", ".")
    for name, _, called_by in tables()[room]:
        assert find_spec(f"{dotted}.{name}")
        for caller in re.findall(r"`([\w/]+)`(?!, by name)", called_by):
            module = rf"from {dotted}\.{name} import|from {dotted} import \(?[^)]*\b{name}\b|import {dotted}\.{name}\b"
            assert re.search(module, sources(room, caller)), (name, caller)


def test_a_test_lives_in_the_room_of_what_it_tests():
    tests = ROOT / "verification" / "tests"
    for source, package in (path.split("/") for path in PACKAGES.values()):
        mirror = tests / ("spikeproof" if source == "src" else source)
        for test in mirror.rglob("test_*.py"):
            assert (ROOT / source / package / test.parent.relative_to(mirror)).is_dir(), test


def test_files_of_tests_have_different_names():
    names = [path.name for path in (ROOT / "verification" / "tests").rglob("test_*.py")]
    assert len(set(names)) == len(names)
