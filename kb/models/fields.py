"""Column types that behave the same on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tortoise import fields
from tortoise.models import Model

from kb.errors import InvalidInputError

LARGEST_ID = 2**31 - 1
"""The largest id of a row that both databases can hold."""


def _refuse_naive(value: object) -> None:
    if isinstance(value, datetime) and value.tzinfo is None:
        raise ValueError(f"{value.isoformat()} has no time zone; give an aware datetime")


class UtcDatetimeField(fields.DatetimeField[datetime]):
    """A moment, stored in UTC; a datetime without a time zone raises ValueError.

    SQLite compares datetimes as text, so one stored or asked for with another offset would sort
    wrongly; here every one is turned into UTC on its way to the database.
    """

    def to_python_value(self, value: Any) -> datetime | None:
        """Read a moment, or take one over from the caller."""
        _refuse_naive(value)
        return super().to_python_value(value)

    def to_db_value(self, value: Any, instance: type[Model] | Model) -> Any:
        """Write a moment, also in update() and filter(), which skip `to_python_value`."""
        _refuse_naive(value)
        moment = super().to_db_value(value, instance)
        return moment.astimezone(UTC) if isinstance(moment, datetime) else moment


class OrderedJsonField(fields.JSONField[dict[str, Any]]):
    """A JSON object that comes back with its keys in the order in which they were written.

    PostgreSQL's JSONB sorts keys; JSON keeps them. Nothing filters by what is inside.
    """

    class _db_postgres:  # noqa: N801 - the name Tortoise reads
        SQL_TYPE = "JSON"

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)


class NameField(fields.CharField[str]):
    """A name to sort and page by: in code point order on both databases.

    PostgreSQL would else sort by the rules of its locale, and a cursor would not be portable.
    """

    class _db_postgres:  # noqa: N801 - the name Tortoise reads
        def __init__(self, field: NameField) -> None:
            self.field = field

        @property
        def SQL_TYPE(self) -> str:  # noqa: N802 - the name Tortoise reads
            return f'{self.field.SQL_TYPE} COLLATE "C"'

    def __init__(self, max_length: int = 300, **options: Any) -> None:
        super().__init__(max_length, **options)


def storable(field: str, text: str) -> str:
    """The text itself; InvalidInputError where no database could hold such a text."""
    try:
        if "\0" in text:
            raise ValueError
        text.encode()
    except ValueError:
        raise InvalidInputError(field, ascii(text), "text without NUL or half characters") from None
    return text
