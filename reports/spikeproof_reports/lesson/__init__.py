"""The lesson: ways to train spiking networks, measured on the same work, and the claims about them."""
