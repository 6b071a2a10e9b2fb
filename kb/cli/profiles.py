"""A facility profile written as text: country=VN,enrolled=YES,selfAssessmentSteps=1+2."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from kb.errors import InvalidInputError
from kb.rules.countries import read_country
from kb.rules.inputs import (
    CAF_STEPS,
    AssessmentKind,
    FacilityProfile,
    GatewayProfileState,
    InterestTiming,
    Ternary,
)


def _steps(key: str, text: str) -> tuple[int, ...]:
    allowed = [str(step) for step in CAF_STEPS]
    for step in text.split("+"):
        if step not in allowed:
            raise InvalidInputError(key, step, "1, 2 and 3, joined by +, such as 1+2")
    return tuple(int(step) for step in text.split("+"))


def _one_of(choices: type[StrEnum]) -> Callable[[str, str], StrEnum]:
    def read(key: str, text: str) -> StrEnum:
        if text.upper() not in list(choices):
            raise InvalidInputError(key, text, ", ".join(choices))
        return choices(text.upper())

    return read


# As the GraphQL input spells it, and the field of the profile; read without regard to case or _.
_KEYS: Mapping[str, tuple[str, Callable[[str, str], Any]]] = {
    "country": ("country", read_country),
    "enrolled": ("enrolled", _one_of(Ternary)),
    "inScope": ("in_scope", _one_of(Ternary)),
    "capacityAvailable": ("capacity_available", _one_of(Ternary)),
    "gatewayProfile": ("gateway_profile", _one_of(GatewayProfileState)),
    "interestDeclared": ("interest", _one_of(InterestTiming)),
    "assessment": ("assessment", _one_of(AssessmentKind)),
    "selfAssessedBefore": ("self_assessed_before", _one_of(Ternary)),
    "selfAssessmentSteps": ("self_assessment_steps", _steps),
}
_FORGIVING = {key.lower(): key for key in _KEYS}


def profile_from(text: str) -> FacilityProfile:
    """Read a profile; InvalidInputError names the key or value and what is allowed."""
    values: dict[str, Any] = {}
    for part in text.split(","):
        name, equals, value = (side.strip() for side in part.partition("="))
        key = _FORGIVING.get(name.replace("_", "").lower())
        if key is None or not equals:
            raise InvalidInputError(
                "--profile", part.strip(), f"KEY=VALUE with the keys {', '.join(_KEYS)}"
            )
        field, read = _KEYS[key]
        if field in values:
            raise InvalidInputError("--profile", part.strip(), f"{key} once only")
        values[field] = read(key, value)
    if "country" not in values:
        raise InvalidInputError("--profile", text, "a profile with country, such as country=VN")
    return FacilityProfile(**values)


def profile_variables(profile: FacilityProfile) -> dict[str, Any]:
    """The profile as the GraphQL input."""
    return {
        key: list(value) if isinstance(value, tuple) else value
        for key, value in ((key, getattr(profile, field)) for key, (field, _) in _KEYS.items())
    }
