"""Files of images and spike trains, and images as spikes: what is read, and what is refused by name."""

import gzip

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from idx_files import CODES, idx_bytes, write_pair

from spikeproof import InvalidInput
from spikeproof.datasets import latency_code, read_idx, read_images


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("code", CODES)
def test_an_idx_file_is_read_as_it_was_written(code, compressed, tmp_path):
    values = np.array([[[1, 2, 3], [4, 5, 6]], [[7, 8, 9], [10, 11, 127]]])
    path = tmp_path / "values"  # the name does not say whether it is compressed
    path.write_bytes(gzip.compress(idx_bytes(values, code)) if compressed else idx_bytes(values, code))
    read = read_idx(path)
    assert np.array_equal(read, values)
    assert read.dtype == np.dtype(code)


def test_images_come_row_by_row_with_their_labels(tmp_path):
    images = np.arange(24).reshape(4, 2, 3)
    write_pair(tmp_path, "x", images, [3, 1, 2, 0])
    pixels, labels = read_images(tmp_path / "x-images-idx3-ubyte", tmp_path / "x-labels-idx1-ubyte")
    assert np.array_equal(pixels, np.arange(24).reshape(4, 6))
    assert labels.tolist() == [3, 1, 2, 0]


GOOD = idx_bytes(np.arange(12).reshape(3, 2, 2))
WRONG = {
    "no magic": (b"\x89PNG" + GOOD[4:], "images: magic number: got '89504e47'"),
    "empty": (b"", "images: magic number: got ''"),
    "unknown type": (b"\0\0\x07\x03" + GOOD[4:], "images: type: got '0x07'"),
    "no dimensions": (b"\0\0\x08\0" + GOOD[4:], "images: dimensions: got '0 in"),
    "head cut": (GOOD[:10], "images: dimensions: got '3 in 10 bytes'"),
    "cut": (GOOD[:-1], "images: length: got '11 bytes of entries'; allowed: 12"),
    "too long": (GOOD + b"\0", "images: length: got '13 bytes of entries'; allowed: 12"),
    "huge sizes": (GOOD[:4] + b"\xff" * 12 + GOOD[16:], "images: length: got '12 bytes"),
    "damaged gzip": (gzip.compress(GOOD)[:-9], "images: compression: got"),
    "gzip of noise": (b"\x1f\x8b" + b"noise" * 9, "images: compression: got"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_malformed_idx_file_is_refused_by_name(name, tmp_path):
    content, message = WRONG[name]
    path = tmp_path / "images"
    path.write_bytes(content)
    with pytest.raises(InvalidInput) as refused:
        read_idx(path)
    assert str(refused.value).startswith(message)


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        (np.zeros((3, 2, 2), int), [0, 1], "labels: entries: got '2 labels'; allowed: one per image: 3"),
        (np.zeros((3, 4), int), [0, 1, 2], "images: entries: got '2 dimension(s) of uint8'"),
        (np.zeros((3, 2, 2), int), [[0], [1], [2]], "labels: entries: got '2 dimension(s) of uint8'"),
    ],
)
def test_images_and_labels_that_do_not_fit_are_refused(images, labels, message, tmp_path):
    (tmp_path / "images").write_bytes(idx_bytes(images))
    (tmp_path / "labels").write_bytes(idx_bytes(labels))
    with pytest.raises(InvalidInput) as refused:
        read_images(tmp_path / "images", tmp_path / "labels")
    assert str(refused.value).startswith(message)


def test_images_of_floats_are_refused(tmp_path):
    (tmp_path / "images").write_bytes(idx_bytes(np.zeros((1, 2, 2)), "f4"))
    (tmp_path / "labels").write_bytes(idx_bytes([0]))
    with pytest.raises(InvalidInput, match=r"images: entries: got '3 dimension\(s\) of float32'"):
        read_images(tmp_path / "images", tmp_path / "labels")


def test_bright_pixels_spike_early_and_dark_ones_never():
    stimulus = latency_code([[255, 0, 51, 1, 2], [0, 0, 0, 0, 0], [0, 255, 255, 1, 0]], duration=60.0)
    times, channels = stimulus.sample(0)
    assert channels.tolist() == [0, 2, 4]
    assert times == pytest.approx([0.0, 16.0, (1 - 2 / 255) * 20.0], rel=1e-15, abs=0.0)
    assert len(stimulus.sample(1)[0]) == 0
    assert stimulus.sample(2)[1].tolist() == [1, 2]
    assert stimulus.duration == 60.0


@given(st.lists(st.lists(st.integers(0, 16), min_size=5, max_size=5), min_size=1, max_size=4))
def test_every_pixel_above_the_threshold_spikes_once(images):
    stimulus = latency_code(images, brightest=16.0)
    for number, image in enumerate(images):
        times, channels = stimulus.sample(number)
        assert sorted(channels.tolist()) == [c for c, p in enumerate(image) if p > 1]
        assert times == pytest.approx([(1 - image[c] / 16) * 20 for c in channels], abs=1e-14)


@pytest.mark.parametrize(
    ("call", "field"),
    [
        (lambda: latency_code([[256.0]]), r"images\[0\]\[0\]"),
        (lambda: latency_code([[0.0, -1.0]]), r"images\[0\]\[1\]"),
        (lambda: latency_code([1.0, 2.0]), "images"),
        (lambda: latency_code([[1.0]], brightest=0.0), "brightest"),
        (lambda: latency_code([[1.0]], t_max=0.0), "t_max"),
        (lambda: latency_code([[1.0]], t_max=30.0, duration=20.0), "duration"),
        (lambda: latency_code([[1.0]], threshold=float("nan")), "threshold"),
    ],
)
def test_wrong_images_are_refused_by_name(call, field):
    with pytest.raises(InvalidInput, match=f"^{field}: got"):
        call()
