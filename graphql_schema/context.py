"""What every resolver of one request shares: the knowledge, the viewer, the day, the loaders."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any

from graphql_schema.loaders import Loaders
from graphql_schema.locales import ENGLISH, Served, held_in, localised, serve
from graphql_schema.types.view import Shown, View
from kb.content import records
from kb.content.records import Library
from kb.errors import InvalidInputError
from kb.models.fields import LARGEST_ID
from kb.rules.evidence import KnowledgeLayer
from kb.rules.facts import ALL_LAYERS
from kb.services.access.matrix import Viewer
from kb.services.audit import note_reading
from kb.services.facilities.views import FacilityView
from kb.services.knowledge.holder import Knowledge
from kb.services.live.bus import Bus
from kb.settings import Settings


def today() -> date:
    """The day in UTC, which an answer is for when no other is asked for."""
    return datetime.now(UTC).date()


@dataclass(kw_only=True)
class Context:
    """One request. The knowledge stays the same during it, whatever is published meanwhile."""

    knowledge: Knowledge
    settings: Settings
    viewer: Viewer
    today: date = field(default_factory=today)
    request: Any = None
    connection_params: dict[str, Any] | None = None
    facilities_read: set[int] = field(default_factory=set)

    def showing(
        self, key: str, facility: FacilityView, view: View | None = None
    ) -> Shown[FacilityView]:
        """A facility as it is shown; that it is, is noted for the audit."""
        self.facilities_read.add(facility.id)
        return Shown(key, facility, view or self.view)

    async def note_reading(self) -> None:
        """Write down which facilities were shown, where that is recorded; once an operation."""
        read, self.facilities_read = self.facilities_read, set()
        await note_reading(self.viewer, read, now=datetime.now(UTC))

    @property
    def live_bus(self) -> Bus:
        """What subscriptions listen to."""
        bus: Bus = self.request.app.state.live_bus
        return bus

    def fresh(self) -> "Context":
        """The same caller asking anew, as for another operation on the same connection."""
        return replace(self, knowledge=self.request.app.state.knowledge.current, today=today())

    def renew(self) -> None:
        """Forget what was read, and answer from here on as of now."""
        self.__dict__.update(vars(self.fresh()))
        for kept in ("loaders", "view"):
            self.__dict__.pop(kept, None)

    @property
    def library(self) -> Library:
        """All content of the release."""
        return self.knowledge.library

    @cached_property
    def loaders(self) -> Loaders:
        """Loaders that gather the database reads of this request."""
        return Loaders(self.viewer, self.today)

    @cached_property
    def view(self) -> View:
        """Today, in all layers."""
        return View(self.library, self.today, ALL_LAYERS)

    def view_on(
        self,
        as_of: date | None,
        layers: list[KnowledgeLayer] | None,
        outer: View | None = None,
    ) -> View:
        """A day and layers asked for; what is left out is taken from the enclosing object."""
        outer = outer or self.view
        if layers is not None and not layers:
            allowed = f"at least one of {', '.join(KnowledgeLayer)}"
            raise InvalidInputError("layers", "[]", allowed)
        return View(
            self.library,
            outer.as_of if as_of is None else as_of,
            outer.layers if layers is None else frozenset(layers),
        )

    def serve(self, wanted: str | None) -> Served:
        """The language in which to serve FAQs for the one asked for."""
        return serve(wanted, held_in(self.library))

    def faq(
        self, number: int, served: Served = ENGLISH, view: View | None = None
    ) -> Shown[records.Faq]:
        """A FAQ entry in a language, in English if it has no text in it; it must be held."""
        faq, told = localised(self.library, number, served)
        return Shown(str(number), faq, view or self.view, told)

    def passage(self, passage_id: str) -> records.Passage:
        """A passage by its id, which must be held."""
        faq = self.library.faqs[int(passage_id.partition(".")[0])]
        return next(passage for passage in faq.passages if passage.id == passage_id)

    async def facility(self, key: str) -> Shown[FacilityView] | None:
        """A facility by the key of its global id, if there is one."""
        if not (key.isascii() and key.isdecimal() and int(key[:20]) <= LARGEST_ID):
            return None
        found = await self.loaders.facilities.load(int(key))
        return self.showing(key, found) if found is not None else None
