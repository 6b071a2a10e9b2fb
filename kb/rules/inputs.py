"""What the rules look at: the vocabulary of the domain and one facility's profile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from kb.errors import InvalidInputError


class Ternary(StrEnum):
    """A yes-or-no question whose answer may not be known."""

    YES = "YES"
    NO = "NO"
    UNKNOWN = "UNKNOWN"


class GatewayProfileState(StrEnum):
    """Where a facility stands on the SLCP Gateway; a profile not yet approved is NONE."""

    NONE = "NONE"
    EXISTS_UNLINKED = "EXISTS_UNLINKED"
    LINKED = "LINKED"


class InterestTiming(StrEnum):
    """Whether the facility told Better Work that it wants to share, and when (FAQ 9)."""

    NOT_DECLARED = "NOT_DECLARED"
    BEFORE_ASSESSMENT = "BEFORE_ASSESSMENT"
    AFTER_ASSESSMENT = "AFTER_ASSESSMENT"


class AssessmentKind(StrEnum):
    """The assessment of this service cycle: none yet, on site, or a Virtual Compliance Check."""

    NONE = "NONE"
    ONSITE = "ONSITE"
    VCC = "VCC"


class CountryKind(StrEnum):
    """How far a country has come; INACTIVE means not known to be active."""

    ROLLOUT = "ROLLOUT"
    BW_PENDING = "BW_PENDING"
    NON_BW = "NON_BW"
    INACTIVE = "INACTIVE"


class AssessedBy(StrEnum):
    """Who assesses the facility (FAQ 7)."""

    BETTER_WORK = "BETTER_WORK"
    VERIFIER_BODY = "VERIFIER_BODY"
    UNDETERMINED = "UNDETERMINED"


class Progress(StrEnum):
    """The furthest recorded event between the coarse states of a profile, in workflow order.

    Known from a facility's events; a hypothetical profile has NONE. It refines which next action
    is due and changes neither assessor nor sharing status.
    """

    NONE = "NONE"
    PLATFORM_SET_UP = "PLATFORM_SET_UP"
    GATEWAY_INVITED = "GATEWAY_INVITED"
    PROFILE_SUBMITTED = "PROFILE_SUBMITTED"
    LINK_REQUESTED = "LINK_REQUESTED"
    REPORT_POSTED = "REPORT_POSTED"
    DATA_SUBMITTED = "DATA_SUBMITTED"
    SHARED = "SHARED"


CAF_STEPS = (1, 2, 3)


@dataclass(frozen=True, slots=True)
class FacilityProfile:
    """Everything about one facility that a decision may depend on.

    `country` is an ISO 3166-1 alpha-2 code. `self_assessed_before` says whether the SLCP
    self-assessment was finished before the assessment; `self_assessment_steps` which of the
    Steps 1, 2 and 3 it covers (sorted, without repeats).
    """

    country: str
    enrolled: Ternary = Ternary.UNKNOWN
    in_scope: Ternary = Ternary.UNKNOWN
    capacity_available: Ternary = Ternary.UNKNOWN
    gateway_profile: GatewayProfileState = GatewayProfileState.NONE
    interest: InterestTiming = InterestTiming.NOT_DECLARED
    assessment: AssessmentKind = AssessmentKind.NONE
    self_assessed_before: Ternary = Ternary.NO
    self_assessment_steps: tuple[int, ...] = ()
    progress: Progress = Progress.NONE

    def __post_init__(self) -> None:
        wrong = [step for step in self.self_assessment_steps if step not in CAF_STEPS]
        if wrong:
            raise InvalidInputError("selfAssessmentSteps", wrong[0], "1, 2 and 3")
        ordered = tuple(sorted(set(self.self_assessment_steps)))
        object.__setattr__(self, "self_assessment_steps", ordered)

    @property
    def key(self) -> str:
        """The decision key: facilities with the same key get the same decision."""
        steps = "".join(str(step) for step in self.self_assessment_steps)
        return "|".join((self.country, *self._answers().values(), steps, self.progress))

    @classmethod
    def from_key(cls, key: str) -> FacilityProfile:
        """Read a decision key back into the profile it was made from."""
        country, enrolled, scope, capacity, gateway, interest, kind, before, steps, progress = (
            key.split("|")
        )
        return cls(
            country=country,
            enrolled=Ternary(enrolled),
            in_scope=Ternary(scope),
            capacity_available=Ternary(capacity),
            gateway_profile=GatewayProfileState(gateway),
            interest=InterestTiming(interest),
            assessment=AssessmentKind(kind),
            self_assessed_before=Ternary(before),
            self_assessment_steps=tuple(int(step) for step in steps),
            progress=Progress(progress),
        )

    def _answers(self) -> dict[str, str]:
        return {
            "enrolled": self.enrolled,
            "in_scope": self.in_scope,
            "capacity_available": self.capacity_available,
            "gateway_profile": self.gateway_profile,
            "interest": self.interest,
            "assessment": self.assessment,
            "self_assessed_before": self.self_assessed_before,
        }

    def inputs(self, country_kind: CountryKind) -> Mapping[str, str]:
        """The profile as the decision tables read it: input name to value."""
        return {"country_kind": country_kind, **self._answers(), "progress": self.progress}
