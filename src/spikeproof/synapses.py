"""The synapses of a sparse projection: compressed rows of targets, without weights."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from spikeproof.errors import InvalidInput
from spikeproof.numbers import MAX_SIZE, Array, IntArray, integer, integers, nonnegative, rectangular, refuse_where


@dataclass(frozen=True, eq=False)
class Synapses:
    """The pairs (pre, post) that are connected, row by row (CSR without values).

    Weights, and gradients of weights and delays, have shape (n_synapses,) in the order of `targets`. Equality and
    hash are those of the content.

    Parameters
    ----------
    offsets : int array, shape (n_pre + 1,)
        Presynaptic channel or neuron `pre` of its group owns ``targets[offsets[pre] : offsets[pre + 1]]``.
    targets : int array, shape (n_synapses,)
        Postsynaptic neurons, numbered within their population, strictly ascending within each row: no pair twice.

    Raises
    ------
    InvalidInput
        If the offsets do not divide the targets into rows, or a row is not strictly ascending.
    """

    offsets: Any
    targets: Any

    def __post_init__(self) -> None:
        targets = integers("synapses.targets", self.targets, low=0, high=np.iinfo(np.int64).max)
        offsets = _checked_offsets(self.offsets, len(targets))
        bad = np.zeros(len(targets), dtype=bool)
        bad[1:] = targets[1:] <= targets[:-1]
        bad[offsets[:-1][offsets[:-1] < len(targets)]] = False
        refuse_where(bad, "synapses.targets", targets, "targets in strictly ascending order within each row")
        object.__setattr__(self, "offsets", offsets)
        object.__setattr__(self, "targets", targets)

    @classmethod
    def one_to_one(cls, size: int) -> Synapses:
        """Neuron k to neuron k, for two groups of `size`."""
        integer("size", size, low=1, high=MAX_SIZE)
        return cls(np.arange(size + 1), np.arange(size))

    @classmethod
    def random(cls, n_pre: int, n_post: int, probability: float, seed: int) -> Synapses:
        """Every pair with the given probability, independently; the same seed draws the same pairs."""
        integer("n_pre", n_pre, low=1, high=MAX_SIZE)
        integer("n_post", n_post, low=1, high=MAX_SIZE)
        integer("seed", seed, low=0)
        if float(nonnegative("probability", probability)) > 1.0:
            raise InvalidInput("probability", probability, "a number from 0 to 1")
        generator = np.random.default_rng(seed)
        return cls._of_rows([np.flatnonzero(generator.random(n_post) < float(probability)) for _ in range(n_pre)])

    @classmethod
    def of_mask(cls, mask: Any) -> Synapses:
        """The pairs marked in a boolean array of shape (n_pre, n_post)."""
        marked = rectangular("mask", mask)
        if marked.dtype != np.bool_ or marked.ndim != 2 or not len(marked):
            raise InvalidInput("mask", f"{marked.dtype} of shape {marked.shape}", "booleans of shape (n_pre, n_post)")
        return cls._of_rows([np.flatnonzero(row) for row in marked])

    @classmethod
    def _of_rows(cls, rows: list[IntArray]) -> Synapses:
        return cls(np.cumsum([0, *(len(row) for row in rows)]), np.concatenate(rows))

    @property
    def n_pre(self) -> int:
        """Number of rows: size of the presynaptic group."""
        return len(self.offsets) - 1

    @property
    def n_synapses(self) -> int:
        """Number of connected pairs."""
        return len(self.targets)

    @cached_property
    def sources(self) -> IntArray:
        """The row of each synapse, shape (n_synapses,)."""
        result = np.repeat(np.arange(self.n_pre), np.diff(self.offsets))
        result.setflags(write=False)
        return result

    def gathered(self, matrix: Array) -> Array:
        """The entries of a matrix, shape (n_pre, n_post), at the synapses: shape (n_synapses,)."""
        given = rectangular("matrix", matrix)
        n_post = int(np.max(self.targets, initial=-1)) + 1
        if given.ndim != 2 or given.shape[0] != self.n_pre or given.shape[1] < n_post:
            raise InvalidInput("matrix", f"shape {given.shape}", f"shape ({self.n_pre}, {n_post} or more)")
        result: Array = given[self.sources, self.targets]
        return result

    def scattered(self, values: Array, n_post: int) -> Array:
        """The matrix, shape (n_pre, n_post), with `values`, shape (n_synapses,), at the synapses and 0 elsewhere."""
        given = rectangular("values", values)
        integer("n_post", n_post, low=int(np.max(self.targets, initial=-1)) + 1, high=MAX_SIZE)
        if given.shape != (self.n_synapses,):
            raise InvalidInput("values", f"shape {given.shape}", f"shape ({self.n_synapses},)")
        result = np.zeros((self.n_pre, n_post), dtype=given.dtype)
        result[self.sources, self.targets] = given
        return result

    def check_sizes(self, field: str, n_pre: int, n_post: int) -> None:
        """Raise `InvalidInput` if this does not fit groups of these sizes."""
        integer("n_pre", n_pre, low=1)
        integer("n_post", n_post, low=1)
        if self.n_pre != n_pre:
            raise InvalidInput(f"{field}.offsets", f"{self.n_pre} rows", f"one row for each of {n_pre} in pre")
        refuse_where(self.targets >= n_post, f"{field}.targets", self.targets, f"whole numbers from 0 to {n_post - 1}")

    @cached_property
    def digest(self) -> bytes:
        """Digest of offsets and targets."""
        content = hashlib.blake2b(digest_size=32)
        content.update(np.asarray(self.n_pre, dtype="<i8").tobytes())
        for values in (self.offsets, self.targets):
            content.update(np.asarray(values, dtype="<i8").tobytes())
        return content.digest()

    def __eq__(self, other: object) -> bool:
        return self.digest == other.digest if isinstance(other, Synapses) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.digest)


def _checked_offsets(value: object, n_synapses: int) -> IntArray:
    offsets = integers("synapses.offsets", value, low=0, high=n_synapses + 1)
    if len(offsets) < 2 or offsets[0] != 0 or offsets[-1] != n_synapses or np.any(np.diff(offsets) < 0):
        allowed = f"0 first, {n_synapses} (the number of targets) last, never falling"
        raise InvalidInput("synapses.offsets", offsets.tolist(), allowed)
    return offsets
