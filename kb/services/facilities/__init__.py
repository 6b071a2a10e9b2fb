"""Reading facilities: as they stand, as they stood, and what applies to them."""
