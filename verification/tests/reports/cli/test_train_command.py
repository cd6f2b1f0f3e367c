"""``spikeproof train`` as a user sees it: folders, reports, interruption, wrong input."""

import json
import os
import signal
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from idx_files import write_pair

from spikeproof_reports.cli.main import run
from spikeproof_reports.training.experiment import Published
from spikeproof_reports.training.mnist import Split, mnist_experiment
from spikeproof_reports.training.outcome import Outcome
from spikeproof_reports.training.report import verdict_on_training


@pytest.fixture
def images(tmp_path):
    """A folder with 24 images of the t10k kind: in class k the rows from 7 k to 7 k + 6 are bright."""
    rng, labels = np.random.default_rng(0), np.arange(24) % 4
    bright = np.arange(28)[None, :, None] // 7 == labels[:, None, None]
    pixels = np.where(bright, rng.integers(100, 256, (24, 28, 28)), rng.integers(0, 2, (24, 28, 28)))
    folder = tmp_path / "images"
    folder.mkdir()
    write_pair(folder, "t10k", pixels, labels, ".gz")
    return folder


def small(images, out, *more):
    sizes = ["--train", "16", "--test", "8", "--epochs", "2"]
    return ["train", "mnist", "--data", str(images), *sizes, "--out", str(out), *more]


def checkpoints(folder):
    return {path.name: path.read_bytes() for path in sorted((folder / "checkpoints").glob("*.npz"))}


def weights(folder, name="seed0_complete"):
    with np.load(folder / "checkpoints" / f"{name}.npz") as file:
        return file["weights"].tobytes()


@pytest.mark.parametrize("experiment", ["yin-yang", "digits", "mnist", "shd"])
def test_every_experiment_has_a_help_page(experiment, capsys):
    assert run(["train", experiment, "--help"]) == 0
    text = capsys.readouterr().out
    for option in ("--seeds", "--epochs", "--workers", "--fresh"):
        assert option in text


@pytest.mark.compiled
def test_a_run_leaves_checkpoint_history_and_report(images, tmp_path, capsys):
    out = tmp_path / "out"
    assert run(small(images, out, "--rule", "both", "--workers", "1")) == 0
    assert "Test accuracy" in capsys.readouterr().out
    assert list(checkpoints(out)) == ["seed0_complete.npz", "seed0_published.npz"]
    history = pd.read_parquet(out / "history.parquet")
    assert history["epoch"].tolist() == [0, 1, 2] * 2
    assert history["rule"].tolist() == ["complete"] * 3 + ["published"] * 3
    assert {"test_accuracy", "idle", "spikes", "kinks", "rule_error", "rule_cosine"} <= set(history.columns)
    pd.testing.assert_frame_equal(history, pd.read_csv(out / "history.csv", comment="#"))
    for name in ("report.html", "report.md", "tables.tex", "tables/mnist_rules.csv", "figures/mnist_curves.png"):
        assert (out / name).stat().st_size > 0
    assert json.loads((out / "provenance.json").read_text())["seed"] == "0"
    assert "Wunderlich and Pehle" in (out / "report.md").read_text()


@pytest.mark.compiled
@pytest.mark.usefixtures("undrawn")
def test_the_same_bits_by_one_process_and_by_several(images, tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    assert run(small(images, one, "--seeds", "2", "--workers", "1")) == 0
    assert run(small(images, two, "--seeds", "2", "--workers", "2", "--threads", "2")) == 0
    for name in ("seed0_complete", "seed1_complete"):
        assert weights(one, name) == weights(two, name)
    assert weights(one, "seed0_complete") != weights(one, "seed1_complete")


@pytest.mark.compiled
@pytest.mark.usefixtures("undrawn")
def test_a_second_run_trains_no_more_and_more_epochs_go_on(images, tmp_path):
    out, whole = tmp_path / "out", tmp_path / "whole"
    assert run(small(images, out)) == 0
    before = weights(out)
    assert run(small(images, out)) == 0
    assert weights(out) == before
    assert run(small(images, out, "--epochs", "3")) == 0
    assert run(small(images, whole, "--epochs", "3")) == 0
    assert weights(out) == weights(whole) != before


@pytest.mark.compiled
@pytest.mark.usefixtures("undrawn")
def test_other_settings_are_refused_until_fresh_is_asked_for(images, tmp_path, capsys):
    out = tmp_path / "out"
    assert run(small(images, out)) == 0
    capsys.readouterr()
    assert run(small(images, out, "--batch", "3")) == 2
    message = capsys.readouterr().err
    assert message.startswith("spikeproof: seed0_complete.npz: got 'a checkpoint of another run'")
    assert "--fresh" in message
    assert run(small(images, out, "--batch", "3", "--fresh")) == 0


@pytest.mark.compiled
@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_stopped_command_goes_on_from_there(workers, images, tmp_path):
    out, whole = tmp_path / "out", tmp_path / "whole"
    command = [*small(images, out), "--epochs", "4000", "--seeds", "2", "--workers", workers]
    with subprocess.Popen(
        [sys.executable, "-m", "spikeproof_reports", *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, "FORCE_COLOR": "1", "COLUMNS": "200"},
    ) as process:  # fmt: skip
        assert process.stdout is not None
        shown = b""
        while b"held out" not in shown:  # the bars are drawn as if for a terminal
            assert process.poll() is None
            shown += os.read(process.stdout.fileno(), 1000)
        process.send_signal(signal.SIGINT)
        errors = process.communicate(timeout=120)[1].decode()
    assert process.returncode == 130
    assert "epochs are finished and kept; the same command goes on from there" in errors
    assert not (out / "report.html").exists()
    assert checkpoints(out)
    short = [*small(images, out), "--seeds", "2"]
    with np.load(out / "checkpoints" / "seed0_complete.npz") as file:
        reached = json.loads(str(file["facts"]))["epoch"] + 1
    assert run([*short, "--epochs", str(reached), "--seeds", "1"]) == 0
    assert run([*small(images, whole), "--epochs", str(reached)]) == 0
    assert weights(out) == weights(whole)


def test_images_are_divided_without_overlap_and_the_same_way_each_time(images):
    sets = mnist_experiment(images, Split(16, 3, 5)).sets
    assert (len(sets.train), len(sets.validation), len(sets.test)) == (16, 3, 5)
    again = mnist_experiment(images, Split(16, 3, 5)).sets
    assert sets.train.stimulus.times.tobytes() == again.train.stimulus.times.tobytes()
    trains = {
        s.stimulus.sample(n)[0].tobytes() for s in (sets.train, sets.validation, sets.test) for n in range(len(s))
    }
    assert len(trains) == 24


def test_with_both_pairs_of_files_the_test_images_are_those_of_t10k(images):
    labels = np.arange(36) % 4
    write_pair(images, "train", np.full((36, 28, 28), 100), labels)
    sets = mnist_experiment(images).sets
    assert (len(sets.train), len(sets.validation), len(sets.test)) == (33, 3, 24)
    assert sets.train.labels.tolist() == labels[:33].tolist()
    assert np.all(sets.train.stimulus.times == (1 - 100 / 255) * 20.0)


def wrong(arguments):
    return lambda images: ["train", *(a.replace("IMAGES", str(images)) for a in arguments)]


WRONG = {
    "no experiment": (wrong(["fashion"]), "No such command 'fashion'; there are: digits, mnist, shd, yin-yang"),
    "no data": (wrong(["mnist"]), "Missing option '--data'"),
    "data that is not there": (wrong(["mnist", "--data", "IMAGES/none"]), "does not exist"),
    "no split": (wrong(["mnist", "--data", "IMAGES"]), "train, test: got 'not given'"),
    "too many images": (
        wrong(["mnist", "--data", "IMAGES", "--train", "20", "--test", "8"]),
        "train plus validation plus test: got 28; allowed: at most 24",
    ),
    "no epochs": (wrong(["yin-yang", "--epochs", "0"]), "Invalid value for '--epochs'"),
    "no rate": (wrong(["yin-yang", "--rate", "0"]), "adam.rate: got 0.0"),
    "decay above 1": (wrong(["yin-yang", "--decay", "1.5"]), "decay: got 1.5"),
    "dropout of all": (wrong(["yin-yang", "--dropout", "1"]), "dropout: got 1.0"),
    "a rule that is none": (wrong(["digits", "--rule", "smooth"]), "Invalid value for '--rule'"),
    "a rule for spikes": (wrong(["yin-yang", "--rule", "both"]), "--rule"),
    "a folder for a file": (wrong(["shd", "--data", "IMAGES"]), "is a directory"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_input_gives_status_2_and_one_line_and_writes_nothing(name, images, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    arguments, message = WRONG[name]
    assert run(arguments(images)) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith("spikeproof: ")
    assert message in captured.err
    assert len(captured.err.splitlines()) == 1
    assert os.listdir(tmp_path) == ["images"]


@pytest.mark.parametrize("harm", ["images", "labels", "no labels", "no images", "class"])
def test_a_malformed_data_folder_gives_status_2_and_names_the_file(harm, images, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    paths = {kind: images / f"t10k-{kind}-idx{n}-ubyte.gz" for kind, n in (("images", 3), ("labels", 1))}
    if harm in paths:
        paths[harm].write_bytes(paths[harm].read_bytes()[:-10])
    elif harm == "class":
        write_pair(images, "t10k", np.zeros((2, 28, 28), int), [3, 10], ".gz")
    else:
        paths[harm.removeprefix("no ")].unlink()
    assert run(["train", "mnist", "--data", str(images), "--train", "1", "--test", "1"]) == 2
    captured = capsys.readouterr()
    assert len(captured.err.splitlines()) == 1
    assert "t10k-" + {"class": "labels", "no labels": "labels", "no images": "images"}.get(harm, harm) in captured.err
    assert os.listdir(tmp_path) == ["images"]


def test_without_scikit_learn_one_line_says_what_to_install(tmp_path, monkeypatch, capsys):
    monkeypatch.delitem(sys.modules, "sklearn.datasets", raising=False)
    monkeypatch.setitem(sys.modules, "sklearn", None)
    assert run(["train", "digits", "--out", str(tmp_path)]) == 2
    expected = "spikeproof: scikit-learn: got 'not installed'; allowed: pip install 'spikeproof[train]'\n"
    assert capsys.readouterr().err == expected


@pytest.mark.compiled
def test_digits_run_for_an_epoch(tmp_path):
    pytest.importorskip("sklearn", reason="the digits come with scikit-learn")
    assert run(["train", "digits", "--epochs", "1", "--out", str(tmp_path)]) == 0
    history = pd.read_parquet(tmp_path / "history.parquet")
    assert history["test_accuracy"].iloc[1] > history["test_accuracy"].iloc[0]


def outcome(accuracies, epochs=100, asked=100, *, same_samples=True):
    rows = [
        {
            "rule": "complete", "seed": seed, "epoch": epochs, "test_accuracy": a, "test_unanswered": 0.0,
            "test_tied": 0.0, "seconds": 60.0,
        }
        for seed, a in enumerate(accuracies)
    ]  # fmt: skip
    published = Published(0.981, 0.0018, 10, 100, "the paper")
    return Outcome("x", "X", (), published, same_samples, False, pd.DataFrame(rows), pd.DataFrame(), asked)


@pytest.mark.parametrize(
    ("found", "clean", "says"),
    [
        (outcome([0.981, 0.979]), True, "98.00 ± 0.10 % (2 seeds)"),
        (outcome([0.978, 0.976]), False, "97.70 ± 0.10 % (2 seeds)"),
        (outcome([0.5]), True, "50.00 % (1 seed)"),
        (outcome([0.5, 0.5], same_samples=False), True, "50.00 ± 0.00 % (2 seeds)"),
        (outcome([0.5, 0.5], epochs=50, asked=50), True, "50.00 ± 0.00 % (2 seeds)"),
    ],
    ids=["reached", "short of it", "one seed", "other samples", "other epochs"],
)
def test_a_repetition_that_falls_short_of_what_was_published_is_an_alarm(found, clean, says):
    verdict = verdict_on_training(found)
    assert verdict.clean is clean
    assert says in verdict.sentence
