"""Questions over HTTP; see tests/web/conftest.py for `client`, which asks as the helpdesk."""

from tests.web.conftest import client, demo_settings

__all__ = ["client", "demo_settings"]
