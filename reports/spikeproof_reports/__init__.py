"""Tables, figures, documents and the command line."""
