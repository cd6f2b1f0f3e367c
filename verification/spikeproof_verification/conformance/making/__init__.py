"""How the cases that come with the package are made: problems from seeds, answers from the reference."""
