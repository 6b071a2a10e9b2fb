"""Scalars that say what they allow: country codes, Markdown, calendar days, and moments."""

from datetime import UTC, date, datetime
from typing import Any, NewType

import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

from kb.errors import InvalidInputError
from kb.rules.countries import country_names
from kb.rules.days import read_day

CountryCode = NewType("CountryCode", str)
Markdown = NewType("Markdown", str)


def invalid(error: InvalidInputError) -> GraphQLError:
    """A value that a scalar refuses, with the same code and details as everywhere else."""
    extensions = {
        "code": error.code,
        "field": error.field,
        "value": error.value,
        "allowed": error.allowed,
    }
    return GraphQLError(str(error), extensions=extensions)


def _country_code(value: Any) -> str:
    if not isinstance(value, str) or value not in country_names():
        raise invalid(
            InvalidInputError(
                "CountryCode",
                value,
                "an ISO 3166-1 alpha-2 code in capital letters, such as 'VN' or 'BD'",
            )
        )
    return value


def _day(value: Any) -> date:
    try:
        return read_day("Date", value)
    except InvalidInputError as error:
        raise invalid(error) from None


def _moment(value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):  # the last near an end of the calendar
        pass
    raise invalid(
        InvalidInputError(
            "DateTime", value, "a moment with its offset from UTC, such as 2026-11-23T09:30:00Z"
        )
    )


SCALARS: dict[object, ScalarDefinition] = {
    CountryCode: strawberry.scalar(
        name="CountryCode",
        description="An ISO 3166-1 alpha-2 code in capital letters, such as VN; XK for Kosovo.",
        serialize=str,
        parse_value=_country_code,
    ),
    Markdown: strawberry.scalar(
        name="Markdown",
        description="Text in CommonMark with tables, without HTML.",
        serialize=str,
        parse_value=str,
    ),
    date: strawberry.scalar(
        name="Date",
        description="A day of the calendar, as YYYY-MM-DD.",
        serialize=date.isoformat,
        parse_value=_day,
    ),
    datetime: strawberry.scalar(
        name="DateTime",
        description="A moment with its offset from UTC, as in 2026-11-23T09:30:00+00:00.",
        serialize=datetime.isoformat,
        parse_value=_moment,
    ),
}
