# ruff: noqa: D102 - the description of a field says what it means
"""Mutations on a brand's own list of suppliers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

import strawberry
from strawberry import Parent

from graphql_schema.context import Context, Info
from graphql_schema.mutations.refusals import InvalidInput, NotFound, NotPermitted
from graphql_schema.presenter import Presenter, presents, resolver
from graphql_schema.scalars import CountryCode
from graphql_schema.snapshot import Presented
from graphql_schema.types.inputs import ProfileAnswers, optional
from graphql_schema.types.node import read_id
from graphql_schema.types.supplier import Supplier
from kb import errors
from kb.errors import InvalidInputError, NotFoundError
from kb.models.fields import storable
from kb.services.lists.importing import Imported
from kb.services.lists.outcomes import Outcome
from kb.services.suppliers.changes import add_supplier, remove_supplier, update_supplier
from kb.services.suppliers.entries import SupplierView, brand_of, suppliers_known_as
from kb.services.suppliers.importing import import_supplier_text

_SUPPLIER_ID = (
    "The global id of the supplier, or its reference, OS ID or Gateway ID on the caller's list."
)


def may_be_left_out(description: str) -> Any:
    """A field that may be left out, which is something else than null."""
    return strawberry.field(default=strawberry.UNSET, description=description)


@strawberry.input(
    description="What a brand knows of a supplier. What is left out is taken as unknown."
)
class SupplierProfileInput(ProfileAnswers):
    """The inputs of the decision tables besides the country."""


@strawberry.input(description="A supplier to put on the caller's own list.")
class SupplierAddInput:
    """What the brand knows."""

    name: str = strawberry.field(description="Its name, of 300 characters at most.")
    country: CountryCode = strawberry.field(description="Where it is.")
    address: str | None = optional("Its address, of 500 characters at most.")
    reference: str | None = optional("The brand's own number for it, once on the list.")
    os_id: str | None = optional("Open Supply Hub id, once on the list.")
    gateway_id: str | None = optional("Gateway Facility ID, once on the list.")
    note: str | None = optional("The brand's own words on it, of 1000 characters at most.")
    profile: SupplierProfileInput | None = optional(
        "What the brand knows of its enrolment and of what it has done."
    )


@strawberry.input(
    description="What to change of a supplier. What is left out stays; null takes it away."
)
class SupplierUpdateInput:
    """A supplier and what is new."""

    supplier_id: strawberry.ID = strawberry.field(description=_SUPPLIER_ID)
    name: str | None = may_be_left_out("Its name.")
    country: CountryCode | None = may_be_left_out("Where it is.")
    address: str | None = may_be_left_out("Its address.")
    reference: str | None = may_be_left_out("The brand's own number for it.")
    os_id: str | None = may_be_left_out("Open Supply Hub id.")
    gateway_id: str | None = may_be_left_out("Gateway Facility ID.")
    note: str | None = may_be_left_out("The brand's own words on it.")
    profile: SupplierProfileInput | None = may_be_left_out(
        "What the brand knows, as a whole; null for nothing."
    )


@strawberry.input(description="A supplier to take off the caller's own list.")
class SupplierRemoveInput:
    """A supplier."""

    supplier_id: strawberry.ID = strawberry.field(description=_SUPPLIER_ID)


@strawberry.input(description="A list of suppliers to bring into the caller's own one.")
class SupplierListImportInput:
    """The list as text; workbooks are imported with `kb suppliers import`."""

    csv: str = strawberry.field(
        description="The list as CSV with a header line, as `supplierListExport` gives it; "
        "docs/import.md has the columns. What is larger than a request may be comes in parts."
    )
    dry_run: bool = strawberry.field(
        default=False, description="Do everything but write; tell what would be done."
    )


@dataclass(frozen=True, slots=True)
class ListedSupplier:
    """A supplier as it is on the list by now."""

    supplier: Presented[SupplierView]


@presents(ListedSupplier, "The supplier is on the caller's own list.")
class SupplierKept:
    """A supplier."""

    supplier: Supplier = strawberry.field(description="The supplier as it is on the list now.")


@strawberry.type(
    description="The supplier is off the caller's own list. Nothing else has changed for it."
)
class SupplierRemoved:
    """A supplier that was taken off."""

    name: str = strawberry.field(description="Its name.")


@presents(errors.Problem, "Why a row of a list was refused.")
class RowProblem:
    """A line, what is wrong there, and what is allowed instead."""

    line: int | None = strawberry.field(description="The line of the list, from 1.")
    wrong: str = strawberry.field(description="What is wrong.")
    allowed: str = strawberry.field(description="What is allowed instead.")

    @resolver("The column as the list itself calls it; empty for the row as a whole.")
    @staticmethod
    def column(root: Parent[errors.Problem]) -> str:
        return root.key


@dataclass(slots=True)
class ListImported(Presenter[Imported]):
    """What an import did, with everything that is wrong with its rows."""

    problems: Sequence[errors.Problem]


@presents(
    ListImported, "The good rows are on the caller's own list. Every row is counted exactly once."
)
class SupplierListImported:
    """What became of the rows."""

    problems: list[RowProblem] = strawberry.field(
        description="Everything that is wrong with the rows that were refused."
    )
    remarks: list[str] = strawberry.field(
        description="How rows were understood that were not refused, such as one that is taken "
        "for a supplier of another spelling."
    )
    unknown: list[str] = strawberry.field(
        description="Columns that were not read, because nobody knows them."
    )

    @resolver("How many suppliers are new.")
    @staticmethod
    def created(root: Parent[ListImported]) -> int:
        return root.record.rows[Outcome.CREATED]

    @resolver("How many rows changed a supplier.")
    @staticmethod
    def updated(root: Parent[ListImported]) -> int:
        return root.record.rows[Outcome.UPDATED]

    @resolver("How many rows say what the list says already.")
    @staticmethod
    def unchanged(root: Parent[ListImported]) -> int:
        return root.record.rows[Outcome.UNCHANGED]

    @resolver("How many rows were refused because they are likely a supplier on the list.")
    @staticmethod
    def likely_duplicates(root: Parent[ListImported]) -> int:
        return root.record.rows[Outcome.DUPLICATE]

    @resolver("How many rows were refused for another reason.")
    @staticmethod
    def refused(root: Parent[ListImported]) -> int:
        return root.record.rows[Outcome.REFUSED]

    @resolver("How many rows there are.")
    @staticmethod
    def total(root: Parent[ListImported]) -> int:
        return root.record.rows.total()


SupplierListImportResult = Annotated[
    SupplierListImported | NotPermitted | InvalidInput,
    strawberry.union(
        "SupplierListImportResult", description="The rows were read, or the list was refused."
    ),
]
SupplierAddResult = Annotated[
    SupplierKept | NotPermitted | InvalidInput,
    strawberry.union("SupplierAddResult", description="It is on the list, or it was refused."),
]
SupplierUpdateResult = Annotated[
    SupplierKept | NotPermitted | NotFound | InvalidInput,
    strawberry.union("SupplierUpdateResult", description="It is changed, or it was refused."),
]
SupplierRemoveResult = Annotated[
    SupplierRemoved | NotPermitted | NotFound | InvalidInput,
    strawberry.union("SupplierRemoveResult", description="It is off the list, or was refused."),
]


@strawberry.type
class SupplierMutations:
    """A brand's own list; what is done to it tells no facility anything."""

    @resolver(
        "Bring a list of suppliers into the caller's own one: good rows are kept though others "
        "are refused, and the same list may be imported again. For brands.",
        SupplierListImportResult,
    )
    async def supplier_list_import(
        self,
        info: Info,
        input: Annotated[SupplierListImportInput, strawberry.argument(description="The list.")],
    ) -> ListImported:
        problems: list[errors.Problem] = []
        imported = await import_supplier_text(
            storable("csv", input.csv),
            info.context.viewer,
            now=datetime.now(UTC),
            dry_run=input.dry_run,
            report=problems.extend,
        )
        return ListImported(imported, problems)

    @resolver("Put a supplier on the caller's own list. For brands.", SupplierAddResult)
    async def supplier_add(
        self,
        info: Info,
        input: Annotated[SupplierAddInput, strawberry.argument(description="The supplier.")],
    ) -> ListedSupplier:
        values, answers = _fields_set(input)
        supplier = await add_supplier(info.context.viewer, values, answers, now=datetime.now(UTC))
        return _listed(info.context, supplier)

    @resolver(
        "Change what the caller's own list says of a supplier. For brands.", SupplierUpdateResult
    )
    async def supplier_update(
        self,
        info: Info,
        input: Annotated[SupplierUpdateInput, strawberry.argument(description="What is new.")],
    ) -> ListedSupplier:
        context = info.context
        number = await _number(context, input.supplier_id)
        values, answers = _fields_set(input)
        try:
            supplier = await update_supplier(
                context.viewer, number, values, answers, now=datetime.now(UTC)
            )
        except NotFoundError:
            raise NotFoundError("supplier", input.supplier_id) from None
        return _listed(context, supplier)

    @resolver("Take a supplier off the caller's own list. For brands.", SupplierRemoveResult)
    async def supplier_remove(
        self,
        info: Info,
        input: Annotated[SupplierRemoveInput, strawberry.argument(description="The supplier.")],
    ) -> SupplierRemoved:
        context = info.context
        number = await _number(context, input.supplier_id)
        try:
            supplier = await remove_supplier(context.viewer, number, now=datetime.now(UTC))
        except NotFoundError:
            raise NotFoundError("supplier", input.supplier_id) from None
        return SupplierRemoved(name=supplier.name)


def _fields_set(
    input: SupplierAddInput | SupplierUpdateInput,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The fields of a supplier that an input sets, and those of its profile."""
    fields = {name: value for name, value in vars(input).items() if value is not strawberry.UNSET}
    fields.pop("supplier_id", None)
    if "profile" not in fields:
        return fields, {}
    profile = fields.pop("profile") or SupplierProfileInput()
    return fields, profile.answers()


def _listed(context: Context, supplier: SupplierView) -> ListedSupplier:
    return ListedSupplier(Presented(supplier, context.snapshot, str(supplier.id)))


async def _number(context: Context, value: str) -> int:
    """The number of the supplier on the caller's list that is named by an id; 0 for no number."""
    brand_of(context.viewer)
    try:
        _, number = read_id(context, "supplierId", value, "Supplier")
    except InvalidInputError:
        suppliers = await suppliers_known_as(value, context.viewer)
        if len(suppliers) > 1:
            allowed = "an id of one supplier; several have this one, as different ids"
            raise InvalidInputError("supplierId", value, allowed) from None
        if not suppliers:
            raise NotFoundError("supplier", value) from None
        return suppliers[0].id
    return int(number)
