"""Rows of made-up runs of the lesson, from which claims are judged."""

from spikeproof_reports.lesson.record import LessonRecord


def record(*parts):
    return LessonRecord.of(parts, {"commit": "made up"})


def trained(task, system, accuracies, **more):
    """Trained networks with these accuracies, seed by seed."""
    given = {"best": None, "spikes": 50.0, "accuracy_own": None, "accuracy_hard": None, **more}
    rows = []
    for seed, accuracy in enumerate(accuracies):
        own = {name: accuracy if value is None else value for name, value in given.items()}
        rows.append({"task": task, "system": system, "seed": seed, "setting": "{}", "accuracy_epochs": accuracy, **own})
    return {"trained": rows}


def history(system, curves, task="yin-yang"):
    """Histories of (seconds, accuracy), seed by seed."""
    rows = [
        {"task": task, "system": system, "seed": seed, "epoch": epoch, "seconds": seconds, "test_accuracy": accuracy}
        for seed, curve in enumerate(curves)
        for epoch, (seconds, accuracy) in enumerate(curve)
    ]
    return {"history": rows}


def pools(task, accuracies, size=100):
    return {"reservoirs": [{"task": task, "seed": n, "size": size, "accuracy": a} for n, a in enumerate(accuracies)]}


def converted(task, ann, by_steps, seeds=3):
    """The same conversions for each seed: accuracy and spikes by the number of steps."""
    rows = [
        {"task": task, "seed": seed, "steps": steps, "accuracy": accuracy, "spikes": spikes, "ann": ann}
        for seed in range(seeds)
        for steps, (accuracy, spikes) in by_steps.items()
    ]
    return {"conversions": rows}


def noisy(power, seeds=3):
    """Variances that grow with this power of the number of hidden neurons."""
    rows = [
        {
            "system": "score", "hidden": n, "draws": 8, "seed": seed, "projection": "input->hidden",
            "variance": (1.0 + 0.01 * seed) * n ** (power + 0.01 * seed),
        }
        for seed in range(seeds)
        for n in (10, 100, 1000)
    ]  # fmt: skip
    return {"noise": rows}


def pulses(freely, once, blind=0.52, seeds=3):
    rows = [
        {"seed": seed, "fires_once": float(f), "accuracy": accuracy + 0.001 * seed, "blind": blind}
        for f, accuracy in ((False, freely), (True, once))
        for seed in range(seeds)
    ]
    return {"bursts": rows}


def hidden_cosines(values):
    row = {"task": "yin-yang", "stage": 0, "kind": "slope", "system": "surrogate", "shape": "super_spike"}
    row |= {"dt": 1.0, "slope": 10.0, "projection": "input->hidden"}
    return {"gradients": [{**row, "seed": seed, "cosine": cosine} for seed, cosine in enumerate(values)]}


def sized(seconds, peak):
    return {"sizes": [{"system": "surrogate", "neurons": 4000, "seconds": seconds, "peak": peak}]}


def quotients(stepped, exact):
    row = {"seed": 0, "kind": "quotient", "x": 1e-9}
    values = [(1.0, stepped), (0.0, exact)]
    return {"stair": [{**row, "dt": dt, "centre": float(c), "y": y} for dt, y in values for c in range(3)]}


def stated(name, holds):
    return {"statements": [{"statement": name, "holds": float(holds), "verdict": "holds: so", "numbers": "{}"}]}
