"""The knowledge as it stood on a day, in some layers: what may show in an answer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Protocol, TypeVar

import strawberry

from graphql_schema.locales import ENGLISH, Served
from graphql_schema.presenter import Presenter, Record_co
from kb.content.faq_records import Faq
from kb.content.records import Country, Library, Source, ToolVersion
from kb.errors import NotCoveredError
from kb.rules.evidence import Citation, KnowledgeLayer
from kb.rules.facts import DatedFact, Layers, fact_on

AsOf = Annotated[
    date | None,
    strawberry.argument(
        description="The day to answer for; the day of the enclosing object, else today: where the "
        "facility is, or in UTC for what belongs to no country."
    ),
]
LayersWanted = Annotated[
    list[KnowledgeLayer] | None,
    strawberry.argument(
        description="Use only these layers; those of the enclosing object, else all of them."
    ),
]
LocaleWanted = Annotated[
    str | None,
    strawberry.argument(
        description="A language tag such as en, vi, id or bn. FAQs and decisions are held in "
        "several languages, all else in English."
    ),
]


class Cited(Protocol):
    """A record that says what it rests on."""

    @property
    def citations(self) -> tuple[Citation, ...]:
        """What the record rests on, at least one passage or source."""


Showable = Source | Faq | Country | ToolVersion | Cited
Key = TypeVar("Key")
Record = TypeVar("Record", bound=Showable)
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A day, the layers asked for, and the library they are read from.

    Every dated or layered thing passes through here on its way into an answer, so nothing from
    another layer or a later day can show. A source shows from its own date on or, when it bears
    none, from the day it was checked.
    """

    library: Library
    as_of: date
    layers: Layers

    def citations(self, citations: Iterable[Citation]) -> list[Citation]:
        """Those that show."""
        return [citation for citation in citations if self._starts(citation) <= self.as_of]

    def facts(self, facts: Iterable[DatedFact[Value]]) -> list[DatedFact[Value]]:
        """Those that began by the day, oldest first; one with value None withdraws an earlier."""
        shown = [
            fact for fact in facts if fact.layer in self.layers and fact.valid_from <= self.as_of
        ]
        return sorted(shown, key=lambda fact: fact.valid_from)

    def fact(self, facts: Iterable[DatedFact[Value]]) -> DatedFact[Value] | None:
        """The fact that holds on the day, or None when the day is not covered."""
        return fact_on(facts, self.as_of, self.layers)

    def shows(self, record: Showable) -> bool:
        """Whether all that the record rests on shows: its sources or, without any, a dated fact."""
        return self.first_day(record) <= self.as_of

    def record(self, records: Mapping[Key, Record], key: Key | None) -> "Presented[Record] | None":
        """The record under a key, if there is one and it shows."""
        record = None if key is None else records.get(key)
        if record is None or not self.shows(record):
            return None
        return Presented(record, self, str(key))

    def shown(
        self, records: Mapping[Key, Record], keys: Iterable[Key]
    ) -> "list[Presented[Record]]":
        """Those of the records under some keys that show, in the order of the keys."""
        presented = (self.record(records, key) for key in keys)
        return [record for record in presented if record is not None]

    def records(self, what: str, records: Mapping[Key, Record]) -> "list[Presented[Record]]":
        """All that show, in the order of the content.

        Raises NotCoveredError when nothing shows yet but something does on a later day: an empty
        list would say that there is nothing of the kind.
        """
        shown = [
            Presented(record, self, str(key))
            for key, record in records.items()
            if self.shows(record)
        ]
        if not shown and records:
            first = min(self.first_day(record) for record in records.values())
            if first != date.max:
                raise NotCoveredError(what, self.as_of, first)
        return shown

    def first_day(self, record: Showable) -> date:
        """The first day on which a record shows in these layers; date.max when it never does."""
        if isinstance(record, Source):
            return self._source_starts(record)
        if isinstance(record, Faq):
            return self._source_starts(self.library.sources[record.source])
        if isinstance(record, Country | ToolVersion):
            dated = record.kinds if isinstance(record, Country) else record.availability
            facts = (*dated, *record.notes)
            return min((f.valid_from for f in facts if f.layer in self.layers), default=date.max)
        return max(self._starts(citation) for citation in record.citations)

    def _starts(self, citation: Citation) -> date:
        return self._source_starts(self.library.sources[citation.source])

    def _source_starts(self, source: Source) -> date:
        return (source.dated or source.checked_on) if source.layer in self.layers else date.max


@dataclass(slots=True)
class Presented(Presenter[Record_co]):
    """A record in a snapshot, under its key where it has one, in the language it is served in."""

    snapshot: Snapshot
    key: str = ""
    served: Served = ENGLISH
