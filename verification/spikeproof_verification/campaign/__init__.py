"""The campaign: which cases there are, how one is run, in which processes, and where finished ones are kept."""
