# ruff: noqa: D102 - the description of a field says what it means
"""What subscriptions to events tell."""

from typing import Annotated

import strawberry
from strawberry.relay.utils import to_base64

from graphql_schema.types.facility import Facility, WorkflowEvent
from graphql_schema.types.view import Shown, reads
from kb.services.live import following

Info = strawberry.Info

_CURSOR = "Give it as `after` to go on from here. It stays valid."


@reads(following.Happened, description="Something happened to a facility.")
class FacilityEvent:
    """An event and its facility."""

    cursor: str = strawberry.field(description=_CURSOR)
    event: WorkflowEvent = strawberry.field(description="What happened.")

    @strawberry.field(description="The facility as it stands now, which may be later.")
    def facility(self, info: Info) -> Facility:
        return Shown(str(self.facility.id), self.facility, info.context.view)


@reads(
    following.Appeared,
    description="The caller sees a facility from here on: it began to share with the caller's "
    "organisation, or was registered.",
)
class FacilityAppeared:
    """A facility that appeared."""

    cursor: str = strawberry.field(description=_CURSOR)

    @strawberry.field(description="The facility as it stands now.")
    def facility(self, info: Info) -> Facility:
        return Shown(str(self.facility.id), self.facility, info.context.view)


@reads(
    following.Vanished,
    description="The caller no longer sees a facility, which ceased to share with its "
    "organisation.",
)
class FacilityVanished:
    """A facility that vanished, of which nothing but the id is told."""

    cursor: str = strawberry.field(description=_CURSOR)

    @strawberry.field(description="The global id under which the caller knew the facility.")
    def facility_id(self) -> strawberry.ID:
        return strawberry.ID(to_base64("Facility", str(self.facility_id)))


@reads(
    following.CaughtUp,
    description="All that was missed has been told; what follows is told as it happens.",
)
class CaughtUp:
    """The place where the replay ended."""

    cursor: str = strawberry.field(description=_CURSOR)


@reads(
    following.Overtaken,
    description="The caller reads too slowly, so this subscription ends. Nothing is lost to one "
    "who subscribes anew from the cursor.",
)
class SlowReader:
    """The place from which to go on."""

    cursor: str = strawberry.field(description="Give it as `after` to a new subscription.")


FacilityChange = Annotated[
    FacilityEvent | CaughtUp | SlowReader,
    strawberry.union("FacilityChange", description="What `facilityEvents` tells."),
]
PortfolioChange = Annotated[
    FacilityEvent | FacilityAppeared | FacilityVanished | CaughtUp | SlowReader,
    strawberry.union("PortfolioChange", description="What `portfolioEvents` tells."),
]
