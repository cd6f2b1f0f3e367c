"""Studies: experiments of their own, each a page of the report.

A study is a module of this package with a function that returns a `StudyResult`; it is listed in `registry.STUDIES`
and has a chapter of the same name in the reports.
"""

from spikeproof_verification.experiments.studies.registry import STUDIES, chosen, study
from spikeproof_verification.experiments.studies.study import Study, StudyResult, regime, subject

__all__ = ["STUDIES", "Study", "StudyResult", "chosen", "regime", "study", "subject"]
