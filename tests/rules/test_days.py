"""What day it is where a facility is, and how days are written."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from kb.errors import InvalidInputError
from kb.rules.countries import country_names
from kb.rules.days import LocalDays, local_days, read_day

D26, D27 = date(2026, 11, 26), date(2026, 11, 27)


@pytest.mark.parametrize(
    ("country", "time", "today", "latest"),
    [
        ("VN", "2026-11-26T16:59", D26, D26),
        ("VN", "2026-11-26T17:00", D27, D27),
        ("BD", "2026-11-26T18:00", D27, D27),
        ("NI", "2026-11-27T05:59", D26, D26),
        ("NI", "2026-11-27T06:00", D27, D27),
        ("ID", "2026-11-26T14:59", D26, D26),  # Jakarta and Jayapura
        ("ID", "2026-11-26T15:00", D26, D27),
        ("ID", "2026-11-26T17:00", D27, D27),
        ("XK", "2026-11-26T23:00", D27, D27),
        (None, "2026-11-27T10:30", D26, date(2026, 11, 28)),  # anywhere
    ],
)
def test_a_day_begins_when_it_begins_in_the_country(
    country: str | None, time: str, today: date, latest: date
) -> None:
    assert local_days(country, datetime.fromisoformat(f"{time}Z")) == LocalDays(today, latest)


def test_every_country_has_a_day() -> None:
    for code in country_names():
        days = local_days(code, datetime(2026, 11, 26, 12, tzinfo=UTC))
        assert (days.latest - days.today).days in (0, 1), code


def test_a_day_is_written_in_one_form() -> None:
    assert read_day("asOf", "2021-10-01") == date(2021, 10, 1)
    for text in ("20211001", "2021-W39-5", "2021-02-30", " 2021-10-01", "\u066021-10-01", 1):
        with pytest.raises(InvalidInputError) as refused:
            read_day("asOf", text)
        assert str(refused.value) == (
            f"asOf: '{text}' is not valid. "
            "Allowed: a day of the calendar as YYYY-MM-DD, such as 2021-10-01."
        )
