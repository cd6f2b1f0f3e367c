"""The figure of the README: speed against the error of the gradient, from the published benchmark.

`python docs/figures/speed_and_error.py` draws it anew; the digest of the table it shows is kept in the file.
"""

import csv
import hashlib
from pathlib import Path

import matplotlib

matplotlib.use("agg")

import matplotlib.pyplot as plt

HERE = Path(__file__).resolve().parent
TABLE = HERE.parents[1] / "reports" / "published" / "bench" / "tables" / "bench_speed.csv"
FIGURE = HERE / "speed_and_error.png"
WORKLOADS = {"w1": "Yin-Yang, 200 neurons", "w2": "images, 350 neurons", "w3": "128 recurrent neurons"}
LOOKS = {
    "event": ("spikeproof, one core", "s", "#0072b2"),
    "event, 2 threads": ("spikeproof, two cores", "s", "#56b4e9"),
    "event, until the loss": ("spikeproof, until the loss", "s", "#003f5c"),
    "exact-snn-nn": ("exact-snn-nn", "D", "#009e73"),
    "jaxsnn": ("jaxsnn", "D", "#e69f00"),
    "jaxsnn, tau 20/10": ("jaxsnn, tau_syn 10 ms", "D", "#f0c96a"),
    "eventax, 0.05 ms": ("eventax", "v", "#8c564b"),
    "spyx, 1 ms": ("spyx, surrogate", "o", "#d62728"),
    "norse, 1 ms": ("norse, surrogate", "o", "#cc79a7"),
    "snntorch, 1 ms": ("snnTorch, surrogate", "o", "#7f7f7f"),
    "surrogate, 1 ms": ("spikeproof's surrogate", "o", "#17becf"),
    "grid, 1 ms": ("spikeproof's time steps", "^", "#333333"),
}


def rows():
    """The rows of the table that have an error."""
    lines = [line for line in TABLE.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return [row for row in csv.DictReader(lines) if row["workload"] in WORKLOADS]


def digest():
    """A digest of what is drawn."""
    drawn = [(row["workload"], row["engine"], row["rate"], row["error"]) for row in rows()]
    return hashlib.sha256(repr(drawn).encode()).hexdigest()


def main():
    """Draw the figure."""
    plt.rcParams.update({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False})
    figure, panels = plt.subplots(1, 3, figsize=(11, 3.7), sharex=True, sharey=True, layout="constrained")
    for axes, (workload, title) in zip(panels, WORKLOADS.items(), strict=True):
        for row in (row for row in rows() if row["workload"] == workload):
            label, marker, color = LOOKS.get(row["engine"], (row["engine"], "P", "#17becf"))
            axes.loglog(
                float(row["error"]), float(row["rate"]), marker, color=color, markersize=9, markeredgecolor="white",
                label=label,
            )  # fmt: skip
        axes.axvline(1.0, color="#999999", linewidth=1, linestyle=":")
        axes.set(title=title, xlim=(1e-16, 1e3), ylim=(1, 1e6))
        axes.grid(color="#e5e5e5", linewidth=0.6)
    panels[0].set_ylabel("samples per second, forward and backward")
    panels[1].set_xlabel("relative error of the gradient; at 1 (dotted) it is as wrong as no gradient")
    drawn = {}
    for axes in panels:
        drawn |= dict(zip(*reversed(axes.get_legend_handles_labels()), strict=True))
    order = [look[0] for look in LOOKS.values() if look[0] in drawn]
    order += [label for label in drawn if label not in order]
    figure.legend([drawn[label] for label in order], order, loc="outside right center", frameon=False)
    figure.savefig(FIGURE, dpi=100, metadata={"Source": digest()})


if __name__ == "__main__":
    main()
