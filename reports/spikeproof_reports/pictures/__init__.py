"""Pictures of problems, solutions and gradients, drawn on matplotlib axes that they return."""

from spikeproof_reports.needed import needed

needed("matplotlib", "pictures", "notebook")

from spikeproof_reports.pictures.line import loss_along  # noqa: E402, which needs matplotlib
from spikeproof_reports.pictures.raster import raster  # noqa: E402
from spikeproof_reports.pictures.traces import traces  # noqa: E402
from spikeproof_reports.pictures.weights import weight_map  # noqa: E402

__all__ = ["loss_along", "raster", "traces", "weight_map"]
