"""``python -m spikeproof_verification.conformance.making [KEY...]`` makes the files of cases anew, all or some."""

from __future__ import annotations

import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed

from spikeproof_verification.conformance.case import Case, cases_folder
from spikeproof_verification.conformance.making.answers import made
from spikeproof_verification.conformance.making.draft import Draft
from spikeproof_verification.conformance.making.families import drafts
from spikeproof_verification.conformance.making.refusals import refusals
from spikeproof_verification.files.json_file import write_json


def main(keys: list[str]) -> None:
    """Write the files, those of all cases if no key is given, as many at a time as there are processors."""
    chosen = [d for d in drafts() if not keys or any(d.key.startswith(k) for k in keys)]
    for case in refusals():
        if not keys or any(case.key.startswith(k) for k in keys):
            write(case)
    with ProcessPoolExecutor() as pool:
        waiting = {pool.submit(timed, draft): draft for draft in chosen}
        for future in as_completed(waiting):
            case, seconds = future.result()
            write(case)
            sys.stdout.write(f"{case.key}: {', '.join(case.levels)}, {seconds:.1f} s\n")
            sys.stdout.flush()


def timed(draft: Draft) -> tuple[Case, float]:
    """The case and the seconds that it took."""
    begin = time.perf_counter()
    return made(draft), time.perf_counter() - begin


def write(case: Case) -> None:
    """Write the file of a case."""
    write_json(case.to_dict(), cases_folder() / f"{case.key}.json")


if __name__ == "__main__":
    main(sys.argv[1:])
