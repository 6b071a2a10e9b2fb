"""The knowledge in use: its releases, and the decisions made by them."""
