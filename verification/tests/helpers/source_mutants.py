"""Small changes of the real source, each with a test that must fail because of it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """`old`, which is there once in a file of the package, is replaced by `new`; `test` must fail then."""

    file: str
    old: str
    new: str
    test: str


TIES = "engines/test_ties_and_borders.py::test_"
LESSON = "spikeproof/lesson/"
MUTANTS = (
    Mutant(
        "states.py",
        'times, side="left"',
        'times, side="right"',
        "spikeproof/test_states.py::test_v_at_a_spike_is_the_threshold_and_just_after_it_the_reset",
    ),
    Mutant(
        "states.py",
        "until[place] > time",
        "until[place] >= time",
        "spikeproof/test_states.py::test_v_of_neurons_that_are_held_is_what_the_reference_observes",
    ),
    Mutant(
        "recordings.py",
        "(times > duration)",
        "(times >= duration)",
        "spikeproof/test_recordings.py::test_spikes_outside_the_duration_are_refused_or_left_out_if_asked",
    ),
    Mutant(
        "event/kernels/reading/trajectory.py",
        "while k < tape.spike_stop[block] and",
        "while k <= tape.spike_stop[block] and k < len(tape.spike_after) and",
        TIES + "a_sample_without_spikes_knows_nothing_of_the_spikes_of_the_next",
    ),
    Mutant(
        "losses/spike_count.py",
        "(spikes.neurons < neurons.stop)",
        "(spikes.neurons <= neurons.stop)",
        TIES + "a_spike_of_the_next_population_is_not_counted",
    ),
    Mutant(
        "event/kernels/forward/sparse.py",
        "+ 1 if before >= 0 else 0",
        "+ 1 if before > 0 else 0",
        TIES + "a_spike_within_rounding_of_the_arrival_that_causes_it_comes_after_it",
    ),
    Mutant(
        "event/kernels/forward/recurrent.py",
        "s + b if status == LIMIT else s",
        "s + b",
        "spikeproof/event/test_full_scratch.py::test_a_batch_has_the_spikes_of_its_samples_alone",
    ),
    Mutant(
        "event/kernels/forward/record.py",
        "out[k + shift[block]] = values[k]",
        "out[k + shift[block]] = values[k - 1]",
        TIES + "the_jumps_of_a_run_are_those_of_its_spikes",
    ),
    Mutant(
        "event/kernels/backward/voltage_terms.py",
        "1.0 / tau_syn[g] + rate, 1.0 / tau_mem[g] + rate\n                    by_v",
        "1.0 / tau_syn[g - 1] + rate, 1.0 / tau_mem[g] + rate\n                    by_v",
        TIES + "integrals_of_v_of_readouts_with_constants_of_their_own_are_exact",
    ),
    Mutant(
        "event/kernels/backward/voltage_terms.py",
        "1.0 / tau_syn[g] + rate, 1.0 / tau_mem[g] + rate\n                    by_v",
        "1.0 / tau_syn[g] + rate, 1.0 / tau_mem[g - 1] + rate\n                    by_v",
        TIES + "integrals_of_v_of_readouts_with_constants_of_their_own_are_exact",
    ),
    Mutant(
        "grid/kernels/step.py",
        "if v[n] >= v_th[n]:",
        "if v[n] > v_th[n]:",
        TIES + "a_neuron_exactly_at_its_threshold_on_the_grid_is_found",
    ),
    Mutant(
        "grid/kernels/peaks.py",
        "if open_[q] > 0.0:",
        "if open_[q] >= 0.0:",
        TIES + "of_two_arrivals_that_make_v_flat_and_then_fall_the_first_one_is_the_kink",
    ),
    Mutant(
        "grid/kernels/peaks.py",
        "if open_[q] <= 0.0 and 0 <= m",
        "if open_[q] < 0.0 and 0 <= m",
        TIES + "of_two_arrivals_that_make_v_flat_and_then_fall_the_first_one_is_the_kink",
    ),
    Mutant(
        "grid/kernels/peaks.py",
        "slope_before[q] > 0.0 >= slope_after[q]",
        "slope_before[q] > 0.0 > slope_after[q]",
        TIES + "an_arrival_that_makes_a_rising_v_flat_is_a_kink",
    ),
    Mutant(
        "event/kernels/backward/voltage_terms.py",
        "while point[s] > first and",
        "if point[s] > first and",
        "spikeproof/event/test_neuron_gradients.py::test_terms_of_a_loss_that_look_at_one_kink_have_the_gradients_of_their_sum",
    ),
    Mutant(
        "event/kernels/backward/neuron_parameters.py",
        "tangent[n, V_RESET], tangent[n, T_REF] = 1.0, 0.0 if held else",
        "tangent[n, V_RESET], tangent[n, T_REF] = 1.0, 0.0 if True else",
        "spikeproof/event/test_neuron_gradients.py::test_gradients_of_a_neuron_that_excites_itself_lose_no_digits_with_time",
    ),
    Mutant(
        "event/kernels/reading/maxima.py",
        "goes_on = rises & (own[ON * LANES + n] != 0.0)",
        "goes_on = rises & (own[ON * LANES + n] != own[ON * LANES + n])",
        TIES + "a_rise_that_goes_on_by_less_than_rounding_ends_where_it_is_cut",
    ),
    Mutant(
        "event/kernels/reading/maxima.py",
        "goes_on | (own[TIME * LANES + n] == end)",
        "goes_on | (own[TIME * LANES + n] <= end)",
        TIES + "arrivals_that_come_together_make_no_maximum_later_than_the_start_that_is_as_high",
    ),
    Mutant(
        "event/kernels/reading/maxima.py",
        "arrival, arrival >= 0 and end < duration)",
        "arrival, arrival >= 0)",
        TIES + "what_arrives_at_the_end_acts_on_no_maximum",
    ),
    Mutant(
        "training/readout.py",
        "np.all(first < 0, axis=1)",
        "np.all(first <= 0, axis=1)",
        TIES + "the_first_spike_of_a_batch_is_an_answer",
    ),
    Mutant(
        "event/kernels/backward/sparse.py",
        "- run > 1:",
        "- run > 2:",
        "engines/test_sparse_problems.py::test_gradients_at_neurons_of_two_time_constants_are_those_of_the_dense_problem",
    ),
    Mutant(
        "event/kernels/backward/sparse.py",
        "rows[D_TIME, q] += pass_kink(s, arrival,",
        "rows[D_TIME, q] += 0.0 * pass_kink(s, arrival,",
        TIES + "a_kink_where_an_input_arrives_belongs_to_that_input",
    ),
    Mutant(
        "event/kernels/forward/few.py",
        "scratch.fired[lane] == rank and",
        "scratch.fired[lane] >= rank and",
        "spikeproof/event/test_until_the_loss.py::test_neurons_that_act_on_each_other_have_the_same_bits",
    ),
    Mutant(
        "event/kernels/forward/reach.py",
        "inputs.horizon if whole or begun < stop else last",
        "inputs.horizon",
        "spikeproof/event/test_until_the_loss.py::test_neurons_that_act_on_each_other_have_the_same_bits",
    ),
    Mutant(
        "event/kernels/backward/dense.py",
        "while q > 0 and living[q - 1] > s:",
        "while q > 0 and living[q - 1] < s:",
        "spikeproof/event/test_few_living.py::test_silent_neighbours_change_no_gradient",
    ),
    Mutant(
        "event/kernels/forward/event_step.py",
        "upper_bound(v_now, i_now, next_mem, max_gain)",
        "upper_bound(i_now, v_now, next_mem, max_gain)",
        TIES + "a_neuron_held_below_its_threshold_by_inhibition_alone_comes_back",
    ),
    Mutant(
        "losses/softmax.py",
        "z = scores - np.max(",
        "z = scores + np.max(",
        TIES + "potentials_far_from_zero_do_not_overflow_a_softmax",
    ),
    Mutant(
        "event/kernels/forward/step.py",
        "        i[m] += rising[m]",
        "        i[m] += 0.0 * rising[m]",
        TIES + "a_layer_of_many_neurons_hears_every_arrival",
    ),
    Mutant(
        "numbers.py",
        "large = np.asarray(np.abs(converted) >= LARGEST_WHOLE)",
        "large = np.asarray(np.abs(converted) > LARGEST_WHOLE)",
        "spikeproof/test_exact_input.py::test_a_number_that_would_be_rounded_is_refused_wherever_it_enters",
    ),
    Mutant(
        "numbers.py",
        "np.any(abs(raw) >= LARGEST_WHOLE)",
        "np.any(abs(raw) > LARGEST_WHOLE)",
        "spikeproof/test_exact_input.py::test_a_whole_number_beside_others_is_not_rounded_on_the_way",
    ),
    Mutant(
        "losses/samples.py",
        "return any(name in said or name in own for",
        'return hasattr(loss, "select") or any(name in said or name in own for',
        "spikeproof/test_engine_interface.py::test_a_loss_that_does_not_say_how_it_is_cut_is_refused_where_a_part_is_asked_for",
    ),
    Mutant(
        "losses/observables.py",
        "return integrand(v, t, int(numbers[sample]))",
        "return integrand(v, t, sample)",
        "spikeproof/test_engine_interface.py::test_samples_that_are_selected_have_the_losses_that_they_had",
    ),
    Mutant(
        "lesson/kernels/delta_forward.py",
        "if state.v[j] > tables.v_th[j]:",
        "if state.v[j] >= tables.v_th[j]:",
        LESSON + "test_delta.py::test_arrivals_at_one_time_are_summed_and_then_compared_with_the_threshold",
    ),
    Mutant(
        "lesson/kernels/delta_forward.py",
        "if not t <= duration:",
        "if not t < duration:",
        LESSON + "test_delta.py::test_arrivals_at_one_time_are_summed_and_then_compared_with_the_threshold",
    ),
    Mutant(
        "lesson/kernels/delta_backward.py",
        "mixed[j] = mixed[j] or (own != origin[j])",
        "mixed[j] = mixed[j] or (w < 0.0)",
        LESSON + "test_delta.py::test_no_derivative_is_given_where_the_order_of_simultaneous_events_matters",
    ),
    Mutant(
        "lesson/kernels/single_spike.py",
        "if not last and arrivals.time[a] <= duration:",
        "if not last:",
        LESSON + "test_single_spike.py::test_an_input_spike_after_the_end_does_nothing",
    ),
    Mutant(
        "lesson/reservoir.py",
        "past = t_spike <= t",
        "past = t_spike < t",
        LESSON + "test_reservoir.py::test_a_spike_counts_at_the_time_of_reading_and_not_before",
    ),
    Mutant(
        "lesson/conversion.py",
        "spiked = potential >= 1.0",
        "spiked = potential > 1.0",
        LESSON + "test_conversion.py::test_the_rate_of_a_constant_input_is_off_by_at_most_one_spike",
    ),
)
