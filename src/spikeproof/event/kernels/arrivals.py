"""Arrivals at a component: spikes of all its external sources, shifted by their delays and merged in time."""

from __future__ import annotations

from spikeproof.compiled import part


@part
def merge_all(layout, c, duration, times, channels, offsets, tape, first, start, stop, a):
    """`merge_arrivals` for samples start .. stop; the first one on the tape is `first`."""
    n_components = len(layout.internal)
    for s in range(start, stop):
        row, begin, stop_input = (s - first) * n_components, offsets[s], offsets[s + 1]
        inputs = (times[begin:stop_input], channels[begin:stop_input])
        end = merge_arrivals(layout, c, duration, inputs, tape, row, a)
        if end < 0:
            return end
        tape.arrival_start[row + c], tape.arrival_stop[row + c] = a, end
        a = end
    return a


@part
def merge_arrivals(layout, c, duration, inputs, tape, block, a):
    """Append all external arrivals at component `c` up to `duration` to the tape after its first `a`.

    `block` is the first block of the sample. Returns the new number of arrivals, -1 if the tape is full. Simultaneous
    arrivals come in the order of projections.
    """
    times, channels = inputs
    spike_time, spike_slot = tape.spike_time, tape.spike_slot
    end = a
    for p in range(layout.external[c], layout.internal[c]):
        outside, delay, middle = layout.from_input[p], layout.delay[p], end
        start, stop, row = layout.pre_start[p], layout.pre_stop[p], layout.row[p]
        first, last = 0, len(times)
        if not outside:
            first, last = tape.spike_start[block + layout.source[p]], tape.spike_stop[block + layout.source[p]]
        if 2 * (end + last - first) > len(tape.arrival_time) + a:  # twice: the merge needs room as well
            return -1
        for source in range(first, last):
            pre = channels[source] if outside else spike_slot[source]
            time = (times[source] if outside else spike_time[source]) + delay
            if time > duration:
                break
            if start <= pre < stop:
                tape.arrival_time[end], tape.arrival_projection[end], tape.arrival_source[end] = time, p, source
                tape.arrival_row[end] = row + pre - start
                end += 1
        if a < middle < end:
            _merge(tape.arrival_time, tape.arrival_projection, tape.arrival_source, tape.arrival_row, a, middle, end)
    return end


@part
def _merge(time, projection, source, row, a, middle, end):
    """Merge the arrivals a .. middle and middle .. end, each in order; what lies beyond `end` is overwritten."""
    for n in range(a, middle):
        m = end + n - a
        time[m], projection[m], source[m], row[m] = time[n], projection[n], source[n], row[n]
    left, stop, right, n = end, end + middle - a, middle, a
    while left < stop:
        if right < end and time[right] < time[left]:
            time[n], projection[n], source[n], row[n] = time[right], projection[right], source[right], row[right]
            right += 1
        else:
            time[n], projection[n], source[n], row[n] = time[left], projection[left], source[left], row[left]
            left += 1
        n += 1
