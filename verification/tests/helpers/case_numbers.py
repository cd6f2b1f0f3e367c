"""The numbers of a case file that are measured."""

# engine and quantity, the tolerance, and where the file keeps the numbers
NUMBERS = [
    ("event", "spike_time", "CASE_TIME", ("expected", "spike_times")),
    ("event", "spike_time_jacobian", "CASE_JACOBIAN", ("gradients", "jac")),
    ("mp", "spike_time", "REFERENCE_TIME", ("expected", "spike_times")),
    ("mp", "spike_time_jacobian", "REFERENCE_JACOBIAN", ("gradients", "jac")),
    ("mp", "end_state", "REFERENCE_END_STATE", ("expected", "v_end")),
    ("mp", "end_state", "REFERENCE_END_STATE", ("expected", "i_end")),
]
