"""Brands and others over HTTP (`people`, see tests/access)."""

from tests.access.conftest import people

__all__ = ["people"]
