"""Which of those on record a row of a list speaks of: by its ids, else by name and address."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Generic, Protocol, TypeVar

from tortoise.expressions import Q

from kb.rules.os_ids import problem_of_os_id
from kb.rules.spelling import (
    AddressMatch,
    are_names_alike,
    compare_addresses,
    full_name_key,
    may_be_one_address,
    name_key,
    place_key,
    place_keys,
)
from kb.services.lists.columns import ListColumns
from kb.services.lists.rows import RowRefusal

MOST_COMPARED = 200
"""With how many a row is compared; no factories of one name, or at one place, are that many."""

MOST_LOOKED_AT = 2_000
"""At how many addresses with a number in common is looked, for those worth comparing."""


class RecordedEntry(Protocol):
    """What is on record; it has its ids as attributes."""

    @property
    def name(self) -> str:
        """The name."""

    @property
    def country(self) -> str:
        """The code of the country."""

    @property
    def address(self) -> str | None:
        """The address."""


class Draft(Protocol):
    """What is on record, with what the rows so far have added to it."""

    @property
    def record(self) -> RecordedEntry:
        """What is on record."""


class ListedRow(Protocol):
    """What a row says of whom it speaks of."""

    @property
    def name(self) -> str | None:
        """The name."""

    @property
    def country(self) -> str | None:
        """The code of the country."""

    @property
    def address(self) -> str | None:
        """The address."""

    @property
    def is_new(self) -> bool:
        """Whether the list says that it is none of those known with a similar name."""

    @property
    def ids(self) -> Mapping[str, str]:
        """The ids, by their columns."""


DraftT = TypeVar("DraftT", bound=Draft)


@dataclass(frozen=True, slots=True)
class Match(Generic[DraftT]):
    """Whom a row speaks of, None for a new one; or why it cannot be told."""

    draft: DraftT | None = None
    refusals: Sequence[RowRefusal] = ()
    is_duplicate: bool = False
    remark: str | None = None


class Matching(Generic[DraftT]):
    """Those on record, found by what rows say of them."""

    def __init__(self, columns: ListColumns) -> None:
        self.columns = columns
        self.by_id: dict[tuple[str, str], DraftT] = {}
        self.by_name: dict[tuple[str, str], dict[DraftT, None]] = defaultdict(dict)
        self.as_written: dict[tuple[str, str, str | None], dict[DraftT, None]] = defaultdict(dict)
        self.by_place: dict[tuple[str, str], dict[int, RecordedEntry]] = defaultdict(dict)

    def add(self, draft: DraftT) -> None:
        """Make one known to the rows that follow, by all ids that it has by now."""
        record = draft.record
        self.by_name[name_key(record.name), record.country][draft] = None
        self.as_written[record.name, record.country, record.address][draft] = None
        for column in self.columns.ids:
            id_ = getattr(record, column)
            if id_ is not None:
                self.by_id[column, id_.casefold()] = draft
        self.add_neighbour(record)

    def add_neighbour(self, record: RecordedEntry) -> None:
        """Make one known by its address only, which rows may mean under another name."""
        place = place_key(record.address)
        if place is not None:  # by what object it is: a new one has no number that tells it apart
            self.by_place[place, record.country][id(record)] = record

    def meant_by(self, row: ListedRow) -> Match[DraftT]:
        """Whom a row speaks of."""
        drafts_by_column = {
            column: self.by_id[column, id_.casefold()]
            for column, id_ in row.ids.items()
            if (column, id_.casefold()) in self.by_id
        }
        if not drafts_by_column:
            return self._named(row)
        column, draft = next(iter(drafts_by_column.items()))
        record = draft.record
        named = f"{record.name}, which {column} {row.ids[column]} names"
        refusals = [
            RowRefusal(
                other,
                f"{row.ids[other]!r} is an id of {another.record.name}, and not of {named}",
                f"ids of one {self.columns.of_what}",
            )
            for other, another in drafts_by_column.items()
            if another is not draft
        ]
        refusals += [
            RowRefusal(
                other,
                f"{row.ids[other]!r} contradicts {getattr(record, other)} of {named}",
                f"the id that is recorded, because {self.columns.ids_stay}",
            )
            for other in _conflicts(row, record)
            if other not in drafts_by_column
        ]
        if row.country is not None and row.country != record.country:
            wrong = f"{row.country} contradicts {record.country}, the country of {named}"
            refusals.append(RowRefusal("country", wrong, "the country that is recorded"))
        elif "os_id" in row.ids and (problem := problem_of_os_id(row.ids["os_id"], record.country)):
            refusals.append(RowRefusal("os_id", f"{row.ids['os_id']!r} {problem[0]}", problem[1]))
        return Match(draft, refusals)

    def _named(self, row: ListedRow) -> Match[DraftT]:
        """The one with the name, country and address of a row, whose ids do not contradict."""
        what = self.columns.of_what
        if row.name is None or row.country is None:
            missing = "name" if row.name is None else "country"
            ids = " and ".join(f"{column} {id_}" for column, id_ in row.ids.items())
            wrong = f"is empty, and no {what} is known by {ids or 'its name alone'}"
            return Match(
                refusals=[RowRefusal(missing, wrong, f"name and country, to register a {what}")]
            )
        if row.is_new:
            return _declared_new(row, self.as_written[row.name, row.country, row.address])
        known = self.by_name[name_key(row.name), row.country]
        if len(known) > MOST_COMPARED:
            return self._too_many(row)
        alike = [draft for draft in known if not _conflicts(row, draft.record)]
        same_name = [draft for draft in alike if _is_named(draft, row.name)]
        if row.address is None:
            candidates = same_name
        else:
            compared = [(draft, _compared(draft, row.address)) for draft in alike]
            candidates = [draft for draft, match in compared if match is AddressMatch.SAME]
            near = [draft for draft, match in compared if match is AddressMatch.ALIKE]
            if not candidates and near:
                return self._duplicate(row, near[0].record)
            nowhere = [draft for draft in alike if draft.record.address is None]
            candidates = candidates or [draft for draft in nowhere if draft in same_name]
            if not candidates and (neighbour := self._neighbour(row)):
                return self._duplicate(row, neighbour)
            if not candidates and not nowhere:
                return self._at_another_address(same_name or alike)
        if len(candidates) > 1:
            wrong = f"{len(candidates)} {self.columns.of_many} in {row.country} have the name "
            wrong += repr(row.name)
            ids = ", ".join(self.columns.ids)
            allowed = f"one of {ids}, or the address on record, to tell which"
            return Match(refusals=[RowRefusal("name", wrong, allowed)])
        if not candidates and alike:
            return self._duplicate(row, alike[0].record)
        return Match(candidates[0] if candidates else None)

    def _neighbour(self, row: ListedRow) -> RecordedEntry | None:
        """One at the address of a row with a name that is alike, whose ids do not contradict."""
        assert row.name is not None
        assert row.address is not None
        places = [(place, row.country or "") for place in place_keys(row.address)]
        there = chain.from_iterable(self.by_place[at].values() for at in places)
        near = (
            (record, record.address)
            for record in islice(there, MOST_LOOKED_AT)
            if record.address is not None and may_be_one_address(record.address, row.address)
        )
        for record, address in islice(near, MOST_COMPARED):
            if (
                are_names_alike(record.name, row.name)
                and compare_addresses(address, row.address) is not AddressMatch.DIFFERENT
                and not _conflicts(row, record)
            ):
                return record
        return None

    def _too_many(self, row: ListedRow) -> Match[DraftT]:
        of_many, new_one = self.columns.of_many, self.columns.new_one
        wrong = f"more than {MOST_COMPARED} {of_many} in {row.country} have the name {row.name!r}, "
        wrong += "too many to tell by their addresses which one is meant"
        allowed = f"one of {', '.join(self.columns.ids)} on record; {new_one} yes for a new one"
        return Match(refusals=[RowRefusal("name", wrong, allowed)])

    def _at_another_address(self, alike: Sequence[DraftT]) -> Match[DraftT]:
        if not alike:
            return Match()
        other = alike[0].record
        return Match(
            remark=f"is registered as another {self.columns.of_what} than {other.name!r} at "
            f"{other.address!r}, because its address is another one"
        )

    def _duplicate(self, row: ListedRow, record: RecordedEntry) -> Match[DraftT]:
        at = f" at {record.address!r}" if record.address else ""
        wrong = f"{row.name!r} is likely {record.name!r}{at}, under another spelling"
        allowed = (
            "the name and address as recorded, or an id, if it is the same; "
            f"{self.columns.new_one} yes if not"
        )
        return Match(refusals=[RowRefusal("name", wrong, allowed)], is_duplicate=True)


def ids_kept(row: ListedRow, record: RecordedEntry) -> dict[str, str]:
    """The ids of a row, as they are on record where they differ in case only."""
    return {
        column: recorded
        if (recorded := getattr(record, column)) and recorded.casefold() == id_.casefold()
        else id_
        for column, id_ in row.ids.items()
    }


def at_places_of(rows: Iterable[ListedRow]) -> Q | None:
    """Asks for those whom the rows may mean under another name; None where there can be none."""
    places = {(key, row.country) for row in rows if row.name for key in place_keys(row.address)}
    keys = {key for key, country in places if country is not None}
    countries = {country for _, country in places if country is not None}
    return Q(place_key__in=sorted(keys), country__in=sorted(countries)) if keys else None


def address_kept(sent: str | None, recorded: str | None) -> str | None:
    """The address by which a row is kept: the one on record if it differs in spelling only."""
    if recorded and sent and compare_addresses(recorded, sent) is AddressMatch.SAME:
        return recorded
    return sent


def _declared_new(row: ListedRow, as_written: Iterable[DraftT]) -> Match[DraftT]:
    """A new one, or the one that the same row made before."""
    for draft in as_written:
        if draft.record.address == row.address and not _conflicts(row, draft.record):
            return Match(draft)
    return Match()


def _is_named(draft: Draft, name: str) -> bool:
    return full_name_key(draft.record.name) == full_name_key(name)


def _compared(draft: Draft, address: str) -> AddressMatch:
    recorded = draft.record.address
    return AddressMatch.DIFFERENT if recorded is None else compare_addresses(recorded, address)


def _conflicts(row: ListedRow, record: RecordedEntry) -> list[str]:
    """The ids of a row that are not those which are on record."""
    return [
        column
        for column, id_ in row.ids.items()
        if (recorded := getattr(record, column)) and recorded.casefold() != id_.casefold()
    ]
