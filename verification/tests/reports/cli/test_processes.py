"""Commands that are interrupted or killed: one line, a status, and no process that lives on."""

import os
import signal
import subprocess
import sys
import time

import pytest
from bench_suites import REAL, fake, make_suite
from few_cases import only

from spikeproof_reports import load_run
from spikeproof_reports.cli import verify as verify_command
from spikeproof_reports.cli.main import run

pytestmark = [
    pytest.mark.compiled,
    pytest.mark.skipif(os.name != "posix", reason="needs signals and ps"),
]
COMMAND = (sys.executable, "-m", "spikeproof_reports")
CASES = [*only(n_random=1), "--no-studies", "--no-cases"]
PATIENCE = 60.0


@pytest.fixture(params=["verify", "train", "bench"])
def started(request, tmp_path):
    """A command of several processes as soon as these exist, and their numbers."""
    out = ["--out", str(tmp_path / "out")]
    commands = {
        "verify": ["verify", "--workers", "2", "--random", "50", *out],
        "train": ["train", "yin-yang", "--workers", "2", "--seeds", "3", *out],
        "bench": ["bench", "--workloads", "tiny", "--engines", "slow", *out],
    }
    command = commands[request.param]
    if request.param == "bench":
        if not REAL.exists():
            pytest.skip("the benchmarks folder is not beside the tests")
        suite = make_suite(tmp_path / "suite", slow=fake("slow", seconds=1000.0))
        command += ["--benchmarks", str(suite), "--python", f"slow={sys.executable}"]
    many, word = (1, "worker.py") if request.param == "bench" else (3, "multiprocessing")  # which has one of its own
    process = subprocess.Popen([*COMMAND, *command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                               start_new_session=True)  # fmt: skip
    children = awaited(lambda: children_of(process.pid, word), lambda found: len(found) >= many)
    yield process, children
    for number in (process.pid, *children):
        if alive([number]):
            os.kill(number, signal.SIGKILL)
    process.communicate()


def processes():
    """The parent and the command of each process that has not ended."""
    command = ["ps", "-ww", "-eo", "pid=,ppid=,stat=,args="]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rows = (line.split(None, 3) for line in lines.splitlines())
    return {int(number): (int(parent), words) for number, parent, status, words in rows if not status.startswith("Z")}


def children_of(parent, word):
    return [number for number, (above, words) in processes().items() if above == parent and word in words]


def alive(numbers):
    return sorted(set(numbers) & set(processes()))


def awaited(look, enough):
    """What is seen when it is enough."""
    stop = time.monotonic() + PATIENCE
    while not enough(seen := look()):
        assert time.monotonic() < stop, seen
        time.sleep(0.02)
    return seen


def test_processes_end_when_the_one_that_started_them_is_killed(started):
    process, children = started
    assert alive(children)
    process.kill()
    process.wait()
    awaited(lambda: alive(children), lambda left: not left)


def test_an_interrupt_while_processes_start_gives_status_130_and_one_line(started):
    process, children = started
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does
    errors = process.communicate(timeout=PATIENCE)[1]
    assert process.returncode == 130
    assert len(errors.splitlines()) == 1, errors
    assert errors.startswith("spikeproof: stopped; 0 of ")
    awaited(lambda: alive(children), lambda left: not left)


@pytest.mark.parametrize("module", ["click", "numba", "rich.progress"])
def test_an_interrupt_during_an_import_gives_status_130_and_one_line(module, tmp_path):
    code = f"""
import sys
class Interrupting:
    def find_spec(self, name, *_):
        if name == {module!r}:
            exec("raise KeyboardInterrupt")  # as where dataclasses are made
sys.meta_path.insert(0, Interrupting())
from spikeproof_reports.launcher import main
sys.argv = ["spikeproof", "verify", "--out", {str(tmp_path / "out")!r}, *{CASES!r}]
sys.exit(main())
"""
    (tmp_path / "interrupted.py").write_text(code)
    path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    result = subprocess.run([sys.executable, "-m", "interrupted"], capture_output=True, text=True, check=False,
                            env={**os.environ, "PYTHONPATH": path})  # fmt: skip
    assert result.returncode == 130
    assert result.stderr.splitlines()[0].startswith("spikeproof: stopped")
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.usefixtures("undrawn")
def test_an_interrupt_while_the_report_is_written_loses_no_case_and_computes_none_again(tmp_path, monkeypatch, capsys):
    def interrupted(*_):
        raise KeyboardInterrupt

    command = ["verify", *CASES, "--workers", "1", "--out", str(tmp_path / "out")]
    with monkeypatch.context() as patch:
        patch.setattr("spikeproof_reports.verification.report.together.write_all", interrupted)
        assert run(command) == 130
    message = "spikeproof: stopped; all cases are finished and kept; the same command writes the report\n"
    assert capsys.readouterr().err == message
    monkeypatch.setattr("spikeproof_verification.campaign.workers.run_task", None)  # no case is computed again
    assert run(command) == 0
    assert load_run(tmp_path / "out").cases["campaign"].tolist() == ["random"]  # without the case files
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert "report.html" in names
    assert not [name for name in names if name.startswith(".") or name == "parts"]


def test_a_killed_worker_gives_status_1_and_one_line(tmp_path, monkeypatch, capsys):
    from concurrent.futures.process import BrokenProcessPool

    def broken(*_):
        raise BrokenProcessPool("A process in the process pool was terminated abruptly")

    monkeypatch.setattr(verify_command, "_with_progress", broken)
    assert run(["verify", *CASES, "--out", str(tmp_path / "out")]) == 1
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("script", ["worker.py", "lifeline.py"])
def test_a_script_of_the_benchmarks_ends_with_its_standard_input(script, tmp_path):
    suite = make_suite(tmp_path / "suite", slow=fake("slow", seconds=1000.0))
    (suite / "sleep.py").write_text("import time\ntime.sleep(1000)\n")
    arguments = {"worker.py": [str(suite / "peers/slow.py"), "0"], "lifeline.py": [str(suite / "sleep.py")]}
    command = [sys.executable, str(suite / script), *arguments[script]]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
        time.sleep(0.5)
        assert process.poll() is None
        process.stdin.close()
        assert process.wait(timeout=PATIENCE) == 1
