"""What the rules look at: the vocabulary of the domain and one facility's profile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from kb.errors import InvalidInputError


class Ternary(StrEnum):
    """A yes-or-no question whose answer may not be known."""

    YES = "YES"
    NO = "NO"
    UNKNOWN = "UNKNOWN"


class GatewayProfileState(StrEnum):
    """Where a facility stands on the SLCP Gateway; a profile not yet approved is NONE."""

    UNKNOWN = "UNKNOWN"
    NONE = "NONE"
    EXISTS_UNLINKED = "EXISTS_UNLINKED"
    LINKED = "LINKED"


class InterestTiming(StrEnum):
    """Whether the facility told Better Work that it wants to share, and when (FAQ 9)."""

    UNKNOWN = "UNKNOWN"
    NOT_DECLARED = "NOT_DECLARED"
    BEFORE_ASSESSMENT = "BEFORE_ASSESSMENT"
    AFTER_ASSESSMENT = "AFTER_ASSESSMENT"


class AssessmentKind(StrEnum):
    """Better Work's assessment of this service cycle: none yet, on site, or a Virtual Compliance
    Check.
    """

    UNKNOWN = "UNKNOWN"
    NONE = "NONE"
    ONSITE = "ONSITE"
    VCC = "VCC"


class CountryKind(StrEnum):
    """How far a country has come.

    ROLLOUT has Better Work and signed off the Tool; BW_PENDING has Better Work, and no sign-off is
    known; NON_BW is active with SLCP, and no source names it as a country with Better Work
    factories; NOT_NAMED is named in none of these ways, which says nothing against it.
    """

    ROLLOUT = "ROLLOUT"
    BW_PENDING = "BW_PENDING"
    NON_BW = "NON_BW"
    NOT_NAMED = "NOT_NAMED"


class SharingChannel(StrEnum):
    """The two standard ways of the Gateway to share data (FAQ 11)."""

    EMAIL_LINK = "EMAIL_LINK"
    ACCREDITED_HOST = "ACCREDITED_HOST"


class AssessedBy(StrEnum):
    """Who assesses the facility (FAQ 7)."""

    BETTER_WORK = "BETTER_WORK"
    VERIFIER_BODY = "VERIFIER_BODY"
    UNDETERMINED = "UNDETERMINED"


class Registration(StrEnum):
    """How far the registration on the Gateway has come; it lasts until the link is made in time.

    By the message of the Better Work platform (FAQ 9): PLATFORM_SET_UP, GATEWAY_INVITED,
    PROFILE_SUBMITTED. By an existing Gateway ID (FAQ 10): LINK_REQUESTED.
    """

    NONE = "NONE"
    PLATFORM_SET_UP = "PLATFORM_SET_UP"
    GATEWAY_INVITED = "GATEWAY_INVITED"
    PROFILE_SUBMITTED = "PROFILE_SUBMITTED"
    LINK_REQUESTED = "LINK_REQUESTED"


class Publication(StrEnum):
    """How far the results of this service cycle's assessment have come (FAQs 11 and 19)."""

    NONE = "NONE"
    REPORT_POSTED = "REPORT_POSTED"
    DATA_SUBMITTED = "DATA_SUBMITTED"
    SHARED = "SHARED"


class ServiceCycle(StrEnum):
    """Whether a Better Work service cycle is open; UNKNOWN for a hypothetical facility."""

    UNKNOWN = "UNKNOWN"
    NONE = "NONE"
    OPEN = "OPEN"
    CLOSED = "CLOSED"


CAF_STEPS = (1, 2, 3)
ASSESSED = (AssessmentKind.ONSITE, AssessmentKind.VCC)
"""The kinds of an assessment that has taken place."""


@dataclass(frozen=True, slots=True)
class FacilityProfile:
    """Everything about one facility that a decision may depend on.

    `country` is an ISO 3166-1 alpha-2 code. `self_assessed_before` says whether the SLCP
    self-assessment was finished before the assessment; `self_assessment_steps` which of the
    Steps 1, 2 and 3 it covers (sorted, without repeats). Once there was an assessment,
    `gateway_profile` is what it found.

    The fields after these are known from a facility's events. They refine which action is due
    and change neither assessor nor sharing status. `gateway_now` and `interest_next` are what
    holds for the next service cycle; None where it follows from the fields before.
    """

    country: str
    enrolled: Ternary = Ternary.UNKNOWN
    in_scope: Ternary = Ternary.UNKNOWN
    capacity_available: Ternary = Ternary.UNKNOWN
    gateway_profile: GatewayProfileState = GatewayProfileState.UNKNOWN
    interest: InterestTiming = InterestTiming.UNKNOWN
    assessment: AssessmentKind = AssessmentKind.UNKNOWN
    self_assessed_before: Ternary = Ternary.UNKNOWN
    self_assessment_steps: tuple[int, ...] = ()
    registration: Registration = Registration.NONE
    publication: Publication = Publication.NONE
    service_cycle: ServiceCycle = ServiceCycle.UNKNOWN
    gateway_now: GatewayProfileState | None = None
    interest_next: Ternary | None = None

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
        return "|".join(
            (
                self.country,
                *self._answers().values(),
                steps,
                *self._progress().values(),
                self.gateway_now or "",
                self.interest_next or "",
            )
        )

    @classmethod
    def from_key(cls, key: str) -> FacilityProfile:
        """Read a decision key back into the profile it was made from."""
        (
            country,
            enrolled,
            in_scope,
            capacity_available,
            gateway_profile,
            interest,
            assessment,
            self_assessed_before,
            steps,
            registration,
            publication,
            service_cycle,
            gateway_now,
            interest_next,
        ) = key.split("|")
        return cls(
            country=country,
            enrolled=Ternary(enrolled),
            in_scope=Ternary(in_scope),
            capacity_available=Ternary(capacity_available),
            gateway_profile=GatewayProfileState(gateway_profile),
            interest=InterestTiming(interest),
            assessment=AssessmentKind(assessment),
            self_assessed_before=Ternary(self_assessed_before),
            self_assessment_steps=tuple(int(step) for step in steps),
            registration=Registration(registration),
            publication=Publication(publication),
            service_cycle=ServiceCycle(service_cycle),
            gateway_now=GatewayProfileState(gateway_now) if gateway_now else None,
            interest_next=Ternary(interest_next) if interest_next else None,
        )

    def with_what_follows(self) -> FacilityProfile:
        """The profile with the unknown answers that follow from the known ones.

        Better Work assesses enrolled factories only, so one that it has assessed is enrolled, and
        one that is not enrolled is not assessed (FAQ 7). Interest that was declared after the
        assessment tells that there was one.
        """
        assessed = self.assessment in ASSESSED or (
            self.assessment is AssessmentKind.UNKNOWN
            and self.interest is InterestTiming.AFTER_ASSESSMENT
        )
        if assessed and self.enrolled is Ternary.UNKNOWN:
            return replace(self, enrolled=Ternary.YES)
        if self.enrolled is Ternary.NO and self.assessment is AssessmentKind.UNKNOWN:
            return replace(self, assessment=AssessmentKind.NONE)
        return self

    def for_next_cycle(self) -> FacilityProfile:
        """The profile with which the next service cycle begins.

        Interest declared after the assessment counts for it. Whether interest lasts that an
        assessment has used is not stated, so it is unknown.
        """
        interest = InterestTiming.NOT_DECLARED
        if self.interest_next is Ternary.YES or self.interest is InterestTiming.AFTER_ASSESSMENT:
            interest = InterestTiming.BEFORE_ASSESSMENT
        elif self.interest is not interest:
            interest = InterestTiming.UNKNOWN
        return replace(
            self,
            gateway_profile=self.gateway_now or self.gateway_profile,
            interest=interest,
            assessment=AssessmentKind.NONE,
            self_assessed_before=Ternary.NO,
            self_assessment_steps=(),
            publication=Publication.NONE,
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

    def _progress(self) -> dict[str, str]:
        return {
            "registration": self.registration,
            "publication": self.publication,
            "service_cycle": self.service_cycle,
        }

    def inputs(self, country_kind: CountryKind) -> Mapping[str, str]:
        """The profile as the decision tables read it: input name to value."""
        return {
            "country_kind": country_kind,
            **self._answers(),
            "step_1_self_assessed": self.self_assessed(1),
            **self._progress(),
            "interest_next": self.interest_next or Ternary.NO,
        }

    def self_assessed(self, step: int) -> Ternary:
        """Whether a Step was self-assessed: before the assessment, once there was one.

        A finished self-assessment that names no Steps covers Step 1, because the assessment uses
        the Step 1 questions of the self-assessment (FAQ 15); whether it covers the others is
        unknown.
        """
        named = self.self_assessment_steps
        before = self.self_assessed_before
        if named:
            if step not in named:
                return Ternary.NO
            if self.assessment is AssessmentKind.NONE:
                return Ternary.YES
            if self.assessment is AssessmentKind.UNKNOWN and before is Ternary.NO:
                return Ternary.UNKNOWN
        if not named and step != 1 and before is Ternary.YES:
            return Ternary.UNKNOWN
        return before
