"""The fields of `Query`, each asking a service or the library and returning what it gets."""
