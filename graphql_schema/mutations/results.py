# ruff: noqa: D102 - the description of a field says what it means
"""Results of mutations: what was recorded, in unions with the refusals."""

from dataclasses import dataclass
from typing import Annotated

import strawberry
from strawberry import Parent

from graphql_schema.context import Info
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
from graphql_schema.presenter import presents, resolver
from graphql_schema.snapshot import Presented
from graphql_schema.types.decisions import DatedWorkflow, Workflow
from graphql_schema.types.event import WorkflowEvent
from graphql_schema.types.facility import Facility
from graphql_schema.types.knowledge import KnowledgeRelease
from kb.rules.events import EventKind
from kb.services.facilities.facility_view import FacilityView
from kb.services.facilities.views import likely_duplicates
from kb.services.knowledge.releases import ReleaseInfo
from kb.services.recording.idempotency import Recorded
from kb.services.recording.record import possible_events


@presents(
    Recorded,
    "What happened is on record, for good, and will be told to those who follow it.",
)
class FacilityRecorded:
    """The event, and the facility right after it."""

    event: WorkflowEvent = strawberry.field(description="What was recorded.")
    replayed: bool = strawberry.field(
        description="Whether this is the answer to an earlier call with the same idempotency key, "
        "given again."
    )

    @resolver("The facility right after the event.", Facility)
    @staticmethod
    def facility(root: Parent[Recorded], info: Info) -> Presented[FacilityView]:
        return Presented(root.facility, info.context.snapshot, str(root.facility.id))

    @resolver(
        "Where the facility stood right after the event and what comes next, in all layers; null "
        "for a caller who may not read that.",
        Workflow | None,
    )
    @staticmethod
    def workflow(root: Parent[Recorded]) -> DatedWorkflow | None:
        if root.workflow is None:
            return None
        return DatedWorkflow(root.workflow, root.facility)

    @resolver(
        "Other facilities that are likely the same, by name, country and address, among those that "
        "the caller sees; at most ten.",
        list[Facility],
    )
    @staticmethod
    async def likely_duplicates(
        root: Parent[Recorded], info: Info
    ) -> list[Presented[FacilityView]]:
        duplicates = await likely_duplicates(root.facility, info.context.viewer)
        return [info.context.presented_facility(facility) for facility in duplicates]

    @resolver(
        "What the caller may record at the facility now, on behalf of the facility as well, once "
        "it has given its word."
    )
    @staticmethod
    async def allowed_now(root: Parent[Recorded], info: Info) -> list[EventKind]:
        context = info.context
        kinds = await possible_events(
            context.viewer, root.facility.id, now=context.now, knowledge=context.knowledge
        )
        return list(kinds)


@dataclass(frozen=True, slots=True)
class ContactCorrected:
    """A facility with its new address."""

    facility: Presented[FacilityView]


@presents(ContactCorrected, "Messages go to the address from now on, those that wait as well.")
class FacilityContactCorrected:
    """The facility."""

    facility: Facility = strawberry.field(description="The facility with its address.")


@dataclass(frozen=True, slots=True)
class Published:
    """The release with the content of the server, and whether it was made by this call."""

    release: ReleaseInfo
    created: bool


@presents(Published, "The content of the server is what answers are made from.")
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
