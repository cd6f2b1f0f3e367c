"""MNIST, or any images in its format, with the settings of the EventProp paper."""

# ruff: noqa: RUF001 -- minus signs are typographic on purpose

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from spikeproof import InvalidInput
from spikeproof.datasets import latency_code, read_images
from spikeproof.numbers import Array, IntArray
from spikeproof.training import Adam, Samples, Sets, Settings
from spikeproof_reports.paper.numerals import count
from spikeproof_reports.training.experiment import Experiment, Layers, Published

SETTINGS = Settings(epochs=100, batch=5, adam=Adam(5e-3), decay=0.95, dropout=0.2)
PUBLISHED = Published(0.9758, 0.0012, 10, 100, "Wunderlich and Pehle (2021)")
ENCODING, DURATION = 20.0, 60.0
HIDDEN, CLASSES = 350, 10
WEIGHTS = {"hidden": (0.078, 0.045), "readout": (0.2, 0.37)}
FULL = {"train": 55_000, "validation": 5_000, "test": 10_000}
SPLIT_SEED = 0


@dataclass(frozen=True)
class Split:
    """How many images to train on, to validate and to test; None: the published split where the files allow it."""

    train: int | None = None
    validation: int | None = None
    test: int | None = None


def mnist_experiment(data: Path, split: Split = Split()) -> Experiment:
    """784 pixels, 350 hidden LIF neurons, 10 leaky integrators, max-voltage cross-entropy.

    Parameters
    ----------
    data : Path
        Folder with the IDX files train-images..., train-labels..., t10k-images..., t10k-labels..., plain or .gz;
        either pair may be missing.
    split : Split
        With both pairs the test images are those of t10k. With one pair all come from it, drawn from a fixed seed,
        and `split.train` and `split.test` must be given.

    Raises
    ------
    InvalidInput
        If a file is missing or wrong, or there are fewer images than asked for.
    """
    files = {name: pair for name in ("train", "t10k") if (pair := _pair(data, name)) is not None}
    if not files:
        raise InvalidInput("data", data.name, "a folder with train-images-idx3-ubyte or t10k-images-idx3-ubyte")
    sets = _published_split(files, split) if len(files) == 2 else _own_split(next(iter(files.values())), split)
    n_pixels = next(iter(files.values()))[0].shape[1]
    sizes = {name: len(sets[name]) if name in sets else 0 for name in FULL}
    layers = Layers((n_pixels, HIDDEN, CLASSES), hidden=WEIGHTS["hidden"], readout=WEIGHTS["readout"])
    return Experiment(
        name="mnist",
        title="Training on images of MNIST",
        paragraphs=(
            f"Images of handwritten digits: {count(sizes['train'])} to train on, {count(sizes['validation'])} to "
            f"validate, {count(sizes['test'])} to test. A pixel of value p > 1 spikes once, at (1 − p/255) 20 ms. A "
            f"hidden layer of {HIDDEN} LIF neurons drives ten leaky integrators over {DURATION:g} ms; the class is the "
            "one whose V grows largest, and the loss is the cross-entropy of these maxima.",
            *(() if sizes == FULL else ("The published accuracy was reached with 55 000 images to train on.",)),
        ),
        sets=Sets(sets["train"], sets["test"], sets.get("validation")),
        classifier=layers.classifier,
        published=PUBLISHED,
        same_samples=sizes == FULL,
    )


Pair = tuple[Array, IntArray]


def _pair(folder: Path, name: str) -> Pair | None:
    """Images and labels of this name; None if neither file is there."""
    found = [_file(folder, f"{name}-{kind}") for kind in ("images-idx3-ubyte", "labels-idx1-ubyte")]
    if found == [None, None]:
        return None
    for path, kind in zip(found, ("images-idx3-ubyte", "labels-idx1-ubyte"), strict=True):
        if path is None:
            raise InvalidInput("data", "no such file", f"{name}-{kind} beside the other file of the pair")
    images, labels = found
    assert images is not None
    assert labels is not None
    pixels, classes = read_images(images, labels)
    if len(classes) and classes.max() >= CLASSES:
        raise InvalidInput(f"{labels.name}: labels", int(classes.max()), f"classes from 0 to {CLASSES - 1}")
    return pixels, classes


def _file(folder: Path, name: str) -> Path | None:
    paths = [folder / name, folder / f"{name}.gz"]
    return next((path for path in paths if path.is_file()), None)


def _published_split(files: Mapping[str, Pair], split: Split) -> dict[str, Samples]:
    """Training and validation images from one pair of files, in their order; test images from the other."""
    (images, labels), (test_images, test_labels) = files["train"], files["t10k"]
    if images.shape[1] != test_images.shape[1]:
        given = f"{images.shape[1]} and {test_images.shape[1]} pixels"
        raise InvalidInput("data", given, "images of one size in both files")
    validation = min(FULL["validation"], len(labels) // 12) if split.validation is None else split.validation
    train = len(labels) - validation if split.train is None else split.train
    test = len(test_labels) if split.test is None else split.test
    _check("train plus validation", train + validation, len(labels))
    _check("test", test, len(test_labels))
    pairs = {
        "train": (images[:train], labels[:train]),
        "validation": (images[train : train + validation], labels[train : train + validation]),
        "test": (test_images[:test], test_labels[:test]),
    }
    return {name: _samples(*pair) for name, pair in pairs.items() if len(pair[1])}


def _own_split(pair: Pair, split: Split) -> dict[str, Samples]:
    """All three from one pair of files, in an order drawn from a fixed seed."""
    images, labels = pair
    if split.train is None or split.test is None:
        raise InvalidInput("train, test", "not given", "two numbers of images: there is only one pair of files")
    sizes = {"train": split.train, "validation": split.validation or 0, "test": split.test}
    _check("train plus validation plus test", sum(sizes.values()), len(labels))
    order = np.random.default_rng(SPLIT_SEED).permutation(len(labels))
    parts = np.split(order[: sum(sizes.values())], np.cumsum(list(sizes.values()))[:-1])
    return {name: _samples(images[own], labels[own]) for name, own in zip(sizes, parts, strict=True) if len(own)}


def _check(what: str, wanted: int, there: int) -> None:
    if wanted > there:
        raise InvalidInput(what, wanted, f"at most {there}, the images in the file")


def _samples(images: Array, labels: IntArray) -> Samples:
    return Samples(latency_code(images, t_max=ENCODING, duration=DURATION), labels)
