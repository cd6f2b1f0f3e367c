"""The figures of the verification report."""

from spikeproof_reports.verification.figures.errors import gradient_errors
from spikeproof_reports.verification.figures.errors_by_quantity import error_distribution
from spikeproof_reports.verification.figures.example import adjoint_trace, spike_raster
from spikeproof_reports.verification.figures.spike_times import spike_time_errors

__all__ = ["adjoint_trace", "error_distribution", "gradient_errors", "spike_raster", "spike_time_errors"]
