"""The figures of a report."""

from spikeproof_reports.figures.errors import gradient_errors
from spikeproof_reports.figures.errors_by_quantity import error_distribution
from spikeproof_reports.figures.example import adjoint_trace, spike_raster
from spikeproof_reports.figures.picture import Picture
from spikeproof_reports.figures.spike_times import spike_time_errors

__all__ = ["Picture", "adjoint_trace", "error_distribution", "gradient_errors", "spike_raster", "spike_time_errors"]
