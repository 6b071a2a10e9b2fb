"""What every resolver of one request shares: the knowledge, the viewer, the day, the loaders."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

import strawberry
from graphql import GraphQLError

from graphql_schema.computed_once import computed_once
from graphql_schema.loaders import Loaders
from graphql_schema.locales import ENGLISH, Served, locales_of, localised, serve, serve_decisions
from graphql_schema.presenter import with_only
from graphql_schema.snapshot import Presented, Snapshot
from kb.content import faq_records, records
from kb.content.records import Library
from kb.errors import InvalidInputError
from kb.rules.days import local_days
from kb.rules.evidence import KnowledgeLayer
from kb.rules.facts import ALL_LAYERS
from kb.rules.roles import Role
from kb.services.access.matrix import Viewer
from kb.services.access.opaque_ids import OpaqueIds, opaque_ids
from kb.services.facilities.facility_view import FacilityView
from kb.services.knowledge.holder import Knowledge
from kb.services.live.bus import Bus
from kb.services.paging import PageRequest, page_request
from kb.services.readings import note_reading
from kb.services.suppliers.entries import SupplierView
from kb.settings import Settings
from kb.settings.access import Introspection

Write = Callable[[], Awaitable[None]]
"""What writes something down."""


def now() -> datetime:
    """The moment that answers are for when no other day is asked for."""
    return datetime.now(UTC)


@lru_cache(maxsize=10)
def _days_in(minute: datetime) -> dict[str, date]:
    """The days of countries, as far as they were asked for; within a minute no day begins."""
    del minute
    return {}


class KnowledgeContext:
    """The knowledge and the day: what an answer may follow from, whoever asks.

    `alone` makes one that has nothing else but the role of who asks, so that what is made with it
    may be kept for others.
    """

    knowledge: Knowledge
    now: datetime
    viewer: Viewer

    @property
    def max_page_size(self) -> int:
        """How many entries a page may have."""
        raise NotImplementedError

    @property
    def today(self) -> date:
        """The day in UTC, for what belongs to no country."""
        return self.now.date()

    @property
    def library(self) -> Library:
        """All content of the release."""
        return self.knowledge.library

    @computed_once
    def snapshot(self) -> Snapshot:
        """Today, in all layers."""
        return Snapshot(self.library, self.today, ALL_LAYERS)

    @computed_once
    def local_days(self) -> dict[str, date]:
        """The days in countries, as far as they were asked for; the same object for a minute."""
        return _days_in(self.now.replace(second=0, microsecond=0))

    def today_in(self, country: str) -> date:
        """The day that has begun in the whole of a country."""
        days = self.local_days
        if country not in days:
            days[country] = local_days(country, self.now).today
        return days[country]

    def alone(self) -> "KnowledgeAlone":
        """The same knowledge, days and role, without the moment, and without who asks."""
        return KnowledgeAlone(self)

    def page_request(
        self,
        *,
        first: int | None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> PageRequest:
        """The part of a list that a field is asked for, no longer than the settings allow."""
        return page_request(
            first=first,
            after=after,
            last=last,
            before=before,
            max_size=self.max_page_size,
        )

    def snapshot_on(
        self,
        as_of: date | None,
        layers: list[KnowledgeLayer] | None,
        outer: Snapshot | None = None,
        country: str | None = None,
    ) -> Snapshot:
        """A day and layers asked for; what is left out is taken from the enclosing object.

        Where no day was asked for at all, it is today in the country, if one is named.
        """
        outer = outer or self.snapshot
        if as_of is None and outer.as_of == self.today and country is not None:
            as_of = self.today_in(country)
        if layers is not None and not layers:
            allowed = f"at least one of {', '.join(KnowledgeLayer)}"
            raise InvalidInputError("layers", "[]", allowed)
        return Snapshot(
            self.library,
            outer.as_of if as_of is None else as_of,
            outer.layers if layers is None else frozenset(layers),
        )

    def serve(self, wanted: str | None) -> Served:
        """The language in which to serve FAQs for the one asked for."""
        return serve(wanted, locales_of(self.library))

    def serve_decisions(self, wanted: str | None) -> Served:
        """The language in which to say what was decided for the one asked for."""
        return serve_decisions(self.library, wanted)

    def faq(
        self, number: int, served: Served = ENGLISH, snapshot: Snapshot | None = None
    ) -> Presented[faq_records.Faq]:
        """A FAQ entry in a language, in English where it has no text in that; it must be held."""
        faq, language = localised(self.library, number, served)
        return Presented(faq, snapshot or self.snapshot, str(number), language)

    def source(self, key: str, snapshot: Snapshot | None = None) -> Presented[records.Source]:
        """A source by its key, which must be held."""
        return Presented(self.library.sources[key], snapshot or self.snapshot, key)

    def passage(self, passage_id: str) -> faq_records.Passage:
        """A passage by its id, which must be held."""
        faq = self.library.faqs[int(passage_id.partition(".")[0])]
        return next(passage for passage in faq.passages if passage.id == passage_id)


class KnowledgeAlone(KnowledgeContext):
    """Has no moment, and of the viewer the role: whoever asks for more gets an AttributeError.

    `days` are those in countries that were looked at.
    """

    def __init__(self, whole: KnowledgeContext) -> None:
        self.knowledge = whole.knowledge
        self.viewer = with_only(whole.viewer, role=whole.viewer.role)
        self.days: dict[str, date] = {}
        self._today = whole.today
        self._today_in = whole.today_in
        self._max_page_size = whole.max_page_size

    @property
    def max_page_size(self) -> int:
        """How many entries a page may have."""
        return self._max_page_size

    @property
    def today(self) -> date:
        """The day in UTC."""
        return self._today

    def today_in(self, country: str) -> date:
        """The day that has begun in the whole of a country."""
        day = self.days[country] = self._today_in(country)
        return day


@dataclass(slots=True)
class Counted:
    """What was counted of an operation, so that it counts once when it is executed anew.

    `in_rate` tells whether it was counted against the caller's rate; `refused` is why the caller
    has to wait, None where it need not. `cost` is what the answer says of it, with the error of one
    that costs too much. `tokens` are those of a document that graphql-core executes. `deadline` is
    in seconds of the loop's clock.
    """

    in_rate: bool = False
    tokens: int = 0
    refused: GraphQLError | None = None
    cost: tuple[Mapping[str, Any], GraphQLError | None] | None = None
    deadline: float | None = None


@dataclass(kw_only=True)
class Context(KnowledgeContext):
    """One request. The knowledge stays the same during it, whatever is published meanwhile."""

    knowledge: Knowledge
    settings: Settings
    viewer: Viewer
    now: datetime = field(default_factory=now)
    request: Any = None
    connection_params: dict[str, Any] | None = None
    facilities_read: set[int] = field(default_factory=set, init=False)
    deferred_writes: list[Write] | None = field(default=None, init=False)
    counted: Counted = field(default_factory=Counted, init=False)

    @property
    def may_introspect(self) -> bool:
        """Whether the caller may ask for the schema; a command of this machine always may."""
        setting = self.settings.introspection
        if setting is Introspection.TOKENS:
            return self.viewer.role is not Role.ANONYMOUS
        return setting is Introspection.ALL or self.request is None

    @property
    def max_page_size(self) -> int:
        """How many entries a page may have."""
        return self.settings.max_page_size

    def presented_facility(
        self, facility: FacilityView, snapshot: Snapshot | None = None
    ) -> Presented[FacilityView]:
        """A facility for an answer; the audit learns that it was read."""
        return self.presented_facilities((facility,), snapshot or self.snapshot)[0]

    def presented_facilities(
        self, facilities: Sequence[FacilityView], snapshot: Snapshot
    ) -> list[Presented[FacilityView]]:
        """Facilities for an answer; the audit learns that they were read."""
        self.facilities_read.update([facility.id for facility in facilities])
        return [Presented(facility, snapshot) for facility in facilities]

    async def write(self, write: Write) -> None:
        """Write down what a field of a query is to write: at once, or when a plan has answered."""
        if self.deferred_writes is None:
            await write()
        else:
            self.deferred_writes.append(write)

    async def note_reading(self) -> None:
        """Note for the audit which facilities were shown, once for each operation."""
        read, self.facilities_read = self.facilities_read, set()
        await note_reading(self.viewer, read, now=datetime.now(UTC))

    @computed_once
    def opaque_ids(self) -> OpaqueIds:
        """What turns numbers of rows into ids; of a command, made when it is needed."""
        if self.request is None:
            return opaque_ids(self.settings)
        ids: OpaqueIds = self.request.app.state.opaque_ids
        return ids

    @property
    def address(self) -> str | None:
        """Where the request comes from, if that is known."""
        client = self.request.client
        return client.host if client else None

    @property
    def live_bus(self) -> Bus:
        """What subscriptions listen to."""
        bus: Bus = self.request.app.state.live_bus
        return bus

    def fresh(self) -> "Context":
        """The same caller asking anew, as for another operation on the same connection."""
        return replace(self, knowledge=self.request.app.state.knowledge.current, now=now())

    def renew(self) -> None:
        """Drop what was read, and use the current release and day from here on."""
        self.__dict__.update(vars(self.fresh()))
        for cached in ("loaders", "snapshot", "local_days"):
            self.__dict__.pop(cached, None)

    def read_anew(self) -> None:
        """Drop what loaders have read, or were reading when it was stopped."""
        self.__dict__.pop("loaders", None)

    @computed_once
    def loaders(self) -> Loaders:
        """Loaders that gather the database reads of this request."""
        return Loaders(self.viewer, self.now)

    async def facility(self, number: int) -> Presented[FacilityView] | None:
        """A facility by its number, if there is one that the caller may see."""
        facility = await self.loaders.facilities.load(number)
        return self.presented_facility(facility) if facility is not None else None

    async def supplier(self, number: int) -> Presented[SupplierView] | None:
        """A supplier on the caller's own list by its number, if there is one."""
        supplier = await self.loaders.suppliers.load(number)
        return Presented(supplier, self.snapshot, str(number)) if supplier is not None else None


Info = strawberry.Info[Context, None]
"""What resolvers take to reach the context of their request."""
