"""OS IDs, under which Open Supply Hub knows a facility.

An OS ID such as CN2021250D1DTN7 has 15 characters: the country, the year and the day of the year
on which it was given, five characters of Crockford's base 32, and one that checks the others.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

DEMO_OS_ID = "DEMO-OS-"
"""How the OS IDs of demo facilities begin; those of Open Supply Hub never do."""

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # no I, L, O or U
_FORM = re.compile(rf"[A-Z]{{2}}(\d{{4}})(\d{{3}})[{_ALPHABET}]{{6}}", re.ASCII)
_FORM_IN_WORDS = (
    "15 characters such as CN2021250D1DTN7: country, year, day of the year, five characters and "
    "a check character (digits and capital letters, without I, L, O and U after the country)"
)


def plain_os_id(text: str) -> str:
    """An OS ID as it is stored; people also write CN 2021250 D1DTN 7 or with hyphens."""
    return text if text.startswith(DEMO_OS_ID) else re.sub(r"[\s-]", "", text).upper()


def problem_of_os_id(os_id: str, country: str | None) -> tuple[str, str] | None:
    """What is wrong with an OS ID, and what is allowed instead; None if it is in order.

    Those of demo facilities (DEMO-OS-…) are in order too.
    """
    if re.fullmatch(rf"{DEMO_OS_ID}\d+", os_id, re.ASCII):
        return None
    form = _FORM.fullmatch(os_id)
    if form is None:
        return "does not have the form of an OS ID", _FORM_IN_WORDS
    year, day = int(form[1]), int(form[2])
    if year < 2000 or day < 1 or (date(year, 1, 1) + timedelta(days=day - 1)).year != year:
        return f"names day {day} of the year {year}, which does not exist", _FORM_IN_WORDS
    check = check_character(os_id[:-1])
    if check != os_id[-1]:
        return (
            f"has the check character {os_id[-1]} where its other characters make {check}",
            "an OS ID as Open Supply Hub shows it; a character is mistyped",
        )
    if country is not None and os_id[:2] != country:
        return f"belongs to {os_id[:2]}, and the facility is in {country}", f"an OS ID of {country}"
    return None


def check_character(start: str) -> str:
    """The last character of the OS ID that starts with these 14."""
    country = sum(map(ord, start[:2]))
    return _ALPHABET[(country + sum(map(_ALPHABET.index, start[2:]))) % 32]
