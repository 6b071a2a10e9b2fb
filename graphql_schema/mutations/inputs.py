"""What callers give for a change: each mutation has one input object."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import strawberry

from graphql_schema.scalars import CountryCode
from graphql_schema.types.enums import register
from graphql_schema.types.inputs import optional
from kb.rules.events import EventKind
from kb.rules.inputs import AssessmentKind, SharingChannel, Ternary
from kb.rules.on_behalf import WordMeans
from kb.rules.payloads import GranteeKind

register(
    GranteeKind,
    "Who is given access to the data of a facility (FAQ 11).",
    BRAND="A brand or other business partner.",
    ACCREDITED_HOST="A platform that receives shared assessments.",
)

_KEY = (
    "A text of the caller's choice that stands for this change. The same change sent again with "
    "the same key is answered as it was the first time, and not made twice."
)
_DAY = (
    "When it happened; today where the facility is, if left out. Earlier days are for officers, a "
    "later one for nobody."
)
_GRANTEE = (
    "The organisation of the brand or other business partner, or the name of the Accredited Host."
)

_OF_GRANTEES = "Of SHARED, UNSHARED, SIGHT_GRANTED and SIGHT_WITHDRAWN, which need it."

register(
    WordMeans,
    "How a facility has told something.",
    PHONE="By phone.",
    MAIL="By e-mail.",
    MEETING="In a meeting.",
    LETTER="By letter.",
)


@strawberry.input(
    description="The facility's word, by which a programme officer records something for it."
)
class OnBehalfOfInput:
    """How, when and by whom the facility has told it."""

    means: WordMeans = strawberry.field(description="How the facility told it.")
    given_on: date = strawberry.field(
        description="When it told it: the day of the record, or an earlier one."
    )
    person: str | None = optional("Who spoke for the facility, if that is to be kept.")


@strawberry.input
class ChangeInput:
    """What every change of a facility takes."""

    facility_id: strawberry.ID = strawberry.field(description="An id of the facility.")
    occurred_on: date | None = optional(_DAY)
    expected_version: int | None = optional(
        "The version of the facility as the caller read it; the change is refused when it has "
        "another one by now."
    )
    idempotency_key: str | None = optional(_KEY)
    on_behalf_of: OnBehalfOfInput | None = optional(
        "For a programme officer, who records what the facility has told: how and when it did. "
        "`occurredOn` is then that day, if left out."
    )

    def payload(self) -> Mapping[str, Any]:
        """The payload of the event, as `kb.rules.payloads` checks it."""
        return {name: value for name, value in vars(self).items() if name not in _COMMON}


_COMMON = frozenset(ChangeInput.__annotations__)


@strawberry.input
class Eligibility(ChangeInput):
    """What the country programme found out."""

    enrolled: Ternary | None = optional("Is it enrolled in Better Work? As before, if left out.")
    in_scope: Ternary | None = optional("Is it in Better Work's scope? As before, if left out.")
    capacity_available: Ternary | None = optional(
        "Has the country programme capacity to enrol it? As before, if left out."
    )


@strawberry.input
class GatewayId(ChangeInput):
    """A profile on the Gateway."""

    gateway_id: str = strawberry.field(description="The Gateway Facility ID.")


@strawberry.input
class Returned(ChangeInput):
    """A profile that was not approved."""

    reason: str | None = optional("Why, in words for the facility.")


@strawberry.input
class SelfAssessed(ChangeInput):
    """A self-assessment."""

    steps: list[int] = strawberry.field(description="The Steps it covers, of 1, 2 and 3.")


@strawberry.input
class Assessed(ChangeInput):
    """An assessment."""

    kind: AssessmentKind = strawberry.field(description="ONSITE or VCC.")


@strawberry.input
class Shared(ChangeInput):
    """Somebody who is given access."""

    channel: SharingChannel = strawberry.field(
        description="EMAIL_LINK for a brand, ACCREDITED_HOST for a host (FAQ 11)."
    )
    grantee: str = strawberry.field(description=_GRANTEE)

    def payload(self) -> Mapping[str, Any]:
        """The payload; what kind of recipient it is follows from the channel."""
        to_host = self.channel is SharingChannel.ACCREDITED_HOST
        kind = GranteeKind.ACCREDITED_HOST if to_host else GranteeKind.BRAND
        return {"channel": self.channel, "grantee_kind": kind, "grantee": self.grantee}


@strawberry.input
class Unshared(ChangeInput):
    """Somebody who ceases to have access."""

    grantee_kind: GranteeKind = strawberry.field(description="What kind of recipient it is.")
    grantee: str = strawberry.field(description=_GRANTEE)


@strawberry.input(
    description="What an event tells besides its day. Kinds that are not named tell nothing more."
)
class EventDetailsInput:
    """The payloads of all kinds of event in one."""

    enrolled: Ternary | None = optional("Of ELIGIBILITY_RECORDED.")
    in_scope: Ternary | None = optional("Of ELIGIBILITY_RECORDED.")
    capacity_available: Ternary | None = optional("Of ELIGIBILITY_RECORDED.")
    gateway_id: str | None = optional("Of PROFILE_APPROVED and LINK_REQUESTED, which need it.")
    reason: str | None = optional("Of PROFILE_RETURNED and RECORD_CONTESTED.")
    event: int | None = optional(
        "Of RECORD_CONTESTED, which needs it: the `sequence` of the event that is contested."
    )
    steps: list[int] | None = optional("Of SELF_ASSESSMENT_COMPLETED, which needs it.")
    kind: AssessmentKind | None = optional("Of ASSESSED, which needs it.")
    channel: SharingChannel | None = optional("Of SHARED, which needs it.")
    grantee_kind: GranteeKind | None = optional(_OF_GRANTEES)
    grantee: str | None = optional(_OF_GRANTEES)


@strawberry.input
class Sight(ChangeInput):
    """A brand that may see where the facility stands."""

    grantee: str = strawberry.field(description="The organisation of the brand.")

    def payload(self) -> Mapping[str, Any]:
        """The payload; only brands are given sight."""
        return {"grantee_kind": GranteeKind.BRAND, "grantee": self.grantee}


@strawberry.input
class Contested(ChangeInput):
    """A record that is wrong."""

    event: int = strawberry.field(description="The `sequence` of the event that is contested.")
    reason: str | None = optional("Why, in the facility's words.")


@strawberry.input
class AnyEvent(ChangeInput):
    """An event of any kind, as another system tells it."""

    kind: EventKind = strawberry.field(description="What happened.")
    details: EventDetailsInput | None = optional("What else there is to tell of it.")

    def payload(self) -> Mapping[str, Any]:
        """The payload, of which nothing follows from the kind."""
        return vars(self.details) if self.details else {}


@strawberry.input(description="A facility to register.")
class FacilityRegisterInput:
    """The facility as it becomes known."""

    name: str = strawberry.field(description="Its name, of 300 characters at most.")
    country: CountryCode = strawberry.field(description="Where it is.")
    os_id: str | None = optional("Open Supply Hub id, if known.")
    gateway_id: str | None = optional(
        "Gateway Facility ID, if it has an approved Facility Profile already."
    )
    better_work_id: str | None = optional("Id on the Better Work platform, if it has one.")
    contact_email: str | None = optional(
        "Where the messages of FAQ 9 go. Brands and SLCP officers are never shown it."
    )
    address: str | None = optional("Where it is, in 500 characters at most.")
    occurred_on: date | None = optional(_DAY)
    idempotency_key: str | None = optional(_KEY)


@strawberry.input(description="Where the messages of FAQ 9 go from now on.")
class FacilityCorrectContactInput:
    """A facility and an address."""

    facility_id: strawberry.ID = strawberry.field(description="An id of the facility.")
    contact_email: str = strawberry.field(description="The e-mail address.")


@strawberry.input(description="What to say of a new knowledge release.")
class KnowledgePublishInput:
    """The release."""

    note: str | None = optional("What changed, for the record.")
