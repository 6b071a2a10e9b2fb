"""Who read other people's facility data, written down for the audit before the answer is sent."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from weakref import WeakKeyDictionary

import orjson

from kb.errors import own_copy
from kb.rules.roles import Role
from kb.services.access.entries import caller_of
from kb.services.access.matrix import Viewer
from kb.services.database import current_client

READ = "READ"
"""What an entry of a reading says was done."""

# Each reading by the helpdesk is written down, as it has no facility of its own. Of all others the
# first of a day is, but what a facility reads of itself never.
_EACH_READING = (Role.HELPDESK,)
_OF_ITSELF = (Role.FACILITY,)


async def note_reading(viewer: Viewer, facility_ids: Iterable[int], *, now: datetime) -> None:
    """Write down that the viewer reads these facilities; it is committed when this returns.

    So none is lost when this process is killed. PostgreSQL does not wait for its disk: when it or
    its machine fails, readings of the last second may be lost, and nothing else is.

    Call it once a request, before the answer: all that were read are one entry. What the helpdesk
    reads is written down each time, and what others read once a day (UTC) for each facility. What
    a facility reads of itself is not written down.
    """
    ids = set(facility_ids)
    if not ids or viewer.role in _OF_ITSELF:
        return
    reading = _Reading(viewer, caller_of(viewer), ids, now)
    readings = _readings()
    if reading.of_each_time or not ids <= readings.noted(reading).facility_ids:
        await readings.write(reading)


@dataclass(frozen=True, slots=True)
class _Reading:
    """Who read which facilities, and when."""

    viewer: Viewer
    who: str
    facility_ids: set[int]
    at: datetime

    @property
    def of_each_time(self) -> bool:
        """Whether it is written down however often the same was read on the day."""
        return self.viewer.role in _EACH_READING

    @property
    def day(self) -> date:
        """The day in UTC."""
        return self.at.astimezone(UTC).date()

    def row(self, facility_ids: Collection[int]) -> Mapping[str, Any]:
        """An entry on some of the facilities: a single one has a column of its own."""
        ids = sorted(facility_ids)
        return {
            "at": _as_text(self.at),
            "who": self.who,
            "role": self.viewer.role.value,
            "organisation": self.viewer.organisation,
            "facility_id": ids[0] if len(ids) == 1 else None,
            "facility_ids": ids if len(ids) > 1 else None,
        }


@dataclass(slots=True)
class _Noted:
    """The facilities that a caller has read on a day, as the audit has it up to an entry."""

    day: date
    last_entry: int | None = None
    looked_up_at: datetime | None = None
    facility_ids: set[int] = field(default_factory=set)


class _Readings:
    """Writes readings into one database, those of all who wait in one statement.

    Readings that come while a statement is under way wait for the next one, so that many of them
    share a commit. Nobody goes on before its reading is committed, so none is lost when the process
    is killed.
    """

    def __init__(self) -> None:
        self._writing: asyncio.Task[None] | None = None
        self._waiting: list[tuple[_Reading, asyncio.Future[None]]] = []
        self._noted: dict[str, _Noted] = {}
        self._remembered = 0

    def noted(self, reading: _Reading) -> _Noted:
        """What is known to be noted of the day for the caller."""
        if self._remembered > READINGS_REMEMBERED or len(self._noted) > CALLERS_REMEMBERED:
            self._noted.clear()
            self._remembered = 0
        known = self._noted.get(reading.who)
        if known is None or known.day != reading.day:
            known = _Noted(reading.day, None if known is None else known.last_entry)
            self._noted[reading.who] = known
        return known

    async def write(self, reading: _Reading) -> None:
        """Write down a reading; raises what the database says."""
        written = asyncio.get_running_loop().create_future()
        self._waiting.append((reading, written))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_waiting())
        await written

    async def _write_waiting(self) -> None:
        try:
            while self._waiting:
                waiting, self._waiting = self._waiting, []
                failed: Exception | None = None
                try:
                    await self._insert([reading for reading, _ in waiting])
                except Exception as error:
                    failed = error
                for _, written in waiting:
                    if not written.done() and failed is None:
                        written.set_result(None)
                    elif not written.done() and failed is not None:
                        written.set_exception(own_copy(failed))
        finally:
            self._writing = None

    async def _insert(self, readings: Sequence[_Reading]) -> None:
        """Write down what is not yet noted of the day; of the helpdesk, everything."""
        rows = [each.row(each.facility_ids) for each in readings if each.of_each_time]
        by_caller: dict[str, list[_Reading]] = {}
        for reading in readings:
            if not reading.of_each_time:
                by_caller.setdefault(reading.who, []).append(reading)
        new: list[tuple[_Noted, set[int]]] = []
        for of_caller in by_caller.values():
            noted = self.noted(of_caller[0])
            self._remembered += await _learn(noted, of_caller[0])
            written: set[int] = set()
            for reading in of_caller:
                unseen = reading.facility_ids - noted.facility_ids - written
                if unseen:
                    rows.append(reading.row(unseen))
                written |= unseen
            new.append((noted, written))
        if rows:
            await _insert_rows(rows)
        for noted, written in new:
            noted.facility_ids |= written
            self._remembered += len(written)


CALLERS_REMEMBERED = 1_000
READINGS_REMEMBERED = 1_000_000
"""What has been read today is remembered up to so many callers, and facilities of them in all.

What is forgotten is looked up again: a set of so many ids takes some 60 MB.
"""

_OF_DATABASE: WeakKeyDictionary[object, _Readings] = WeakKeyDictionary()


def _readings() -> _Readings:
    client = current_client()
    readings = _OF_DATABASE.get(client)
    if readings is None:
        readings = _OF_DATABASE[client] = _Readings()
    return readings


LOOK_UP_EVERY = timedelta(seconds=1)
LOOKED_AT = 10_000
"""So many entries of a caller, the latest, are looked at once in a while.

What another process has written meanwhile, or before those, may be written down twice.
"""

# An index leads to the entries of the caller: to those after the last one that was looked at or,
# when none was, after those of earlier days.
_READ_SINCE = (
    "SELECT id, facility_id, facility_ids FROM audit_entry "
    f"WHERE who = {{}} AND at >= {{}} AND what = '{READ}' AND id > COALESCE({{}}, "
    "(SELECT b.id FROM audit_entry b WHERE b.who = {} AND b.at < {} "
    f"ORDER BY b.who DESC, b.id DESC LIMIT 1), 0) ORDER BY who DESC, id DESC LIMIT {LOOKED_AT}"
)
_COLUMNS = {
    "at": "timestamptz",
    "who": "text",
    "role": "text",
    "organisation": "text",
    "facility_id": "int",
    "facility_ids": "jsonb",
}
_TYPED = ", ".join(f"{name} {type_}" for name, type_ in _COLUMNS.items())
_INSERTS = {
    # PostgreSQL has it when this returns, and its disk within a second; no session is set.
    "postgres": f"""\
INSERT INTO audit_entry (what, {", ".join(_COLUMNS)})
SELECT '{READ}', {", ".join(f"r.{name}" for name in _COLUMNS)}
FROM json_to_recordset($1::json) r({_TYPED}),
     (SELECT SET_CONFIG('synchronous_commit', 'off', TRUE)) AS not_waiting_for_the_disk
""",
    "sqlite": f"""\
INSERT INTO audit_entry (what, {", ".join(_COLUMNS)})
SELECT '{READ}', {", ".join(f"json_extract(value, '$.{name}')" for name in _COLUMNS)}
FROM json_each(?)
""",
}


_LATEST_WRITTEN = timedelta(hours=1)
"""How long after a reading its entry may come at the most, and so behind those of later ones."""


async def _learn(noted: _Noted, reading: _Reading) -> int:
    """Add what others have written down of a caller since the last look; how many facilities."""
    if noted.looked_up_at is not None and reading.at - noted.looked_up_at < LOOK_UP_EVERY:
        return 0
    noted.looked_up_at = reading.at
    known = len(noted.facility_ids)
    begin = datetime.combine(noted.day, time(), UTC)
    looked_at = reading.who, begin, noted.last_entry, reading.who, begin - _LATEST_WRITTEN
    entries = await _run(_READ_SINCE, *looked_at)
    for _, of_one, of_several in entries:
        noted.facility_ids.update((of_one,) if of_several is None else orjson.loads(of_several))
    if entries:
        noted.last_entry = entries[0][0]
    return len(noted.facility_ids) - known


async def _run(query: str, *values: Any) -> Sequence[Any]:
    """The rows of a statement, with its values."""
    client = current_client()
    if client.capabilities.dialect == "sqlite":
        query = query.format(*"?" * len(values))
        values = tuple(map(_as_text, values))
    else:
        query = query.format(*(f"${place}" for place in range(1, len(values) + 1)))
    return await client.run(query, values)


async def _insert_rows(rows: Sequence[Mapping[str, Any]]) -> None:
    client = current_client()
    as_json = orjson.dumps(rows).decode()
    await client.run(_INSERTS[client.capabilities.dialect], [as_json])


def _as_text(value: object) -> object:
    """A moment as SQLite has it, and PostgreSQL understands it; whatever else as it is."""
    return value.astimezone(UTC).isoformat(" ") if isinstance(value, datetime) else value
