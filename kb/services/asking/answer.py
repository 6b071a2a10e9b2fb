"""A question and its answer: curated text only, fitted to a facility or profile if one is given.

Nothing is generated. The text of an answer is the passage of the FAQ that fits best and, for a
facility, the statements that the rules decided on what the FAQ is about.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from kb.content.catalogues import FROM_PUBLIC_RECORD
from kb.content.faq_records import Passage
from kb.content.records import Library
from kb.content.translations import current_passages
from kb.rules.evidence import Citation, Explained, KnowledgeLayer, Sentence, distinct
from kb.rules.facts import DatedFact, as_dated
from kb.rules.inputs import AssessedBy
from kb.rules.outcomes import Applicability
from kb.rules.tables import condition_inputs
from kb.rules.wording import in_words
from kb.search import AnswerOutcome, Handover, SearchAnswer, SearchHit
from kb.search.locales import ENGLISH
from kb.search.outcome import MOST_HITS
from kb.search.verdicts import without_verdict
from kb.services.access.matrix import Capability, Viewer, require
from kb.services.asking.fitting import fitted_to, fitting, following, leading_to
from kb.services.knowledge.holder import Knowledge

# FAQs on these depend on the country: what is known of the one that was named is told first.
_BY_COUNTRY: Final = frozenset({"country-rollout", "tool-version", "law-overlay"})
_MOST_COUNTRIES: Final = 2
_OVERLAY: Final = "law-overlay"
_NO_OVERLAY: Final = "NO_LAW_OVERLAY_IN_COUNTRY"
# What was decided on these says all that the entry says, for this facility.
_SAID_WHOLE: Final = "fees"
_SENTENCE_ENDS: Final = re.compile(r"(?<=[.!?\u0964])\s+")


@dataclass(frozen=True, slots=True)
class Answered:
    """The outcome of a question.

    `text` is Markdown. It is None where nothing is answered, unless later public pages say
    something on what is not stated. `decision` is what applies to the facility or profile, None
    without one. `read_as` are the sentences that tell how the question
    was understood: the facts of a facility that it tells.
    """

    answer: SearchAnswer
    text: str | None
    citations: tuple[Citation, ...]
    decision: Applicability | None
    read_as: tuple[str, ...] = ()

    @property
    def leaves_open(self) -> bool:
        """Whether it, or a question of the message, is not answered."""
        return not self.answered or bool(self.answer.left_open)

    @property
    def answered(self) -> bool:
        """Whether there is an answer."""
        return self.answer.outcome is AnswerOutcome.ANSWERED


async def ask(
    question: str,
    knowledge: Knowledge,
    *,
    viewer: Viewer,
    previous: str | None = None,
    decision: Applicability | None = None,
    locale: str | None = None,
    most: int = MOST_HITS,
) -> Answered:
    """Answer a question; with a decision, for the facility or profile that it was made for.

    What it leaves open is to be kept, by `kb.services.asking.learning.note_unanswered`. `most`
    is how many hits are wanted; a few more may be given.

    Raises InvalidInputError for an empty or too long question, NotPermittedError for a viewer who
    may not ask.
    """
    require(viewer, Capability.ASK)
    inputs = condition_inputs(decision) if decision else None
    answer = await knowledge.searching.run(
        lambda index: index.ask(
            question, previous=previous, locale=locale, profile_inputs=inputs, most=most
        )
    )
    answer = _with_contact_of(answer, decision)
    read_as = _read_as(knowledge.library, answer)
    lead = None
    if answer.outcome is not AnswerOutcome.ANSWERED:
        on_record = answer.handover is not None and answer.handover.public_record
        if not on_record and not answer.unstated:
            return Answered(_with_lead(answer, None), None, (), decision, read_as)
        library = knowledge.library
        parts, later, in_english = _not_stated(library, answer)
        known = tuple(_of_countries(library, answer)) if answer.asks_of_countries else ()
        words = library.words.get(answer.served_locale, {})
        text = "\n\n".join(
            dict.fromkeys([*(fact.sentence.in_words(words) for fact in known), *parts])
        )
        cited = [fact.citations for fact in known] + [fact.citations for fact in later]
        citations = distinct(citation for some in cited for citation in some)
    else:
        text, citations, in_english, lead = _answer(knowledge.library, answer, decision)
    answer = _with_lead(answer, lead)
    if in_english:
        note = f" In English only: {', '.join(in_english)}."
        answer = replace(answer, locale_reason=answer.locale_reason + note)
    return Answered(answer, text, citations, decision, read_as)


def _with_contact_of(answer: SearchAnswer, decision: Applicability | None) -> SearchAnswer:
    """The answer with hand-overs to whom a facility that a Verifier Body assesses can ask."""
    if decision is None or decision.assessment.assessed_by is not AssessedBy.VERIFIER_BODY:
        return answer
    return replace(
        answer,
        handover=answer.handover and _outside(answer.handover),
        unstated=tuple(map(_outside, answer.unstated)),
    )


def _outside(handover: Handover) -> Handover:
    """The hand-over to whom a facility outside Better Work can ask."""
    if handover.outside is None:
        return handover
    ask, ask_text = handover.outside
    return replace(handover, ask=ask, ask_text=ask_text)


def _answer(
    library: Library, answer: SearchAnswer, decision: Applicability | None
) -> tuple[str, tuple[Citation, ...], list[str], str | None]:
    """The text of an answer, what it rests on, what of it is in English only, and its lead.

    What was decided for a facility begins the answer itself: no lead is said beside it.
    """
    locale = answer.served_locale
    words = library.words.get(locale, {})
    beside = [passage for other in answer.beside for passage in other.shown[:1]]
    if decision is not None and answer.intents:
        outcomes = tuple(
            {
                said.text: said
                for part in answer.intents
                for said in fitted_to(decision, part, words)
            }.values()
        )
        leading = [passage for part in answer.intents for passage in leading_to(decision, part)]
        passages = tuple(dict.fromkeys((*leading, *beside)))
        hit = None
    else:
        hit = answer.hits[0]
        outcomes = fitting(library, hit, decision, words) if decision else ()
        passages = _passages(library, hit, outcomes)
        if decision is None:
            outcomes = tuple(following(library, hit, answer.facts, words))
        passages = tuple(dict.fromkeys((*passages, *beside)))
    countries = _of_countries(library, answer) if hit else ()
    terms = (_defined(library, term) for term in answer.terms)
    statements = (*terms, *outcomes, *(in_words(country, words) for country in countries))
    texts = [statement.text for statement in statements]
    parts = [] if hit is None else texts
    shown = [_passage(library, passage_id, locale) for passage_id in passages]
    lead = None
    if hit is not None and hit.lead and shown and not outcomes and _is_of(hit.lead, shown[0]):
        lead = hit.lead
        shown[0] = _led(lead, shown[0], locale)
    warnings = tuple(_warnings(library, passages))
    for passage in shown:
        if hit is None and passage.id in beside:
            parts += texts  # what was decided goes before what answers further questions
        parts.append(passage.text)
        parts += [
            warning.sentence.in_words(words)
            for warning in warnings
            if passage.id in library.rulebook.warnings[warning.because].said_with
        ]
    if hit is None:
        parts += texts
    in_english: list[str] = []
    if locale != ENGLISH and any(
        statement.sentence.template not in words for statement in (*statements, *warnings)
    ):
        in_english.append("what was decided for the facility")
    not_stated, later, untranslated = _not_stated(library, answer)
    parts += not_stated
    in_english += untranslated
    cited_later = [citation for fact in later for citation in fact.citations]
    cited = [Citation(*_source(library, passage_id), passage=passage_id) for passage_id in passages]
    citations = [citation for statement in statements for citation in statement.citations]
    warned = [citation for warning in warnings for citation in warning.citations]
    return (
        "\n\n".join(dict.fromkeys(parts)),
        distinct([*citations, *cited, *warned, *cited_later]),
        in_english,
        lead,
    )


def _with_lead(answer: SearchAnswer, lead: str | None) -> SearchAnswer:
    """The answer with the lead that its text begins with at its first hit, and with no other."""
    hits = (replace(hit, lead=lead if hit is answer.hits[0] else None) for hit in answer.hits)
    return replace(answer, hits=tuple(hits))


def _is_of(said: str, passage: Passage) -> bool:
    """Whether a passage has a lead, whole or without its verdict: none of another language."""
    return any(said in (lead.text, without_verdict(lead.text)) for lead in passage.leads)


def _warnings(library: Library, passages: Sequence[str]) -> Iterator[Explained]:
    """The warnings without which these passages are not shown."""
    for name, rule in library.rulebook.warnings.items():
        if any(passage in rule.said_with for passage in passages):
            yield Explained(
                because=name,
                text=rule.text,
                sentence=Sentence(rule.text, {}),
                citations=rule.citations,
            )


def _read_as(library: Library, answer: SearchAnswer) -> tuple[str, ...]:
    facts = (library.profile_facts[fact.name] for fact in answer.facts)
    return tuple(fact.text_in.get(answer.served_locale, fact.text) for fact in facts)


def _of_countries(library: Library, answer: SearchAnswer) -> Iterator[Explained]:
    """What is known of the countries that a question on countries names."""
    from kb.search.coverage import facts_on

    shown = (*answer.hits[:1], *answer.beside)
    about = answer.asks_of_countries or any(
        not _BY_COUNTRY.isdisjoint(library.faqs[hit.faq_number].topics) for hit in shown
    )
    first = answer.hits[0].faq_number if answer.hits else None
    on_overlay = first is not None and library.faqs[first].topics[0] == _OVERLAY
    for code in answer.countries[:_MOST_COUNTRIES] if about else ():
        if on_overlay and any(code in each.countries for each in library.law_overlays.values()):
            continue  # the passage names it
        country = library.countries.get(code)
        named = {"country": country.name if country else code}
        if on_overlay:
            rule = library.rulebook.warnings[_NO_OVERLAY]
            yield _explained(_NO_OVERLAY, rule.text, named, rule.citations)
        if country is not None:
            rules = library.rulebook
            of_day = replace(country, kinds=rules.countries[code], notes=rules.country_notes[code])
            for fact in facts_on(of_day):
                yield _explained("COUNTRY", fact.text, named, fact.citations)


def _defined(library: Library, term: str) -> Explained:
    """What the glossary says of a term."""
    entry = library.glossary[term]
    return _explained("GLOSSARY", f"{entry.term}: {entry.text}", {}, entry.citations)


def _explained(
    because: str, template: str, values: Mapping[str, str], citations: tuple[Citation, ...]
) -> Explained:
    sentence = Sentence(template, values)
    text = sentence.in_words({})
    return Explained(because=because, text=text, sentence=sentence, citations=citations)


def _passages(library: Library, hit: SearchHit, outcomes: Sequence[Explained]) -> tuple[str, ...]:
    """The ids of the passages to show, best first.

    For a facility only what the decision rests on is shown, if there is any: the rest of the entry
    may be about others.
    """
    if outcomes and _SAID_WHOLE in library.faqs[hit.faq_number].topics[:1]:
        return ()
    rests_on = [
        citation.passage
        for statement in outcomes
        for citation in statement.citations
        if citation.passage is not None and citation.faq_number == hit.faq_number
    ]
    if rests_on:
        best = (hit.passage_id,) if hit.passage_id in rests_on else ()
        return tuple(dict.fromkeys((*best, *rests_on)))
    return hit.shown


def _not_stated(
    library: Library, answer: SearchAnswer
) -> tuple[list[str], list[DatedFact[str]], list[str]]:
    """What is not stated, the last that public pages say on it, and whom to ask.

    With it come those facts, and what of the text is in English only.
    """
    words = library.words.get(answer.served_locale, {})
    handovers = (*filter(None, [answer.handover]), *answer.unstated)
    later: list[DatedFact[str]] = []
    parts: list[str] = []
    for handover in handovers:
        facts = [
            fact
            for name in handover.public_record
            for fact in library.public_record[name].facts[-1:]
        ]
        sentences = (
            Sentence(
                FROM_PUBLIC_RECORD,
                {"text": fact.text, "day": as_dated(fact.valid_from, fact.precision)},
            ).in_words(words)
            for fact in facts
        )
        parts += [handover.not_stated, *sentences, handover.ask_text]
        later += facts
    in_english: list[str] = []
    if answer.served_locale != ENGLISH:
        if any(handover.locale != answer.served_locale for handover in handovers):
            in_english.append("what is not stated")
        if any(fact.text not in words for fact in later):
            in_english.append("the public record")
    return parts, later, in_english


def _led(lead: str, passage: Passage, locale: str) -> Passage:
    """A passage that begins with a lead; what both say is said once."""
    from kb.search.likeness import say_the_same

    claim = without_verdict(lead)
    begun = _SENTENCE_ENDS.split(passage.text, maxsplit=1)[0]
    if say_the_same(claim, begun, locale):
        verdict = "" if claim == lead else _SENTENCE_ENDS.split(lead, maxsplit=1)[0]
        return replace(passage, text=f"{verdict} {passage.text}".strip())
    return replace(passage, text=f"{lead}\n\n{passage.text}")


def _passage(library: Library, passage_id: str, locale: str) -> Passage:
    """A passage in a language; in English where it has no translation that is up to date."""
    number = int(passage_id.partition(".")[0])
    faq = library.faqs[number]
    translation = library.translations.get((locale, number))
    passages = current_passages(translation, faq) if translation else faq.passages
    return next(passage for passage in passages if passage.id == passage_id)


def _source(library: Library, passage_id: str) -> tuple[str, KnowledgeLayer]:
    source = library.faqs[int(passage_id.partition(".")[0])].source
    return source, library.sources[source].layer
