"""Wrong problem files: one mistake each, and the field that the refusal must name."""

import json

from problem_tree import Mutation, Tree, both, drop, good_problem, put, text


def wrong_file(mutate: Mutation) -> bytes:
    """The bytes of the wrong file that a mutation makes."""
    tree = good_problem()
    result = mutate(tree)
    content = tree if result is None else result
    if isinstance(content, bytes):
        return content
    return (content if isinstance(content, str) else json.dumps(content)).encode()


SUM = {"kind": "spike_time_sum", "population": "out"}
TARGET = {"kind": "spike_time_target", "population": "out", "targets": [[1.0], [2.0]]}
BOTH_GROUPS = "network.inputs and network.populations"
WEIGHT = "parameters.weights.in->hidden.0.0"
HIDDEN = "parameters.neurons.hidden"
SAMPLE = "stimulus.samples.0"

FILES: list[tuple[str, Mutation, str]] = [
    ("empty file", lambda _: b"", "file"),
    ("only spaces", lambda _: b" \n\n", "file"),
    ("cut off", lambda tree: json.dumps(tree)[:-40], "file"),
    ("comma missing", text('"name": "small",', '"name": "small"'), "file"),
    ("single quotes", text('"name": "small"', "'name': 'small'"), "file"),
    ("comment", text("{", "{ // a comment\n"), "file"),
    ("two objects", lambda tree: json.dumps(tree) * 2, "file"),
    ("list at the top", lambda tree: json.dumps([tree]), "file"),
    ("number at the top", lambda _: "3", "file"),
    ("null at the top", lambda _: "null", "file"),
    ("latin-1", lambda tree: json.dumps(tree).replace("small", "kl\u00e9in").encode("latin-1"), "file"),
    ("utf-16", lambda tree: json.dumps(tree).encode("utf-16"), "file"),
    ("binary", lambda _: bytes(range(256)), "file"),
    ("key twice", text('"name": "small"', '"name": "small", "name": "big"'), "file"),
    ("lists without end", lambda _: '{"format": ' + "[" * 100000 + "]" * 100000 + "}", "file"),
    ("lists too deep", put("network", json.loads("[" * 200 + "]" * 200)), "network"),
    ("format missing", drop("format"), "format"),
    ("format unknown", put("format", "spikeproof-problem-9"), "format"),
    ("format of a case", put("format", "spike-case-1"), "format"),
    ("format a number", put("format", 1), "format"),
    ("empty object", lambda _: "{}", "format"),
]

TOP: list[tuple[str, Mutation, str]] = [
    ("unknown field", put("wieghts", {}), "wieghts"),
    ("name a number", put("name", 3), "name"),
    ("description a list", put("description", []), "description"),
    ("network missing", drop("network"), "network"),
    ("parameters missing", drop("parameters"), "parameters"),
    ("stimulus missing", drop("stimulus"), "stimulus"),
    ("network a list", put("network", []), "network"),
    ("loss null", put("loss", None), "loss"),
    ("field with a line break", put("wrong\nfield", 1), "wrong\\nfield"),
]

NETWORK: list[tuple[str, Mutation, str]] = [
    ("inputs missing", drop("network.inputs"), "network.inputs"),
    ("input name missing", drop("network.inputs.0.name"), "network.inputs[0].name"),
    ("input name empty", put("network.inputs.0.name", ""), "network.inputs[0].name"),
    ("input name a number", put("network.inputs.0.name", 7), "network.inputs[0].name"),
    ("input name with a line break", put("network.inputs.0.name", "a\nb"), "network.inputs"),
    ("input size zero", put("network.inputs.0.size", 0), "network.inputs[0].size"),
    ("input size negative", put("network.inputs.0.size", -3), "network.inputs[0].size"),
    ("input size a fraction", put("network.inputs.0.size", 2.5), "network.inputs[0].size"),
    ("input size a string", put("network.inputs.0.size", "2"), "network.inputs[0].size"),
    ("input size true", put("network.inputs.0.size", True), "network.inputs[0].size"),
    ("input size null", put("network.inputs.0.size", None), "network.inputs[0].size"),
    ("input size enormous", put("network.inputs.0.size", 10**30), "network.inputs[0].size"),
    ("input with an unknown field", put("network.inputs.0.sise", 2), "network.inputs[0].sise"),
    ("populations empty", put("network.populations", []), "network.populations"),
    ("populations an object", put("network.populations", {}), "network.populations"),
    ("population a string", put("network.populations.1", "out"), "network.populations[1]"),
    ("kind unknown", put("network.populations.1.kind", "alif"), "network.populations[1].kind"),
    ("kind in capitals", put("network.populations.1.kind", "LIF"), "network.populations[1].kind"),
    ("kind missing", drop("network.populations.1.kind"), "network.populations[1].kind"),
    ("kind null", put("network.populations.1.kind", None), "network.populations[1].kind"),
    ("population size missing", drop("network.populations.0.size"), "network.populations[0].size"),
    (
        "population name used twice",
        put("network.populations.1.name", "hidden"),
        BOTH_GROUPS,
    ),
    (
        "population named as the input",
        put("network.populations.1.name", "in"),
        BOTH_GROUPS,
    ),
    ("projection name used twice", put("network.projections.1.name", "in->hidden"), "network.projections"),
    ("pre unknown", put("network.projections.0.pre", "inn"), "pre"),
    ("post unknown", put("network.projections.0.post", "hiden"), "post"),
    ("post an input", put("network.projections.1.post", "in"), "post"),
    ("li presynaptic", put("network.projections.1.pre", "readout"), "pre"),
    ("pre missing", drop("network.projections.0.pre"), "network.projections[0].pre"),
    ("pre a list", put("network.projections.0.pre", ["in"]), "network.projections[0].pre"),
    ("delay negative", put("network.projections.1.delay", -0.5), "network.projections[1].delay"),
    ("delay a negative decimal", put("network.projections.1.delay", "-0.5"), "network.projections[1].delay"),
    ("delay infinite", put("network.projections.1.delay", float("inf")), "network.projections[1].delay"),
    ("delay true", put("network.projections.1.delay", True), "network.projections[1].delay"),
    ("delay a matrix", put("network.projections.1.delay", [[1.0]]), "network.projections[1].delay"),
]

PARAMETERS: list[tuple[str, Mutation, str]] = [
    ("weights missing", drop("parameters.weights"), "parameters.weights"),
    ("weights a list", put("parameters.weights", [[1.0]]), "parameters.weights"),
    ("weights of one projection missing", drop("parameters.weights.recurrent"), "parameters.weights.recurrent"),
    ("weights of an unknown projection", put("parameters.weights.typo", [[1.0]]), "parameters.weights.typo"),
    ("weights a number", put("parameters.weights.recurrent", 1.0), "parameters.weights.recurrent"),
    ("weights null", put("parameters.weights.recurrent", None), "parameters.weights.recurrent"),
    ("weights a row only", put("parameters.weights.recurrent", [1.0, 2.0]), "parameters.weights.recurrent[0]"),
    ("weights empty", put("parameters.weights.recurrent", []), "parameters.weights.recurrent"),
    ("weights transposed", put("parameters.weights.in->hidden", [[1, 2], [3, 4], [5, 6]]), "weights.in->hidden"),
    ("weights ragged", put("parameters.weights.in->hidden", [[1, 2, 3], [4, 5]]), "weights.in->hidden[1]"),
    ("weight NaN", put("parameters.weights.in->hidden.1.2", float("nan")), "weights.in->hidden[1][2]"),
    ("weight infinite", put("parameters.weights.in->hidden.1.2", float("-inf")), "weights.in->hidden[1][2]"),
    ("weight overflows", text("-0.5, 4.0", "-0.5, 1e999"), "weights.in->hidden[1][1]"),
    ("weight overflows without exponent", text("-0.5, 4.0", "-0.5, " + "9" * 5000), "weights.in->hidden[1][1]"),
    ("weight true", put(WEIGHT, True), "weights.in->hidden[0][0]"),
    ("weight null", put(WEIGHT, None), "weights.in->hidden[0][0]"),
    ("weight a word", put(WEIGHT, "strong"), "weights.in->hidden[0][0]"),
    ("weight an empty string", put(WEIGHT, ""), "weights.in->hidden[0][0]"),
    ("weight a NaN string", put(WEIGHT, "nan"), "weights.in->hidden[0][0]"),
    ("weight an Infinity string", put(WEIGHT, "Infinity"), "weights.in->hidden[0][0]"),
    ("weight with a decimal comma", put(WEIGHT, "1,5"), "weights.in->hidden[0][0]"),
    ("weight with a unit", put(WEIGHT, "1.5 mV"), "weights.in->hidden[0][0]"),
    ("weight in hexadecimal", put(WEIGHT, "0x1p-3"), "weights.in->hidden[0][0]"),
    ("weight with a line break", put(WEIGHT, "1.5\n"), "weights.in->hidden[0][0]"),
    ("weight in other digits", put(WEIGHT, "\u0661\u0662"), "weights.in->hidden[0][0]"),
    (
        "weight of enormous exponent",
        put(WEIGHT, "1e999999999"),
        "weights.in->hidden[0][0]",
    ),
    ("weight of tiny exponent", put(WEIGHT, "1e-999999999"), "weights.in->hidden[0][0]"),
    ("weight of too many digits", put(WEIGHT, "1" * 6000), "weights.in->hidden[0][0]"),
    ("neurons missing", drop("parameters.neurons"), "parameters.neurons"),
    ("neurons of one population missing", drop(HIDDEN), "parameters.neurons.hidden"),
    ("neurons of an unknown population", put("parameters.neurons.typo", {"tau_mem": 1, "tau_syn": 1}), "neurons.typo"),
    ("neurons a number", put(HIDDEN, 20.0), "parameters.neurons.hidden"),
    ("tau_mem missing", drop(f"{HIDDEN}.tau_mem"), "parameters.neurons.hidden.tau_mem"),
    ("tau_mem negative", put(f"{HIDDEN}.tau_mem", -20.0), "parameters.neurons.hidden.tau_mem"),
    ("tau_mem zero", put(f"{HIDDEN}.tau_mem", 0), "parameters.neurons.hidden.tau_mem"),
    ("tau_mem a zero decimal", put(f"{HIDDEN}.tau_mem", "0.0"), "parameters.neurons.hidden.tau_mem"),
    ("tau_mem a negative decimal", put(f"{HIDDEN}.tau_mem", "-20.5"), "parameters.neurons.hidden.tau_mem"),
    ("tau_mem NaN", put(f"{HIDDEN}.tau_mem", float("nan")), "parameters.neurons.hidden.tau_mem"),
    ("tau_mem true", put(f"{HIDDEN}.tau_mem", True), "parameters.neurons.hidden.tau_mem"),
    ("tau_mem null", put(f"{HIDDEN}.tau_mem", None), "parameters.neurons.hidden.tau_mem"),
    ("tau_mem with a unit", put(f"{HIDDEN}.tau_mem", "20 ms"), "parameters.neurons.hidden.tau_mem"),
    ("tau_syn of wrong length", put(f"{HIDDEN}.tau_syn", [5.0, 5.0]), "parameters.neurons.hidden.tau_syn"),
    ("tau_syn negative for one neuron", put(f"{HIDDEN}.tau_syn", [5.0, 5.0, -5.0]), "neurons.hidden.tau_syn[2]"),
    ("tau_syn a word for one neuron", put(f"{HIDDEN}.tau_syn", [5.0, "five", 5.0]), "neurons.hidden.tau_syn[1]"),
    ("tau_syn nested", put(f"{HIDDEN}.tau_syn", [[5.0, 5.0, 5.0]]), "neurons.hidden.tau_syn[0]"),
    ("tau_syn empty", put(f"{HIDDEN}.tau_syn", []), "parameters.neurons.hidden.tau_syn"),
    ("v_th negative", put(f"{HIDDEN}.v_th", -1.0), "parameters.neurons.hidden.v_th"),
    ("v_th of a readout", put("parameters.neurons.readout.v_th", 1.0), "parameters.neurons.readout.v_th"),
    ("v_reset at v_th", put(f"{HIDDEN}.v_reset", 1.0), "parameters.neurons.hidden.v_reset"),
    ("v_reset above v_th", put(f"{HIDDEN}.v_reset", 2), "parameters.neurons.hidden.v_reset"),
    ("v_reset above v_th for one", put(f"{HIDDEN}.v_reset", [0.0, 0.0, 1.5]), "neurons.hidden.v_reset[2]"),
    ("refractory time", put(f"{HIDDEN}.t_ref", -2.0), "parameters.neurons.hidden.t_ref"),
]

STIMULUS: list[tuple[str, Mutation, str]] = [
    ("duration missing", drop("stimulus.duration"), "stimulus.duration"),
    ("duration zero", put("stimulus.duration", 0.0), "stimulus.duration"),
    ("duration negative", put("stimulus.duration", -50.0), "stimulus.duration"),
    ("duration a negative decimal", put("stimulus.duration", "-50"), "stimulus.duration"),
    ("duration infinite", put("stimulus.duration", float("inf")), "stimulus.duration"),
    ("duration a list", put("stimulus.duration", [50.0]), "stimulus.duration"),
    ("samples missing", drop("stimulus.samples"), "stimulus.samples"),
    ("samples empty", put("stimulus.samples", []), "stimulus.samples"),
    ("samples an object", put("stimulus.samples", {"times": [], "channels": []}), "stimulus.samples"),
    ("times missing", drop(f"{SAMPLE}.times"), "stimulus.samples[0].times"),
    ("channels missing", drop(f"{SAMPLE}.channels"), "stimulus.samples[0].channels"),
    ("times unsorted", put("stimulus.samples.1.times", [7.5, 0.0]), "stimulus.samples[1].times[1]"),
    ("time negative", put("stimulus.samples.1.times", [-1.0, 0.0]), "stimulus.samples[1].times[0]"),
    ("time NaN", put("stimulus.samples.1.times.1", float("nan")), "stimulus.samples[1].times[1]"),
    ("time a word", put("stimulus.samples.1.times.1", "late"), "stimulus.samples[1].times[1]"),
    ("time true", put("stimulus.samples.1.times.1", True), "stimulus.samples[1].times[1]"),
    ("times one by one in lists", put(f"{SAMPLE}.times", [[1.0], [2.0], [3.0]]), "stimulus.samples[0].times[0]"),
    ("fewer channels than times", put(f"{SAMPLE}.channels", [0, 1]), "stimulus.samples[0].channels"),
    ("channel too large", put("stimulus.samples.1.channels", [1, 2]), "stimulus.samples[1].channels[1]"),
    ("channel enormous", put("stimulus.samples.1.channels", [1, 10**25]), "stimulus.samples[1].channels[1]"),
    ("channel negative", put("stimulus.samples.1.channels", [-1, 0]), "stimulus.samples[1].channels[0]"),
    ("channel a fraction", put("stimulus.samples.1.channels", [0.5, 0]), "stimulus.samples[1].channels[0]"),
    ("channel a name", put("stimulus.samples.1.channels", ["in", 0]), "stimulus.samples[1].channels[0]"),
    ("channel true", put("stimulus.samples.1.channels", [True, 0]), "stimulus.samples[1].channels[0]"),
]

LOSS: list[tuple[str, Mutation, str]] = [
    ("loss kind unknown", put("loss.kind", "cross_entropy"), "loss.kind"),
    ("loss kind missing", drop("loss.kind"), "loss.kind"),
    ("loss kind a list", put("loss.kind", ["spike_time_sum"]), "loss.kind"),
    ("loss a word", put("loss", "spike_time_sum"), "loss"),
    ("loss population unknown", put("loss.population", "output"), "loss.population"),
    ("loss population without spikes", put("loss.population", "readout"), "loss.population"),
    ("loss population an input", put("loss.population", "in"), "loss.population"),
    ("loss population missing", drop("loss.population"), "loss.population"),
    ("label out of range", put("loss.labels", [0, 2]), "loss.labels[1]"),
    ("label negative", put("loss.labels", [0, -1]), "loss.labels[1]"),
    ("label a fraction", put("loss.labels", [0, 0.5]), "loss.labels[1]"),
    ("labels missing", drop("loss.labels"), "loss.labels"),
    ("too few labels", put("loss.labels", [0]), "loss.labels"),
    ("labels a number", put("loss.labels", 0), "loss.labels"),
    ("labels nested", put("loss.labels", [[0], [1]]), "loss.labels[0]"),
    ("tau0 zero", put("loss.tau0", 0), "loss.tau0"),
    ("tau0 missing", drop("loss.tau0"), "loss.tau0"),
    ("tau1 negative", put("loss.tau1", -6.4), "loss.tau1"),
    ("tau1 a negative decimal", put("loss.tau1", "-6.4"), "loss.tau1"),
    ("alpha negative", put("loss.alpha", -0.003), "loss.alpha"),
    ("alpha null", put("loss.alpha", None), "loss.alpha"),
    ("silent unknown", put("loss.silent", "ignore"), "loss.silent"),
    ("silent negative", put("loss.silent", -1.0), "loss.silent"),
    ("silent true", put("loss.silent", True), "loss.silent"),
    ("field of another loss", put("loss.targets", [[1.0], [2.0]]), "loss.targets"),
    ("too many coefficients", put("loss", {**SUM, "coefficients": [1.0, 2.0, 3.0]}), "loss.coefficients"),
    ("coefficients nested", put("loss", {**SUM, "coefficients": [[1.0, 2.0]]}), "loss.coefficients[0]"),
    ("coefficients null", put("loss", {**SUM, "coefficients": None}), "loss.coefficients"),
    ("coefficient NaN", put("loss", {**SUM, "coefficients": [1.0, float("nan")]}), "loss.coefficients[1]"),
    ("targets missing", both(put("loss", {**TARGET}), drop("loss.targets")), "loss.targets"),
    ("targets of wrong shape", put("loss", {**TARGET, "targets": [[1.0]]}), "loss.targets"),
    ("targets flat", put("loss", {**TARGET, "targets": [1.0, 2.0]}), "loss.targets[0]"),
    ("targets ragged", put("loss", {**TARGET, "targets": [[1.0], [2.0, 3.0]]}), "loss.targets[1]"),
    ("targets mixed", put("loss", {**TARGET, "targets": [[1.0], [[2.0]]]}), "loss.targets"),
    ("targets ragged by sample", put("loss", {**TARGET, "targets": [[[1.0], [2.0]], [[1.0]]]}), "loss.targets"),
    ("target negative", put("loss", {**TARGET, "targets": [[1.0], [-2.0]]}), "loss.targets[1][0]"),
    ("missing unknown", put("loss", {**TARGET, "missing": "zero"}), "loss.missing"),
]

MAX = {"kind": "max_voltage_cross_entropy", "population": "readout", "labels": [0, 0]}
INTEGRAL = {"kind": "voltage_integral", "population": "out"}
VOLTAGES = {"kind": "voltage_target", "population": "readout", "times": [1.0, 2.0], "targets": [[0.5, 0.5]]}
TRACE = {"kind": "target_trace", "population": "readout", "target": [0.5]}


def _sum(loss: Tree) -> Mutation:
    return put("loss", {"kind": "loss_sum", "terms": [{"factor": 1.0, "loss": MAX}, {"factor": 2, "loss": loss}]})


VOLTAGE_LOSS: list[tuple[str, Mutation, str]] = [
    ("maximum of neurons that spike", put("loss", {**MAX, "population": "out"}), "loss.population"),
    ("label of no readout neuron", put("loss", {**MAX, "labels": [0, 1]}), "loss.labels[1]"),
    ("rule unknown", put("loss", {**MAX, "rule": "best"}), "loss.rule"),
    ("weight unknown", put("loss", {**INTEGRAL, "weight": "median"}), "loss.weight"),
    ("weight that grows", put("loss", {**INTEGRAL, "weight": {"tau": -3.0}}), "loss.weight.tau"),
    ("integral of nothing", put("loss", {**INTEGRAL, "population": "in"}), "loss.population"),
    ("voltage times unsorted", put("loss", {**VOLTAGES, "times": [2.0, 1.0]}), "loss.times[1]"),
    ("voltage time after the end", put("loss", {**VOLTAGES, "times": [2.0, 51.0]}), "loss.times[1]"),
    ("voltage time negative", put("loss", {**VOLTAGES, "times": [-2.0, 5.0]}), "loss.times[0]"),
    ("voltage targets of wrong shape", put("loss", {**VOLTAGES, "targets": [[0.5]]}), "loss.targets"),
    ("voltage targets of another size", put("loss", {**VOLTAGES, "population": "out"}), "loss.targets"),
    ("trace of another size", put("loss", {**TRACE, "target": [0.5, 0.5]}), "loss.target"),
    ("order zero", put("loss", {**TRACE, "order": 0}), "loss.order"),
    ("order a fraction", put("loss", {**TRACE, "order": 2.5}), "loss.order"),
    ("sum of nothing", put("loss", {"kind": "loss_sum", "terms": []}), "loss.terms"),
    ("factor missing", put("loss", {"kind": "loss_sum", "terms": [{"loss": MAX}]}), "loss.terms[0].factor"),
    ("wrong label in a sum", _sum({**MAX, "labels": [0, 7]}), "loss.terms[1].loss.labels[1]"),
    ("wrong weight in a sum", _sum({**INTEGRAL, "weight": 3}), "loss.terms[1].loss.weight"),
    (
        "regulariser of a readout",
        _sum({"kind": "spike_count_regulariser", "population": "readout", "target": 1}),
        "loss.terms[1].loss.population",
    ),
]
NEURONS = "parameters.neurons.hidden"
START: list[tuple[str, Mutation, str]] = [
    ("bias of wrong length", put(f"{NEURONS}.bias", [0.1, 0.2]), f"{NEURONS}.bias"),
    ("bias a word", put(f"{NEURONS}.bias", "much"), f"{NEURONS}.bias"),
    ("start above the threshold", put(f"{NEURONS}.v_init", [0.0, 1.5, 0.0]), f"{NEURONS}.v_init[1]"),
    ("start at the threshold", put(f"{NEURONS}.v_init", 1.0), f"{NEURONS}.v_init"),
    ("current at the start NaN", put(f"{NEURONS}.i_init", float("nan")), f"{NEURONS}.i_init"),
    ("current at the start null", put(f"{NEURONS}.i_init", None), f"{NEURONS}.i_init"),
]

LOOP, ONES = "network.projections.1.synapses", "parameters.weights.recurrent"
ROWS = {"offsets": [0, 2, 2, 3], "targets": [0, 2, 1]}  # of three rows, the second one empty


def _sparse(*mutations: Mutation) -> Mutation:
    """Mistakes in the problem whose recurrent projection has three synapses."""
    return both(put(LOOP, ROWS), put(ONES, [0.1, "0.2", 0.3]), *mutations)


SYNAPSES: list[tuple[str, Mutation, str]] = [
    ("synapses a list", _sparse(put(LOOP, [0, 2, 1])), "network.projections[1].synapses"),
    ("synapses null", _sparse(put(LOOP, None)), "network.projections[1].synapses"),
    ("synapses with a field of another format", _sparse(put(f"{LOOP}.indptr", [0])), "synapses.indptr"),
    ("offsets missing", _sparse(drop(f"{LOOP}.offsets")), "network.projections[1].synapses.offsets"),
    ("targets of synapses missing", _sparse(drop(f"{LOOP}.targets")), "network.projections[1].synapses.targets"),
    ("offsets of too many rows", _sparse(put(f"{LOOP}.offsets", [0, 1, 2, 2, 3])), "recurrent.synapses.offsets"),
    ("offsets empty", _sparse(put(f"{LOOP}.offsets", [])), "network.projections[1].synapses.offsets"),
    ("offsets falling", _sparse(put(f"{LOOP}.offsets", [0, 2, 1, 3])), "network.projections[1].synapses.offsets"),
    ("offsets beyond the targets", _sparse(put(f"{LOOP}.offsets", [0, 2, 2, 4])), "[1].synapses.offsets"),
    ("offsets short of the targets", _sparse(put(f"{LOOP}.offsets", [0, 2, 2, 2])), "[1].synapses.offsets"),
    ("offset a fraction", _sparse(put(f"{LOOP}.offsets.1", 1.5)), "network.projections[1].synapses.offsets[1]"),
    ("offset negative", _sparse(put(f"{LOOP}.offsets.1", -1)), "network.projections[1].synapses.offsets[1]"),
    ("target beyond the population", _sparse(put(f"{LOOP}.targets.2", 3)), "recurrent.synapses.targets[2]"),
    ("target enormous", _sparse(put(f"{LOOP}.targets.2", 10**25)), "network.projections[1].synapses.targets[2]"),
    (
        "target of a synapse negative",
        _sparse(put(f"{LOOP}.targets.2", -1)),
        "network.projections[1].synapses.targets[2]",
    ),
    ("target a decimal string", _sparse(put(f"{LOOP}.targets.2", "1")), "network.projections[1].synapses.targets[2]"),
    ("target true", _sparse(put(f"{LOOP}.targets.2", True)), "network.projections[1].synapses.targets[2]"),
    ("target twice in a row", _sparse(put(f"{LOOP}.targets", [2, 2, 1])), "network.projections[1].synapses.targets[1]"),
    (
        "targets of synapses not ascending",
        _sparse(put(f"{LOOP}.targets", [2, 0, 1])),
        "network.projections[1].synapses.targets[1]",
    ),
    ("weights of synapses in a matrix", _sparse(put(ONES, [[0.1, 0.2, 0.3]])), f"{ONES}[0]"),
    ("weights of synapses half in a row", _sparse(put(f"{ONES}.2", [0.3])), f"{ONES}[2]"),
    ("fewer weights than synapses", _sparse(put(ONES, [0.1, 0.2])), ONES),
    ("weight of a synapse a word", _sparse(put(f"{ONES}.1", "strong")), f"{ONES}[1]"),
    ("weight of a synapse null", _sparse(put(f"{ONES}.1", None)), f"{ONES}[1]"),
    ("weight of a synapse NaN", _sparse(put(f"{ONES}.1", float("nan"))), f"{ONES}[1]"),
    ("weights of synapses without synapses", _sparse(drop(LOOP)), f"{ONES}[0]"),
]

WRONG_PROBLEMS: list[tuple[str, Mutation, str]] = [
    *FILES, *TOP, *NETWORK, *PARAMETERS, *STIMULUS, *LOSS, *VOLTAGE_LOSS, *START, *SYNAPSES,
]  # fmt: skip
