"""Lists of facilities: import and export."""
