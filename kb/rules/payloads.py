"""What each kind of event tells besides its day, checked before it is written down."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from kb.errors import InvalidFieldsError, InvalidInputError
from kb.rules.countries import country_names
from kb.rules.events import EventKind
from kb.rules.inputs import CAF_STEPS, AssessmentKind, SharingChannel, Ternary
from kb.rules.os_ids import plain_os_id, problem_of_os_id


class GranteeKind(StrEnum):
    """Who is given access: a brand or other business partner, or an Accredited Host (FAQ 11)."""

    BRAND = "BRAND"
    ACCREDITED_HOST = "ACCREDITED_HOST"


LONGEST_NAME = 300
LONGEST_ADDRESS = 500
"""Characters of a facility's name and address; longer ones are refused, whoever sends them."""

Read = Callable[[Any], Any]
"""Gives the value as it is kept, or raises ValueError with what is allowed."""


@dataclass(frozen=True, slots=True)
class Field:
    """How a value is read, and whether it must be given."""

    read: Read
    required: bool = True


def text(longest: int) -> Read:
    """Text of at most that many characters, without the blanks around it."""

    def read(value: Any) -> str:
        kept = value.strip() if isinstance(value, str) else ""
        if not kept or len(kept) > longest or not kept.isprintable():
            raise ValueError(f"text of 1 to {longest} characters")
        return kept

    return read


def identifier(value: Any) -> str:
    """An id as another system gave it: letters, digits, dots, hyphens, underscores, slashes."""
    kept = value.strip() if isinstance(value, str) else ""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,49}", kept):
        raise ValueError("1 to 50 letters, digits, dots, hyphens, underscores and slashes")
    return kept


def os_id(value: Any) -> str:
    """An Open Supply Hub id, as `kb.rules.os_ids` has it, whatever its country."""
    kept = plain_os_id(value) if isinstance(value, str) else ""
    if problem := problem_of_os_id(kept, None):
        raise ValueError(f"{problem[1]}; this one {problem[0]}")
    return kept


def country_code(value: Any) -> str:
    """An ISO 3166-1 alpha-2 code."""
    if value not in country_names():
        raise ValueError("an ISO 3166-1 country code of two capital letters, such as VN")
    return str(value)


# As web forms take it: a comma would make two addresses of one.
_ADDRESS = r"[\w.!#$%&'*+/=?^`{|}~-]+@[A-Za-z0-9.-]+\.[A-Za-z0-9-]{2,}"


def email_address(value: Any) -> str:
    """An address that mail can be sent to, as far as its form tells."""
    kept = value.strip() if isinstance(value, str) else ""
    if len(kept) > 254 or not re.fullmatch(_ADDRESS, kept, re.ASCII):
        raise ValueError("an e-mail address, such as office@factory.example")
    return kept


def one_of(*values: str) -> Read:
    """One of these values."""

    def read(value: Any) -> str:
        if value not in values:
            raise ValueError(", ".join(values))
        return str(value)

    return read


def _steps(value: Any) -> list[int]:
    listed = isinstance(value, list | tuple) and value
    if not listed or any(type(step) is not int or step not in CAF_STEPS for step in value):
        raise ValueError("a list of at least one of the Steps 1, 2 and 3")
    return sorted(set(value))


def _number(value: Any) -> int:
    if type(value) is not int or value < 1:
        raise ValueError("the number of an event, as its field `sequence` gives it")
    return value


_ANSWER = Field(one_of(*Ternary), required=False)
_GATEWAY_ID = {"gateway_id": Field(identifier)}
_GRANTEE = {
    "grantee_kind": Field(one_of(*GranteeKind)),
    "grantee": Field(text(200)),
}
_BRAND = {"grantee_kind": Field(one_of(GranteeKind.BRAND)), "grantee": Field(text(200))}

PAYLOADS: Mapping[EventKind, Mapping[str, Field]] = {
    EventKind.ELIGIBILITY_RECORDED: {
        "enrolled": _ANSWER,
        "in_scope": _ANSWER,
        "capacity_available": _ANSWER,
    },
    EventKind.PROFILE_APPROVED: _GATEWAY_ID,
    EventKind.LINK_REQUESTED: _GATEWAY_ID,
    EventKind.PROFILE_RETURNED: {"reason": Field(text(1000), required=False)},
    EventKind.SELF_ASSESSMENT_COMPLETED: {"steps": Field(_steps)},
    EventKind.ASSESSED: {"kind": Field(one_of(AssessmentKind.ONSITE, AssessmentKind.VCC))},
    EventKind.SHARED: {"channel": Field(one_of(*SharingChannel)), **_GRANTEE},
    EventKind.UNSHARED: _GRANTEE,
    EventKind.SIGHT_GRANTED: _BRAND,
    EventKind.SIGHT_WITHDRAWN: _BRAND,
    EventKind.RECORD_CONTESTED: {
        "event": Field(_number),
        "reason": Field(text(1000), required=False),
    },
}
"""The fields of each kind of event that has any."""


def checked_payload(kind: EventKind, payload: Mapping[str, Any]) -> dict[str, Any]:
    """The payload as it is kept; InvalidInputError with every problem at once.

    A value of None counts as not given.
    """
    fields = PAYLOADS.get(kind, {})
    kept, problems = read_fields(fields, payload)
    if not problems:
        problems = list(_misfits(kind, kept))
    if problems:
        raise problems[0] if len(problems) == 1 else InvalidFieldsError(problems)
    return kept


def read_fields(
    fields: Mapping[str, Field], values: Mapping[str, Any]
) -> tuple[dict[str, Any], list[InvalidInputError]]:
    """The values as they are kept, in the order of the fields, and what is wrong with them."""
    kept: dict[str, Any] = {}
    problems: list[InvalidInputError] = []
    for name, field in fields.items():
        value = values.get(name)
        if value is None and not field.required:
            continue
        try:
            kept[name] = field.read(value)
        except ValueError as error:
            problems.append(InvalidInputError(name, "" if value is None else value, str(error)))
    for name, value in values.items():
        if name not in fields and value is not None:
            known = f"only {', '.join(fields)}" if fields else "nothing besides the day"
            problems.append(InvalidInputError(str(name), value, known))
    return kept, problems


def _misfits(kind: EventKind, kept: Mapping[str, Any]) -> Iterator[InvalidInputError]:
    if kind is EventKind.ELIGIBILITY_RECORDED and not kept:
        names = "at least one of enrolled, in_scope and capacity_available"
        yield InvalidInputError("payload", "", names)
    if kind is EventKind.SHARED:
        to_host = kept["channel"] == SharingChannel.ACCREDITED_HOST
        if to_host is not (kept["grantee_kind"] == GranteeKind.ACCREDITED_HOST):
            fitting = GranteeKind.ACCREDITED_HOST if to_host else GranteeKind.BRAND
            allowed = f"{fitting}, because the channel is {kept['channel']}"
            yield InvalidInputError("grantee_kind", kept["grantee_kind"], allowed)
