"""What people do: each mutation records one thing, or says in a typed answer why it did not."""
