"""What later and outside public pages add to an answer, and what may have changed since.

The rules come from the shared FAQs of October 2021. With the layer PUBLIC_RECORD an answer also
says what pages of the public record say of its topics by the day, each with its source and the day
of its last check. A warning says where they differ from the shared FAQs or from each other, and
what was last checked too long ago to rely on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import Final

from kb.rules.codes import Actor, FactTopic, WarningCode
from kb.rules.evidence import Citation, KnowledgeLayer, distinct
from kb.rules.facts import DatedFact, Layers, fact_on
from kb.rules.inputs import CountryKind
from kb.rules.match_rows import MatchedRows
from kb.rules.outcomes import ApplicabilityWarning, LaterFact
from kb.rules.rulebook import LaterFactRule, Rulebook
from kb.rules.tables import any_holds
from kb.rules.wording import Wording

Reliance = Mapping[FactTopic, int]
"""For how many days after its last check a fact of a topic can be relied on."""

RELIANCE: Final[Reliance] = MappingProxyType(
    {
        FactTopic.TOOL_VERSION: 365,
        FactTopic.COUNTRY: 730,
        FactTopic.HOSTS: 365,
        FactTopic.DURATIONS: 365,
        FactTopic.FEES: 365,
    }
)

_PUBLIC: Final = frozenset({KnowledgeLayer.PUBLIC_RECORD})
_NOT_RELIED_ON: Final[Mapping[FactTopic, str]] = {
    topic: f"{topic}_LAST_CHECKED_LONG_AGO" for topic in FactTopic
}


@dataclass(frozen=True, slots=True)
class PublicRecord:
    """What the public record adds to one answer."""

    facts: tuple[LaterFact, ...]
    warnings: tuple[ApplicabilityWarning, ...]


def public_record_of(
    rows: MatchedRows,
    rulebook: Rulebook,
    as_of: date,
    layers: Layers,
    wording: Wording,
    reliance: Reliance,
) -> PublicRecord:
    """What is known by the day besides the shared FAQs; nothing without the layer PUBLIC_RECORD."""
    if KnowledgeLayer.PUBLIC_RECORD not in layers or not rows.tables:
        return PublicRecord((), ())
    known: list[tuple[LaterFactRule, LaterFact]] = []
    order = list(FactTopic)
    rules = sorted(rulebook.later_facts.items(), key=lambda rule: order.index(rule[1].topic))
    for code, rule in rules:
        fact = fact_on(rule.facts, as_of, _PUBLIC)
        if fact is not None and any_holds(rule.when, rows.inputs):
            later = LaterFact(
                **wording.filled(code, fact.text, fact.citations),
                topic=rule.topic,
                valid_from=fact.valid_from,
                checked_on=fact.checked_on,
                ask=rule.ask,
            )
            known.append((rule, later))
    notes = tuple(_notes(rows, rulebook.country_notes.get(wording.country, ()), as_of, wording))
    # A warning speaks of the last that the pages say, so it is no news before that is known.
    warnings = [
        rule.warning
        for rule, later in known
        if rule.warning is not None and later.valid_from == _last_day(rule.facts)
    ]
    sources = {name: rulebook.warnings[name].citations for name in warnings}
    # What is too old is told with the sources that said it; whom to ask, with those of the warning.
    old: dict[FactTopic, tuple[Citation, ...]] = {}
    for _, later in known:
        if _too_old(later.checked_on, as_of, later.topic, reliance):
            old[later.topic] = (*old.get(later.topic, ()), *later.citations)
    # What a source says of a country is as old as the source, however often it was looked at.
    for note in notes if rows.fact is None else (rows.fact,):
        if _too_old(note.valid_from, as_of, FactTopic.COUNTRY, reliance):
            old[FactTopic.COUNTRY] = (*old.get(FactTopic.COUNTRY, ()), *note.citations)
    for topic in FactTopic:
        if topic in old:
            name = _NOT_RELIED_ON[topic]
            sources[name] = distinct((*old[topic], *rulebook.warnings[name].citations))
    facts = (*(later for _, later in known), *notes)
    return PublicRecord(
        tuple(sorted(facts, key=lambda later: order.index(later.topic))),
        tuple(
            ApplicabilityWarning(
                **wording.filled(name, rulebook.warnings[name].text, citations),
                code=WarningCode.MAY_HAVE_CHANGED,
                ambiguity=None,
            )
            for name, citations in sources.items()
        ),
    )


def _notes(
    rows: MatchedRows, notes: Iterable[DatedFact[str]], as_of: date, wording: Wording
) -> Iterator[LaterFact]:
    """What else pages say of a country of which the shared FAQs decide nothing."""
    fact = rows.fact
    if fact is not None and fact.layer not in _PUBLIC:
        return
    pending = rows.kind is CountryKind.BW_PENDING
    for note in notes:
        is_known = note.layer in _PUBLIC and note.valid_from <= as_of
        if is_known and (fact is None or note.text.rstrip(".") not in fact.text):
            yield LaterFact(
                **wording.filled("COUNTRY_NOTE", note.text, note.citations),
                topic=FactTopic.COUNTRY,
                valid_from=note.valid_from,
                checked_on=note.checked_on,
                ask=Actor.COUNTRY_PROGRAMME if pending else Actor.HELPDESK,
            )


def turning_days(rulebook: Rulebook, layers: Layers, reliance: Reliance) -> Iterator[date]:
    """The days on which what the public record adds to some answer may change, in no order."""
    if KnowledgeLayer.PUBLIC_RECORD not in layers:
        return
    for rule in rulebook.later_facts.values():
        for fact in rule.facts:
            yield fact.valid_from
            yield _first_day_too_old(fact.checked_on, rule.topic, reliance)
    for facts in rulebook.countries.values():
        for kind in facts:
            yield _first_day_too_old(kind.valid_from, FactTopic.COUNTRY, reliance)
    for notes in rulebook.country_notes.values():
        for note in notes:
            yield note.valid_from
            yield _first_day_too_old(note.valid_from, FactTopic.COUNTRY, reliance)


def _last_day(facts: Iterable[DatedFact[str]]) -> date:
    return max(fact.valid_from for fact in facts if fact.layer in _PUBLIC)


def _too_old(day: date, as_of: date, topic: FactTopic, reliance: Reliance) -> bool:
    return as_of >= _first_day_too_old(day, topic, reliance)


def _first_day_too_old(day: date, topic: FactTopic, reliance: Reliance) -> date:
    try:
        return day + timedelta(days=reliance[topic] + 1)
    except OverflowError:  # relied on for longer than there are days
        return date.max
