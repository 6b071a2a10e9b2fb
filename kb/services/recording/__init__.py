"""Changes of facilities: events, and the rows that follow from them."""
