"""The pages of the studies: each module has the name of its study and is found by it."""
