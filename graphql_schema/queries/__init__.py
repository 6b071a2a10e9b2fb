"""The fields of `Query`; each asks a service or the library and returns what it gets."""
