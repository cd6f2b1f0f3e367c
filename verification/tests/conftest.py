"""Hypothesis profiles, and compiled kernels that belong to the sources under test."""

import hashlib
import importlib.util
import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings


def kernel_cache() -> str:
    """A folder named by the kernels' sources: numba itself does not see that a callee, or a constant, has changed."""
    package = Path(importlib.util.find_spec("spikeproof").submodule_search_locations[0])
    sources = [*sorted(package.glob("dynamics/*.py")), *sorted(package.glob("*/kernels/**/*.py"))]
    sources += [package / "compiled.py", package / "neuron_parameters.py"]
    digest = hashlib.blake2b(b"".join(path.read_bytes() for path in sources), digest_size=8).hexdigest()
    return str(Path(tempfile.gettempdir()) / f"spikeproof-kernels-{digest}")


os.environ.setdefault("NUMBA_CACHE_DIR", kernel_cache())

settings.register_profile("ci", deadline=None, derandomize=True, max_examples=25, print_blob=True)
settings.register_profile(
    "deep", deadline=None, derandomize=True, max_examples=1000, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


def pytest_configure(config):
    """Kernels as plain Python may warn of what compiled ones, by IEEE 754, pass on as inf or NaN and sort out."""
    if os.environ.get("NUMBA_DISABLE_JIT") == "1":
        config.addinivalue_line(
            "filterwarnings",
            r"ignore:.* encountered in scalar:RuntimeWarning:spikeproof\.(dynamics|(event|grid)\.kernels)",
        )


COMPILING = (
    "engines",
    "spikeproof",
    "verification/campaign",
    "verification/checks",
    "verification/experiments/studies",
)
COMPILED = ("house", "reports", "verification/problems")  # which need some of the same kernels


def pytest_collection_modifyitems(items):
    """Tests that need no kernels are in the middle: of two workers one compiles, and the other does those meanwhile."""
    here = f"{Path(__file__).parent.as_posix()}/"

    def place(item):
        room = item.path.as_posix().removeprefix(here)
        return 0 if room.startswith(COMPILING) else 2 if room.startswith(COMPILED) else 1

    items.sort(key=place)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Each worker takes a part of the tests, in their order, and then from those that others have left."""
    from xdist.scheduler import WorkStealingScheduling

    return WorkStealingScheduling(config, log) if config.getvalue("dist") == "load" else None


@pytest.fixture(autouse=True, scope="session")
def elsewhere(tmp_path_factory):
    """Tests run in a folder of their own: what one of them leaves behind is not left in the checkout."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("elsewhere"))
        yield


@pytest.fixture(scope="session")
def solved(tmp_path_factory):
    """Solve and measure a case, or take what another test, maybe of another worker, has found."""
    from solved_cases import SolvedCases  # not before numba's folder is set

    folder = tmp_path_factory.getbasetemp()
    folder = folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder  # which workers have in common
    (folder / "solved").mkdir(exist_ok=True)
    return SolvedCases(folder / "solved")


@pytest.fixture
def undrawn(monkeypatch):
    """Figures are made but not drawn: their files are empty, in tests of documents that are not about figures."""
    monkeypatch.setattr("matplotlib.figure.Figure.savefig", lambda _, path, **__: Path(path).write_bytes(b""))
