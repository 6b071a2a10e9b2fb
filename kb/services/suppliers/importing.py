"""Import of a brand's own list, with the same readers and the same reports as lists of facilities.

A row is compared with the brand's own suppliers and with nothing else, so no report tells which
facilities there are.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar, Unpack

from kb.errors import InvalidInputError
from kb.models import Supplier
from kb.models.ids import with_any_id
from kb.rules.inputs import FacilityProfile, Ternary
from kb.rules.spelling import name_key, place_key, without_traces
from kb.services.access.entries import entry_by
from kb.services.access.matrix import Viewer
from kb.services.lists.columns import column_key
from kb.services.lists.importing import Imported, ListKind, Options, import_list
from kb.services.lists.matching import Matching, RecordedEntry, address_kept, at_places_of, ids_kept
from kb.services.lists.outcomes import Answers, ListSource, Outcome, Remark, contradictions
from kb.services.lists.reading import Cell, Number
from kb.services.lists.rows import LONGEST_ID, MAY_BE_MAPPED, LineReader, RowRefusal
from kb.services.lists.values import RefusedValueError, read_answer, read_steps, read_text
from kb.services.suppliers.changes import MOST_SUPPLIERS, lock_list
from kb.services.suppliers.columns import (
    ANSWERS,
    NOTE,
    PROFILE_FIELDS,
    STEPS,
    SUPPLIER_LIST,
)
from kb.services.suppliers.entries import brand_of

IMPORTED = "SUPPLIERS_IMPORTED"
"""What the audit says was done."""

LONGEST_NOTE = 1000


async def import_suppliers(path: Path, viewer: Viewer, **options: Unpack[Options]) -> Imported:
    """Import a list into the viewer's own one; see `kb.services.lists.importing.import_list`.

    NotPermittedError for all but brands comes before all else.
    """
    brand_of(viewer)
    return await import_list(SUPPLIERS, path, viewer, **options)


async def import_supplier_text(text: str, viewer: Viewer, **options: Unpack[Options]) -> Imported:
    """Import a list that is given as the text of a CSV file; as `import_suppliers`."""
    brand_of(viewer)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "list.csv"
        await asyncio.to_thread(path.write_text, text, encoding="utf-8", newline="")
        try:
            return await import_suppliers(path, viewer, **options)
        except InvalidInputError as error:  # it names files that nobody else knows, or may give
            allowed = error.allowed.removesuffix(MAY_BE_MAPPED)
            raise InvalidInputError("csv", text, allowed) from None


@dataclass(frozen=True, slots=True)
class SupplierRow:
    """What a line says of a supplier; what it leaves open is missing.

    `answers` may be UNKNOWN: the brand no longer takes for known what it had noted.
    """

    line: int
    name: str | None
    country: str | None
    address: str | None
    is_new: bool
    ids: Mapping[str, str]
    note: str | None
    answers: Mapping[str, str]
    steps: tuple[int, ...] | None


class SupplierReader(LineReader[SupplierRow]):
    """Reads the lines of a list of suppliers."""

    columns = SUPPLIER_LIST

    def row(self, values: Mapping[str, Cell]) -> SupplierRow:
        """What a line says of a supplier."""
        answers = {
            name: self._read(values, name, _reader_of(kind)) for name, kind in ANSWERS.items()
        }
        return SupplierRow(
            line=self.line,
            name=self._name(values),
            country=self._country(values),
            address=self._address(values),
            is_new=self._read(values, self.columns.new_one, read_answer) is Ternary.YES,
            ids=self._ids(values),
            note=self._read(values, NOTE, lambda cell: read_text(cell, LONGEST_NOTE)),
            answers={name: answer for name, answer in answers.items() if answer is not None},
            steps=self._read(values, STEPS, read_steps),
        )

    def _id(self, column: str, cell: Cell) -> str:
        """A brand's own number may have any form."""
        if column != "reference" or isinstance(cell, Number):
            return super()._id(column, cell)
        return without_traces(read_text(cell, LONGEST_ID))

    def check_together(self, row: SupplierRow, values: Mapping[str, Cell]) -> None:
        """Refuse an OS ID of another country, and a row that names nobody."""
        self._check_whom(row.name, row.country, row.ids)


AnswerT = TypeVar("AnswerT", bound=StrEnum)


def _reader_of(answers: type[AnswerT]) -> Callable[[Cell], StrEnum]:
    if answers is Ternary:
        return read_answer

    def read(cell: Cell) -> AnswerT:
        try:
            return answers(column_key(str(cell)).upper())
        except ValueError:
            allowed = ", ".join(answer.lower().replace("_", " ") for answer in answers)
            raise RefusedValueError(f"{str(cell)!r} is no answer", allowed) from None

    return read


@dataclass(eq=False, slots=True)
class _Draft:
    """A supplier with what the rows so far have added to it."""

    supplier: Supplier
    is_new: bool
    answers: dict[str, tuple[int, str]] = field(default_factory=dict)
    is_changed: bool = False

    @property
    def record(self) -> RecordedEntry:
        return self.supplier


class SupplierBatch:
    """Some rows of a list. In one transaction: `find`, then `take` each row, then `write`."""

    events = 0

    def __init__(self, source: ListSource, answers: Mapping[int, Answers]) -> None:
        self.source = source
        self.brand = brand_of(source.viewer)
        self.answers = answers
        self.drafts: list[_Draft] = []
        self.room = 0
        self.matching: Matching[_Draft] = Matching(SUPPLIER_LIST)
        self.outcomes: Counter[Outcome] = Counter()
        self.remarks: list[Remark] = []

    async def find(self, rows: Sequence[SupplierRow]) -> None:
        """Read the suppliers on the list that the rows may mean, and hold them locked."""
        await lock_list(self.brand)
        values_by_column: dict[str, set[str]] = defaultdict(set)
        for row in rows:
            for column, id_ in row.ids.items():
                values_by_column[column].add(id_)
            if row.name is not None:
                values_by_column["name_key"].add(name_key(row.name))
        on_list = Supplier.filter(brand=self.brand)
        self.room = MOST_SUPPLIERS - await on_list.count()
        suppliers_by_id: dict[int, Supplier] = {}
        for column, values in values_by_column.items():
            if column == "name_key":
                query = on_list.filter(name_key__in=sorted(values))
            else:
                query = with_any_id(on_list, values, [column])
            suppliers = await query.order_by("id").select_for_update()
            suppliers_by_id |= {supplier.id: supplier for supplier in suppliers}
        for number, supplier in sorted(suppliers_by_id.items()):
            await asyncio.sleep(0)
            answers = dict(self.answers.get(number, {}))
            self._add(_Draft(supplier, is_new=False, answers=answers))
        if near := at_places_of(rows):
            for supplier in await on_list.filter(near).order_by("id"):
                await asyncio.sleep(0)
                if supplier.id not in suppliers_by_id:
                    self.matching.add_neighbour(supplier)

    def take(self, row: SupplierRow) -> list[RowRefusal]:
        """Add a row to its supplier, or to a new one; when it is refused, it adds nothing."""
        match = self.matching.meant_by(row)
        refusals = list(match.refusals)
        draft = match.draft
        if draft is not None:
            refusals += contradictions(row.answers, draft.answers, SUPPLIER_LIST)
        elif not refusals and self.room <= 0:
            wrong = f"would be one more than the {MOST_SUPPLIERS} suppliers that a list may have"
            refusals = [RowRefusal("name", wrong, "a shorter list; remove some suppliers first")]
        if refusals:
            self.outcomes[Outcome.DUPLICATE if match.is_duplicate else Outcome.REFUSED] += 1
            return refusals
        if draft is None:
            draft = self._new(row)
            outcome = Outcome.CREATED
        else:
            outcome = Outcome.UPDATED if _change(draft.supplier, row) else Outcome.UNCHANGED
            draft.is_changed |= outcome is Outcome.UPDATED
        self.outcomes[outcome] += 1
        draft.answers |= {name: (row.line, answer) for name, answer in row.answers.items()}
        if match.remark is not None:
            self.remarks.append(Remark(row.line, row.name, match.remark))
        elif row.name not in (None, draft.supplier.name):
            taken_for = f"is taken for {draft.supplier.name!r}, which keeps that name"
            self.remarks.append(Remark(row.line, row.name, taken_for))
        self.matching.add(draft)
        return []

    async def write(self) -> None:
        """Write what the rows have added."""
        changed = [draft.supplier for draft in self.drafts if draft.is_new or draft.is_changed]
        for supplier in changed:
            supplier.updated_at = self.source.now
            await supplier.save()
        if changed:
            counts = {str(name): count for name, count in sorted(self.outcomes.items())}
            entry = entry_by(self.source.viewer, IMPORTED, None, self.source.now, after=counts)
            await entry.save(force_create=True)

    def answered(self) -> dict[int, Answers]:
        """What the list has answered by now, by the id of the supplier."""
        return {draft.supplier.id: draft.answers for draft in self.drafts if draft.answers}

    def _new(self, row: SupplierRow) -> _Draft:
        assert row.name is not None
        assert row.country is not None
        supplier = Supplier(
            brand=self.brand,
            name=row.name,
            country=row.country,
            decision_key=FacilityProfile(row.country).key,
            updated_at=self.source.now,
        )
        _change(supplier, row)
        self.room -= 1
        draft = _Draft(supplier, is_new=True)
        self._add(draft)
        return draft

    def _add(self, draft: _Draft) -> None:
        self.matching.add(draft)
        self.drafts.append(draft)


def _change(supplier: Supplier, row: SupplierRow) -> bool:
    """Take over what a row says besides name and country; whether that changes anything."""
    profile = FacilityProfile.from_key(supplier.decision_key)
    answers: dict[str, Any] = {
        PROFILE_FIELDS[name]: ANSWERS[name](answer) for name, answer in row.answers.items()
    }
    if row.steps is not None:
        answers["self_assessment_steps"] = row.steps
    address = address_kept(row.address, supplier.address)
    columns = {
        **ids_kept(row, supplier),
        NOTE: row.note,
        "address": address,
        "place_key": place_key(address),
        "decision_key": replace(profile, **answers).key,
    }
    new = {name: value for name, value in columns.items() if value is not None}
    is_change = any(getattr(supplier, name) != value for name, value in new.items())
    supplier.update_from_dict(new)
    return is_change


SUPPLIERS: ListKind[SupplierRow] = ListKind(SupplierReader, SupplierBatch)
"""How lists of suppliers are imported."""
