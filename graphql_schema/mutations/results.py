# ruff: noqa: D102 - the description of a field says what it means
"""What a change answers when it was made, and the unions of that with the ways to be refused."""

from typing import Annotated

import strawberry

from graphql_schema.mutations.refusals import (
    ContentInvalid,
    GoldenCaseFailed,
    IdempotencyConflict,
    IllegalTransition,
    InvalidInput,
    NotFound,
    NotPermitted,
    StaleVersion,
)
from graphql_schema.types.decisions import Workflow
from graphql_schema.types.facility import EventKind, Facility, Underway, WorkflowEvent
from graphql_schema.types.knowledge import KnowledgeRelease
from graphql_schema.types.view import Shown, reads
from kb.services.recording import idempotency as calls
from kb.services.recording.record import possible_events

Info = strawberry.Info


@reads(
    calls.Recorded,
    description="What happened is on record, for good, and will be told to those who follow it.",
)
class FacilityRecorded:
    """The event, and the facility right after it."""

    event: WorkflowEvent = strawberry.field(description="What was recorded.")
    replayed: bool = strawberry.field(
        description="Whether this is the answer to an earlier call with the same idempotency key, "
        "given again."
    )

    @strawberry.field(description="The facility right after the event.")
    def facility(self, info: Info) -> Facility:
        return Shown(str(self.facility.id), self.facility, info.context.view)

    @strawberry.field(
        description="Where the facility stood right after the event and what comes next, in all "
        "layers; null for a caller who may not read that."
    )
    def workflow(self) -> Workflow | None:
        return self.workflow and Underway(self.workflow, self.facility.step_dates)

    @strawberry.field(description="What the caller may record at the facility now.")
    async def allowed_now(self, info: Info) -> list[EventKind]:
        context = info.context
        return await possible_events(
            context.viewer, self.facility.id, today=context.today, knowledge=context.knowledge
        )


@strawberry.type(description="Messages go to the address from now on, those that wait as well.")
class FacilityContactCorrected:
    """The facility."""

    facility: Facility = strawberry.field(description="The facility with its address.")


@strawberry.type(description="The content of the server is what answers are made from.")
class KnowledgePublished:
    """A release."""

    release: KnowledgeRelease = strawberry.field(
        description="The release; servers answer from it within seconds."
    )
    created: bool = strawberry.field(
        description="False when the content had not changed since this release."
    )


FacilityRecordResult = Annotated[
    FacilityRecorded
    | NotPermitted
    | NotFound
    | IllegalTransition
    | StaleVersion
    | IdempotencyConflict
    | InvalidInput,
    strawberry.union(
        "FacilityRecordResult",
        description="What happened was recorded, or it was refused and nothing was changed.",
    ),
]
FacilityRegisterResult = Annotated[
    FacilityRecorded | NotPermitted | IdempotencyConflict | InvalidInput,
    strawberry.union(
        "FacilityRegisterResult",
        description="The facility was registered, or it was refused and nothing was changed.",
    ),
]
FacilityCorrectContactResult = Annotated[
    FacilityContactCorrected | NotPermitted | NotFound | InvalidInput,
    strawberry.union(
        "FacilityCorrectContactResult",
        description="The address is on record, or it was refused and the one before stays.",
    ),
]
KnowledgePublishResult = Annotated[
    KnowledgePublished | NotPermitted | ContentInvalid | GoldenCaseFailed | InvalidInput,
    strawberry.union(
        "KnowledgePublishResult",
        description="The content is published, or it was refused and the release before stays.",
    ),
]
