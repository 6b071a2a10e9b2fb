"""Pages of a long list: which part is asked for, and cursors that stay valid while rows come."""

from __future__ import annotations

import base64
import binascii
from typing import Any, NamedTuple

import orjson

from kb.errors import InvalidInputError
from kb.models.fields import LARGEST_ID, storable

DEFAULT_SIZE = 20


class PageRequest(NamedTuple):
    """Which part of a list is asked for: the `first` rows `after` a cursor, or the `last` before.

    Build it with `page_request`, which checks the numbers.
    """

    size: int
    backwards: bool
    after: str | None
    before: str | None


def page_request(
    *,
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
    max_size: int,
) -> PageRequest:
    """Check what a caller asks for; without a number, the first 20 rows.

    InvalidInputError for a number below 1 or above `max_size`, and for `first` with `last`.
    """
    if first is not None and last is not None:
        raise InvalidInputError("last", last, "either first or last, not both")
    name, size = ("last", last) if last is not None else ("first", first)
    if size is None:
        size = min(DEFAULT_SIZE, max_size)
    if not 1 <= size <= max_size:
        raise InvalidInputError(name, size, f"1 to {max_size}")
    return PageRequest(size, backwards=last is not None, after=after, before=before)


def encode_cursor(order: str, *place: Any) -> str:
    """The cursor of a row: its place in a list with that order."""
    return base64.urlsafe_b64encode(orjson.dumps([order, *place])).decode().rstrip("=")


def decode_cursor(name: str, cursor: str, order: str, *kinds: type) -> list[Any]:
    """The place that a cursor stands for; InvalidInputError unless it belongs to that order."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        made_for, *place = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, TypeError):
        raise cursor_refused(name, cursor, order) from None
    if made_for != order or [type(value) for value in place] != list(kinds):
        raise cursor_refused(name, cursor, order)
    for value in place:
        if isinstance(value, str):
            storable(name, value)
        elif abs(value) > LARGEST_ID:
            raise cursor_refused(name, cursor, order)
    return list(place)


def cursor_refused(name: str, cursor: str, order: str) -> InvalidInputError:
    """The error for a cursor that no page of that order gave."""
    return InvalidInputError(
        name, cursor, f"a cursor that an earlier page with the order {order} gave"
    )
