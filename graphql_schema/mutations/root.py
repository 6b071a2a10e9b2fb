# ruff: noqa: D102 - the description of a field says what it means
"""The root of all mutations. Each change of a facility is one row of `STEPS`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

import strawberry
from strawberry.tools import create_type
from strawberry.types.field import StrawberryField
from strawberry.utils.str_converters import capitalize_first, to_camel_case

from graphql_schema.context import Context, Info
from graphql_schema.mutations import inputs
from graphql_schema.mutations.inputs import (
    ChangeInput,
    FacilityCorrectContactInput,
    FacilityRegisterInput,
    KnowledgePublishInput,
)
from graphql_schema.mutations.learning import LearningMutations
from graphql_schema.mutations.results import (
    ContactCorrected,
    FacilityCorrectContactResult,
    FacilityRecordResult,
    FacilityRegisterResult,
    KnowledgePublishResult,
    Published,
)
from graphql_schema.mutations.suppliers import SupplierMutations
from graphql_schema.presenter import resolver
from graphql_schema.types.node import facility_number
from kb.errors import NotFoundError
from kb.models.fields import storable
from kb.rules.events import EventKind
from kb.services.access.matrix import Capability, require
from kb.services.facilities.contacts import correct_contact
from kb.services.knowledge.publishing import publish_content
from kb.services.knowledge.releases import release_info
from kb.services.recording.idempotency import Recorded
from kb.services.recording.record import record
from kb.services.recording.register import register_facility

MOST_NEW_VECTORS = 50
"""Texts that publishing may embed within one request: a few seconds of work."""


@dataclass(frozen=True, slots=True)
class Step:
    """A change of a facility: the kind of event it records, its description and its input.

    `kind` is None where the input names the kind.
    """

    kind: EventKind | None
    description: str
    input_class: type[ChangeInput] = ChangeInput


STEPS: Mapping[str, Step] = {
    "facility_enrol": Step(
        EventKind.ENROLLED, "Record that a facility has enrolled in Better Work (FAQ 8)."
    ),
    "facility_record_eligibility": Step(
        EventKind.ELIGIBILITY_RECORDED,
        "Record what the country programme found about scope and capacity (FAQ 7).",
        inputs.Eligibility,
    ),
    "facility_route_to_verifier_body": Step(
        EventKind.ROUTED_TO_VERIFIER_BODY,
        "Record that a Verifier Body assesses the facility, which is not enrolled (FAQ 7).",
    ),
    "facility_open_cycle": Step(EventKind.CYCLE_OPENED, "Open a Better Work service cycle."),
    "facility_close_cycle": Step(
        EventKind.CYCLE_CLOSED, "Close the service cycle, so that the next one can be opened."
    ),
    "facility_declare_interest": Step(
        EventKind.INTEREST_DECLARED,
        "Tell Better Work that the facility wants to share its data (FAQ 9).",
    ),
    "facility_set_up_on_platform": Step(
        EventKind.PLATFORM_SET_UP,
        "Record that the focal point has set up the registration on the Better Work platform "
        "(FAQ 9).",
    ),
    "facility_send_gateway_invitation": Step(
        EventKind.GATEWAY_INVITATION_SENT,
        "Send the facility the message with the link to the Gateway (FAQ 9).",
    ),
    "facility_submit_profile": Step(
        EventKind.PROFILE_SUBMITTED, "Record that the Facility Profile was submitted (FAQ 9)."
    ),
    "facility_approve_profile": Step(
        EventKind.PROFILE_APPROVED,
        "Approve the Facility Profile, issue its Gateway Facility ID, and send the facility the "
        "e-mail with it (FAQ 9).",
        inputs.GatewayId,
    ),
    "facility_return_profile": Step(
        EventKind.PROFILE_RETURNED,
        "Return the Facility Profile to the facility without approval.",
        inputs.Returned,
    ),
    "facility_request_link": Step(
        EventKind.LINK_REQUESTED,
        "Hand over an existing Gateway Facility ID and ask Better Work for the link (FAQ 10).",
        inputs.GatewayId,
    ),
    "facility_link": Step(
        EventKind.LINKED,
        "Record that Better Work platform and SLCP Gateway are linked (FAQs 9 and 10).",
    ),
    "facility_complete_self_assessment": Step(
        EventKind.SELF_ASSESSMENT_COMPLETED,
        "Record that the SLCP self-assessment is complete on the Better Work platform (FAQ 15).",
        inputs.SelfAssessed,
    ),
    "facility_record_assessment": Step(
        EventKind.ASSESSED,
        "Record the assessment of this service cycle: on site, or a Virtual Compliance Check "
        "(FAQs 17 and 23).",
        inputs.Assessed,
    ),
    "facility_publish_report": Step(
        EventKind.REPORT_POSTED,
        "Record that the assessment report is on the Better Work portal (FAQ 19).",
    ),
    "facility_submit_data": Step(
        EventKind.DATA_SUBMITTED, "Record that the data was sent to the Gateway (FAQ 19)."
    ),
    "facility_share": Step(
        EventKind.SHARED,
        "Share the data by an e-mailed link or with an Accredited Host (FAQ 11). A brand sees the "
        "facility from then on.",
        inputs.Shared,
    ),
    "facility_unshare": Step(
        EventKind.UNSHARED,
        "Stop sharing with a recipient. A brand no longer sees the facility.",
        inputs.Unshared,
    ),
    "facility_grant_sight": Step(
        EventKind.SIGHT_GRANTED,
        "Let a brand see where the facility stands, its steps and what comes next, without its "
        "data.",
        inputs.Sight,
    ),
    "facility_withdraw_sight": Step(
        EventKind.SIGHT_WITHDRAWN,
        "Let a brand no longer see where the facility stands.",
        inputs.Sight,
    ),
    "facility_contest_record": Step(
        EventKind.RECORD_CONTESTED,
        "Say that what an officer has recorded on behalf of the facility is wrong. Answers carry a "
        "warning until the same is recorded anew.",
        inputs.Contested,
    ),
    "facility_record_event": Step(
        None,
        "Record an event of any kind, for systems that pass on what others have done. Roles and "
        "conditions are those of the mutation for that kind.",
        inputs.AnyEvent,
    ),
}
"""Every mutation that records an event of a facility, by its name."""


def _mutation(name: str, step: Step) -> StrawberryField:
    public = to_camel_case(name)
    input_type = strawberry.input(
        type(f"{capitalize_first(public)}Input", (step.input_class,), {}),
        description=f"What `{public}` takes.",
    )

    async def resolve(info: Info, input: ChangeInput) -> Recorded:
        kind = input.kind if isinstance(input, inputs.AnyEvent) else step.kind
        assert kind is not None, f"{name} says neither itself nor in its input what it records"
        return await _record(info.context, kind, input)

    resolve.__name__ = name
    resolve.__annotations__["input"] = Annotated[
        input_type, strawberry.argument(description="Which facility, and what to record.")
    ]
    return resolver(step.description, FacilityRecordResult)(resolve)


async def _record(context: Context, kind: EventKind, input: ChangeInput) -> Recorded:
    try:
        return await record(
            context.viewer,
            await facility_number(context, "facilityId", input.facility_id),
            kind,
            input.payload(),
            occurred_on=input.occurred_on,
            now=datetime.now(UTC),
            knowledge=context.knowledge,
            idempotency_key=input.idempotency_key,
            expected_version=input.expected_version,
            backdating_days=context.settings.facility_backdating_days,
            on_behalf_of=None if input.on_behalf_of is None else vars(input.on_behalf_of),
        )
    except NotFoundError:
        raise NotFoundError("facility", input.facility_id) from None


@strawberry.type
class OtherMutations:
    """Changes that record no event of a facility that is known already."""

    @resolver("Register a facility, which begins its record.", FacilityRegisterResult)
    async def facility_register(
        self,
        info: Info,
        input: Annotated[FacilityRegisterInput, strawberry.argument(description="The facility.")],
    ) -> Recorded:
        context = info.context
        return await register_facility(
            context.viewer,
            **vars(input),
            now=datetime.now(UTC),
            knowledge=context.knowledge,
        )

    @resolver(
        "Correct the e-mail address to which the messages of FAQ 9 go. The same change sent again "
        "changes nothing.",
        FacilityCorrectContactResult,
    )
    async def facility_correct_contact(
        self,
        info: Info,
        input: Annotated[
            FacilityCorrectContactInput, strawberry.argument(description="The address.")
        ],
    ) -> ContactCorrected:
        context = info.context
        number = await facility_number(context, "facilityId", input.facility_id)
        try:
            facility = await correct_contact(
                context.viewer, number, input.contact_email, now=datetime.now(UTC)
            )
        except NotFoundError:
            raise NotFoundError("facility", input.facility_id) from None
        return ContactCorrected(context.presented_facility(facility))

    @resolver(
        "Publish the content of the server as a new knowledge release, after every check and every "
        "golden case.",
        KnowledgePublishResult,
    )
    async def knowledge_publish(
        self,
        info: Info,
        input: Annotated[
            KnowledgePublishInput, strawberry.argument(description="What to note of the release.")
        ],
    ) -> Published:
        context = info.context
        require(context.viewer, Capability.PUBLISH_KNOWLEDGE)
        note = None if input.note is None else storable("note", input.note)
        release = await publish_content(
            context.settings.content_dir,
            at=datetime.now(UTC),
            note=note,
            by=context.viewer,
            semantic=context.settings.semantic_search,
            most_new_vectors=MOST_NEW_VECTORS,
        )
        return Published(await release_info(release.number), release.created)


FacilityMutations = create_type(
    "FacilityMutations", [_mutation(name, step) for name, step in STEPS.items()]
)
Mutation: type = strawberry.type(
    type("Mutation", (FacilityMutations, OtherMutations, SupplierMutations, LearningMutations), {}),
    description="What people do. Each mutation is one change, made whole or not at all, and "
    "answers with what was recorded or with the reason why it was refused.",
)
"""Everything that can be changed."""
