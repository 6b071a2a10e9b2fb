# ruff: noqa: D102 - the description of a field says what it means
"""Facilities, and where they stand."""

from collections.abc import Awaitable
from contextlib import suppress
from datetime import date
from operator import attrgetter
from types import EllipsisType

import strawberry
from strawberry import Parent

from graphql_schema.context import Context, Info
from graphql_schema.presenter import Below, Lasting, Slot, below, presents, resolver, with_only
from graphql_schema.snapshot import (
    AsOf,
    LayersWanted,
    LocaleWanted,
    Presented,
)
from graphql_schema.types.applicability import (
    Applicability,
    DatedDecision,
    SharingGrant,
    decide,
    decide_at_once,
)
from graphql_schema.types.connections import (
    After,
    Before,
    Connection,
    CountedPage,
    First,
    Last,
)
from graphql_schema.types.country import CountryOnDay, country_on_day
from graphql_schema.types.decisions import AnyState, DatedWorkflow, Workflow
from graphql_schema.types.event import WorkflowEvent
from graphql_schema.types.knowledge import Country
from graphql_schema.types.node import Node
from kb.errors import InvalidInputError
from kb.services.access.matrix import Capability
from kb.services.access.scope import scope_of
from kb.services.facilities.columns import GrantView, grants_of_view
from kb.services.facilities.events import (
    PLACE,
    HistoryPage,
    RecordedEvent,
    event_of_kind,
    may_be_read_ahead,
)
from kb.services.facilities.facility_view import STANDING, FacilityView
from kb.services.facilities.reading import EVERYTHING, FacilityReads
from kb.services.paging import PageRequest


def _standing_key(facility: Presented[FacilityView]) -> tuple[object, ...]:
    """What tells where facilities stand, as far as it was read."""
    view, snapshot = facility.record, facility.snapshot
    return view.__class__, view.standing, snapshot.as_of, snapshot.layers


_LATEST_ON = Slot("latest_on", attrgetter("record.latest_on"))


def _standing_alone(facility: Presented[FacilityView]) -> Presented[FacilityView]:
    """Any facility that stands there in the same country."""
    view = facility.record
    kept = {name: getattr(view, name) for name in STANDING if name in view._fields}
    if "latest_kind" in kept:
        kept["latest_on"] = _LATEST_ON
    record = with_only(view, **kept, state=AnyState())
    return with_only(facility, record=record, snapshot=facility.snapshot)


@presents(
    Presented[FacilityView],
    "A factory or other facility.",
    Lasting(
        _standing_key,
        _standing_alone,
        own=lambda facility: facility.record.step_dates,
    ),
)
class Facility(Node):
    """A facility with its present state."""

    name: str = strawberry.field(description="Its name.")
    os_id: str | None = strawberry.field(description="Open Supply Hub id, if known.")
    gateway_id: str | None = strawberry.field(description="Gateway Facility ID, if it has one.")
    requested_gateway_id: str | None = strawberry.field(
        description="Gateway Facility ID that it handed over (FAQ 10), until it is linked."
    )
    better_work_id: str | None = strawberry.field(
        description="Id on the Better Work platform, if it has one."
    )
    address: str | None = strawberry.field(description="Where it is, if known.")
    contact_email: str | None = strawberry.field(
        description="Where the messages of FAQ 9 go; null if that is not known, and for brands and "
        "SLCP officers."
    )

    status_only: bool = strawberry.field(
        description="Whether it lets the caller, a brand, see where it stands, and none of its "
        "data: no labels, no cycles and no history."
    )
    version: int = strawberry.field(
        description="Grows with every change that the caller is told of. A change that gives it as "
        "`expectedVersion` is made only if nothing else that the caller is told of was recorded "
        "since."
    )

    @resolver("The global id, to be given to `node` or `facility`.", strawberry.ID)
    @staticmethod
    def id(root: Parent[Presented[FacilityView]], info: Info) -> str:
        return info.context.opaque_ids.global_id(root.record.id)

    @resolver("Its country.", Country)
    @staticmethod
    def country(root: Parent[Presented[FacilityView]], info: Info) -> CountryOnDay:
        return country_on_day(info.context, root.record.country, root.snapshot)

    @resolver("Its route, where it stands on the day, and what comes next.", Workflow)
    @staticmethod
    def workflow(
        root: Parent[Presented[FacilityView]],
        info: Info,
        as_of: AsOf = None,
        locale: LocaleWanted = None,
    ) -> DatedWorkflow | Awaitable[DatedWorkflow]:
        decision = decide_at_once(info.context, root, as_of, None, locale)
        if decision is not None:
            return decision.dated_workflow()
        return _workflow_in_the_past(info.context, root, as_of, locale)

    @resolver("What applies to it on the day.", Applicability)
    @staticmethod
    def what_applies(
        root: Parent[Presented[FacilityView]],
        info: Info,
        as_of: AsOf = None,
        layers: LayersWanted = None,
        locale: LocaleWanted = None,
    ) -> DatedDecision | Awaitable[DatedDecision]:
        decision = decide_at_once(info.context, root, as_of, layers, locale)
        if decision is not None:
            return decision
        return decide(info.context, root, as_of, layers, locale)

    @resolver(
        "What happened to it, oldest first: from the beginning, or with `last` from the end.",
        Connection[WorkflowEvent],
    )
    @staticmethod
    def history(
        root: Parent[Presented[FacilityView]],
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> CountedPage[RecordedEvent] | Awaitable[CountedPage[RecordedEvent]]:
        context, view = info.context, root.record
        request = context.page_request(first=first, after=after, last=last, before=before)
        read = view.histories.get(request)
        if read is not None:
            return _events_page(context, view.id, read)
        return _read_events_page(context, view.id, request)

    @resolver(
        "The last thing that happened to it; null where the caller is told of nothing.",
        WorkflowEvent | None,
    )
    @staticmethod
    def latest_event(
        root: Parent[Presented[FacilityView]], info: Info
    ) -> RecordedEvent | Awaitable[RecordedEvent | None] | None:
        view = root.record
        kind = view.latest_kind
        if not isinstance(kind, EllipsisType):
            day = view.latest_on
            return None if kind is None or day is None else event_of_kind(kind, day)
        read = view.histories.get(_LATEST)
        if read is not None:
            return read.rows[-1] if read.rows else None
        return _read_latest_event(info.context, root.record.id)

    @resolver("With whom it shares its data now, longest first.", list[SharingGrant])
    @staticmethod
    def sharing(
        root: Parent[Presented[FacilityView]], info: Info
    ) -> tuple[GrantView, ...] | Awaitable[tuple[GrantView, ...]]:
        view = root.record
        if "grants" in view._fields:
            return grants_of_view(view.grants)
        return info.context.loaders.grants.load(root.record.id)


def _events_page(
    context: Context, facility_id: int, page: HistoryPage
) -> CountedPage[RecordedEvent]:
    async def count() -> int:
        return len(await context.loaders.events.load(facility_id))

    return CountedPage(
        nodes=page.rows,
        cursor_of=page.cursor_of,
        has_next_page=page.has_next,
        has_previous_page=page.has_previous,
        count=count,
    )


async def _read_events_page(
    context: Context, facility_id: int, page_request: PageRequest
) -> CountedPage[RecordedEvent]:
    page = await context.loaders.histories(page_request).load(facility_id)
    return _events_page(context, facility_id, page)


async def _read_latest_event(context: Context, facility_id: int) -> RecordedEvent | None:
    page = await context.loaders.histories(_LATEST).load(facility_id)
    return page.rows[-1] if page.rows else None


_LATEST = PageRequest(size=1, backwards=True, after=None, before=None)

_FACILITY, _APPLICABILITY, _WORKFLOW, _HISTORY, _EVENT = READ_BELOW = (
    *("Facility", "Applicability", "Workflow", "WorkflowEventConnection", "WorkflowEvent"),
)
"""The types whose fields say what is to be read of facilities."""
_DECIDED = {"what_applies", "workflow"}
"""Fields of facilities that follow from what is decided for them."""
_TELLING_CYCLES = {(_APPLICABILITY, "summary"), (_APPLICABILITY, "cycles")}
"""Fields that tell of service cycles."""
_KEPT_OF_LATEST = {"kind", "occurred_on"}
"""Fields of the last event that are kept where the facility stands."""
_PLACED = {(_HISTORY, "edges"), (_HISTORY, "page_info")}
"""Fields of a history that tell where its events are among all of them."""
_READ_FOR = {"details": "payload", "on_behalf_of": "payload"}
"""Fields of events that show a field of the record under another name."""


def facility_reads(info: Info) -> FacilityReads:
    """What to read of facilities for all that is asked for below a field, in one statement."""
    selected = below(info)
    if selected is None:
        return EVERYTHING
    context = info.context
    follows_from = context.viewer.role, context.settings.max_page_size, context.today
    if follows_from not in selected.kept:
        selected.kept[follows_from] = _reads_of(context, selected)
    reads: FacilityReads = selected.kept[follows_from]
    return reads


def _reads_of(context: Context, selected: Below) -> FacilityReads:
    names = {name for type_, name, _ in selected.fields if type_ == _FACILITY}
    of_events = {_READ_FOR.get(name, name) for type_, name, _ in selected.fields if type_ == _EVENT}
    if not _DECIDED.isdisjoint(names):
        names |= {"decision_key", "status_only", "contested"}
    if any((type_, name) == (_WORKFLOW, "steps") for type_, name, _ in selected.fields):
        names.add("state")  # which has the days of steps
    if any((type_, name) in _TELLING_CYCLES for type_, name, _ in selected.fields):
        names.add("cycles")
    if "sharing" in names and context.viewer.may(Capability.READ_SHARING):
        names.add("grants")
    if any(
        type_ == _FACILITY and (arguments.get("as_of") or date.max) <= context.today
        for type_, _, arguments in selected.fields
    ):
        names.add("events")  # it may be a day in the past where a facility is
    pages = []
    if "latest_event" in names and may_be_read_ahead(_LATEST, context.viewer):
        if of_events <= _KEPT_OF_LATEST and scope_of(context.viewer).latest_kind is not None:
            names |= {"latest_kind", "latest_on"}
        else:
            pages.append(_LATEST)
    if any((type_, name) in _PLACED for type_, name, _ in selected.fields):
        of_events.add(PLACE)
    with suppress(InvalidInputError):  # which the field raises itself
        pages += [
            context.page_request(**{"first": None, **arguments})
            for type_, name, arguments in selected.fields
            if (type_, name) == (_FACILITY, "history")
        ]
    ahead = [page for page in pages if may_be_read_ahead(page, context.viewer)]
    return FacilityReads.of(names, tuple(dict.fromkeys(ahead)), of_events)


async def _workflow_in_the_past(
    context: Context, facility: Presented[FacilityView], as_of: date | None, locale: str | None
) -> DatedWorkflow:
    return (await decide(context, facility, as_of, None, locale)).dated_workflow()
