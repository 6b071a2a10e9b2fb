"""The answer as a text that a helpdesk can paste into an e-mail, with numbered citations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date

from kb.rules.evidence import Citation, CitationRole, Explained, KnowledgeLayer
from kb.rules.inputs import (
    AssessmentKind,
    FacilityProfile,
    GatewayProfileState,
    InterestTiming,
    Ternary,
)
from kb.rules.outcomes import Applicability, NextAction
from kb.rules.rulebook import ActionDeadline, Actor, FeeCharge

_ACTORS = {
    Actor.FACILITY: "the facility",
    Actor.COUNTRY_PROGRAMME: "the Better Work country programme",
    Actor.FOCAL_POINT: "the registration focal point of the Better Work country programme",
    Actor.BETTER_WORK: "Better Work",
    Actor.SLCP: "SLCP",
    Actor.VERIFIER_BODY: "the Verifier Body",
    Actor.BRAND: "the brand",
    Actor.NATIONAL_CONSTITUENTS: "the national constituents",
    Actor.ACCREDITED_HOST: "the Accredited Host",
    Actor.HELPDESK: "the helpdesk",
    Actor.USER: "whoever entered the data",
}
_DEADLINES = {
    ActionDeadline.BEFORE_ASSESSMENT: "before the assessment",
    ActionDeadline.BEFORE_NEXT_ASSESSMENT: "before the next assessment",
    ActionDeadline.BEFORE_NEXT_SERVICE_CYCLE: "before the next service cycle starts",
    ActionDeadline.IN_NEXT_SERVICE_CYCLE: "in the next service cycle",
}
_AGE = (
    "The shared FAQs are of October 2021; what changed since is told only where another source is "
    "named."
)
_KNOWN: Mapping[str, Mapping[str, str]] = {
    "enrolled": {
        Ternary.YES: "enrolled in Better Work",
        Ternary.NO: "not enrolled in Better Work",
    },
    "in_scope": {
        Ternary.YES: "in its scope",
        Ternary.NO: "not in its scope",
    },
    "capacity_available": {
        Ternary.YES: "the country programme has room",
        Ternary.NO: "the country programme has no room",
    },
    "gateway_profile": {
        GatewayProfileState.NONE: "no approved Gateway profile",
        GatewayProfileState.EXISTS_UNLINKED: "a Gateway profile that is not linked",
        GatewayProfileState.LINKED: "linked with the Gateway",
    },
    "interest": {
        InterestTiming.NOT_DECLARED: "interest in sharing not declared",
        InterestTiming.BEFORE_ASSESSMENT: "interest in sharing declared in time",
        InterestTiming.AFTER_ASSESSMENT: "interest in sharing declared after the assessment",
    },
    "assessment": {
        AssessmentKind.NONE: "not assessed in this cycle",
        AssessmentKind.ONSITE: "assessed on site",
        AssessmentKind.VCC: "assessed by a Virtual Compliance Check",
    },
    "self_assessed_before": {
        Ternary.YES: "self-assessment finished in time",
        Ternary.NO: "self-assessment not finished in time",
    },
}
PHRASES: tuple[str, ...] = ()

_ROLES = {
    CitationRole.STATED: "",
    CitationRole.COMBINED: " (read together with another)",
    CitationRole.DERIVED: " (derived, not stated)",
}


def summary(
    answer: Applicability,
    *,
    as_of: date,
    release: str,
    facility_name: str | None,
    source_titles: Mapping[str, str],
) -> str:
    """Write the answer as Markdown: what applies, what to do, costs, what is not known, sources.

    `release` names the knowledge used; `source_titles` maps source ids to titles. The same
    arguments give the same text, byte for byte.
    """
    notes = _Footnotes(source_titles)
    who = _plain(facility_name) if facility_name else f"A facility in {answer.country.name}"
    sections = [
        f"**{who}, on {as_of.isoformat()}**",
        _known(answer.profile),
        _section("What applies", _applies(answer, notes)),
        _section("What to do next", _actions(answer.workflow.next_actions, notes)),
        _section("What the data may be called", _labels(answer, notes)),
        _section("What it costs", _fees(answer, notes)),
        _section("What is not known", _unknown(answer, notes)),
        _section("Sources", notes.lines()),
        f"*{release}. {_AGE}*",
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def _plain(text: str) -> str:
    """A text that somebody typed, so that nothing in it is taken for Markdown or HTML."""
    return re.sub(r"([\\`*_\[\]<>&|~])", r"\\\1", " ".join(text.split()))


def _section(title: str, lines: Iterable[str]) -> str:
    body = "\n".join(lines)
    return f"### {title}\n\n{body}" if body else ""


def _known(profile: FacilityProfile) -> str:
    """What was given, and nothing else."""
    values = {name: getattr(profile, name) for name in _KNOWN}
    given = [_KNOWN[name][value] for name, value in values.items() if value != Ternary.UNKNOWN]
    return f"Taken as known: {'; '.join(given)}." if given else ""


def _applies(answer: Applicability, notes: _Footnotes) -> list[str]:
    told: list[Explained] = [answer.assessment, answer.sharing]
    fact = answer.country.fact
    if fact is not None:
        # What the shared FAQs say of the country is told with the Tool already.
        if fact.layer is not KnowledgeLayer.SHARED_FAQS_2021:
            told.append(answer.country)
        told.append(answer.assessment.tool)
    # A guard before the tables answers several questions with one statement.
    lines = [f"- {text}" for text in dict.fromkeys(notes.cited(one) for one in told)]
    if answer.workflow.blockers:
        lines.append("- In the way:")
        lines += [f"  - {notes.cited(blocker)}" for blocker in answer.workflow.blockers]
    return lines


def _actions(actions: tuple[NextAction, ...], notes: _Footnotes) -> list[str]:
    if not actions:
        return ["Nothing that the sources ask for."]
    return [
        f"{action.order}. {action.title} ({_ACTORS[action.actor]}"
        f"{', ' + _DEADLINES[action.deadline] if action.deadline else ''})."
        f"{notes.mark(action.citations)}"
        for action in actions
    ]


def _labels(answer: Applicability, notes: _Footnotes) -> list[str]:
    # Steps with the same label and wording are told in one line.
    steps: dict[str, list[int]] = {}
    for label in answer.data_labels:
        told = steps.setdefault(notes.cited(label), [])
        if label.step not in told:
            told.append(label.step)
    return [f"- {_steps(numbers)}: {line}" for line, numbers in steps.items()]


def _steps(numbers: list[int]) -> str:
    if len(numbers) == 1:
        return f"Step {numbers[0]}"
    return f"Steps {', '.join(str(one) for one in numbers[:-1])} and {numbers[-1]}"


def _fees(answer: Applicability, notes: _Footnotes) -> list[str]:
    return [
        f"- {notes.cited(fee)}" for fee in answer.fees if fee.charge is not FeeCharge.NOT_APPLICABLE
    ]


def _unknown(answer: Applicability, notes: _Footnotes) -> list[str]:
    told: tuple[Explained, ...] = (*answer.missing, *answer.warnings)
    return [f"- {notes.cited(one)}" for one in told]


class _Footnotes:
    """Numbers each cited FAQ or source in order of first use."""

    def __init__(self, source_titles: Mapping[str, str]) -> None:
        self._titles = source_titles
        self._numbers: dict[str, int] = {}

    def cited(self, one: Explained) -> str:
        """The text of an outcome with the numbers of its sources."""
        return f"{one.text}{self.mark(one.citations)}"

    def mark(self, citations: Iterable[Citation]) -> str:
        """The numbers of the sources, as " [1][3]"."""
        numbers = dict.fromkeys(
            self._numbers.setdefault(self._name(one), len(self._numbers) + 1) for one in citations
        )
        return " " + "".join(f"[{number}]" for number in numbers) if numbers else ""

    def lines(self) -> list[str]:
        """The list of sources, numbered as they were marked."""
        return [f"{number}. {name}" for name, number in self._numbers.items()]

    def _name(self, citation: Citation) -> str:
        title = self._titles.get(citation.source, citation.source)
        faq = f", FAQ {citation.faq_number}" if citation.passage else ""
        return f"{title}{faq}{_ROLES[citation.role]}"
