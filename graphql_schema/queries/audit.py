# ruff: noqa: D102 - the description of a field says what it means
"""The audit: who did what and when, who published, and who read other people's facility data."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry.relay.utils import to_base64

from graphql_schema.types.connections import After, Edge, First, PageEdge, PageInfo
from graphql_schema.types.inputs import optional
from graphql_schema.types.node import facility_number
from kb.errors import InvalidInputError
from kb.services import audit
from kb.services.access.matrix import Role
from kb.services.audit import audit_entries
from kb.services.paging import page_request

Info = strawberry.Info


@strawberry.type(description="How a facility stood, in brief.")
class AuditedStanding:
    """The parts of a facility that its events change."""

    version: int = strawberry.field(description="The number of its last event.")
    gateway_id: str | None = strawberry.field(description="Gateway Facility ID, if it had one.")
    decision_key: str = strawberry.field(
        description="The inputs that decided what applied to it, in the order of "
        "`FacilityProfileInput`, and how far it had come."
    )


@strawberry.type(description="One thing that somebody did or read.")
class AuditEntry:
    """An entry; it is never changed or removed."""

    at: datetime = strawberry.field(description="When, in UTC.")
    who: str = strawberry.field(description="Which token, by its number, or which caller.")
    role: Role = strawberry.field(description="In what role.")
    organisation: str | None = strawberry.field(description="For which organisation, if for one.")
    what: str = strawberry.field(
        description="The kind of the event that was recorded, READ or KNOWLEDGE_PUBLISHED."
    )

    @strawberry.field(description="The global id of the facility; null for a publication.")
    def facility_id(self) -> strawberry.ID | None:
        return self.facility_id and strawberry.ID(to_base64("Facility", str(self.facility_id)))

    @strawberry.field(description="How the facility stood before; null for a reading.")
    def before(self) -> AuditedStanding | None:
        return _standing(self, self.before)

    @strawberry.field(description="How the facility stood afterwards; null for a reading.")
    def after(self) -> AuditedStanding | None:
        return _standing(self, self.after)

    @strawberry.field(description="The knowledge release that was published, if one was.")
    def release(self) -> int | None:
        return self.after["release"] if self.what == audit.PUBLISHED else None


def _standing(entry: Any, told: Mapping[str, Any] | None) -> AuditedStanding | None:
    of_facility = entry.facility_id is not None and told is not None
    return AuditedStanding(**told) if of_facility else None


@strawberry.type(description="A page of the audit; it is not counted, because it only grows.")
class AuditConnection:
    """Entries, newest first."""

    edges: list[Edge[AuditEntry]] = strawberry.field(description="The entries with their cursors.")
    nodes: list[AuditEntry] = strawberry.field(description="The entries.")
    page_info: PageInfo = strawberry.field(description="Where the page lies in the whole list.")


@strawberry.input(description="Which entries; all conditions must hold.")
class AuditFilter:
    """Conditions on entries."""

    facility_id: strawberry.ID | None = optional("On the facility with this global id.")
    who: str | None = optional("By this caller, written as in the field `who`.")
    what: list[str] | None = optional(
        "Of one of these kinds of event, READ or KNOWLEDGE_PUBLISHED."
    )
    since: datetime | None = optional("At this moment or later.")
    until: datetime | None = optional("Before this moment.")

    def criteria(self) -> audit.AuditFilter:
        """The filter as the service reads it; what is null asks for nothing."""
        given = {name: value for name, value in vars(self).items() if value is not None}
        for name in ("since", "until"):
            if name in given and given[name].tzinfo is None:
                allowed = "a moment with its offset from UTC, such as 2026-11-23T09:30:00Z"
                raise InvalidInputError(name, given[name].isoformat(), allowed)
        if "facility_id" in given:
            given["facility_id"] = facility_number("facilityId", given["facility_id"])
        return audit.AuditFilter(**given)


@strawberry.type
class AuditQueries:
    """The audit is for those who look after the server."""

    @strawberry.field(description="Who did what and when, newest first.")
    async def audit(
        self,
        info: Info,
        filter: Annotated[
            AuditFilter | None, strawberry.argument(description="Which entries.")
        ] = None,
        first: First = None,
        after: After = None,
    ) -> AuditConnection:
        context = info.context
        asked = page_request(first=first, after=after, max_size=context.settings.max_page_size)
        only = (filter or AuditFilter()).criteria()
        page = await audit_entries(context.viewer, asked, only)
        edges = [PageEdge(row.cursor, row) for row in page.rows]
        return AuditConnection(
            edges=edges,
            nodes=page.rows,
            page_info=PageInfo(
                has_next_page=page.has_next,
                has_previous_page=page.has_previous,
                start_cursor=edges[0].cursor if edges else None,
                end_cursor=edges[-1].cursor if edges else None,
            ),
        )
