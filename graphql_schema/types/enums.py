"""The enums of `kb` as GraphQL enums, with every value described.

Importing this module registers them; fields are annotated with the enums of `kb` themselves.
"""

from enum import Enum
from typing import Annotated, Any

import strawberry

from kb.rules.codes import (
    ActionDeadline,
    Actor,
    BlockerCode,
    DataLabelCode,
    FactTopic,
    FeeCharge,
    FeeCode,
    ProfileQuestion,
    SharingStatus,
    WarningCode,
    WorkflowState,
)
from kb.rules.diagrams import DiagramFormat, DiagramOf
from kb.rules.events import EventKind
from kb.rules.evidence import CitationRole, KnowledgeLayer
from kb.rules.facts import DatePrecision
from kb.rules.inputs import (
    AssessedBy,
    AssessmentKind,
    CountryKind,
    GatewayProfileState,
    InterestTiming,
    SharingChannel,
    Ternary,
)
from kb.rules.outcomes import LabelScope, StepState
from kb.search import AnswerOutcome
from kb.search.confidence import ConfidenceBand
from kb.services.access.matrix import Role
from kb.services.asking.learning import ClosingReason
from kb.services.facilities.views import FacilityOrder


def register(enum: type[Enum], description: str, **values: str) -> None:
    """Make a GraphQL enum of a Python one; every member needs a description, no other may have."""
    members = set(enum.__members__)
    if members != set(values):
        raise TypeError(f"{enum.__name__}: describe exactly {sorted(members)}")
    described: Any = strawberry.enum(enum, description=description)
    for value in described.__strawberry_definition__.values:
        value.description = values[value.name]


register(
    KnowledgeLayer,
    "Where a statement comes from. Ask for one layer only to keep the other out of the answer.",
    SHARED_FAQS_2021="The shared FAQs of SLCP and Better Work, updated in October 2021.",
    PUBLIC_RECORD="Later or outside public pages, each with its own source and date.",
)
register(
    CitationRole,
    "How a source supports a statement.",
    STATED="The source says it.",
    COMBINED="It follows only when this source is read together with another one cited.",
    DERIVED="The source does not say it; it was inferred from the passages cited.",
)
register(
    DatePrecision,
    "How exactly a source dates a fact.",
    DAY="To the day.",
    MONTH="To the month; the day given is the first on which the fact is safe to state.",
    YEAR="To the year; the day given is the first on which the fact is safe to state.",
)
register(
    Ternary,
    "A yes-or-no question whose answer may not be known.",
    YES="Yes.",
    NO="No.",
    UNKNOWN="Not known; what should be asked for is then listed under `missing`.",
)
register(
    GatewayProfileState,
    "Where a facility stands on the SLCP Gateway.",
    UNKNOWN="Not known; what should be asked for is then listed under `missing`.",
    NONE="No approved Facility Profile; one that awaits approval counts as none.",
    EXISTS_UNLINKED="An approved Facility Profile that is not linked to the Better Work platform.",
    LINKED="The Facility Profile is linked to the Better Work platform.",
)
register(
    InterestTiming,
    "Whether the facility told Better Work that it wants to share its data, and when (FAQ 9).",
    UNKNOWN="Not known; what should be asked for is then listed under `missing`.",
    NOT_DECLARED="It has not told Better Work.",
    BEFORE_ASSESSMENT="It told Better Work before the assessment of this service cycle.",
    AFTER_ASSESSMENT="It told Better Work only after the assessment of this service cycle.",
)
register(
    AssessmentKind,
    "Better Work's assessment of this service cycle.",
    UNKNOWN="Not known; what should be asked for is then listed under `missing`.",
    NONE="None yet.",
    ONSITE="An unannounced Better Work assessment on site.",
    VCC="A Virtual Compliance Check, which covers a subset of the Step 1 questions (FAQ 23).",
)
register(
    CountryKind,
    "How far a country has come.",
    ROLLOUT="Better Work country whose national constituents have signed off the Tool.",
    BW_PENDING="Better Work country for which no sign-off of the Tool is known.",
    NON_BW="SLCP is active there, and no source names it as a country with Better Work factories.",
    NOT_NAMED="Named by no source asked, which says nothing against it.",
)
register(
    AssessedBy,
    "Who assesses the facility (FAQ 7).",
    BETTER_WORK="Better Work, which is not a Verifier Body and verifies nothing.",
    VERIFIER_BODY="A Verifier Body approved by SLCP, in the standard SLCP process.",
    UNDETERMINED="Cannot be told from what is known; see `missing` and the blockers.",
)
register(
    SharingStatus,
    "Whether the assessment data of this service cycle can be shared through the SLCP Gateway.",
    SHAREABLE_NOW="It can be shared, if the facility wishes, once it is on the Gateway; the next "
    "actions tell what is left to do for that.",
    ON_TRACK="Everything is in place; the assessment is still to come.",
    NOT_YET="Not yet: something must be done before the assessment.",
    NOT_THIS_CYCLE="Not in this service cycle: a condition was missed or the country is not open.",
    NOT_APPLICABLE="Sharing of Better Work data does not apply; the standard SLCP process does.",
    UNDETERMINED="Cannot be told from what is known.",
)
register(
    BlockerCode,
    "What stands in the way of sharing, or of an answer.",
    INTEREST_NOT_DECLARED="The facility has not told Better Work that it wants to share.",
    NO_GATEWAY_PROFILE="There is no approved Facility Profile on the SLCP Gateway.",
    NOT_LINKED="The Facility Profile is not linked to the Better Work platform.",
    SELF_ASSESSMENT_NOT_DONE="The SLCP self-assessment is still to be completed.",
    SELF_ASSESSMENT_MISSED="The SLCP self-assessment was not completed before the assessment.",
    LINK_MISSED="The Facility Profile was not linked before the assessment.",
    WINDOW_MISSED="Interest was declared only after the assessment.",
    NOT_ENROLLED="The facility is not enrolled in Better Work.",
    COUNTRY_NOT_ROLLED_OUT="The Tool is not known to be signed off in the country.",
    NEEDS_SCOPE="Whether the facility is in Better Work's scope must be known first.",
    NEEDS_ENROLMENT="Whether the facility is enrolled in Better Work must be known first.",
    COUNTRY_UNKNOWN="Nothing is held about the country on that day in the layers asked for.",
    CONTRADICTORY_INPUT="The inputs contradict each other; no route is guessed.",
)
register(
    WarningCode,
    "What to know before relying on an answer.",
    TABLE_GAP="The table of FAQ 7 has no row for this situation.",
    AMBIGUOUS_SOURCE="The source contradicts itself or can be read in two ways.",
    CAPACITY_UNKNOWN="Whether Better Work has capacity for the facility is not known.",
    ENROLMENT_INFERRED="That the facility is enrolled is not told; it follows from its assessment.",
    AVAILABILITY_UNCONFIRMED="Whether the process is open in this country is not confirmed.",
    NO_LAW_OVERLAY="There is no Law Overlay for this country.",
    SELF_ASSESSMENT_INCOMPLETE="The self-assessment leaves out Step 1.",
    MAY_HAVE_CHANGED="Sources differ, or are too old to rely on; the text says whom to ask.",
    RECORD_CONTESTED="The facility contests what was recorded on its behalf.",
)
register(
    FactTopic,
    "What a fact of the public record is about. For each, a setting says for how many days after "
    "its last check it can be relied on.",
    TOOL_VERSION="Versions of the Tool.",
    COUNTRY="How far a country has come.",
    HOSTS="Accredited Hosts.",
    DURATIONS="Durations and conditions.",
    FEES="Fees.",
)
register(
    DataLabelCode,
    "What assessment data may be called. Only data of a Verifier Body is called verified.",
    BW_ASSESSED_STEP1="Step 1 data of a Better Work assessment on site.",
    BW_VCC_STEP1="Step 1 data inside the subset of a Virtual Compliance Check.",
    SELF_STEP1="Step 1 self-assessment that goes with a Better Work assessment on site.",
    SELF_STEP1_OUTSIDE_VCC="Step 1 self-assessment outside the Virtual Compliance Check.",
    ENHANCED_SELF="Enhanced self-assessment of Steps 2 and 3, neither assessed nor verified.",
    SLCP_VERIFIED="Data of a facility that is not enrolled, once an SLCP-approved Verifier has "
    "verified it; whether one has is not known here.",
    BW_ADVISORY_ONLY="Further data that stays in Better Work's advisory reports (FAQ 16).",
    PUBLIC_REPORTED="Issues that Better Work reports publicly, apart from sharing.",
    BW_PORTAL_ONLY="Data, or answers of the factory, that stay on Better Work's own platform.",
    DRAFT_SELF_ASSESSMENT="A self-assessment made before the assessment; not shareable yet.",
    NO_DATA="There is no data.",
    UNDETERMINED="Cannot be told from what is known.",
)
register(
    FeeCode,
    "The fees that the source speaks of, and the one that it leaves out.",
    GATEWAY_REGISTRATION="Registering on the SLCP Gateway.",
    BETTER_WORK_SERVICE="The Better Work factory service.",
    HOST_SHARING="Sharing on the platform of an Accredited Host.",
    VERIFICATION="Verification by a Verifier Body, on which the source is silent.",
)
register(
    FeeCharge,
    "Whether a fee falls due.",
    NONE="Nothing is charged.",
    CONTINUES="It is paid already and goes on.",
    STARTS_WITH_ENROLMENT="It starts when the facility enrols in Better Work.",
    POSSIBLE="It may be charged.",
    NOT_STATED="The source does not say.",
    NOT_APPLICABLE="It does not concern this facility.",
)
register(
    Actor,
    "Who acts, must act, or must not.",
    FACILITY="The facility (factory, manufacturer).",
    COUNTRY_PROGRAMME="The Better Work country programme.",
    FOCAL_POINT="The factory registration focal point inside the country programme.",
    BETTER_WORK="Better Work, the programme of the ILO.",
    SLCP="The Social & Labor Convergence Program.",
    VERIFIER_BODY="A Verifier Body approved by SLCP.",
    BRAND="A brand, buyer or other business partner.",
    NATIONAL_CONSTITUENTS="Government, employers and workers of the country.",
    ACCREDITED_HOST="A platform that receives shared assessments.",
    HELPDESK="The helpdesk.",
    OTHER_ORGANISATION="An organisation outside Better Work and SLCP.",
    USER="Whoever asked.",
)
register(
    ActionDeadline,
    "By when something must be done; never a calendar date, as assessments are unannounced.",
    BEFORE_ASSESSMENT="Before the assessment takes place (FAQ 9).",
    BEFORE_NEXT_ASSESSMENT="Before the assessment of the next service cycle (FAQ 11).",
    BEFORE_NEXT_SERVICE_CYCLE="Before the next Better Work service cycle starts (FAQ 12).",
    IN_NEXT_SERVICE_CYCLE="In the next service cycle.",
)
register(
    SharingChannel,
    "The two standard ways of the SLCP Gateway to share data (FAQ 11).",
    EMAIL_LINK="A link sent by e-mail.",
    ACCREDITED_HOST="Passing the data to an Accredited Host.",
)
register(
    WorkflowState,
    "Where a facility stands on its way to shared data.",
    UNKNOWN="Cannot be told.",
    BW_REGISTRATION_ADVISED="It should register with Better Work.",
    BW_ENROLLED="Enrolled in Better Work.",
    INTEREST_DECLARED="It told Better Work that it wants to share.",
    BW_PLATFORM_READY="Set up for sharing on the Better Work platform.",
    GATEWAY_INVITED="The automated message with the link to the Gateway was sent.",
    PROFILE_SUBMITTED="The Facility Profile was submitted and awaits approval by SLCP.",
    LINK_REQUESTED="The Gateway Facility ID was handed over and is to be added by Better Work.",
    LINKED="Better Work platform and SLCP Gateway are linked.",
    SELF_ASSESSED="The SLCP self-assessment was completed before the assessment.",
    ASSESSED="Assessed by Better Work in this service cycle.",
    REPORT_ON_BW_PORTAL="The assessment report is on the Better Work portal.",
    ON_GATEWAY="The data is on the SLCP Gateway.",
    SHARED="The data was shared.",
    BW_ONLY_THIS_CYCLE="The data of this service cycle stays with Better Work.",
    WAITING_FOR_COUNTRY="The country has to be opened first.",
    VB_ROUTE="On the standard SLCP process with a Verifier Body.",
)
register(
    StepState,
    "How a workflow step stands in this service cycle.",
    DONE="Done.",
    NEXT="Due now.",
    LATER="Comes later.",
    MISSED="It had to be done before the assessment and was not.",
    NOT_THIS_CYCLE="Not possible in this service cycle.",
    NOT_RECORDED="Nothing tells whether it was done, though the next step comes after it or "
    "what it is known by was not told.",
)
register(
    LabelScope,
    "Which part of a Step a label speaks of.",
    ALL="The whole Step.",
    IN_VCC_SUBSET="The questions inside the subset of the Virtual Compliance Check.",
    OUTSIDE_VCC_SUBSET="The questions outside the subset of the Virtual Compliance Check.",
)
register(
    ProfileQuestion,
    "An input that is worth asking for.",
    ENROLLED="Is the facility enrolled in Better Work?",
    IN_SCOPE="Is the facility in Better Work's scope?",
    CAPACITY_AVAILABLE="Has the country programme capacity to enrol it?",
    GATEWAY_PROFILE="Where it stands on the SLCP Gateway.",
    INTEREST_DECLARED="Whether it told Better Work that it wants to share, and when.",
    ASSESSMENT="Whether Better Work has assessed it in this service cycle, and how.",
    SELF_ASSESSED_BEFORE="Was the SLCP self-assessment finished before the assessment?",
    SELF_ASSESSMENT_STEPS="Which Steps does the self-assessment cover?",
)
register(
    Role,
    "In what capacity somebody asks.",
    ANONYMOUS="Without a token.",
    CHATBOT="A chatbot front end.",
    FACILITY="A facility, acting for itself.",
    BRAND="A brand or other buyer with which facilities share.",
    PROGRAMME_OFFICER="A Better Work country programme, focal points included.",
    SLCP_OFFICER="SLCP, which approves Facility Profiles.",
    HELPDESK="A helpdesk that answers facilities and brands.",
    ADMIN="Who looks after this server.",
    OPERATOR="On the machine that holds the database.",
)
register(
    FacilityOrder,
    "In what order facilities are listed.",
    NAME="By name.",
    COUNTRY="By country code.",
    ID="By the order in which they were registered.",
    NEWEST="The one registered last comes first.",
)
register(
    EventKind,
    "What can happen to a facility.",
    FACILITY_REGISTERED="It became known.",
    ENROLLED="It joined Better Work.",
    ELIGIBILITY_RECORDED="The country programme found out about enrolment, scope or capacity.",
    CYCLE_OPENED="A Better Work service cycle began.",
    INTEREST_DECLARED="It told Better Work that it wants to share (FAQ 9).",
    PLATFORM_SET_UP="The focal point set up its registration (FAQ 9).",
    GATEWAY_INVITATION_SENT="The automated message with the link to the Gateway went out (FAQ 9).",
    PROFILE_SUBMITTED="It submitted its Facility Profile (FAQ 9).",
    PROFILE_APPROVED="SLCP approved the Facility Profile (FAQ 9).",
    PROFILE_RETURNED="SLCP sent the Facility Profile back.",
    LINK_REQUESTED="It handed over an existing Gateway Facility ID (FAQ 10).",
    LINKED="Better Work platform and SLCP Gateway were linked (FAQs 9 and 10).",
    SELF_ASSESSMENT_COMPLETED="It completed the SLCP self-assessment (FAQ 15).",
    ASSESSED="Better Work assessed it.",
    REPORT_POSTED="The report was posted on the Better Work portal (FAQ 19).",
    DATA_SUBMITTED="The data was submitted to the Gateway (FAQ 19).",
    SHARED="It shared its data (FAQ 11).",
    UNSHARED="It ended the sharing with one grantee.",
    SIGHT_GRANTED="It lets a brand see where it stands, without its data.",
    SIGHT_WITHDRAWN="It no longer lets a brand see where it stands.",
    RECORD_CONTESTED="It contests what was recorded on its behalf.",
    ROUTED_TO_VERIFIER_BODY="It was passed on to a Verifier Body (FAQ 7).",
    CYCLE_CLOSED="A Better Work service cycle ended.",
)
register(
    AnswerOutcome,
    "What became of a question.",
    ANSWERED="A curated text answers it.",
    SUGGESTIONS="It may be one of up to three entries.",
    HANDOVER="It is not answered here; somebody is named who may know.",
)
register(
    ConfidenceBand,
    "How sure it is that the first hit answers the question.",
    HIGH="Likely.",
    MEDIUM="As likely as not.",
    LOW="Not likely.",
)
register(
    ClosingReason,
    "Why questions that were not answered need no more work.",
    PHRASING_ADDED="They were added to a FAQ as a phrasing, so that it is found.",
    NOT_COVERED="They were added to the topics that are known not to be covered.",
    OUT_OF_SCOPE="They are about something else altogether.",
)
register(
    DiagramOf,
    "What a picture shows.",
    WORKFLOW="The routes with their steps.",
    TABLE_A="Who assesses.",
    TABLE_B="Whether the data can be shared.",
    TABLE_C="What the data may be called.",
    TABLE_D="What it costs.",
    TABLE_E="Which Tool version, and whether there is a Law Overlay.",
)
register(
    DiagramFormat,
    "How a picture is written.",
    MERMAID="Mermaid text.",
    SVG="An SVG image, without script or style sheet.",
)

WantedDiagram = Annotated[DiagramOf, strawberry.argument(description="What the picture shows.")]
WantedFormat = Annotated[
    DiagramFormat, strawberry.argument(description="How the picture is written.")
]
