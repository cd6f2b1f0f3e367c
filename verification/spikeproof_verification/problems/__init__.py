"""Problems generated from seeds: every topology, loss and limit of the model, ties on purpose, and losses of a user."""
