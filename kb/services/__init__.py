"""What joins database, library and rules."""
