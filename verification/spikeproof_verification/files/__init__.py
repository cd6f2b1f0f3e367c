"""The file formats of problems, cases and solutions, with which engines in any language can be checked."""

from spikeproof_verification.files.any_file import load_any
from spikeproof_verification.files.case_file import CaseFile, CaseGradients, case_from_dict, load_case
from spikeproof_verification.files.case_network import locate_parameter
from spikeproof_verification.files.problem_file import load_problem, problem_from_dict, problem_to_dict, save_problem
from spikeproof_verification.files.schema import load_schema
from spikeproof_verification.files.shipped import shipped_cases, shipped_readouts
from spikeproof_verification.files.solution_file import save_solution, solution_to_dict

__all__ = [
    "CaseFile",
    "CaseGradients",
    "case_from_dict",
    "load_any",
    "load_case",
    "load_problem",
    "load_schema",
    "locate_parameter",
    "problem_from_dict",
    "problem_to_dict",
    "save_problem",
    "save_solution",
    "shipped_cases",
    "shipped_readouts",
    "solution_to_dict",
]
