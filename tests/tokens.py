"""API keys for tests; the connection to the database must be open."""

from __future__ import annotations

from kb.rules.roles import Role
from kb.services.access.api_keys import ApiKeys
from kb.services.access.matrix import OPERATOR, Viewer
from kb.settings import Settings


async def token_for(settings: Settings, viewer: Viewer) -> str:
    """A key for a role and its scope."""
    return (await ApiKeys(settings).create(OPERATOR, viewer)).key


async def helpdesk_token(settings: Settings) -> str:
    """A key that reads everything."""
    return await token_for(settings, Viewer(Role.HELPDESK))
