"""The answer as a letter: what a helpdesk can paste into an e-mail, with its sources.

Each sentence stands alone. The first lines say of what day and of what age the answer is. What a
page of the public record says is marked with the number of that page in the list of sources.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from kb.rules.evidence import Citation, CitationRole, Explained, KnowledgeLayer, Words, with_article
from kb.rules.facts import DatePrecision, as_dated
from kb.rules.inputs import (
    ASSESSED,
    FacilityProfile,
    GatewayProfileState,
    InterestTiming,
    SharingChannel,
    Ternary,
)
from kb.rules.letter_phrases import (
    ACTORS,
    AGE,
    AGE_BEFORE,
    AGE_OF_PAGES,
    AGE_OF_PAGES_ALONE,
    AGE_TO_COME,
    ASSESSMENT,
    CAPACITY,
    CHANNELS,
    DEADLINES,
    ENROLLED,
    GATEWAY,
    IN_SCOPE,
    INTEREST,
    RULES_FROM,
    SELF_ASSESSED,
    UNREVIEWED,
)
from kb.rules.outcomes import Applicability, NextAction
from kb.rules.saying import label_lines, said, steps_said
from kb.rules.wording import in_words


class SourceName(Protocol):
    """What a letter tells of a source."""

    @property
    def title(self) -> str:
        """Its title."""

    @property
    def publisher(self) -> str:
        """Who publishes it."""

    @property
    def dated(self) -> date | None:
        """The day it bears; None when it bears none."""

    @property
    def precision(self) -> DatePrecision | None:
        """How exactly it is dated; None when it bears no date."""

    @property
    def checked_on(self) -> date:
        """When it was last compared with what is said here."""


@dataclass(frozen=True, slots=True)
class Shared:
    """Whom the data of a service cycle was shared with, as the reader may know."""

    grantee: str
    channel: SharingChannel
    since: date
    cycle: int


@dataclass(frozen=True, slots=True)
class EarlierCycle:
    """A service cycle before the present one that has data, and what was decided for it."""

    number: int
    decision: Applicability


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What a letter is about besides the answer; `words` are those of its language.

    `cycle` is the number of the present service cycle, 0 before the first and for a profile.
    `today` is the day on which it is written, where the facility is.
    """

    as_of: date
    today: date
    layers: frozenset[KnowledgeLayer]
    release: int
    published_on: date
    facility_name: str | None
    cycle: int = 0
    shared: Sequence[Shared] = ()
    earlier: Sequence[EarlierCycle] = ()
    sources: Mapping[str, SourceName]
    words: Words


@dataclass(frozen=True, slots=True)
class LetterForm:
    """What a letter says of any facility with the same answer.

    Its own are missing: its name, which stands as {name} in `head`, and between `beginning` and
    `ending` with whom it shares its data. `earlier` is what the letter had of it.
    """

    head: str
    beginning: str
    ending: str
    earlier: Sequence[EarlierCycle]


def summary(answer: Applicability, letter: Letter) -> str:
    """Write the answer as Markdown. The same arguments give the same text, byte for byte."""
    return filled(letter_form(answer, letter), letter)


def letter_form(answer: Applicability, letter: Letter) -> LetterForm:
    """Write what does not depend on the facility but for whether it has a name."""
    return _Writer(letter).form(in_words(answer, letter.words))


def filled(form: LetterForm, letter: Letter) -> str:
    """The letter of one facility, in a form that was written for letters like its own."""
    head = form.head
    if letter.facility_name:
        head = head.replace("{name}", _plain(letter.facility_name))
    parts = (f"**{head}**", form.beginning, *_Writer(letter).shared(), form.ending)
    return "\n\n".join(parts) + "\n"


class _Writer:
    """Writes one letter; what it cites gathers on the way."""

    def __init__(self, letter: Letter) -> None:
        self.letter = letter
        self.faqs: dict[str, set[int]] = {}
        self.pages: dict[str, int] = {}

    def say(self, text: str, /, **values: object) -> str:
        """A phrase in the words of the letter."""
        return said(text, self.letter.words, **values)

    def form(self, answer: Applicability) -> LetterForm:
        """The letter without what is the facility's own."""
        letter, day = self.letter, self.letter.as_of.isoformat()
        beginning = [
            self._age(day),
            *((note,) if (note := letter.words.get(UNREVIEWED)) else ()),
            self._known(answer.profile),
            *self._sections(
                ("What applies", self._applies(answer)),
                ("In the way", self._list(answer.workflow.blockers)),
            ),
        ]
        ending = self._sections(
            ("What to do next", self._actions(answer.workflow.next_actions)),
            ("What the data may be called", self._labels(answer)),
            *map(self._earlier, letter.earlier),
            ("What it costs", self._fees(answer)),
            ("What later pages add", self._list(answer.later_facts)),
            ("What to bear in mind", self._list(answer.warnings)),
            ("What is not known", self._list(answer.missing)),
        )
        ending += self._sections(("Sources", self._sources()))  # of all that was cited by now
        release, published = letter.release, letter.published_on.isoformat()
        of_release = self.say("Knowledge release {number} of {day}.", number=release, day=published)
        country, named = answer.country.name, letter.facility_name
        if not named and not letter.words:
            country = with_article(country)
        head = "{name}, {country}, on {day}" if named else "A facility in {country}, on {day}"
        return LetterForm(
            self.say(head, country=country, day=day),
            "\n\n".join(beginning),
            "\n\n".join([*ending, f"*{of_release}*"]),
            letter.earlier,
        )

    def shared(self) -> list[str]:
        """The section on whom the data is shared with; none where there is nothing to tell."""
        return self._sections(("With whom the data is shared", self._shared()))

    def _sections(self, *sections: tuple[str, list[str]]) -> list[str]:
        """Those of the sections that say something, under their headings."""
        return [
            f"### {self.say(title)}\n\n" + "\n".join(lines) for title, lines in sections if lines
        ]

    def _age(self, day: str) -> str:
        letter = self.letter
        if KnowledgeLayer.SHARED_FAQS_2021 not in letter.layers:
            return self.say(AGE_OF_PAGES_ALONE, day=day)
        age = [self.say(AGE if letter.as_of >= RULES_FROM else AGE_BEFORE, day=day)]
        if letter.as_of > letter.today:
            age.append(self.say(AGE_TO_COME, today=letter.today.isoformat()))
        if KnowledgeLayer.PUBLIC_RECORD in letter.layers:
            age.append(self.say(AGE_OF_PAGES))
        return " ".join(age)

    def _known(self, profile: FacilityProfile) -> str:
        assessed = profile.assessment in ASSESSED
        # What the assessment found is what counts, but only where interest came before it.
        counts = assessed and profile.interest is InterestTiming.BEFORE_ASSESSMENT
        known: list[str | None] = [ENROLLED.get(profile.enrolled), IN_SCOPE.get(profile.in_scope)]
        if profile.enrolled is not Ternary.YES:
            known.append(CAPACITY.get(profile.capacity_available))
        known.append(GATEWAY.get(profile.gateway_profile, (None, None))[counts])
        # Of a facility on record that is not enrolled, the rest does not matter.
        rest = [
            INTEREST.get(profile.interest, (None, None))[assessed],
            ASSESSMENT.get(profile.assessment),
            SELF_ASSESSED.get(profile.self_assessed_before, (None, None))[assessed],
        ]
        if profile.enrolled is not Ternary.NO or not self.letter.facility_name:
            known += rest
        facts = [self.say(text) for text in known if text is not None]
        if profile.self_assessment_steps:
            steps = steps_said(profile.self_assessment_steps, self.letter.words)
            facts.append(self.say("the self-assessment covers {steps}", steps=steps))
        if (
            counts
            and profile.gateway_now is GatewayProfileState.LINKED is not profile.gateway_profile
        ):
            facts.append(self.say("linked with the Gateway by now"))
        if not facts:
            return self.say("Nothing is known of this facility but its country.")
        head = "On record: {facts}." if self.letter.facility_name else "Taken as known: {facts}."
        return self.say(head, facts="; ".join(facts))

    def _applies(self, answer: Applicability) -> list[str]:
        outcomes: list[Explained] = [answer.sharing, answer.assessment]
        fact = answer.country.fact
        # What the shared FAQs say of the country is said with the Tool already.
        if fact is not None and fact.layer is not KnowledgeLayer.SHARED_FAQS_2021:
            outcomes.append(answer.country)
        outcomes.append(answer.assessment.tool)
        # A guard before the tables answers several questions with one statement.
        return [f"- {text}" for text in dict.fromkeys(self._cited(outcome) for outcome in outcomes)]

    def _shared(self) -> list[str]:
        lines = []
        for shared in self.letter.shared:
            line = self.say(
                CHANNELS[shared.channel], grantee=_plain(shared.grantee), day=shared.since
            )
            if shared.cycle != self.letter.cycle:
                line += " " + self.say(
                    "This is data of service cycle {cycle}, which came before the present one.",
                    cycle=shared.cycle,
                )
            lines.append(f"- {line}")
        return lines

    def _actions(self, actions: tuple[NextAction, ...]) -> list[str]:
        if KnowledgeLayer.SHARED_FAQS_2021 not in self.letter.layers:
            return []
        if not actions:
            return [self.say("Nothing that the sources ask for.")]
        lines: list[str] = []
        number = 0
        for action in actions:
            actor = self.say(ACTORS[action.actor])
            deadline, advised = (
                self.say(DEADLINES[when]) if when else ""
                for when in (action.deadline, action.advised)
            )
            form = "{title} ({actor})."
            if advised and deadline:
                form = "{title} ({actor}, {advised}, and at the latest {deadline})."
            elif advised or deadline:
                form = "{title} ({actor}, {deadline})."
            line = self.say(
                form, title=action.title, actor=actor, advised=advised, deadline=deadline or advised
            )
            line += self._marks(action.citations)
            if action.alternative:
                lines += ["", line]
                continue
            number += 1
            lines.append(f"{number}. {line}")
            if action.order == 1:
                lines += [f"   - {text}" for text in action.asks]
        return lines

    def _labels(self, answer: Applicability) -> list[str]:
        lines = label_lines(answer.data_labels, self.letter.words, self._cited)
        return [f"- {line}" for line, _ in lines]

    def _earlier(self, earlier: EarlierCycle) -> tuple[str, list[str]]:
        """What data from before the present service cycle may be called, with its heading."""
        title = self.say(
            "What the data of service cycle {cycle} may be called", cycle=earlier.number
        )
        return title, self._labels(in_words(earlier.decision, self.letter.words))

    def _fees(self, answer: Applicability) -> list[str]:
        return self._list(answer.fees)

    def _list(self, outcomes: Iterable[Explained]) -> list[str]:
        return [f"- {self._cited(outcome)}" for outcome in outcomes]

    def _cited(self, outcome: Explained) -> str:
        """The text of an outcome with its sources."""
        return f"{outcome.text}{self._marks(outcome.citations)}"

    def _marks(self, citations: Iterable[Citation]) -> str:
        """FAQs by how they support a sentence, then the numbers of pages: " (FAQ 7) [1]"."""
        numbers: dict[CitationRole, list[int]] = {role: [] for role in CitationRole}
        pages: list[str] = []
        for citation in citations:
            number = citation.faq_number
            if number is None:
                place = self.pages.setdefault(citation.source, len(self.pages) + 1)
                pages.append(f"[{place}]")
                continue
            self.faqs.setdefault(citation.source, set()).add(number)
            if not any(number in others for others in numbers.values()):
                numbers[citation.role].append(number)
        if len(numbers[CitationRole.COMBINED]) == 1:  # what it is read with is no FAQ
            numbers[CitationRole.STATED] += numbers[CitationRole.COMBINED]
            numbers[CitationRole.COMBINED] = []
        marks = [self._faqs(cited, role) for role, cited in numbers.items() if cited]
        faqs = f" ({'; '.join(marks)})" if marks else ""
        return faqs + (f" {''.join(dict.fromkeys(pages))}" if pages else "")

    def _faqs(self, numbers: Sequence[int], role: CitationRole) -> str:
        form = "FAQ {numbers}" if len(numbers) == 1 else "FAQs {numbers}"
        faqs = self.say(form, numbers=", ".join(map(str, sorted(numbers))))
        if role is CitationRole.DERIVED:
            return self.say("derived from {faqs}", faqs=faqs)
        if role is CitationRole.COMBINED:
            return self.say("{faqs} read together", faqs=faqs)
        return faqs

    def _sources(self) -> list[str]:
        lines = [
            f"- {self._named(source)}: {self._faqs(sorted(numbers), CitationRole.STATED)}"
            for source, numbers in self.faqs.items()
        ]
        return lines + [
            f"- [{place}] {self._named(source)}" for source, place in self.pages.items()
        ]

    def _named(self, source: str) -> str:
        named = self.letter.sources[source]
        parts = [named.title, named.publisher]
        if named.dated is not None:
            dated = as_dated(named.dated, named.precision or DatePrecision.DAY)
            parts.append(self.say("dated {day}", day=dated))
        parts.append(self.say("last checked on {day}", day=named.checked_on.isoformat()))
        return ", ".join(parts)


def _plain(text: str) -> str:
    """A text that somebody typed, so that nothing in it is taken for Markdown or HTML."""
    return re.sub(r"([\\`*_\[\]<>&|~])", r"\\\1", " ".join(text.split()))
