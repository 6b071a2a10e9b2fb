"""Questions over HTTP (`client`, see tests/web) and in a shell (`kb_filled`, see tests/cli)."""

from tests.cli.conftest import filled_settings, kb_filled
from tests.web.conftest import client, demo_settings

__all__ = ["client", "demo_settings", "filled_settings", "kb_filled"]
