"""Changing facilities: events, with all rows that follow from them."""
