"""A made-up content of each kind of report, with more tables, chapters and rows than runs have."""

import pandas as pd
from bench_records import bench_record
from lesson_records import converted, hidden_cosines, history, noisy, record, trained
from report_runs import synthetic_run

from spikeproof_reports.audit.audit import Audited
from spikeproof_reports.audit.content import audit_content
from spikeproof_reports.audit.peers import Peer
from spikeproof_reports.bench import bench_content
from spikeproof_reports.lesson.content import lesson_content
from spikeproof_reports.training.outcome import Outcome
from spikeproof_reports.training.report import training_content
from spikeproof_reports.verification.content import content_of

FACTS = {f"fact {n}": str(n) for n in range(16)}


def verification():
    frame = pd.DataFrame({"a": range(300)})
    studies = {f"made_up_{n}": {f"part_{k}": frame for k in range(5)} for n in range(12)}
    return content_of(synthetic_run(failing=True, studies=studies, provenance=FACTS))


def benchmark():
    return bench_content(bench_record(workloads=("w1", "w2", "w3"), forward=("f1", "f2")))


def lesson():
    noise = [{**row, "hidden": 2 * row["hidden"], "passes": 16.0} for row in noisy(1.0)["noise"]]
    curve, parts = [(1.0, 0.5), (2.0, 0.9)], [hidden_cosines([0.5, 0.75]), {"noise": noise}]
    for task in ("yin-yang", "digits", "digits: recurrent"):
        parts += [trained(task, "exact", [0.9] * 5), trained(task, "surrogate", [0.8] * 5)]
        parts += [history("exact", [curve] * 3, task=task), converted(task, 0.9, {1: (0.5, 10.0), 2: (0.8, 20.0)})]
    return lesson_content(record(*parts))


def training():
    names = ["rate", "train_loss", "silent", "spikes", "seconds", "validation_loss", "validation_accuracy"]
    names += ["validation_unanswered", "test_loss", "test_accuracy", "test_unanswered", "test_tied", "train_accuracy"]
    rows = [
        {"rule": "complete", "seed": seed, "epoch": epoch, **dict.fromkeys(names, 0.5 + 0.1 * epoch), "idle": 9 - epoch}
        for seed in range(40)
        for epoch in (0, 1)
    ]
    settings = pd.DataFrame({"setting": [f"s{n}" for n in range(30)], "value": "1"})
    return training_content(
        Outcome("yin-yang", "Yin-Yang", ("Text.",), None, False, False, pd.DataFrame(rows), settings, 40), FACTS
    )


def audit():
    return audit_content([Audited(Peer(f"p{n}", "torch", (), ""), None, note="no") for n in range(40)], None, FACTS)


KINDS = {
    "verification": verification,
    "benchmark": benchmark,
    "lesson": lesson,
    "training": training,
    "audit": audit,
}
