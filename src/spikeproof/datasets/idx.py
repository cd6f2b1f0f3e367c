"""Files in the IDX format of the MNIST images and labels, plain or compressed by gzip."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

import numpy as np

from spikeproof.arguments import path as as_path
from spikeproof.errors import InvalidInput
from spikeproof.numbers import Array, IntArray

_TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_GZIP = b"\x1f\x8b"


def read_idx(path: Path) -> Array:
    """The array in an IDX file.

    The file is 0, 0, a byte for the type, a byte for the number of dimensions, their sizes as big-endian 32-bit
    numbers, and the entries, the last index fastest.

    Parameters
    ----------
    path : Path
        A plain file or one compressed by gzip, whatever its name ends with.

    Returns
    -------
    ndarray
        In the native byte order.

    Raises
    ------
    InvalidInput
        If the file is no IDX file, of an unknown type, damaged, or its length is not what its head says.
    OSError
        If it cannot be read.
    """
    path = as_path("path", path)
    raw = _content(path)
    if len(raw) < 4 or raw[:2] != b"\0\0":
        raise InvalidInput(f"{path.name}: magic number", raw[:4].hex(), "an IDX file, which begins with 0000")
    if raw[2] not in _TYPES:
        raise InvalidInput(f"{path.name}: type", f"0x{raw[2]:02x}", ", ".join(f"0x{code:02x}" for code in _TYPES))
    head = 4 + 4 * raw[3]
    if raw[3] == 0 or len(raw) < head:
        raise InvalidInput(f"{path.name}: dimensions", f"{raw[3]} in {len(raw)} bytes", "at least 1, with their sizes")
    shape = [int.from_bytes(raw[at : at + 4], "big") for at in range(4, head, 4)]
    kind = np.dtype(_TYPES[raw[2]])
    wanted = kind.itemsize
    for size in shape:
        wanted *= size
    if len(raw) - head != wanted:
        raise InvalidInput(f"{path.name}: length", f"{len(raw) - head} bytes of entries", f"{wanted} for {shape}")
    return np.frombuffer(raw, kind, offset=head).reshape(shape).astype(kind.newbyteorder("="))


def read_images(images: Path, labels: Path) -> tuple[Array, IntArray]:
    """Images and their classes from a pair of IDX files.

    Parameters
    ----------
    images, labels : Path
        Plain files, or ones compressed by gzip.

    Returns
    -------
    images : uint8 array, shape (n_images, n_pixels)
        Pixels row by row.
    labels : int array, shape (n_images,)

    Raises
    ------
    InvalidInput
        As `read_idx`; if the files do not hold bytes, images of two dimensions and one label for each.
    """
    images, labels = as_path("images", images), as_path("labels", labels)
    pixels, classes = read_idx(images), read_idx(labels)
    for path, values, ndim in ((images, pixels, 3), (labels, classes, 1)):
        if values.dtype != np.uint8 or values.ndim != ndim:
            given = f"{values.ndim} dimension(s) of {values.dtype}"
            raise InvalidInput(f"{path.name}: entries", given, f"{ndim} dimension(s) of uint8")
    if len(pixels) != len(classes):
        raise InvalidInput(f"{labels.name}: entries", f"{len(classes)} labels", f"one per image: {len(pixels)}")
    return pixels.reshape(len(pixels), -1), classes.astype(np.int64)


def _content(path: Path) -> bytes:
    raw = path.read_bytes()
    if raw[:2] != _GZIP:
        return raw
    try:
        return gzip.decompress(raw)
    except (OSError, EOFError, zlib.error) as error:
        raise InvalidInput(f"{path.name}: compression", str(error), "a whole gzip file") from None
