"""Every wrong problem file is refused in one line that names the field, the value and what is allowed."""

import pytest
from problem_tree import put
from wrong_problems import WRONG_PROBLEMS, wrong_file

from spikeproof import InvalidInput
from spikeproof_verification.files import load_any, load_case, load_problem, save_problem


@pytest.mark.parametrize(("mutate", "field"), [pytest.param(m, f, id=name) for name, m, f in WRONG_PROBLEMS])
def test_wrong_problem_is_refused_in_one_line(tmp_path, mutate, field):
    path = tmp_path / "wrong.json"
    path.write_bytes(wrong_file(mutate))
    with pytest.raises(InvalidInput) as caught:
        load_problem(path)
    message = str(caught.value)
    named, _, rest = message.partition(": got ")
    value, _, allowed = rest.partition("; allowed: ")
    assert message.isprintable()
    assert field in named
    assert 0 < len(value) <= 60
    assert allowed
    assert len(message) < 400


def test_the_problem_that_the_mistakes_start_from_is_right(tmp_path):
    path = tmp_path / "right.json"
    path.write_bytes(wrong_file(lambda tree: tree))
    assert load_problem(path).name == "small"


def test_every_mistake_has_its_own_name():
    names = [name for name, _, _ in WRONG_PROBLEMS]
    assert len(set(names)) == len(names)
    assert len(names) >= 45


@pytest.mark.parametrize("load", [load_problem, load_case, load_any])
def test_a_missing_file_and_a_folder_are_refused(tmp_path, load):
    for path in (tmp_path / "none.json", tmp_path, "null\0character"):
        with pytest.raises(InvalidInput, match=r"file: got .*; allowed: a file that can be read"):
            load(path)


def test_saving_into_a_missing_folder_is_refused(tmp_path):
    path = tmp_path / "right.json"
    path.write_bytes(wrong_file(lambda tree: tree))
    with pytest.raises(InvalidInput, match=r"file: got .*a path that can be written"):
        save_problem(load_problem(path), tmp_path / "none" / "p.json")


def test_load_any_refuses_other_formats(tmp_path):
    path = tmp_path / "other.json"
    path.write_bytes(wrong_file(put("format", "something")))
    with pytest.raises(InvalidInput, match="format: got 'something'; allowed: 'spikeproof-problem-1' or"):
        load_any(path)


@pytest.mark.parametrize(
    ("mutate", "message"),
    [
        ("v_reset at v_th", "parameters.neurons.hidden.v_reset: got 1.0; allowed: a number below v_th"),
        ("kind unknown", "network.populations[1].kind: got 'alif'; allowed: 'lif' or 'li'"),
        ("tau_mem missing", "parameters.neurons.hidden.tau_mem: got 'missing'; allowed: a number, or a list with one"),
        ("unknown field", "wieghts: got {}; allowed: no such field, only format, name, description, network"),
        ("times unsorted", "stimulus.samples[1].times[1]: got 0.0; allowed: times sorted in ascending order"),
        ("input size zero", "network.inputs[0].size: got 0; allowed: a whole number >= 1 and <= 2147483648"),
        ("weight of enormous exponent", "got '1e999999999'; allowed: a finite number, or a decimal string"),
        ("comma missing", "file: got \"line 1, column 52: Expecting ',' delimiter\"; allowed: JSON text"),
    ],
)
def test_messages_read_well(tmp_path, mutate, message):
    path = tmp_path / "wrong.json"
    path.write_bytes(wrong_file({name: change for name, change, _ in WRONG_PROBLEMS}[mutate]))
    with pytest.raises(InvalidInput) as caught:
        load_problem(path)
    assert message in str(caught.value)
