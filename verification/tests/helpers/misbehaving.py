"""A program that speaks the protocol, and misbehaves in the way that its argument names.

    python misbehaving.py HOW CASES

Its right answers come from the files of the cases, so that it starts in no time.
"""

import json
import os
import sys
import time
from pathlib import Path

HOW, CASES = sys.argv[1], Path(sys.argv[2])


def numbers(tree):
    if isinstance(tree, list):
        return [numbers(x) for x in tree]
    return {k: numbers(x) for k, x in tree.items()} if isinstance(tree, dict) else float(tree)


def right(problem):
    """The solution of a case, and None for any other problem."""
    path = CASES / f"{problem['name']}.json"
    if not path.exists():
        return None
    known = numbers(json.loads(path.read_text(encoding="utf-8"))["expected"])
    solution = {"format": "spikeproof-solution-1", "problem": problem["name"], "spike_times": known["spike_times"][0]}
    if "loss" in known:
        solution |= {"loss": known["loss"], "gradients": {"weights": known["weights"], "neurons": {}}}
        solution["gradients"]["neurons"] = {name: {"v_th": v} for name, v in known["v_th"].items()}
    return solution


def spoiled(solution):
    """The solution with one thing wrong."""
    trains = solution["spike_times"]
    weights = solution.get("gradients", {}).get("weights", {})
    if HOW == "strings":
        solution["spike_times"] = [[str(t) for t in train] for train in trains]
    if HOW == "schema":
        del solution["format"]
    if HOW == "field":
        solution["voltages"] = []
    if HOW == "other problem":
        solution["problem"] = "another"
    if HOW == "other network":
        solution["spike_times"] = [*trains, []]
    if HOW == "late":
        solution["spike_times"] = [[*train, 1e9] for train in trains]
    if HOW == "falling":
        solution["spike_times"] = [[*train, 0.5 * train[-1]] if train else [] for train in trains]
    if HOW == "shape":
        solution["gradients"] = {"weights": {name: w[1:] for name, w in weights.items()}}
    if HOW == "NaN":
        solution["loss"] = float("nan")
    return solution


def reply(message, seen):
    """The line that answers a question."""
    if HOW == "hang" and seen == 2:
        time.sleep(60)
    if HOW == "crash" and seen == 2:
        sys.stderr.write("out of luck\n")
        sys.stderr.flush()
        os._exit(7)
    if HOW == "no JSON":
        return "spikes: 3"
    found = right(message["problem"])
    if found is None:
        return json.dumps({"id": message["id"], "unsupported": "no file of a case"})
    lines = "solving ...\n" if HOW == "print" else ""
    answer = {"id": message["id"] + (HOW == "other number"), "solution": spoiled(found)}
    return lines + json.dumps(answer | ({"refused": "no"} if HOW == "two answers" else {}))


def main():
    seen = 0
    for line in sys.stdin:
        message = json.loads(line)
        if message["do"] == "stop":
            return
        if message["do"] == "start":
            text = json.dumps({"engine": "misbehaving", "version": "1"})
        else:
            seen += 1
            text = reply(message, seen)
        sys.stdout.write(text + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
