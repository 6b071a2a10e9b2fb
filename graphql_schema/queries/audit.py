# ruff: noqa: D102 - the description of a field says what it means
"""The audit: who did what and when, who published, and who read other people's facility data."""

from collections.abc import Mapping
from datetime import datetime
from operator import attrgetter
from typing import Annotated, Any

import strawberry
from strawberry import Parent

from graphql_schema.context import Context, Info
from graphql_schema.presenter import presents, resolver
from graphql_schema.types.connections import After, Edge, First, Page, PageInfo
from graphql_schema.types.event import OnBehalfOf, on_behalf_of
from graphql_schema.types.inputs import LISTS_IN_FILTERS, optional
from graphql_schema.types.node import facility_number, global_id
from kb.rules.on_behalf import ON_BEHALF_OF
from kb.services import audit
from kb.services.access.matrix import Role
from kb.services.audit import AuditView, audit_entries


@strawberry.type(description="How a facility stood, in brief.")
class AuditedStanding:
    """The parts of a facility that its events change."""

    version: int = strawberry.field(description="The number of its last event.")
    gateway_id: str | None = strawberry.field(description="Gateway Facility ID, if it had one.")
    decision_key: str = strawberry.field(
        description="The inputs that decided what applied to it, in the order of "
        "`FacilityProfileInput`, and how far it had come."
    )


@presents(AuditView, "One thing that somebody did or read.")
class AuditEntry:
    """An entry; it is never changed or removed."""

    at: datetime = strawberry.field(description="When, in UTC.")
    who: str = strawberry.field(description="Which token, by its number, or which caller.")
    role: Role = strawberry.field(description="In what role.")
    organisation: str | None = strawberry.field(description="For which organisation, if for one.")
    what: str = strawberry.field(
        description="The kind of the event that was recorded, READ, EXPORTED, KNOWLEDGE_PUBLISHED, "
        "TOKEN_CREATED, TOKEN_REVOKED, or another thing that was done."
    )

    @resolver(
        "The global id of the facility; null for a publication, and where several were read at "
        "once: they are in `facilityIds`."
    )
    @staticmethod
    def facility_id(root: Parent[AuditView], info: Info) -> strawberry.ID | None:
        if len(root.facility_ids) != 1:
            return None
        return global_id(info.context, "Facility", str(root.facility_ids[0]))

    @resolver("The global ids of the facility, or of all that were read at once.")
    @staticmethod
    def facility_ids(root: Parent[AuditView], info: Info) -> list[strawberry.ID]:
        return [global_id(info.context, "Facility", str(id_)) for id_ in root.facility_ids]

    @resolver("How the facility stood before; null for a reading.")
    @staticmethod
    def before(root: Parent[AuditView]) -> AuditedStanding | None:
        return _standing(root, root.before)

    @resolver("How the facility stood afterwards; null for a reading.")
    @staticmethod
    def after(root: Parent[AuditView]) -> AuditedStanding | None:
        return _standing(root, root.after)

    @resolver(
        "The facility's word, by which an officer recorded an event for it; null for what was done "
        "in one's own name."
    )
    @staticmethod
    def on_behalf_of(root: Parent[AuditView]) -> OnBehalfOf | None:
        return on_behalf_of((root.after or {}).get(ON_BEHALF_OF))

    @resolver("The knowledge release that was published, if one was.")
    @staticmethod
    def release(root: Parent[AuditView]) -> int | None:
        if root.what != audit.PUBLISHED or root.after is None:
            return None
        number: int = root.after["release"]
        return number

    @resolver("The number of the API key that was made or revoked, if one was.")
    @staticmethod
    def token(root: Parent[AuditView]) -> int | None:
        if root.what not in audit.OF_TOKENS or root.after is None:
            return None
        number: int = root.after["token"]
        return number

    @resolver("How many facilities were exported, if some were.")
    @staticmethod
    def exported(root: Parent[AuditView]) -> int | None:
        if root.what != audit.EXPORTED or root.after is None:
            return None
        count: int = root.after["facilities"]
        return count


def _standing(entry: AuditView, standing: Mapping[str, Any] | None) -> AuditedStanding | None:
    if not entry.facility_ids or standing is None:
        return None
    return AuditedStanding(
        version=standing["version"],
        gateway_id=standing["gateway_id"],
        decision_key=standing["decision_key"],
    )


@strawberry.type(description="A page of the audit; it is not counted, because it only grows.")
class AuditConnection:
    """Entries, newest first."""

    edges: list[Edge[AuditEntry]] = strawberry.field(description="The entries with their cursors.")
    nodes: list[AuditEntry] = strawberry.field(description="The entries.")
    page_info: PageInfo = strawberry.field(description="Where the page lies in the whole list.")


@strawberry.input(description="Which entries; all conditions must hold. " + LISTS_IN_FILTERS)
class AuditFilter:
    """Conditions on entries."""

    facility_id: strawberry.ID | None = optional("On the facility with this global id.")
    who: str | None = optional("By this caller, written as in the field `who`.")
    what: list[str] | None = optional("Of one of these kinds, written as in the field `what`.")
    since: datetime | None = optional("At this moment or later.")
    until: datetime | None = optional("Before this moment.")

    async def criteria(self, context: Context) -> audit.AuditFilter:
        """The filter as the service reads it; what is null asks for nothing."""
        values = {name: value for name, value in vars(self).items() if value is not None}
        if "facility_id" in values:
            values["facility_id"] = await facility_number(
                context, "facilityId", values["facility_id"]
            )
        return audit.AuditFilter(**values)


@strawberry.type
class AuditQueries:
    """The audit is for those who look after the server."""

    @resolver("Who did what and when, newest first.", AuditConnection)
    async def audit(
        self,
        info: Info,
        filter: Annotated[
            AuditFilter | None, strawberry.argument(description="Which entries.")
        ] = None,
        first: First = None,
        after: After = None,
    ) -> Page[AuditView]:
        context = info.context
        wanted = context.page_request(first=first, after=after)
        only = await (filter or AuditFilter()).criteria(context)
        page = await audit_entries(context.viewer, wanted, only)
        return Page(page.rows, attrgetter("cursor"), page.has_next, page.has_previous)
