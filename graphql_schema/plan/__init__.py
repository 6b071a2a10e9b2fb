"""Operation plans: queries that come again, compiled once into plain Python.

A plan answers as graphql-core would, byte for byte, or steps aside, and graphql-core answers.
"""
