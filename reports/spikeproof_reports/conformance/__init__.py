"""Documents of a run of the conformance suite."""

from spikeproof_reports.conformance.documents import write_documents

__all__ = ["write_documents"]
