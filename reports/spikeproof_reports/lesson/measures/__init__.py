"""The measurements of the lesson: each takes a task, a system and a seed, and returns rows of plain numbers."""
