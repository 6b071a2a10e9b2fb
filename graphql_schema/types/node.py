# ruff: noqa: D102 - the description of a field says what it means
"""Global ids after Relay: the type's name and its key, so that any object can be fetched again."""

from typing import Protocol

import strawberry
from strawberry import Parent
from strawberry.relay.utils import from_base64, to_base64

from graphql_schema.context import Context, Info
from graphql_schema.presenter import resolver
from kb.errors import InvalidInputError, NotFoundError
from kb.models.fields import LARGEST_ID, storable
from kb.rules.payloads import identifier
from kb.rules.spelling import id_spellings
from kb.services.facilities.views import EXTERNAL_IDS, find_by_any_id


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
        return strawberry.ID(to_base64(info._raw_info.parent_type.name, root.key))


LONGEST_ID = 400
"""Characters of a global id; none that is given out comes near it."""


def read_id(field: str, value: str, *types: str) -> tuple[str, str]:
    """Take a global id apart: type name and key.

    Raises InvalidInputError when it is none, or when it names a type that is not among `types`.
    """
    allowed = f"the id of a {' or '.join(types)}, as its field `id` gives it"
    if len(value) > LONGEST_ID:
        raise InvalidInputError(field, value, allowed)
    try:
        type_name, key = from_base64(value)
    except ValueError:
        raise InvalidInputError(field, value, allowed) from None
    if type_name not in types:
        raise InvalidInputError(field, value, allowed)
    return type_name, key


async def facility_number(context: Context, field: str, value: str) -> int:
    """The number of the facility that is named by its global id or by an id of another system.

    0, which no facility has, if a global id can be none. NotFoundError when the caller sees none
    with that id; InvalidInputError when it is no id at all, or the id of several facilities.
    """
    try:
        _, key = read_id(field, value, "Facility")
    except InvalidInputError as refused:
        return await _by_external_id(context, field, value, refused)
    possible = key.isascii() and key.isdecimal() and int(key[:20]) <= LARGEST_ID
    return int(key) if possible else 0


async def _by_external_id(
    context: Context, field: str, value: str, refused: InvalidInputError
) -> int:
    try:
        identifier(id_spellings(storable(field, value))[0])
    except ValueError:
        raise refused from None
    found = await find_by_any_id(value, context.viewer, EXTERNAL_IDS)
    if not found:
        raise NotFoundError("facility", value)
    if len(found) > 1:
        allowed = "an id of one facility; this one is the id of several, in different systems"
        raise InvalidInputError(field, value, allowed)
    return found[0].id
