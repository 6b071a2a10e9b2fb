"""The answer as a text that a helpdesk can paste into an e-mail, with numbered citations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from kb.rules.evidence import Citation, CitationRole, Explained
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
    ActionDeadline.BEFORE_NEXT_SERVICE_CYCLE: "before the next service cycle starts",
    ActionDeadline.IN_NEXT_SERVICE_CYCLE: "in the next service cycle",
}
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
    who = facility_name or f"A facility in {answer.country.name}"
    sections = [
        f"**{who}, on {as_of.isoformat()}**",
        _section("What applies", _applies(answer, notes)),
        _section("What to do next", _actions(answer.workflow.next_actions, notes)),
        _section("What the data may be called", _labels(answer, notes)),
        _section("What it costs", _fees(answer, notes)),
        _section("What is not known", _unknown(answer, notes)),
        _section("Sources", notes.lines()),
        f"*{release}*",
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def _section(title: str, lines: Iterable[str]) -> str:
    body = "\n".join(lines)
    return f"### {title}\n\n{body}" if body else ""


def _applies(answer: Applicability, notes: _Footnotes) -> list[str]:
    told: list[Explained] = [answer.assessment]
    if answer.sharing.because != answer.assessment.because:
        told.append(answer.sharing)
    if answer.assessment.tool.because != answer.assessment.because:
        told.append(answer.assessment.tool)
    lines = [f"- {one.text}{notes.mark(one.citations)}" for one in told]
    if answer.workflow.blockers:
        blockers = "; ".join(
            f"{one.text.rstrip('.')}{notes.mark(one.citations)}" for one in answer.workflow.blockers
        )
        lines.append(f"- In the way: {blockers}.")
    return lines


def _actions(actions: tuple[NextAction, ...], notes: _Footnotes) -> list[str]:
    if not actions:
        return ["Nothing is left to do in this service cycle."]
    lines = []
    for action in actions:
        when = f", {_DEADLINES[action.deadline]}" if action.deadline else ""
        who = _ACTORS[action.actor]
        lines.append(f"{action.order}. {action.title}: {who}{when}.{notes.mark(action.citations)}")
    return lines


def _labels(answer: Applicability, notes: _Footnotes) -> list[str]:
    # Steps with the same label and wording are told in one line.
    steps: dict[str, list[str]] = {}
    for label in answer.data_labels:
        line = f"{label.text}{notes.mark(label.citations)}"
        step = f"Step {label.step}"
        if step not in steps.setdefault(line, []):
            steps[line].append(step)
    return [f"- {' and '.join(names)}: {line}" for line, names in steps.items()]


def _fees(answer: Applicability, notes: _Footnotes) -> list[str]:
    return [
        f"- {fee.text}{notes.mark(fee.citations)}"
        for fee in answer.fees
        if fee.charge is not FeeCharge.NOT_APPLICABLE
    ]


def _unknown(answer: Applicability, notes: _Footnotes) -> list[str]:
    told: tuple[Explained, ...] = (*answer.missing, *answer.warnings)
    return [f"- {one.text}{notes.mark(one.citations)}" for one in told]


class _Footnotes:
    """Numbers each cited FAQ or source in order of first use."""

    def __init__(self, source_titles: Mapping[str, str]) -> None:
        self._titles = source_titles
        self._numbers: dict[str, int] = {}

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
