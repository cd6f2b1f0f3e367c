"""A wheel tried in an environment of its own: the light install is light, computes, and says what it lacks.

    python tried_alone.py FOLDER

FOLDER holds one wheel and one source distribution.
"""

import subprocess
import sys
import tarfile
import tempfile
import venv
import zipfile
from pathlib import Path

LIGHT = {
    "llvmlite",
    "numba",
    "numpy",
    "pip",
    "setuptools",
    "spikeproof",
}  # pip and setuptools come with the environment
PACKAGES = ("spikeproof", "spikeproof_reference", "spikeproof_verification", "spikeproof_reports")
FIRST = """
import spikeproof as sp
from spikeproof.yin_yang import yin_yang, yin_yang_problem
solution = sp.EventEngine().solve(yin_yang_problem(*yin_yang(1, seed=42), seed=0), gradients="weights")
print(solution.loss > 0, sorted(solution.gradients.weights))
"""


def main(folder: Path) -> None:
    """Check what the archives hold, and what a light install of the wheel does."""
    (wheel,), (source,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    tops = {name.split("/")[0] for name in names if ".dist-info/" not in name}
    expect(tops == set(PACKAGES), f"the wheel holds {sorted(tops)}")
    expect(not any("/tests/" in name or name.endswith((".nbi", ".nbc", ".pyc")) for name in names), "tests or caches")
    with tarfile.open(source) as archive:
        rest = {name.split("/", 1)[1] for name in archive.getnames() if "/" in name}
    expect({"pyproject.toml", "tox.ini", "README.md", "LICENSE"} <= rest, "the source distribution lacks a file")
    with tempfile.TemporaryDirectory() as place:
        alone(wheel, Path(place))


def alone(wheel: Path, place: Path) -> None:
    """Install the wheel without extras and use it."""
    venv.create(place, with_pip=True)
    python = next(p for p in (place / "bin/python", place / "Scripts/python.exe") if p.exists())
    subprocess.run([python, "-m", "pip", "install", "--quiet", wheel], check=True)
    listed = said([python, "-m", "pip", "list", "--format=freeze"]).split()
    found = {line.partition("==")[0].partition("@")[0].strip().lower() for line in listed}
    expect(found <= LIGHT, f"a light install brings {sorted(found - LIGHT)}")
    expect(said([python, "-c", FIRST]).startswith("True ["), "no first gradient")
    lacking = subprocess.run([python, "-m", "spikeproof"], capture_output=True, text=True, check=False)
    expect(lacking.returncode == 2 and "pip install 'spikeproof[verify]'" in lacking.stderr, "no word of what it lacks")


def said(command: list) -> str:
    """Standard output of a command that must succeed."""
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def expect(right: bool, wrong: str) -> None:
    """End with a message if something is not as it should be."""
    if not right:
        sys.exit(f"tried_alone: {wrong}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
