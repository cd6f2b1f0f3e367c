"""Image files in the format of MNIST, written byte by byte."""

import gzip
import struct

import numpy as np

CODES = {"u1": 8, "i1": 9, "i2": 11, "i4": 12, "f4": 13, "f8": 14}


def idx_bytes(values, code="u1"):
    """An IDX file, byte by byte."""
    values = np.asarray(values)
    letter = {"u1": "B", "i1": "b", "i2": "h", "i4": "i", "f4": "f", "f8": "d"}[code]
    head = bytes([0, 0, CODES[code], values.ndim]) + b"".join(struct.pack(">I", n) for n in values.shape)
    return head + b"".join(struct.pack(">" + letter, v) for v in values.ravel().tolist())


def write_pair(folder, name, images, labels, suffix=""):
    pack = gzip.compress if suffix else bytes
    (folder / f"{name}-images-idx3-ubyte{suffix}").write_bytes(pack(idx_bytes(images)))
    (folder / f"{name}-labels-idx1-ubyte{suffix}").write_bytes(pack(idx_bytes(labels)))
