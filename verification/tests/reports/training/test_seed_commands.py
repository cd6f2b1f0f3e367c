"""The command of a row of the table of seeds repeats that training alone."""

import pytest

from spikeproof_reports.training.report import seed_command


@pytest.mark.parametrize(
    ("command", "again"),
    [
        ("spikeproof train yin-yang", "spikeproof train yin-yang --seed 7 --out again"),
        (
            "spikeproof train yin-yang --seeds 10 --epochs 3 --out .../here --fresh",
            "spikeproof train yin-yang --epochs 3 --seed 7 --out again",
        ),
        ("spikeproof train mnist --data .../m --seed 2", "spikeproof train mnist --data .../m --seed 7 --out again"),
        ("python train.py --seeds 10", ""),
        ("", ""),
    ],
)
def test_the_command_keeps_the_settings_and_names_the_seed(command, again):
    assert seed_command(command, 7) == again
