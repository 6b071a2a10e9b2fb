"""Brands and others over HTTP (`people`, see tests/access)."""

from tests.access.conftest import demo_server, people

__all__ = ["demo_server", "people"]
