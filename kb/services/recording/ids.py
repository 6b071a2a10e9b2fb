"""Ids of other systems, of which each belongs to one facility."""

from __future__ import annotations

from kb.errors import InvalidInputError
from kb.models import Facility
from kb.models.ids import with_any_id
from kb.services.access.matrix import Viewer
from kb.services.database import one_at_a_time
from kb.services.facilities.views import FacilityIdKind, FacilityLocator, find_facility


async def refuse_taken(viewer: Viewer, column: str, value: str) -> None:
    """Raise InvalidInputError when a facility has the id in that column already.

    Which one is told to those who see it; to others the refusal tells no more than that the id
    cannot be used here. Whoever asks for the same id meanwhile, in whatever case, waits.
    """
    await one_at_a_time(f"{column} {value.casefold()}")
    if not await with_any_id(Facility.all(), [value], [column]).exists():
        return
    holder = await find_facility(FacilityLocator(FacilityIdKind(column.upper()), value), viewer)
    if holder is None:
        allowed = "an id that can be used here; if this one is right, an admin can find out why not"
    else:
        allowed = f"another one, because this is the id of {holder.name}"
    raise InvalidInputError(column, value, allowed)
