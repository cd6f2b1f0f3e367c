"""The rows of the table of neurons, and the columns of the table of projections."""

V_DECAY, I_DECAY, V_GAIN, DRIVE, V_TH, V_INIT, I_INIT = range(7)

FROM_INPUT, PRE_START, PRE_STOP, POST_START, POST_STOP, ROW, LAG = range(7)
N_COLUMNS = 7
