"""The claims of the lesson: each is judged from measured rows."""
