"""The benchmark report, before any format."""

from __future__ import annotations

from spikeproof_reports.bench import figures as pictures
from spikeproof_reports.bench import tables
from spikeproof_reports.bench.compare import Comparison, comparison_table
from spikeproof_reports.bench.finding import finding_lines, finding_sentence, findings
from spikeproof_reports.bench.record import BenchRecord
from spikeproof_reports.bench.targets import targets_met
from spikeproof_reports.bench.work_precision import work_precision_page
from spikeproof_reports.paper.content import Content
from spikeproof_reports.paper.line import Line
from spikeproof_reports.paper.verdict import Verdict

TITLE = "Speed and accuracy of gradients of spiking networks"
_PARAGRAPHS = (
    "Engines that train spiking networks do the same work here, side by side: the same networks, weights, inputs and "
    "losses, read from one file; where an engine knows no such loss or neuron, the column “differs” says what it did "
    "instead. Each runs in a process of its own with its own interpreter, pinned to one processor core, and makes its "
    "first step before anything is timed. Then all take turns, round by round, and ratios are formed within a round: "
    "what slows the machine down slows them all. A ratio is the geometric mean over the rounds, with the 95 % "
    "confidence interval of Student's t for the logarithms.",
    "Speed says little without accuracy. So each engine's spikes, loss and weight gradients are compared with "
    "those of a reference in multiple precision, on a few samples. An engine with time steps moves spikes; one with "
    "surrogate gradients replaces the derivative by another function. Both can be useful, but they are not the "
    "gradient of this loss, and the tables and figures say how far they are from it.",
    "W1: the Yin-Yang network, 5 inputs, 200 and 3 LIF neurons, first-spike cross-entropy, batch 200. W2: images in "
    "latency code, 784 inputs, 350 LIF neurons, 10 leaky integrators, max-voltage cross-entropy, batch 128. W3: 100 "
    "inputs, 128 recurrent and 10 LIF neurons, first-spike cross-entropy, batch 32. F1: 1000 independent neurons, "
    "each with its own input, forward only. F2: 1000 channels to 1000 neurons with a tenth of all connections, "
    "forward only. F3, F4 and F5: 1000, 10 000 and 100 000 recurrent neurons with 100 synapses each and delays of "
    "1.5 ms, forward only; F5 in a single round.",
)


def bench_content(record: BenchRecord, comparison: Comparison | None = None) -> Content:
    """Tables and figures of a benchmark run.

    Parameters
    ----------
    record : BenchRecord
    comparison : Comparison, or None
        With a stored run.

    Returns
    -------
    Content
    """
    against = () if comparison is None else (comparison_table(comparison),)
    front, *others = (
        pictures.error_picture(record), pictures.speed_picture(record), pictures.scaling_picture(record),
        pictures.memory_picture(record),
    )  # fmt: skip
    return Content(
        title=TITLE,
        verdict=verdict_on_bench(record, comparison),
        paragraphs=_PARAGRAPHS,
        quantities=(),
        summary=(*against, tables.target_table(record), tables.speed_table(record), tables.left_out_table(record)),
        front=(front,),
        pictures=tuple(others),
        details=(
            tables.accuracy_table(record), tables.gradient_table(record), tables.first_call_table(record),
            tables.scaling_table(record), tables.version_table(record),
        ),
        facts=record.provenance,
        pages=(work_precision_page(record),),
        kind="benchmark report",
        printed=tables.printed_speed(record),
        environment=record.environment,
    )  # fmt: skip


def verdict_on_bench(record: BenchRecord, comparison: Comparison | None = None) -> Verdict:
    """The finding against the fastest peers, then the targets that were reached, and what failed or became slower."""
    found, met = findings(record), targets_met(record)
    missed, unknown = (met.loc[met["verdict"] == word, "target"] for word in ("missed", "not measured"))
    failed = [*record.engines.loc[record.engines["status"] == "failed", "engine"], *record.failures["unit"]]
    remarks = [f"Failed: {', '.join(dict.fromkeys(failed))}."] if failed else []
    slower = 0
    if comparison is not None:
        slower = len(comparison.slower)
        pairs = comparison.slower[["engine", "workload"]].astype(str).to_numpy().tolist()
        names = "; ".join(f"{engine} on {workload.upper()}" for engine, workload in pairs)
        remarks.append(
            f"Slower than the stored run by more than a factor of {comparison.limit:g}: {names or 'nothing'}."
        )
    reached = f"{len(met) - len(missed) - len(unknown)} of {len(met)}"
    note = f"were reached, {len(missed)} missed, {len(unknown)} not measured."
    targets = Line("Targets", reached, note, f"Missed: {'; '.join(missed)}." if len(missed) else "")
    clean = not (len(missed) or failed or slower)
    return Verdict(clean, finding_sentence(found), tuple(remarks), lines=(*finding_lines(found), targets))
