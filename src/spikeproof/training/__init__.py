"""Training of classifiers with exact gradients."""

from spikeproof.training.adam import Adam, Moments
from spikeproof.training.checkpoint import load_state, save_state
from spikeproof.training.classifier import Classifier
from spikeproof.training.evaluation import Score, evaluate
from spikeproof.training.learned import Learned
from spikeproof.training.readout import (
    NO_CLASS,
    TIED,
    FirstSpikeReadout,
    MaxVoltageReadout,
    Readout,
    Regression,
    SpikeTimeReadout,
    VoltageReadout,
)
from spikeproof.training.samples import Samples
from spikeproof.training.settings import Settings
from spikeproof.training.state import Row, State
from spikeproof.training.trainer import Probe, Sets, Trainer
from spikeproof.training.watch import TrainingWarning

__all__ = [
    "NO_CLASS",
    "TIED",
    "Adam",
    "Classifier",
    "FirstSpikeReadout",
    "Learned",
    "MaxVoltageReadout",
    "Moments",
    "Probe",
    "Readout",
    "Regression",
    "Row",
    "Samples",
    "Score",
    "Sets",
    "Settings",
    "SpikeTimeReadout",
    "State",
    "Trainer",
    "TrainingWarning",
    "VoltageReadout",
    "evaluate",
    "load_state",
    "save_state",
]
