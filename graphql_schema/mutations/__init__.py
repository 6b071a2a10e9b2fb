"""Mutations: each records one change, or answers with a typed refusal."""
