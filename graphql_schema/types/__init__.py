"""GraphQL types. They read the frozen objects of `kb` directly; nothing is copied."""
