"""The forward pass: components by kind (`dense`, `sparse`, `recurrent`), and what they stand on."""
