# ruff: noqa: D102 - the description of a field says what it means
"""Global ids after Relay: the type's name and its key, so that any object can be fetched again."""

from typing import Protocol

import strawberry
from strawberry import Parent
from strawberry.relay.utils import from_base64, to_base64

from graphql_schema.context import Context, Info
from graphql_schema.presenter import resolver
from kb.errors import InvalidInputError, NotFoundError
from kb.models.fields import storable
from kb.rules.payloads import identifier
from kb.rules.spelling import plain_id
from kb.services.access.opaque_ids import FACILITY, SUPPLIER
from kb.services.facilities.views import EXTERNAL_IDS, FacilityIdKind, find_by_any_id


class Keyed(Protocol):
    """An object that is found again by its key among those of its type."""

    @property
    def key(self) -> str:
        """The key."""


@strawberry.interface(description="An object that can be fetched again by its global id.")
class Node:
    """What every object with a global id carries."""

    @resolver("The global id, to be given to `node` or `facility`.")
    @staticmethod
    def id(root: Parent[Keyed], info: Info) -> strawberry.ID:
        return global_id(info.context, info._raw_info.parent_type.name, root.key)


OF_ROWS = (FACILITY, SUPPLIER)
"""Types whose key is the number of a row, which tells how many there are."""

LONGEST_ID = 400
"""Characters of a global id; none that is given out comes near it."""


def global_id(context: Context, type_name: str, key: str) -> strawberry.ID:
    """The global id of an object, which hides the number of a row."""
    if type_name in OF_ROWS:
        return strawberry.ID(context.opaque_ids.global_id(int(key), type_name))
    return strawberry.ID(to_base64(type_name, key))


def read_id(context: Context, field: str, value: str, *types: str) -> tuple[str, str]:
    """Take a global id apart: type name and key, which of what is in a table is its number.

    The number is 0, which no row has, in an id that was never given out.

    Raises InvalidInputError when it is none, or when it names a type that is not among `types`.
    """
    known = context.opaque_ids.known(value)
    if known is not None and known[0] in types:
        return known[0], str(known[1])
    allowed = f"the id of a {' or '.join(types)}, as its field `id` gives it"
    if len(value) > LONGEST_ID:
        raise InvalidInputError(field, value, allowed)
    try:
        type_name, key = from_base64(value)
    except ValueError:
        raise InvalidInputError(field, value, allowed) from None
    if type_name not in types:
        raise InvalidInputError(field, value, allowed)
    if type_name in OF_ROWS:
        key = str(context.opaque_ids.number_of(key, type_name))
    return type_name, key


async def facility_number(context: Context, field: str, value: str) -> int:
    """The number of the facility that is named by its global id or by an id of another system.

    Who sees every facility may name it by its number too; to others, numbers would tell how many
    there are. 0, which no facility has, for a global id that was never given out. NotFoundError
    when the caller sees none with that id; InvalidInputError when it is no id at all, or the id of
    several facilities.
    """
    try:
        _, number = read_id(context, field, value, "Facility")
    except InvalidInputError as refused:
        return await _by_other_id(context, field, value, refused)
    return int(number)


async def _by_other_id(context: Context, field: str, value: str, refused: InvalidInputError) -> int:
    try:
        identifier(plain_id(storable(field, value)))
    except ValueError:
        raise refused from None
    kinds = tuple(FacilityIdKind) if context.viewer.sees_all else EXTERNAL_IDS
    facilities = await find_by_any_id(value, context.viewer, kinds)
    if not facilities:
        raise NotFoundError("facility", value)
    if len(facilities) > 1:
        allowed = "an id of one facility; this one is the id of several, in different systems"
        raise InvalidInputError(field, value, allowed)
    return facilities[0].id
