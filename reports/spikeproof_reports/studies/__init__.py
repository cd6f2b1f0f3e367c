"""The pages of the studies, one module each, called as the study; found by that name."""
