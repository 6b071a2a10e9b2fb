"""Who asks, and what each role may see and do."""
