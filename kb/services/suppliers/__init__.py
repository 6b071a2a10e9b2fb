"""A brand's own list of suppliers: what the brand knows of them, and what follows from that."""
