"""Files that take the place of others only when they are complete."""

import os
import stat

import pytest

from spikeproof.atomic import replacing
from spikeproof_reports.paper.files import write_text


def test_a_block_that_fails_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")

    def write_half():
        with replacing(path) as temporary:
            temporary.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_half()
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_a_new_file_takes_the_place_of_the_old_one_and_keeps_the_suffix(tmp_path):
    path = tmp_path / "a.png"
    path.write_text("old")
    with replacing(path) as temporary:
        assert temporary.suffix == ".png"
        temporary.write_text("new")
    assert path.read_text() == "new"
    assert os.listdir(tmp_path) == ["a.png"]


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_a_written_file_is_readable_as_any_other_new_file(tmp_path):
    ordinary = tmp_path / "ordinary"
    ordinary.touch()
    path = write_text(tmp_path / "new folder" / "a.txt", "a\n")
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE(ordinary.stat().st_mode)
    assert path.read_bytes() == b"a\n"


def test_a_name_as_long_as_the_file_system_allows_is_written(tmp_path):
    path = tmp_path / ("n" * 251 + ".txt")
    assert write_text(path, "x").read_text() == "x"
