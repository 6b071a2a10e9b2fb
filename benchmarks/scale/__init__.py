"""Several machines on one: PostgreSQL with replicas, a pooler, two servers, and a lost primary."""
