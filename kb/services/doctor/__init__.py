"""Examines how the program is set up: what is wrong, why that matters, and what to do."""
