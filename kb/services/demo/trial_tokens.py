"""Tokens for trying the program out: one for each role, for a few hours, with demo facilities."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from kb.models import ApiToken, Facility
from kb.rules.roles import Role
from kb.services.access.api_keys import ApiKeys, CreatedToken
from kb.services.access.matrix import OPERATOR, Viewer
from kb.services.demo.facilities import EXAMPLE_IDS
from kb.services.demo.scenarios import DEMO_BRAND
from kb.settings import Settings

LIFETIME = timedelta(hours=8)
LABEL = "Trial: "


async def make_trial_tokens(settings: Settings) -> tuple[CreatedToken, ...]:
    """A token for each role, on demo facilities; the ones made before end.

    None at all on PostgreSQL, behind an address that others reach, or without demo facilities.
    """
    if not settings.on_trial:
        return ()
    example = await Facility.get_or_none(os_id=EXAMPLE_IDS[0])
    if example is None:
        return ()
    now = datetime.now(UTC)
    old = ApiToken.filter(label__startswith=LABEL, revoked_at__isnull=True)
    await old.update(revoked_at=now)
    keys = ApiKeys(settings)
    holders = (
        Viewer(Role.HELPDESK, label="helpdesk"),
        Viewer(Role.BRAND, organisation=DEMO_BRAND, label="brand"),
        Viewer(Role.FACILITY, facility_ids=(example.id,), label=f"facility {EXAMPLE_IDS[0]}"),
        Viewer(Role.PROGRAMME_OFFICER, countries=(example.country,), label="programme officer"),
        Viewer(Role.SLCP_OFFICER, label="SLCP officer"),
        Viewer(Role.CHATBOT, label="chatbot"),
        Viewer(Role.ADMIN, label="admin"),
    )
    return tuple(
        [await keys.create(OPERATOR, _labelled(viewer), LIFETIME, now=now) for viewer in holders]
    )


def _labelled(viewer: Viewer) -> Viewer:
    return replace(viewer, label=f"{LABEL}{viewer.label}")
