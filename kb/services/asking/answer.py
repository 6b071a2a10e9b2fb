"""A question and its answer: curated text only, fitted to a facility or profile if one is given.

Nothing is generated. The text of an answer is the passage of the FAQ that fits best and, for a
facility, the statements that the rules decided on what the FAQ is about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from kb.content.records import Library
from kb.content.translations import current_passages
from kb.rules.evidence import Citation, Explained, distinct
from kb.rules.outcomes import Applicability
from kb.rules.rulebook import FeeCharge
from kb.rules.tables import condition_inputs
from kb.search import AnswerOutcome, SearchAnswer, SearchHit
from kb.services.access.matrix import Capability, Viewer, require
from kb.services.asking.learning import note_unanswered
from kb.services.knowledge.holder import Knowledge

_SHARING: Final = "data-sharing"
_SHORT: Final = 4  # passages of an entry that is shown whole


@dataclass(frozen=True, slots=True)
class Answered:
    """The outcome of a question.

    `text` is Markdown, None unless the question is answered. `decision` is what applies to the
    facility or profile, None without one.
    """

    found: SearchAnswer
    text: str | None
    citations: tuple[Citation, ...]
    decision: Applicability | None

    @property
    def answered(self) -> bool:
        """Whether there is an answer."""
        return self.found.outcome is AnswerOutcome.ANSWERED


async def ask(
    question: str,
    knowledge: Knowledge,
    *,
    viewer: Viewer,
    previous: str | None = None,
    decision: Applicability | None = None,
    locale: str | None = None,
    private: Sequence[str] = (),
) -> Answered:
    """Answer a question; with a decision, for the facility or profile that it was made for.

    A question that is not answered is stored for the helpdesk, without the texts in `private`.

    Raises InvalidInputError for an empty or too long question, NotPermittedError for a viewer who
    may not ask.
    """
    require(viewer, Capability.ASK)
    inputs = condition_inputs(decision) if decision else None
    found = await knowledge.searching.run(
        lambda index: index.ask(question, previous=previous, locale=locale, profile_inputs=inputs)
    )
    if found.outcome is not AnswerOutcome.ANSWERED:
        await note_unanswered(question, found, knowledge, now=datetime.now(UTC), private=private)
        return Answered(found, None, (), decision)
    hit = found.hits[0]
    library = knowledge.library
    fitting = tuple(_fitting(library, hit, decision)) if decision else ()
    passages = _passages(library, hit, fitting)
    faq = library.faqs[hit.faq_number]
    parts = [one.text for one in fitting]
    parts += [passage_text(library, one, found.served_locale) for one in passages]
    if found.handover is not None:
        parts += [found.handover.not_stated, found.handover.ask_text]
    layer = library.sources[faq.source].layer
    citations = distinct(
        (
            *(citation for one in fitting for citation in one.citations),
            *(Citation(faq.source, layer, passage=one) for one in passages),
        )
    )
    if found.served_locale != "en":
        english = ["what was decided for the facility"] if fitting else []
        in_english = found.handover is not None and found.handover.locale != found.served_locale
        english += ["what is not stated"] if in_english else []
        if english:
            told = f" In English only: {', '.join(english)}."
            found = replace(found, locale_reason=found.locale_reason + told)
    return Answered(found, "\n\n".join(dict.fromkeys(parts)), citations, decision)


def _passages(library: Library, hit: SearchHit, fitting: tuple[Explained, ...]) -> tuple[str, ...]:
    """The ids of the passages to show: the best first, and the rest of a short entry.

    For a facility only what the decision rests on is shown, if there is any: the rest of the entry
    may be about others.
    """
    best = hit.passage_id
    rests_on = [
        citation.passage
        for one in fitting
        for citation in one.citations
        if citation.passage is not None and citation.faq_number == hit.faq_number
    ]
    if rests_on:
        return tuple(dict.fromkeys((best, *rests_on) if best in rests_on else rests_on))
    every = [one.id for one in library.faqs[hit.faq_number].passages]
    return (best, *(one for one in every if one != best)) if len(every) <= _SHORT else (best,)


def passage_text(library: Library, passage_id: str, locale: str) -> str:
    """A passage in a language; in English where it has no translation that is up to date."""
    number = int(passage_id.partition(".")[0])
    faq = library.faqs[number]
    translation = library.translations.get((locale, number))
    held = current_passages(translation, faq) if translation else faq.passages
    return next(one.text for one in held if one.id == passage_id)


def _fitting(library: Library, hit: SearchHit, decision: Applicability) -> Iterator[Explained]:
    """What was decided for the facility on what the FAQ is about."""
    topics = library.faqs[hit.faq_number].topics
    asked = [next((_DECIDED[topic] for topic in topics if topic in _DECIDED), None)]
    if _SHARING in topics:
        asked.append(_sharing)
    if not hit.applies:
        # The FAQ is written for others; say first who assesses this facility.
        asked.insert(0, _assessment)
    for told in dict.fromkeys(one for one in asked if one is not None):
        yield from told(decision)


def _sharing(decision: Applicability) -> Iterator[Explained]:
    yield decision.sharing


def _assessment(decision: Applicability) -> Iterator[Explained]:
    yield decision.assessment


def _fees(decision: Applicability) -> Iterator[Explained]:
    yield from (fee for fee in decision.fees if fee.charge is not FeeCharge.NOT_APPLICABLE)


def _tool(decision: Applicability) -> Iterator[Explained]:
    yield decision.assessment.tool


# The topic of a FAQ, in the order in which it names them, to what was decided on it.
_DECIDED: Final[Mapping[str, Callable[[Applicability], Iterator[Explained]]]] = {
    "fees": _fees,
    "who-assesses": _assessment,
    "enrolment": _assessment,
    "verifier-body": _assessment,
    _SHARING: _sharing,
    "linking": _sharing,
    "gateway-registration": _sharing,
    "deadlines": _sharing,
    "brand-role": _sharing,
    "country-rollout": _tool,
    "law-overlay": _tool,
    "tool-version": _tool,
}
