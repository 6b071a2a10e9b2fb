"""The English phrases of a letter, besides the texts of the answer; they are translated by them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final, TypeAlias

from kb.rules.codes import ActionDeadline, Actor
from kb.rules.inputs import (
    AssessmentKind,
    GatewayProfileState,
    InterestTiming,
    SharingChannel,
    Ternary,
)
from kb.rules.outcomes import LabelScope

Texts: TypeAlias = "str | Iterable[Texts]"

ACTORS: Final[Mapping[Actor, str]] = {
    Actor.FACILITY: "the facility",
    Actor.COUNTRY_PROGRAMME: "the Better Work country programme",
    Actor.FOCAL_POINT: "the registration focal point of the Better Work country programme",
    Actor.BETTER_WORK: "Better Work",
    Actor.SLCP: "SLCP",
    Actor.VERIFIER_BODY: "the Verifier Body",
    Actor.BRAND: "the brand",
    Actor.NATIONAL_CONSTITUENTS: "the national constituents",
    Actor.ACCREDITED_HOST: "the Accredited Host",
    Actor.HELPDESK: "the helpdesk",
    Actor.USER: "whoever entered the data",
}
DEADLINES: Final[Mapping[ActionDeadline, str]] = {
    ActionDeadline.BEFORE_ASSESSMENT: "before the assessment",
    ActionDeadline.BEFORE_NEXT_ASSESSMENT: "before the next assessment",
    ActionDeadline.BEFORE_NEXT_SERVICE_CYCLE: "before the next service cycle starts",
    ActionDeadline.IN_NEXT_SERVICE_CYCLE: "in the next service cycle",
}
CHANNELS: Final[Mapping[SharingChannel, str]] = {
    SharingChannel.EMAIL_LINK: "Shared with {grantee} by an e-mailed link, since {day}.",
    SharingChannel.ACCREDITED_HOST: (
        "Shared with {grantee} through an Accredited Host, since {day}."
    ),
}
SCOPES: Final[Mapping[LabelScope, str]] = {
    LabelScope.ALL: "{steps}: {text}",
    LabelScope.IN_VCC_SUBSET: "{steps}, in the subset of the Virtual Compliance Check: {text}",
    LabelScope.OUTSIDE_VCC_SUBSET: "{steps}, outside the subset: {text}",
}
ENROLLED: Final[Mapping[Ternary, str]] = {
    Ternary.YES: "enrolled in Better Work",
    Ternary.NO: "not enrolled in Better Work",
}
IN_SCOPE: Final[Mapping[Ternary, str]] = {
    Ternary.YES: "in the scope of Better Work",
    Ternary.NO: "not in the scope of Better Work",
}
CAPACITY: Final[Mapping[Ternary, str]] = {
    Ternary.YES: "the country programme has room for it",
    Ternary.NO: "the country programme has no room for it",
}
ASSESSMENT: Final[Mapping[AssessmentKind, str]] = {
    AssessmentKind.NONE: "not assessed in this service cycle yet",
    AssessmentKind.ONSITE: "assessed on site in this service cycle",
    AssessmentKind.VCC: "assessed by a Virtual Compliance Check in this service cycle",
}
# How things stand, and how they stood when the assessment came.
GATEWAY: Final[Mapping[GatewayProfileState, tuple[str, str]]] = {
    GatewayProfileState.NONE: (
        "no approved Gateway profile",
        "no approved Gateway profile before the assessment",
    ),
    GatewayProfileState.EXISTS_UNLINKED: (
        "a Gateway profile that is not linked",
        "a Gateway profile that was not linked before the assessment",
    ),
    GatewayProfileState.LINKED: (
        "linked with the Gateway",
        "linked with the Gateway before the assessment",
    ),
}
INTEREST: Final[Mapping[InterestTiming, tuple[str, str]]] = {
    InterestTiming.NOT_DECLARED: (
        "interest in sharing not declared yet",
        "interest in sharing not declared before the assessment",
    ),
    InterestTiming.BEFORE_ASSESSMENT: (
        "interest in sharing declared",
        "interest in sharing declared before the assessment",
    ),
    InterestTiming.AFTER_ASSESSMENT: (
        "interest in sharing declared after an assessment",
        "interest in sharing declared after the assessment",
    ),
}
SELF_ASSESSED: Final[Mapping[Ternary, tuple[str, str]]] = {
    Ternary.YES: ("self-assessment finished", "self-assessment finished before the assessment"),
    Ternary.NO: (
        "self-assessment not finished yet",
        "self-assessment not finished before the assessment",
    ),
}
AGE: Final = (
    "This is what applies on {day}. The rules are those of the shared FAQs of SLCP and Better Work "
    "of October 2021; they may have changed since."
)
RULES_FROM: Final = date(2021, 10, 1)
"""The first day of the month that the shared FAQs bear."""

AGE_BEFORE: Final = (
    "This is what applies on {day}. The rules are those of the shared FAQs of SLCP and Better Work "
    "of October 2021, which came after that day."
)
AGE_TO_COME: Final = "That day is still to come: this is what is known on {today}."
AGE_OF_PAGES_ALONE: Final = (
    "Only later public pages were asked, without the shared FAQs of SLCP and Better Work of "
    "October 2021, which hold the rules; so nothing is decided here for {day}."
)
UNREVIEWED: Final = (
    "This text was translated from English, and nobody has reviewed the translation yet. Where it "
    "is unclear, the English text holds."
)
"""Said where words are those of a translation; the translation names its language as well."""

AGE_OF_PAGES: Final = (
    "What later public pages say is marked with the number of its source; the list of sources says "
    "when each was last checked."
)
SECTIONS: Final = (
    "What applies",
    "In the way",
    "With whom the data is shared",
    "What to do next",
    "What the data may be called",
    "What it costs",
    "What later pages add",
    "What to bear in mind",
    "What is not known",
    "Sources",
)
OTHERS: Final = (
    "{name}, {country}, on {day}",
    "A facility in {country}, on {day}",
    AGE,
    AGE_BEFORE,
    AGE_TO_COME,
    AGE_OF_PAGES,
    AGE_OF_PAGES_ALONE,
    UNREVIEWED,
    "On record: {facts}.",
    "Taken as known: {facts}.",
    "Nothing is known of this facility but its country.",
    "the self-assessment covers {steps}",
    "Step {numbers}",
    "Steps {numbers}",
    "linked with the Gateway by now",
    "{first} and {last}",
    "This is data of service cycle {cycle}, which came before the present one.",
    "What the data of service cycle {cycle} may be called",
    "Nothing that the sources ask for.",
    "{title} ({actor}).",
    "{title} ({actor}, {deadline}).",
    "{title} ({actor}, {advised}, and at the latest {deadline}).",
    "{text} Deadline: {deadline}.",
    "{text} Deadline: {advised}, and at the latest {deadline}.",
    "FAQ {numbers}",
    "FAQs {numbers}",
    "derived from {faqs}",
    "{faqs} read together",
    "dated {day}",
    "last checked on {day}",
    "Knowledge release {number} of {day}.",
)


def _every_text(texts: Texts) -> list[str]:
    if isinstance(texts, str):
        return [texts]
    return [text for part in texts for text in _every_text(part)]


PHRASES: Final = tuple(
    dict.fromkeys(
        _every_text(
            texts.values() if isinstance(texts, Mapping) else texts
            for texts in (
                *(ACTORS, DEADLINES, CHANNELS, SCOPES, ENROLLED, IN_SCOPE, CAPACITY),
                *(ASSESSMENT, GATEWAY, INTEREST, SELF_ASSESSED, SECTIONS, OTHERS),
            )
        )
    )
)
"""Every English text that a letter has besides those of the answer, for translation."""
