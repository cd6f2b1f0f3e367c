"""The tests can fail: each small change of the real source makes the test that is named beside it fail."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from source_mutants import MUTANTS

import spikeproof

PACKAGE = Path(spikeproof.__file__).parent
TESTS = Path(__file__).parents[1]
FAILED = 1  # pytest's exit status where tests ran and some failed


def status(folder, *tests):
    """Exit status and output of tests that import the package in `folder`, kernels as plain Python."""
    path = os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *(str(TESTS / t) for t in tests)]
    environment = os.environ | {"PYTHONPATH": path, "NUMBA_DISABLE_JIT": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def copied(folder):
    """The package in another folder."""
    shutil.copytree(PACKAGE, folder / PACKAGE.name, ignore=shutil.ignore_patterns("*.nb*", "__pycache__"))
    return folder / PACKAGE.name


def test_every_change_replaces_something_that_is_there_once():
    for mutant in MUTANTS:
        assert (PACKAGE / mutant.file).read_text().count(mutant.old) == 1, mutant


def test_every_change_has_its_test():
    for file, name in (mutant.test.split("::") for mutant in MUTANTS):
        assert f"def {name}(" in (TESTS / file).read_text(), name


@pytest.mark.deep
def test_a_copy_of_the_source_passes(tmp_path):
    copied(tmp_path)
    code, output = status(tmp_path, *dict.fromkeys(m.test for m in MUTANTS))
    assert code == 0, output


@pytest.mark.deep
@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda m: f"{m.file}: {m.new}")
def test_a_change_of_the_source_is_caught_by_its_test(mutant, tmp_path):
    changed = copied(tmp_path) / mutant.file
    changed.write_text(changed.read_text().replace(mutant.old, mutant.new))
    code, output = status(tmp_path, mutant.test)
    assert code == FAILED, output
    assert "IndexError" not in output, "compiled kernels do not raise it"
