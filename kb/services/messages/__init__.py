"""The messages of FAQ 9: the outbox, the channels, and what could not be delivered."""
