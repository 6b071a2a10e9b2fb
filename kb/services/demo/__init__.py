"""Facilities that do not exist, and tokens, for trying the program out."""
