"""GraphQL types. They present the frozen objects of `kb`; nothing is copied."""
