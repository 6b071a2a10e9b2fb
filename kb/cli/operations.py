"""GraphQL operations that a command has answered in its own process, and the facility it names."""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from kb.cli.running import database
from kb.errors import InvalidInputError, KbError, NotFoundError
from kb.settings import Settings

if TYPE_CHECKING:  # takes long to load
    from kb.services.access.matrix import Viewer
    from kb.services.facilities.facility_view import FacilityView


async def viewer_for(facility: str | None, settings: Settings) -> Viewer:
    """In whose name a command asks: what is about no facility is open to all, without a token.

    Needs the connection to the database.
    """
    from kb.services.access.callers import command_viewer
    from kb.services.access.matrix import ANONYMOUS

    return ANONYMOUS if facility is None else await command_viewer(settings)


async def one_facility(text: str, viewer: Viewer) -> FacilityView:
    """The only facility with an id of any kind, to be shown: the audit learns that it was read."""
    from kb.services.readings import note_reading

    facility = await only_facility(text, viewer)
    await note_reading(viewer, [facility.id], now=datetime.now(UTC))
    return facility


async def only_facility(text: str, viewer: Viewer) -> FacilityView:
    """The only facility with an id of any kind, among those that the viewer sees."""
    from kb.services.facilities.views import find_by_any_id

    facilities = await find_by_any_id(text, viewer)
    if not facilities:
        raise NotFoundError("facility with the number, OS ID, Gateway ID or Better Work ID", text)
    if len(facilities) > 1:
        names = " or ".join(f"{facility.id} for {facility.name}" for facility in facilities)
        raise InvalidInputError("FACILITY", text, f"an id of one facility only: {names}")
    return facilities[0]


async def global_id_of(facility: str) -> str:
    """The id by which GraphQL then reads a facility, from an id of any kind."""
    from kb.services.access.opaque_ids import opaque_ids

    settings = Settings()
    async with database(settings):
        viewer = await viewer_for(facility, settings)
        return opaque_ids(settings).global_id((await only_facility(facility, viewer)).id)


async def data_of(
    query: str,
    variables: Mapping[str, Any],
    *,
    anonymous: bool,
    settings: Settings | None = None,
) -> dict[str, Any]:
    """What an operation answers, to anybody or in the caller's own name; KbError for its errors."""
    from kb.services.access.matrix import ANONYMOUS

    local = importlib.import_module("graphql_schema.local")
    viewer = ANONYMOUS if anonymous else None
    body = await local.execute(query, variables, settings=settings, viewer=viewer)
    if body.get("errors"):
        raise KbError("; ".join(error["message"] for error in body["errors"]))
    data: dict[str, Any] = body["data"]
    return data


def json_text(data: Any) -> str:
    """Data as people read JSON."""
    return json.dumps(data, indent=2, ensure_ascii=False, default=str)
