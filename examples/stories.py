"""Five ways of a factory, as the shared FAQs tell them: who does what, and what applies then."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

OFFICER, SLCP, FACTORY = "officer", "slcp", "factory"

ROLES = {
    "facilityEnrol": OFFICER,
    "facilityRecordEligibility": OFFICER,
    "facilityRouteToVerifierBody": OFFICER,
    "facilityOpenCycle": OFFICER,
    "facilityCloseCycle": OFFICER,
    "facilityDeclareInterest": FACTORY,
    "facilitySetUpOnPlatform": OFFICER,
    "facilitySendGatewayInvitation": OFFICER,
    "facilitySubmitProfile": FACTORY,
    "facilityReturnProfile": SLCP,
    "facilityApproveProfile": SLCP,
    "facilityRequestLink": FACTORY,
    "facilityLink": OFFICER,
    "facilityCompleteSelfAssessment": FACTORY,
    "facilityRecordAssessment": OFFICER,
    "facilityPublishReport": OFFICER,
    "facilitySubmitData": OFFICER,
    "facilityShare": FACTORY,
    "facilityUnshare": FACTORY,
}
"""Who takes each step; everybody else is refused."""

NOT_FOUND = "NOT_FOUND"

NEEDS: dict[str, tuple[tuple[frozenset[str], str], ...]] = {
    step: tuple((frozenset(first.split(" or ")), guard) for first, guard in needed)
    for step, needed in {
        "facilityOpenCycle": [("facilityEnrol", "IS_ENROLLED")],
        "facilityCloseCycle": [("facilityOpenCycle", "CYCLE_IS_OPEN")],
        "facilityDeclareInterest": [("facilityEnrol", "IS_ENROLLED")],
        "facilitySetUpOnPlatform": [
            ("facilityEnrol", "IS_ENROLLED"),
            ("facilityDeclareInterest", "INTEREST_FIRST"),
        ],
        "facilitySendGatewayInvitation": [
            ("facilityEnrol", "IS_ENROLLED"),
            ("facilitySetUpOnPlatform", "SET_UP_FIRST"),
        ],
        "facilitySubmitProfile": [("facilitySendGatewayInvitation", "INVITED_FIRST")],
        # SLCP does not even see a facility that has nothing to do with the Gateway yet.
        "facilityReturnProfile": [("facilitySubmitProfile", NOT_FOUND)],
        "facilityApproveProfile": [("facilitySubmitProfile", NOT_FOUND)],
        "facilityRequestLink": [("facilityEnrol", "REGISTERED_WITH_BETTER_WORK")],
        "facilityLink": [
            ("facilityEnrol", "IS_ENROLLED"),
            ("facilityApproveProfile or facilityRequestLink", "PROFILE_APPROVED_FIRST"),
        ],
        "facilityCompleteSelfAssessment": [
            ("facilityEnrol", "IS_ENROLLED"),
            ("facilityLink", "LINKED_FIRST"),
        ],
        "facilityRecordAssessment": [
            ("facilityEnrol", "IS_ENROLLED"),
            ("facilityOpenCycle", "CYCLE_IS_OPEN"),
        ],
        "facilityPublishReport": [("facilityRecordAssessment", "ASSESSED_FIRST")],
        "facilitySubmitData": [
            ("facilityRecordAssessment", "ASSESSED_FIRST"),
            ("facilityPublishReport", "REPORT_FIRST"),
        ],
        "facilityShare": [
            ("facilityRecordAssessment", "ASSESSED_FIRST"),
            ("facilitySubmitData", "ON_GATEWAY_FIRST"),
        ],
        "facilityUnshare": [("facilityShare", "IS_SHARED")],
    }.items()
}
"""What each step needs first, and the guard that refuses it until then."""


@dataclass(frozen=True)
class Step:
    """A step by the right role.

    `then` is what `whatApplies` has afterwards: the workflow state, whether data can be shared,
    and the first action due. `brand_sees` is what the brand's subscription tells. `refused` are
    steps that the right role tries in vain: the step, what it tells and the guard.
    """

    does: str
    details: dict[str, Any] = field(default_factory=dict)
    then: str = ""
    brand_sees: tuple[str, ...] = ()
    refused: tuple[tuple[str, dict[str, Any], str], ...] = ()


@dataclass(frozen=True)
class Story:
    """A factory in Viet Nam and its way; `labels` is what its data may be called in the end."""

    title: str
    factory: str
    os_id: str
    steps: tuple[Step, ...]
    assessed_by: str
    labels: tuple[str, ...]


TO_BRAND = {"channel": "EMAIL_LINK", "grantee": "Example Brand"}
FROM_BRAND = {"granteeKind": "BRAND", "grantee": "Example Brand"}
TO_HOST = {"channel": "ACCREDITED_HOST", "grantee": "FFC"}
NOT_SHAREABLE = (
    ("facilitySubmitData", {}, "SHAREABLE"),
    ("facilityShare", TO_BRAND, "SHAREABLE"),
)

NEW_PROFILE = Story(
    title="A factory without Gateway profile, from nothing started to shared",
    factory="Story Garments 1",
    os_id="VN2026001STRYA2",
    steps=(
        Step(
            "facilityEnrol",
            then="BW_ENROLLED, NOT_YET, DECLARE_INTEREST",
            refused=(
                ("facilityEnrol", {}, "NOT_ENROLLED_YET"),
                ("facilityRouteToVerifierBody", {}, "NOT_ENROLLED"),
            ),
        ),
        Step(
            "facilityOpenCycle",
            then="BW_ENROLLED, NOT_YET, DECLARE_INTEREST",
            refused=(("facilityOpenCycle", {}, "NO_OPEN_CYCLE"),),
        ),
        Step(
            "facilityDeclareInterest",
            then="INTEREST_DECLARED, NOT_YET, SET_UP_REGISTRATION",
            refused=(("facilityDeclareInterest", {}, "NOT_DECLARED_YET"),),
        ),
        Step("facilitySetUpOnPlatform", then="BW_PLATFORM_READY, NOT_YET, SEND_GATEWAY_INVITATION"),
        Step(
            "facilitySendGatewayInvitation",
            then="GATEWAY_INVITED, NOT_YET, SUBMIT_FACILITY_PROFILE",
        ),
        Step(
            "facilitySubmitProfile",
            then="PROFILE_SUBMITTED, NOT_YET, APPROVE_FACILITY_PROFILE",
            refused=(("facilitySubmitProfile", {}, "NOT_SUBMITTED_YET"),),
        ),
        Step(
            "facilityReturnProfile",
            {"reason": "The address is missing."},
            then="GATEWAY_INVITED, NOT_YET, SUBMIT_FACILITY_PROFILE",
            refused=(("facilityApproveProfile", {"gatewayId": "STORY-1"}, "SUBMITTED_FIRST"),),
        ),
        Step("facilitySubmitProfile", then="PROFILE_SUBMITTED, NOT_YET, APPROVE_FACILITY_PROFILE"),
        Step(
            "facilityApproveProfile",
            {"gatewayId": "STORY-1"},
            then="PROFILE_SUBMITTED, NOT_YET, LOG_IN_TO_CONNECT",
            refused=(
                ("facilityApproveProfile", {"gatewayId": "STORY-9"}, "SUBMITTED_FIRST"),
                ("facilitySubmitProfile", {}, "NO_PROFILE_YET"),
            ),
        ),
        Step(
            "facilityLink",
            then="LINKED, NOT_YET, COMPLETE_SELF_ASSESSMENT",
            refused=(("facilityLink", {}, "NOT_LINKED_YET"),),
        ),
        Step(
            "facilityCompleteSelfAssessment",
            {"steps": [1, 2]},
            then="SELF_ASSESSED, ON_TRACK, CARRY_OUT_ASSESSMENT",
        ),
        Step(
            "facilityRecordAssessment",
            {"kind": "ONSITE"},
            then="ASSESSED, SHAREABLE_NOW, POST_REPORT",
            refused=(("facilityRecordAssessment", {"kind": "VCC"}, "NOT_ASSESSED_YET"),),
        ),
        Step("facilityPublishReport", then="REPORT_ON_BW_PORTAL, SHAREABLE_NOW, SUBMIT_DATA"),
        Step("facilitySubmitData", then="ON_GATEWAY, SHAREABLE_NOW, SHARE"),
        Step("facilityShare", TO_HOST, then="SHARED, SHAREABLE_NOW"),
        Step(
            "facilityShare",
            TO_BRAND,
            then="SHARED, SHAREABLE_NOW",
            brand_sees=("FacilityAppeared",),
        ),
        Step(
            "facilityCloseCycle",
            then="SHARED, SHAREABLE_NOW, RENEW_INTEREST_AFTER_SHARING",
            brand_sees=("FacilityEvent",),
        ),
        Step(
            "facilityUnshare",
            FROM_BRAND,
            then="SHARED, SHAREABLE_NOW, RENEW_INTEREST_AFTER_SHARING",
            brand_sees=("FacilityVanished",),
            refused=(("facilityUnshare", FROM_BRAND, "IS_SHARED"),),
        ),
    ),
    assessed_by="BETTER_WORK",
    labels=("BW_ASSESSED_STEP1", "SELF_STEP1", "BW_ADVISORY_ONLY", "ENHANCED_SELF", "NO_DATA"),
)

EXISTING_PROFILE = Story(
    title="A factory that has a Gateway profile already",
    factory="Story Garments 2",
    os_id="VN2026001STRYB3",
    steps=(
        Step("facilityEnrol", then="BW_ENROLLED, NOT_YET, DECLARE_INTEREST"),
        Step("facilityDeclareInterest", then="INTEREST_DECLARED, NOT_YET, SET_UP_REGISTRATION"),
        Step(
            "facilityRequestLink",
            {"gatewayId": "STORY-2"},
            then="LINK_REQUESTED, NOT_YET, ADD_GATEWAY_ID",
            refused=(
                ("facilitySetUpOnPlatform", {}, "NO_PROFILE_YET"),
                ("facilitySendGatewayInvitation", {}, "SET_UP_FIRST"),
            ),
        ),
        Step(
            "facilityLink",
            then="LINKED, NOT_YET, OPEN_SERVICE_CYCLE",
            refused=(("facilityRequestLink", {"gatewayId": "STORY-2"}, "NOT_LINKED_YET"),),
        ),
        Step("facilityOpenCycle", then="LINKED, NOT_YET, COMPLETE_SELF_ASSESSMENT"),
        Step(
            "facilityCompleteSelfAssessment",
            {"steps": [1]},
            then="SELF_ASSESSED, ON_TRACK, CARRY_OUT_ASSESSMENT",
        ),
        Step(
            "facilityRecordAssessment",
            {"kind": "ONSITE"},
            then="ASSESSED, SHAREABLE_NOW, POST_REPORT",
        ),
        Step("facilityPublishReport", then="REPORT_ON_BW_PORTAL, SHAREABLE_NOW, SUBMIT_DATA"),
        Step("facilitySubmitData", then="ON_GATEWAY, SHAREABLE_NOW, SHARE"),
        Step(
            "facilityShare",
            TO_BRAND,
            then="SHARED, SHAREABLE_NOW",
            brand_sees=("FacilityAppeared",),
        ),
    ),
    assessed_by="BETTER_WORK",
    labels=("BW_ASSESSED_STEP1", "SELF_STEP1", "BW_ADVISORY_ONLY", "NO_DATA", "NO_DATA"),
)

MISSED_WINDOW = Story(
    title="A factory that declares its interest only after the assessment",
    factory="Story Garments 3",
    os_id="VN2026001STRYC4",
    steps=(
        Step("facilityEnrol", then="BW_ENROLLED, NOT_YET, DECLARE_INTEREST"),
        Step("facilityOpenCycle", then="BW_ENROLLED, NOT_YET, DECLARE_INTEREST"),
        Step(
            "facilityRecordAssessment",
            {"kind": "ONSITE"},
            then="BW_ONLY_THIS_CYCLE, NOT_THIS_CYCLE, DECLARE_INTEREST_NEXT_CYCLE",
            refused=NOT_SHAREABLE,
        ),
        Step(
            "facilityDeclareInterest",
            then="BW_ONLY_THIS_CYCLE, NOT_THIS_CYCLE, SET_UP_REGISTRATION",
            refused=NOT_SHAREABLE,
        ),
        Step(
            "facilityPublishReport",
            then="BW_ONLY_THIS_CYCLE, NOT_THIS_CYCLE, SET_UP_REGISTRATION",
            refused=NOT_SHAREABLE,
        ),
        Step("facilityCloseCycle", then="BW_ONLY_THIS_CYCLE, NOT_THIS_CYCLE, SET_UP_REGISTRATION"),
        Step(
            "facilityOpenCycle",
            then="INTEREST_DECLARED, NOT_YET, SET_UP_REGISTRATION",
            refused=(("facilityShare", TO_BRAND, "ASSESSED_FIRST"),),
        ),
    ),
    assessed_by="BETTER_WORK",
    labels=("NO_DATA", "NO_DATA", "NO_DATA"),
)

VIRTUAL_CHECK = Story(
    title="A factory that is assessed by a Virtual Compliance Check",
    factory="Story Garments 4",
    os_id="VN2026001STRYD5",
    steps=(
        Step("facilityEnrol", then="BW_ENROLLED, NOT_YET, DECLARE_INTEREST"),
        Step("facilityOpenCycle", then="BW_ENROLLED, NOT_YET, DECLARE_INTEREST"),
        Step("facilityDeclareInterest", then="INTEREST_DECLARED, NOT_YET, SET_UP_REGISTRATION"),
        Step(
            "facilityRequestLink",
            {"gatewayId": "STORY-4"},
            then="LINK_REQUESTED, NOT_YET, ADD_GATEWAY_ID",
        ),
        Step("facilityLink", then="LINKED, NOT_YET, COMPLETE_SELF_ASSESSMENT"),
        Step(
            "facilityCompleteSelfAssessment",
            {"steps": [1, 2, 3]},
            then="SELF_ASSESSED, ON_TRACK, CARRY_OUT_ASSESSMENT",
        ),
        Step(
            "facilityRecordAssessment", {"kind": "VCC"}, then="ASSESSED, SHAREABLE_NOW, POST_REPORT"
        ),
        Step("facilityPublishReport", then="REPORT_ON_BW_PORTAL, SHAREABLE_NOW, SUBMIT_DATA"),
        Step("facilitySubmitData", then="ON_GATEWAY, SHAREABLE_NOW, SHARE"),
        Step("facilityShare", TO_HOST, then="SHARED, SHAREABLE_NOW"),
    ),
    assessed_by="BETTER_WORK",
    labels=(
        "BW_VCC_STEP1",
        "PUBLIC_REPORTED",
        "SELF_STEP1_OUTSIDE_VCC",
        "ENHANCED_SELF",
        "ENHANCED_SELF",
    ),
)

VERIFIER_BODY = Story(
    title="A facility out of Better Work's scope, which a Verifier Body assesses",
    factory="Story Garments 5",
    os_id="VN2026001STRYE6",
    steps=(
        Step(
            "facilityRecordEligibility",
            {"enrolled": "NO", "inScope": "NO"},
            then="VB_ROUTE, NOT_APPLICABLE, FOLLOW_STANDARD_SLCP_PROCESS",
        ),
        Step(
            "facilityRouteToVerifierBody",
            then="VB_ROUTE, NOT_APPLICABLE, FOLLOW_STANDARD_SLCP_PROCESS",
            refused=(
                ("facilityOpenCycle", {}, "IS_ENROLLED"),
                ("facilityDeclareInterest", {}, "IS_ENROLLED"),
                ("facilityRequestLink", {"gatewayId": "STORY-5"}, "REGISTERED_WITH_BETTER_WORK"),
                ("facilityCompleteSelfAssessment", {"steps": [1]}, "IS_ENROLLED"),
                ("facilityRecordAssessment", {"kind": "ONSITE"}, "IS_ENROLLED"),
                ("facilitySubmitData", {}, "ASSESSED_FIRST"),
                ("facilityShare", TO_BRAND, "ASSESSED_FIRST"),
            ),
        ),
    ),
    assessed_by="VERIFIER_BODY",
    labels=("SLCP_VERIFIED", "SLCP_VERIFIED", "SLCP_VERIFIED"),
)

STORIES = (NEW_PROFILE, EXISTING_PROFILE, MISSED_WINDOW, VIRTUAL_CHECK, VERIFIER_BODY)
