"""Long lists of facilities that do not exist."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

from kb.rules.os_ids import check_character

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_COUNTRIES = ("BD", "ID", "KH", "PK", "VN")
_STEPS = (
    ("enrolled_on", 0),
    ("cycle_opened_on", 20),
    ("interest_declared_on", 30),
    ("platform_set_up_on", 35),
    ("gateway_invited_on", 40),
    ("profile_submitted_on", 50),
    ("profile_approved_on", 55),
    ("linked_on", 60),
    ("self_assessed_on", 80),
    ("assessed_on", 120),
    ("report_posted_on", 150),
)


def os_id_of(number: int, country: str) -> str:
    """An OS ID that is in order, a different one for each number."""
    digits = "".join(_ALPHABET[number >> 5 * place & 31] for place in range(4, -1, -1))
    start = f"{country}2019067{digits}"
    return start + check_character(start)


def write_list(path: Path, rows: int, *, short: bool = False) -> Path:
    """A list in which each facility has gone a part of the way; or a short one, without events."""
    days = [column for column, _ in _STEPS]
    header = ["name", "address", "country", "os_id", "gateway_id", "enrolled", "in_scope", *days]
    header += ["self_assessment_steps", "assessment_kind"]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        for number in range(rows):
            country = _COUNTRIES[number % len(_COUNTRIES)]
            reached = 0 if short else number % (len(_STEPS) + 1)
            start = date(2023, 1, 1) + timedelta(days=number % 300)
            step_days = [
                (start + timedelta(days=after)).isoformat() if place < reached else ""
                for place, (_, after) in enumerate(_STEPS)
            ]
            gateway_id = f"GW{number:07d}" if step_days[days.index("profile_approved_on")] else ""
            writer.writerow(
                [
                    f"Trial Factory {number}",
                    f"{number} Any Street",
                    country,
                    os_id_of(number, country),
                    gateway_id,
                    "yes" if reached else "",
                    "unknown" if short or number % 2 else "yes",
                    *step_days,
                    "1+2" if step_days[days.index("self_assessed_on")] else "",
                    "onsite" if step_days[days.index("assessed_on")] else "",
                ]
            )
    return path
