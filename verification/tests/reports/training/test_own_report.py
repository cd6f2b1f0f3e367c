"""The report of a user's own trainings, in one call."""

import numpy as np
import pandas as pd
import pytest
from training_problems import small_classifier, two_classes

from spikeproof import InvalidInput
from spikeproof.training import Adam, Samples, Sets, Settings, Trainer, VoltageReadout
from spikeproof_reference.textbook import TextbookEngine
from spikeproof_reports.training.own import report_of


def trainer(seed, classifier=None):
    sets = Sets(two_classes(6, 1), two_classes(4, 2))
    settings = Settings(epochs=1, batch=3, adam=Adam(0.05), seed=seed)
    return Trainer(classifier or small_classifier(n_hidden=3), sets, settings, engine=TextbookEngine())


@pytest.fixture(scope="module")
def trained():
    both = {seed: trainer(seed) for seed in (3, 4)}
    for one in both.values():
        one.run()
    return both


@pytest.mark.usefixtures("undrawn")
def test_the_report_of_two_seeds_has_their_accuracies_and_their_histories(trained, tmp_path):
    page = report_of(trained, tmp_path / "report", name="my-task", title="My task", text="A paragraph of mine.")
    assert page == tmp_path / "report" / "report.html"
    text = (tmp_path / "report" / "report.md").read_text(encoding="utf-8")
    assert "# My task" in text
    assert "A paragraph of mine." in text
    history = pd.read_csv(tmp_path / "report" / "history.csv", comment="#")
    assert history["seed"].tolist() == [3, 3, 4, 4]
    assert history["test_loss"].tolist() == [row["test_loss"] for t in trained.values() for row in t.state.history]
    assert r"\begin{tabular" in (tmp_path / "report" / "tables.tex").read_text(encoding="utf-8")
    table = pd.read_csv(tmp_path / "report" / "tables" / "my_task_accuracy.csv", comment="#")
    last = [t.state.history[-1]["test_accuracy"] for t in trained.values()]
    assert table["mean"].tolist() == pytest.approx([float(np.mean(last))], rel=1e-15, abs=0.0)


@pytest.mark.usefixtures("undrawn")
def test_one_training_is_reported_under_its_seed_and_again_in_the_same_folder(trained, tmp_path):
    for _ in range(2):
        report_of(trained[4], tmp_path, name="mine", title="Mine")
    assert set(pd.read_csv(tmp_path / "history.csv", comment="#")["seed"]) == {4}


def test_what_cannot_be_reported_is_refused_by_name(trained, tmp_path):
    plain = small_classifier("max voltage", n_hidden=2)
    regression = type(plain)(plain.network, plain.parameters, VoltageReadout("out", [5.0]))
    targets = Samples(two_classes(3, 0).stimulus, targets=np.zeros((3, 2, 1)))
    of_numbers = Trainer(regression, Sets(targets, targets), Settings(epochs=1))
    for trainings, name, field in (
        ([1.0], "mine", "trainings"),
        ({}, "mine", "trainings"),
        ({1: "x"}, "mine", r"trainings\[1\]"),
        (trainer(0), "mine", "trainings"),
        (of_numbers, "mine", "trainings"),
        (trained[3], "My Task", "name"),
    ):
        with pytest.raises(InvalidInput, match=f"^{field}: got"):
            report_of(trainings, tmp_path, name=name, title="Mine")
    assert list(tmp_path.iterdir()) == []
