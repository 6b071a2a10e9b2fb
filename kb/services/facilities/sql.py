"""SQL on facilities, the same on both databases but for the placeholders.

It is written out because a page needs row-value comparisons, (name, id) > (x, y): they keep
keyset paging on its index, and the ORM cannot say them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from kb.models.fields import storable
from kb.rules.outcomes import Applicability
from kb.rules.spelling import in_any_case, plain_id, without_traces
from kb.services.access.matrix import Capability, Viewer, require
from kb.services.access.scope import scope_of
from kb.services.database import current_client, placeholder
from kb.services.facilities.columns import cycles_column, events_column, grants_column
from kb.services.knowledge.decision_filter import (
    DecisionBasis,
    DecisionFilter,
    decisions_by_key,
    fitting,
)
from kb.statements import StatementClient

# The bare column opens SQLite's partial index by facility_id, the comparison its other indexes;
# to PostgreSQL they are the same.
CURRENT = "p.is_current"
CURRENT_INDEXED = "p.is_current = TRUE"

_VISIBLE_KEYS = f"SELECT DISTINCT p.decision_key FROM {{projections}} p WHERE {CURRENT_INDEXED}"
_COUNTED_KEYS = "SELECT p.decision_key FROM facility_count p WHERE TRUE"


@dataclass(frozen=True, slots=True, kw_only=True)
class FacilityFilter(DecisionFilter):
    """Which facilities are asked for: those that fit every criterion given, by any of its values.

    Names are compared without regard to case. The criteria of `DecisionFilter` look at what is
    decided for the facility as it stands now. `changed_from` and `changed_until` are days between
    which the last thing happened to it that the viewer is told of. Those in `also` have to fit as
    well.
    """

    countries: Collection[str] | None = None
    name_starts_with: str | None = None
    name_contains: str | None = None
    os_ids: Collection[str] | None = None
    gateway_ids: Collection[str] | None = None
    better_work_ids: Collection[str] | None = None
    changed_from: date | None = None
    changed_until: date | None = None
    also: tuple[FacilityFilter, ...] = ()

    def all_of(self) -> tuple[FacilityFilter, ...]:
        """This filter, and all that have to fit as well."""
        return (self, *self.also)

    @property
    def fits_all(self) -> bool:
        """Whether nothing is asked, so that every facility fits."""
        return self is ALL_FACILITIES or self == ALL_FACILITIES  # to compare all takes longer

    @property
    def decides(self) -> bool:
        """Whether there is any criterion on decisions."""
        return any(each.looks_at_decisions for each in self.all_of())

    @property
    def fits_counts(self) -> bool:
        """Whether nothing is asked but what facilities are counted by: countries and decisions."""
        return all(
            getattr(each, name) in (None, "") for each in self.all_of() for name in _UNCOUNTED
        )

    def fitting(self, decisions: Mapping[str, Applicability]) -> Mapping[str, Applicability]:
        """The decisions, by key, that fit all criteria on decisions."""
        return fitting(self.all_of(), decisions)


ALL_FACILITIES = FacilityFilter()
_UNCOUNTED = (
    *("name_starts_with", "name_contains", "os_ids", "gateway_ids", "better_work_ids"),
    *("changed_from", "changed_until"),
)


class SqlStatement:
    """A statement on facilities that grows together with its parameters.

    It reads only what the viewer sees. In its start these stand for SQL that depends on the viewer:

    {projections}     the table of facilities as the viewer may see them; it has to be named p
    {version}         the number of changes that the viewer is told of
    {changed_on}      the day of the last of these changes
    {status_only}     whether the viewer sees the status alone, and no data
    {contact_email}   the address of the facility, named f, if the viewer may know it
    {cycles}          the service cycles of the facility; see `kb.services.facilities.columns`
    {grants}          whom it shares with now
    {events}          all that happened to it

    With `of_counts`, p is a table of kept counts instead. The rows of the statement `before` are
    among its rows, too.
    """

    def __init__(
        self,
        start: str,
        viewer: Viewer,
        client: StatementClient | None = None,
        *,
        of_counts: bool = False,
        before: SqlStatement | None = None,
    ) -> None:
        self.client = client or current_client()
        self.numbered = self.client.capabilities.dialect == "postgres"
        self.status_only = scope_of(viewer).status_only
        earlier = "" if before is None else f"{before.text} UNION ALL "
        self.values: list[Any] = [] if before is None else [*before.values]
        text, values = _started(start, viewer, self.numbered, of_counts, len(self.values))
        self.text: str = earlier + text
        self.values += values

    def mark(self, value: Any) -> str:
        """A placeholder for a value."""
        return _mark(self.values, value, self.numbered)

    def also(self, condition: str) -> None:
        """Ask for rows that meet one more condition."""
        self.text += f" AND {condition}"

    def with_data(self) -> None:
        """Ask for facilities of which the viewer sees more than where they stand."""
        self.also(f"NOT {self.status_only}")

    def among(self, values: Iterable[Any]) -> str:
        """The part of a condition that asks for one of the values; without any, none will do."""
        return f"IN ({', '.join(map(self.mark, values)) or 'NULL'})"

    async def rows_of(self, column: str, values: Sequence[Any]) -> Sequence[Any]:
        """Run it for a few values in a column, which is the last that is read."""
        batched = self.client.batched
        if batched is not None and len(values) == 1:
            return await batched.rows(f"{self.text} AND {column}", self.values, values[0])
        self.also(f"{column} {self.among(values)}")
        return await self.rows(few=True)

    async def rows(self, *, few: bool = False) -> Sequence[Any]:
        """Run it; `few` says that an index leads to all that is read, a page of rows at the most.

        In a transaction it sees what was changed there; else what was committed last.
        """
        return await self.client.read(self.text, self.values, few)


def _mark(values: list[Any], value: Any, numbered: bool) -> str:
    values.append(value)
    return placeholder(len(values), numbered)


@lru_cache(maxsize=1_000)
def _started(
    start: str, viewer: Viewer, numbered: bool, of_counts: bool, before: int
) -> tuple[str, Sequence[Any]]:
    """The beginning of a statement for a viewer, and its values, behind so many others."""
    scope = scope_of(viewer)
    values: list[Any] = [None] * before
    text = start.format(
        projections=scope.projections,
        version=scope.version,
        changed_on=scope.changed_on,
        latest_kind=scope.latest_kind,
        status_only=scope.status_only,
        contact_email="f.contact_email" if viewer.may(Capability.READ_CONTACT) else "NULL",
        cycles=cycles_column(scope, sqlite=not numbered),
        grants=grants_column(scope, sqlite=not numbered),
        events=events_column(sqlite=not numbered),
    )
    if of_counts or not viewer.sees_all:
        condition = scope.count_condition if of_counts else scope.row_condition
        text += f" AND {condition(lambda value: _mark(values, value, numbered))}"
    return text, values[before:]


async def apply_filter(
    statement: SqlStatement,
    only: FacilityFilter,
    by: DecisionBasis,
    viewer: Viewer,
    keys_that_fit: Collection[str] | None = None,
) -> None:
    """Add the criteria to a statement on facilities; it is quicker if it is known which keys fit.

    NotPermittedError when the criteria look at decisions, or at what happened, that the viewer may
    not read.
    """
    if only.fits_all:
        return
    filters = only.all_of()
    for each in filters:
        apply_properties(statement, each, viewer)
    if only.decides:
        require(viewer, Capability.READ_STATUS)
        if keys_that_fit is None:
            # What is hidden takes no time either, so its decisions are not made.
            keys = await _keys_seen(viewer)
            for each in filters:
                if each.countries is not None:
                    keys = [key for key in keys if key[:2] in each.countries]
            keys_that_fit = only.fitting(await decisions_by_key(keys, by))
        statement.also(f"p.decision_key {statement.among(keys_that_fit)}")


async def _keys_seen(viewer: Viewer) -> list[str]:
    """The decision keys that the facilities have that the viewer sees."""
    if scope_of(viewer).is_counted:
        statement = SqlStatement(_COUNTED_KEYS, viewer, of_counts=True)
        statement.text += " GROUP BY 1 HAVING SUM(p.number) > 0"
    else:
        statement = SqlStatement(_VISIBLE_KEYS, viewer)
    return [row[0] for row in await statement.rows()]


_LAST_CHARACTER = "\U0010ffff"
"""Sorts behind every other, and stands in no text."""


def _as_compared(name: str, wanted: str) -> str:
    return without_traces(storable(name, wanted)).lower()


def apply_properties(statement: SqlStatement, only: FacilityFilter, viewer: Viewer) -> None:
    """Add the criteria that look at no decision to a statement on facilities."""
    if only.data_label:
        statement.with_data()
    for name, compares in (("changed_from", ">="), ("changed_until", "<=")):
        day = getattr(only, name)
        if day is not None:
            require(viewer, Capability.READ_HISTORY)
            statement.also(f"{scope_of(viewer).changed_on} {compares} {statement.mark(day)}")
    if only.countries is not None:
        countries = [storable("countries", country) for country in only.countries]
        statement.also(f"p.country {statement.among(countries)}")
    if only.name_starts_with:
        beginning = _as_compared("name_starts_with", only.name_starts_with)
        # A range, which an index of names leads to whatever is asked for.
        statement.also(f"LOWER(p.name) >= {statement.mark(beginning)}")
        statement.also(f"LOWER(p.name) < {statement.mark(beginning + _LAST_CHARACTER)}")
    if only.name_contains:
        escaped = _as_compared("name_contains", only.name_contains)
        for special in "\\%_":
            escaped = escaped.replace(special, "\\" + special)
        statement.also(f"LOWER(p.name) LIKE {statement.mark(f'%{escaped}%')} ESCAPE '\\'")
    for column in ("os_id", "gateway_id", "better_work_id"):
        texts = getattr(only, f"{column}s")
        if texts is not None:
            ids = [plain_id(storable(f"{column}s", text)) for text in texts]
            among = statement.among(value for id_ in ids for value in in_any_case(id_))
            statement.also(
                f"p.facility_id IN (SELECT id FROM facility WHERE LOWER({column}) {among})"
            )
