"""What day it is where a facility is, by zones of countries from CLDR; and how days are written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from babel.core import get_global

from kb.errors import InvalidInputError

# Of those to which CLDR gives none.
_ZONES = {"XK": ("Europe/Belgrade",)}


@dataclass(frozen=True, slots=True)
class LocalDays:
    """The days that it is now in a country: in its westernmost zone, and in its easternmost.

    They are the same day but for some hours in countries with several zones. `today` is the one
    that has begun in the whole country; either may be meant by somebody who says today.
    """

    today: date
    latest: date


def read_day(field: str, text: object) -> date:
    """A day as callers write it, or InvalidInputError for the field."""
    # Only the one form: date.fromisoformat alone would also take 20211001 and 2021-W39-5.
    if isinstance(text, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    raise InvalidInputError(field, text, "a day of the calendar as YYYY-MM-DD, such as 2021-10-01")


def local_days(country: str | None, now: datetime) -> LocalDays:
    """The days at a moment in a country (ISO code); in the whole world when it is not known."""
    return _within(now.replace(second=0, microsecond=0), country)


@lru_cache(maxsize=1_000)
def _within(minute: datetime, country: str | None) -> LocalDays:
    """The days of a country during a minute, within which none begins."""
    days = [minute.astimezone(zone).date() for zone in _zones(country)]
    return LocalDays(min(days), max(days))


@cache
def _zones(country: str | None) -> tuple[tzinfo, ...]:
    if country is None:
        return (ZoneInfo("Etc/GMT+12"), ZoneInfo("Etc/GMT-14"))
    names = {**_ZONES, **get_global("territory_zones")}.get(country, ())
    return tuple(ZoneInfo(name) for name in names) or (UTC,)
