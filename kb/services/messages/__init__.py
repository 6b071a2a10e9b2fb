"""Messages that events send, and how they leave."""
