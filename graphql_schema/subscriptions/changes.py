# ruff: noqa: D102 - the description of a field says what it means
"""What subscriptions to events answer with."""

from typing import Annotated

import strawberry
from strawberry import Parent

from graphql_schema.context import Info
from graphql_schema.presenter import presents, resolver
from graphql_schema.snapshot import Presented
from graphql_schema.types.event import WorkflowEvent
from graphql_schema.types.facility import Facility
from graphql_schema.types.node import global_id
from kb.services.facilities.facility_view import FacilityView
from kb.services.live import following

_CURSOR = "Give it as `after` to go on from here. It stays valid."


@presents(following.Happened, "Something happened to a facility.")
class FacilityEvent:
    """An event and its facility."""

    cursor: str = strawberry.field(description=_CURSOR)
    event: WorkflowEvent = strawberry.field(description="What happened.")

    @resolver("The facility as it stands now, which may be later.", Facility)
    @staticmethod
    def facility(root: Parent[following.Happened], info: Info) -> Presented[FacilityView]:
        return Presented(root.facility, info.context.snapshot, str(root.facility.id))


@presents(
    following.Appeared,
    "The caller sees a facility from here on: it began to share with the caller's "
    "organisation, or was registered.",
)
class FacilityAppeared:
    """A facility that appeared."""

    cursor: str = strawberry.field(description=_CURSOR)

    @resolver("The facility as it stands now.", Facility)
    @staticmethod
    def facility(root: Parent[following.Appeared], info: Info) -> Presented[FacilityView]:
        return Presented(root.facility, info.context.snapshot, str(root.facility.id))


@presents(
    following.Vanished,
    "The caller no longer sees a facility, which ceased to share with its organisation.",
)
class FacilityVanished:
    """A facility that the caller no longer sees; only its id is given."""

    cursor: str = strawberry.field(description=_CURSOR)

    @resolver("The global id under which the caller knew the facility.")
    @staticmethod
    def facility_id(root: Parent[following.Vanished], info: Info) -> strawberry.ID:
        return global_id(info.context, "Facility", str(root.facility_id))


@presents(
    following.CaughtUp,
    "All that was missed has been told; what follows is told as it happens.",
)
class CaughtUp:
    """The place where the replay ended."""

    cursor: str = strawberry.field(description=_CURSOR)


@presents(
    following.Overtaken,
    "The caller reads too slowly, so this subscription ends. Nothing is lost to one "
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
