"""Data sets: readers of files, and the encoding of images as input spikes."""

from spikeproof.datasets.idx import read_idx, read_images
from spikeproof.datasets.latency import latency_code

__all__ = ["latency_code", "read_idx", "read_images"]
