# ruff: noqa: D102 - the description of a field says what it means
"""What happened to a facility."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import strawberry
from strawberry import Parent

from graphql_schema.context import Info
from graphql_schema.presenter import presents, resolver
from kb.rules.events import EventKind
from kb.rules.on_behalf import ON_BEHALF_OF, WordMeans
from kb.services.access.scope import scope_of
from kb.services.facilities.events import RecordedEvent


@strawberry.type(description="One detail of an event.")
class EventDetail:
    """A name and a value."""

    name: str = strawberry.field(description="What it is, such as kind or steps.")
    value: str = strawberry.field(description="Its value.")


@strawberry.type(description="The facility's word, by which an officer recorded an event for it.")
class OnBehalfOf:
    """How, when and by whom the facility has told it."""

    means: WordMeans = strawberry.field(description="How the facility told it.")
    given_on: date = strawberry.field(description="When it told it.")
    person: str | None = strawberry.field(
        description="Who spoke for the facility, if that is held and the caller may know it."
    )


@presents(RecordedEvent, "Something that happened to a facility.")
class WorkflowEvent:
    """An event; it was recorded once and is never changed."""

    cycle: int = strawberry.field(description="The service cycle it fell into, from 1; 0 for none.")
    recorded_at: datetime = strawberry.field(description="When it was recorded, in UTC.")
    actor_role: str = strawberry.field(description="In what role it was recorded.")
    actor: str | None = strawberry.field(description="By whom, if that is held.")

    @resolver("What happened.")
    @staticmethod
    def kind(root: Parent[RecordedEvent]) -> EventKind:
        return root.event.kind

    @resolver("The day on which it happened.")
    @staticmethod
    def occurred_on(root: Parent[RecordedEvent]) -> date:
        return root.event.occurred_on

    @resolver(
        "Its place among the events of the facility, from 1. Null for a brand and for an SLCP "
        "officer, who are not told of every event."
    )
    @staticmethod
    def sequence(root: Parent[RecordedEvent], info: Info) -> int | None:
        return root.event.sequence if scope_of(info.context.viewer).every_event else None

    @resolver("What else was recorded of it.")
    @staticmethod
    def details(root: Parent[RecordedEvent]) -> list[EventDetail]:
        return [
            EventDetail(name=name, value=", ".join(map(str, value)))
            if isinstance(value, list)
            else EventDetail(name=name, value=str(value))
            for name, value in root.event.payload.items()
            if name != ON_BEHALF_OF
        ]

    @resolver(
        "The facility's word, by which an officer recorded it on behalf of the facility; null for "
        "what was recorded in one's own name."
    )
    @staticmethod
    def on_behalf_of(root: Parent[RecordedEvent]) -> OnBehalfOf | None:
        return on_behalf_of(root.event.payload.get(ON_BEHALF_OF))


def on_behalf_of(word: Mapping[str, Any] | None) -> OnBehalfOf | None:
    """The facility's word as it is kept; None for none."""
    if word is None:
        return None
    return OnBehalfOf(
        means=WordMeans(word["means"]),
        given_on=date.fromisoformat(word["given_on"]),
        person=word.get("person"),
    )
