"""The rulebook as it would be if something outside a facility changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from kb.rules.codes import BlockerCode, SharingStatus
from kb.rules.evidence import Citation, CitationRole, KnowledgeLayer
from kb.rules.facts import DatedFact, DatePrecision, Layers
from kb.rules.inputs import (
    ASSESSED,
    AssessedBy,
    AssessmentKind,
    CountryKind,
    FacilityProfile,
    InterestTiming,
    Ternary,
)
from kb.rules.match_rows import match_rows
from kb.rules.rulebook import Rulebook
from kb.rules.tables import any_holds

SUPPOSED = Citation("supposed", KnowledgeLayer.SHARED_FAQS_2021, CitationRole.DERIVED)
"""What stands where a source would; no reader is shown it."""


def signed_off(rulebook: Rulebook, countries: Iterable[str], as_of: date) -> Rulebook:
    """The rulebook with the Tool signed off in these countries from a day on (FAQ 2)."""
    supposed = DatedFact(
        valid_from=as_of,
        precision=DatePrecision.DAY,
        value=CountryKind.ROLLOUT,
        text="",
        citations=(SUPPOSED,),
        checked_on=as_of,
    )
    facts = {code: (*rulebook.countries.get(code, ()), supposed) for code in countries}
    return replace(rulebook, countries={**rulebook.countries, **facts})


def with_tool_version(rulebook: Rulebook, version: str) -> Rulebook:
    """The rulebook with another version of the Tool wherever a version is in use."""
    rows = tuple(
        replace(row, then=replace(row.then, tool_version=version)) if row.then.tool_version else row
        for row in rulebook.tool.rows
    )
    return replace(rulebook, tool=replace(rulebook.tool, rows=rows))


@dataclass(frozen=True, slots=True, kw_only=True)
class Supposition:
    """What is supposed to change at once, for many facilities."""

    signed_off: frozenset[str] = frozenset()
    tool_version: str | None = None
    interest_declared: bool = False

    def in_country(self, country: str) -> Supposition:
        """What of it matters for facilities in a country."""
        return replace(self, signed_off=self.signed_off & {country})


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a facility stands, in short."""

    assessed_by: AssessedBy
    sharing: SharingStatus
    primary_blocker: BlockerCode | None
    tool_version: str | None


def standing(profile: FacilityProfile, rulebook: Rulebook, as_of: date, layers: Layers) -> Standing:
    """Where a facility with a profile stands on a day."""
    rows = match_rows(profile, rulebook, as_of, layers)
    blockers = (rule.code for rule in rows.blockers if any_holds(rule.when, rows.inputs))
    tool_version = rows.tool.tool_version if rows.tool else None
    return Standing(rows.assessment.assessed_by, rows.status, next(blockers, None), tool_version)


def supposed(
    profile: FacilityProfile, rulebook: Rulebook, supposition: Supposition, as_of: date
) -> tuple[FacilityProfile, Rulebook]:
    """The profile and the rulebook as they would be.

    Interest that is declared after an assessment counts for the next service cycle (FAQ 9).
    """
    countries = supposition.signed_off
    if profile.country in countries:
        rulebook = signed_off(rulebook, [profile.country], as_of)
    if supposition.tool_version is not None:
        rulebook = with_tool_version(rulebook, supposition.tool_version)
    known = profile.with_what_follows()
    undeclared = known.interest in (InterestTiming.NOT_DECLARED, InterestTiming.UNKNOWN)
    if supposition.interest_declared and known.enrolled is Ternary.YES and undeclared:
        if known.assessment in ASSESSED:
            profile = replace(known, interest_next=Ternary.YES)
        elif known.assessment is AssessmentKind.NONE:
            profile = replace(known, interest=InterestTiming.BEFORE_ASSESSMENT)
    return profile, rulebook
