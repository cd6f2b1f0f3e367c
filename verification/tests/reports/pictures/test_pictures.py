"""Pictures on axes: what is drawn is what was computed, on the axes that were given."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes
from one_layer import one_layer
from own_losses import problem

import spikeproof as sp
from spikeproof_reference.textbook import TextbookEngine
from spikeproof_reports import pictures

mpl.use("Agg")
ENGINE = TextbookEngine()
SOLUTION = ENGINE.solve(problem(sp.SpikeTimeSum("hidden")))
PAIRS = sp.Synapses([0, 1, 3], [1, 0, 2])
SPARSE = one_layer(
    [9.0, -8.0, 0.5], sp.Stimulus([0.0, 1.0], [0, 1], [0, 2], 20.0), sp.NeuronParameters(20.0, 5.0),
    sp.SpikeTimeSum("n"), synapses=PAIRS,
)  # fmt: skip
LINE = sp.LossLine(
    {}, np.array([0.0, 1.0, 2.0, 3.0]), np.array([4.0, 3.0, 1.0, 0.5]), 4.0, -1.0,
    (sp.line.Change(0.5, False, "order"), sp.line.Change(1.5, True, "a spike vanishes")),
)  # fmt: skip


@pytest.fixture(autouse=True)
def _closed():
    yield
    plt.close("all")


def strokes(ax):
    """(time, row) of every stroke of a raster."""
    lines = [segment for collection in ax.collections for segment in collection.get_segments()]
    return sorted((x[0][0], round(float(np.mean(x[:, 1])), 9)) for x in lines)


def test_a_raster_has_a_stroke_for_each_spike_in_its_row():
    ax = pictures.raster(SOLUTION, 1)
    times, channels = SOLUTION.problem.stimulus.sample(1)
    spikes = SOLUTION.spikes.sample(1)
    wanted = [*zip(times, channels, strict=True), *zip(spikes.times, spikes.neurons + 2, strict=True)]
    assert strokes(ax) == sorted((float(t), float(row)) for t, row in wanted)
    assert [text.get_text() for text in ax.texts] == ["in", "hidden", "readout"]
    assert ax.get_xlim() == (0.0, 30.0)


def test_pictures_are_drawn_on_the_axes_that_are_given_and_no_other_figure_is_made():
    figure, grid = plt.subplots(4, 2)
    one, two, three, *rest = grid.ravel()
    assert pictures.raster(SOLUTION, ax=one) is one
    assert pictures.weight_map(SPARSE.network, SPARSE.parameters.weights, "in->n", ax=two) is two
    assert pictures.loss_along(LINE, ax=three) is three
    drawn = pictures.traces(SOLUTION, "hidden", [0, 1], axes=rest[:4], engine=ENGINE)
    assert drawn == rest[:4]
    assert plt.get_fignums() == [figure.number]


def test_traces_are_the_states_of_the_solution_and_its_adjoint_variables():
    v, i, first, second = pictures.traces(SOLUTION, "hidden", [2, 0], sample=1, n_points=50, engine=ENGINE)
    t = v.lines[0].get_xdata()
    spikes = SOLUTION.spikes.sample(1)
    assert {float(x) for x in spikes.times[np.isin(spikes.neurons, [0, 2])]} <= set(t.tolist())
    for k, neuron in enumerate((2, 0)):
        assert v.lines[k].get_ydata().tolist() == SOLUTION.voltage("hidden", t)[1, neuron].tolist()
        assert i.lines[k].get_ydata().tolist() == SOLUTION.current("hidden", t)[1, neuron].tolist()
    t = first.lines[1].get_xdata()
    lambda_v, lambda_i = sp.adjoint_variables(SOLUTION.problem, "hidden", [2, 0], t, sample=1, engine=ENGINE)
    for k, ax in enumerate((first, second)):
        curves = {line.get_label(): line.get_ydata() for line in ax.lines}
        assert curves[r"$\lambda_V$"].tolist() == lambda_v[k].tolist()
        assert curves[r"$\lambda_I$"].tolist() == lambda_i[k].tolist()
    assert [1.0, 1.0] in [list(line.get_ydata()) for line in v.lines if line.get_linestyle() == "--"]


def test_without_a_loss_or_if_not_asked_for_there_are_no_adjoint_variables():
    assert len(pictures.traces(ENGINE.solve(problem(None)), "hidden")) == 2
    assert len(pictures.traces(SOLUTION, "readout", [1], adjoint=False)) == 2


def test_a_weight_map_shows_each_weight_in_its_place_and_hides_pairs_without_synapse():
    ax = pictures.weight_map(SPARSE.network, SPARSE.parameters.weights, "in->n", label="weight")
    shown = ax.images[0].get_array()
    assert np.array_equal(shown.filled(np.nan), [[np.nan, 9.0, np.nan], [-8.0, np.nan, 0.5]], equal_nan=True)
    assert ax.images[0].get_clim() == (-9.0, 9.0)
    assert ax.images[0].colorbar.ax.get_ylabel() == "weight"


def test_the_loss_along_a_line_has_its_tangent_its_changes_and_no_stroke_over_a_jump():
    ax = pictures.loss_along(LINE)
    curve, tangent, start, jump, order = ax.lines
    assert np.array_equal(curve.get_xdata(), [0.0, 1.0, np.nan, 2.0, 3.0], equal_nan=True)
    assert np.array_equal(curve.get_ydata(), [4.0, 3.0, np.nan, 1.0, 0.5], equal_nan=True)
    assert tangent.get_ydata().tolist() == [4.0, 3.0, 2.0, 1.0]
    assert (start.get_xdata(), start.get_ydata()) == ([0.0], [4.0])
    assert (jump.get_xdata()[0], order.get_xdata()[0]) == (1.5, 0.5)


@pytest.mark.parametrize(
    ("call", "field"),
    [
        (lambda: pictures.raster(SOLUTION, 2), "sample"),
        (lambda: pictures.raster([1.0]), "solution"),
        (lambda: pictures.raster(SOLUTION, ax="axes"), "ax"),
        (lambda: pictures.traces(SOLUTION, "x"), "population"),
        (lambda: pictures.traces(SOLUTION, "hidden", [3]), r"neurons\[0\]"),
        (lambda: pictures.traces(SOLUTION, "hidden", axes=[]), "axes"),
        (lambda: pictures.traces(ENGINE.solve(problem(None)), "hidden", adjoint=True), "adjoint"),
        (lambda: pictures.weight_map(SPARSE.network, SPARSE.parameters.weights, "x"), "projection"),
        (lambda: pictures.weight_map(SPARSE.network, {}, "in->n"), "values"),
        (lambda: pictures.weight_map(SPARSE.network, {"in->n": [1.0]}, "in->n"), r"values\['in->n'\]"),
        (lambda: pictures.loss_along([1.0]), "line"),
    ],
)
def test_what_cannot_be_drawn_is_refused_by_name(call, field):
    with pytest.raises(sp.InvalidInput, match=f"^{field}: got"):
        call()


def test_every_picture_is_one_of_matplotlibs_axes():
    assert isinstance(pictures.raster(SOLUTION), Axes)
    assert all(isinstance(ax, Axes) for ax in pictures.traces(SOLUTION, "hidden", engine=ENGINE))
