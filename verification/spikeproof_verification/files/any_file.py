"""Problems from a file of either format."""

from __future__ import annotations

from os import PathLike

from spikeproof import InvalidInput, Problem
from spikeproof_verification.files.case_file import case_from_dict
from spikeproof_verification.files.json_file import read_json
from spikeproof_verification.files.problem_file import FORMAT, problem_from_dict


def load_any(path: str | PathLike[str], *, flat: bool = False) -> Problem:
    """The problem in a problem file or a case file; the file's ``format`` tells which it is.

    Parameters
    ----------
    path : path
        A UTF-8 JSON file.
    flat : bool
        For a case file: ignore its layers.

    Returns
    -------
    Problem

    Raises
    ------
    InvalidInput
        As `load_problem` and `load_case`; with field ``"format"`` if it is neither of the two.
    """
    tree = read_json(path)
    form = tree.get("format", "missing")
    if form == "spike-case-1":
        return case_from_dict(tree, flat=flat).problem
    if form == FORMAT:
        return problem_from_dict(tree)
    raise InvalidInput("format", form, f"'{FORMAT}' or 'spike-case-1'")
