"""Studies: experiments that answer one question each, with a page of the report.

A study is a module of this package with its record, `STUDY`, and a line in `registry.py`. Its chapter is the module of
the same name in `spikeproof_reports.studies`; without one, its tables are shown as they are.
"""

from spikeproof_verification.experiments.studies.registry import STUDIES, chosen, study
from spikeproof_verification.experiments.studies.study import Study, StudyResult, regime, subject

__all__ = ["STUDIES", "Study", "StudyResult", "chosen", "regime", "study", "subject"]
