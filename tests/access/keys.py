"""API keys that are made and shown."""

from __future__ import annotations

import pytest

from kb.errors import (
    UnauthenticatedError,
)
from kb.rules.roles import Role
from kb.services.access.api_keys import (
    ApiKeys,
    CreatedToken,
)
from kb.services.access.matrix import OPERATOR, Viewer

HELPDESK = Viewer(Role.HELPDESK, label="The desk")


async def made(keys: ApiKeys, viewer: Viewer = HELPDESK, **options: object) -> CreatedToken:
    return await keys.create(OPERATOR, viewer, **options)


async def refused(keys: ApiKeys, key: str) -> str:
    with pytest.raises(UnauthenticatedError) as caught:
        await keys.viewer_of(key)
    return str(caught.value)
