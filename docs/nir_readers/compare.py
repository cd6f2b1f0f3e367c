"""The table of what readers make of the same NIR files: ``python compare.py NAME=PYTHON ...``, Markdown to stdout.

PYTHON is the interpreter of an environment in which the reader NAME of `reader.py` is installed. This one needs
spikeproof with its extra nir. Nothing is known beforehand: what a reader takes a spike for is the area that its least
weight with an output spike tells, and its spikes are compared with those of spikeproof for a spike of that area.
"""

import json
import math
import subprocess
import sys
import tempfile
from pathlib import Path

import problems as p

WAIT = 240.0  # s
SURE = 0.02  # relative width at which the least weight is known
PROBE = 0.75  # weight of a first look
LEFT_OUT = "left out: what comes in goes out"
NEAR = 0.15  # of an area to one that has a name


class Reader:
    """A process that reads files with one reader."""

    def __init__(self, name, python, folder):
        script = Path(__file__).with_name("reader.py")
        self.name, self.folder = name, folder
        self.process = subprocess.Popen(
            [python, str(script), name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            text=True,
        )  # fmt: skip
        self.version = json.loads(self.process.stdout.readline())

    def out(self, file, spikes, channels, steps=p.STEPS):
        job = {"file": file, "spikes": spikes, "channels": channels, "steps": steps, "dt": p.DT}
        self.process.stdin.write(json.dumps(job) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline() or '{"error": "the process ended"}')

    def one(self, kind, weight, w_in):
        """The output after one spike through one weight."""
        return self.out(p.write(self.folder, "one", p.one_weight(kind, weight, w_in)), [[10, 0]], 1, 300)


def measured(reader, kind, w_in=1.0):
    """The area (s) of a spike of a reader, or why there is none."""
    probe = reader.one(kind, PROBE, w_in)
    if [x for x, *_ in probe.get("out", []) if x] == [PROBE]:
        return LEFT_OUT
    if kind == "CubaLI":
        return probe.get("error") or _of_peak(max(row[0] for row in probe["out"]) / PROBE)
    if "error" in probe:
        return probe["error"]

    def spiked(weight):
        return any(row[0] > 0.5 for row in reader.one(kind, weight, w_in).get("out", []))

    high = next((10.0**n for n in range(-6, 7) if spiked(10.0**n)), 0.0)
    if not high:
        return "no spike with any weight"
    low = 0.1 * high
    while high / low > 1.0 + SURE:
        middle = math.sqrt(low * high)
        low, high = (low, middle) if spiked(middle) else (middle, high)
    return p.TAU_MEM / (p.R * high) if kind == "LIF" else _of_peak(1.0 / high) / w_in


def _of_peak(peak):
    """The area of a spike from the largest V after it has come through a weight of 1."""
    return peak * p.TAU_SYN / (p.R * p.PEAK)


def named(area):
    """The name of the nearest area in spikeproof, if one is near."""
    if isinstance(area, str):
        return None
    name = min(p.AREAS, key=lambda key: abs(math.log(area / p.AREAS[key])))
    return name if abs(area / p.AREAS[name] - 1.0) < NEAR else None


def compared(reader, name, recurrent, w_in):
    """Counts of spikes of a reader and of spikeproof, and the largest difference of times where counts agree."""
    file = p.write(reader.folder, "layer", p.layer(p.AREAS[name], recurrent, w_in))
    right = p.ours(file, name, p.inputs())
    found = reader.out(file, p.inputs(), p.IN)
    if "error" in found:
        return found["error"]
    theirs = sorted((step * p.DT, n) for step, row in enumerate(found["out"]) for n, x in enumerate(row) if x > 0.5)
    text, worst = f"{len(theirs)} of {len(right)}", 0.0
    for neuron in range(p.HIDDEN):
        a, b = ([t for t, n in spikes if n == neuron] for spikes in (theirs, right))
        if len(a) != len(b):
            return f"{text}, other counts per neuron"
        worst = max([worst, *(abs(x - y) for x, y in zip(a, b, strict=True))])
    return f"{text}, off by {worst / p.DT:.1f} steps at most"


def row(reader):
    """A line of the table: the areas, and the layers in the convention that the reader has, where it has one."""
    areas = {w_in: measured(reader, "CubaLIF", w_in) for w_in in p.W_INS}
    others = [measured(reader, kind) for kind in ("CubaLI", "LIF")]
    known = next(((named(area), w_in) for w_in, area in areas.items() if named(area)), None)
    layers = [compared(reader, known[0], recurrent, known[1]) if known else "" for recurrent in (False, True)]
    installed = f"{reader.name} {reader.version['version']}, nir {reader.version['nir']}"
    cells = [installed, *map(_cell, areas.values()), *map(_cell, others), *layers]
    return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"


def _cell(area):
    if isinstance(area, str):
        return area
    known = named(area)
    return f"{area:.3g} s" + (f": `{known}`" if known else "")


def main(pairs):
    first, second = (f"{w_in:g}" for w_in in p.W_INS)
    heads = ["reader", f"CubaLIF, w_in = {first}", f"CubaLIF, w_in = {second}", "CubaLI", "LIF", "layer", "recurrent"]
    print("| " + " | ".join(heads) + " |", "|" + " --- |" * len(heads), sep="\n", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for name, _, python in (pair.partition("=") for pair in pairs):
            reader = Reader(name, python, folder)
            print(row(reader), flush=True)
            reader.process.kill()


if __name__ == "__main__":
    main(sys.argv[1:])
