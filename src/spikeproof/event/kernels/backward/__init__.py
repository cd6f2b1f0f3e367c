"""The backward pass: `dense` and `sparse` mirror the forward pass, `neuron_parameters` replays single neurons."""
