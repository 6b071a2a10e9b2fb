"""The codes of an answer: closed lists of the values that tables, content and API share."""

from __future__ import annotations

from enum import StrEnum


class SharingStatus(StrEnum):
    """Whether this cycle's assessment data can be shared through the Gateway."""

    SHAREABLE_NOW = "SHAREABLE_NOW"
    ON_TRACK = "ON_TRACK"
    NOT_YET = "NOT_YET"
    NOT_THIS_CYCLE = "NOT_THIS_CYCLE"
    NOT_APPLICABLE = "NOT_APPLICABLE"
    UNDETERMINED = "UNDETERMINED"


class BlockerCode(StrEnum):
    """What stands in the way of sharing, or of an answer."""

    INTEREST_NOT_DECLARED = "INTEREST_NOT_DECLARED"
    NO_GATEWAY_PROFILE = "NO_GATEWAY_PROFILE"
    NOT_LINKED = "NOT_LINKED"
    SELF_ASSESSMENT_NOT_DONE = "SELF_ASSESSMENT_NOT_DONE"
    SELF_ASSESSMENT_MISSED = "SELF_ASSESSMENT_MISSED"
    LINK_MISSED = "LINK_MISSED"
    WINDOW_MISSED = "WINDOW_MISSED"
    NOT_ENROLLED = "NOT_ENROLLED"
    COUNTRY_NOT_ROLLED_OUT = "COUNTRY_NOT_ROLLED_OUT"
    NEEDS_SCOPE = "NEEDS_SCOPE"
    NEEDS_ENROLMENT = "NEEDS_ENROLMENT"
    COUNTRY_UNKNOWN = "COUNTRY_UNKNOWN"
    CONTRADICTORY_INPUT = "CONTRADICTORY_INPUT"


class WarningCode(StrEnum):
    """What the reader must know before relying on an answer."""

    TABLE_GAP = "TABLE_GAP"
    AMBIGUOUS_SOURCE = "AMBIGUOUS_SOURCE"
    CAPACITY_UNKNOWN = "CAPACITY_UNKNOWN"
    ENROLMENT_INFERRED = "ENROLMENT_INFERRED"
    AVAILABILITY_UNCONFIRMED = "AVAILABILITY_UNCONFIRMED"
    NO_LAW_OVERLAY = "NO_LAW_OVERLAY"
    SELF_ASSESSMENT_INCOMPLETE = "SELF_ASSESSMENT_INCOMPLETE"
    MAY_HAVE_CHANGED = "MAY_HAVE_CHANGED"
    RECORD_CONTESTED = "RECORD_CONTESTED"


class FactTopic(StrEnum):
    """What a fact of the public record is about; for each, another age makes it unreliable."""

    TOOL_VERSION = "TOOL_VERSION"
    COUNTRY = "COUNTRY"
    HOSTS = "HOSTS"
    DURATIONS = "DURATIONS"
    FEES = "FEES"


class DataLabelCode(StrEnum):
    """What assessment data may be called; never collapse these into verified or not."""

    BW_ASSESSED_STEP1 = "BW_ASSESSED_STEP1"
    BW_VCC_STEP1 = "BW_VCC_STEP1"
    SELF_STEP1 = "SELF_STEP1"
    SELF_STEP1_OUTSIDE_VCC = "SELF_STEP1_OUTSIDE_VCC"
    ENHANCED_SELF = "ENHANCED_SELF"
    SLCP_VERIFIED = "SLCP_VERIFIED"
    BW_PORTAL_ONLY = "BW_PORTAL_ONLY"
    BW_ADVISORY_ONLY = "BW_ADVISORY_ONLY"
    PUBLIC_REPORTED = "PUBLIC_REPORTED"
    DRAFT_SELF_ASSESSMENT = "DRAFT_SELF_ASSESSMENT"
    NO_DATA = "NO_DATA"
    UNDETERMINED = "UNDETERMINED"


class FeeCode(StrEnum):
    """The fees the source speaks of, and the one it leaves out."""

    GATEWAY_REGISTRATION = "GATEWAY_REGISTRATION"
    BETTER_WORK_SERVICE = "BETTER_WORK_SERVICE"
    HOST_SHARING = "HOST_SHARING"
    VERIFICATION = "VERIFICATION"


class FeeCharge(StrEnum):
    """Whether a fee falls due; NOT_STATED means that the source is silent."""

    NONE = "NONE"
    CONTINUES = "CONTINUES"
    STARTS_WITH_ENROLMENT = "STARTS_WITH_ENROLMENT"
    POSSIBLE = "POSSIBLE"
    NOT_STATED = "NOT_STATED"
    NOT_APPLICABLE = "NOT_APPLICABLE"


class Actor(StrEnum):
    """Who acts, must act, or must not."""

    FACILITY = "FACILITY"
    COUNTRY_PROGRAMME = "COUNTRY_PROGRAMME"
    FOCAL_POINT = "FOCAL_POINT"
    BETTER_WORK = "BETTER_WORK"
    SLCP = "SLCP"
    VERIFIER_BODY = "VERIFIER_BODY"
    BRAND = "BRAND"
    NATIONAL_CONSTITUENTS = "NATIONAL_CONSTITUENTS"
    ACCREDITED_HOST = "ACCREDITED_HOST"
    HELPDESK = "HELPDESK"
    OTHER_ORGANISATION = "OTHER_ORGANISATION"
    USER = "USER"


class ActionDeadline(StrEnum):
    """By when an action must be done; never a calendar date, because assessments are unannounced.

    No deadline (null) means that the source states none.
    """

    BEFORE_ASSESSMENT = "BEFORE_ASSESSMENT"
    BEFORE_NEXT_ASSESSMENT = "BEFORE_NEXT_ASSESSMENT"
    BEFORE_NEXT_SERVICE_CYCLE = "BEFORE_NEXT_SERVICE_CYCLE"
    IN_NEXT_SERVICE_CYCLE = "IN_NEXT_SERVICE_CYCLE"


class WorkflowState(StrEnum):
    """Where a facility stands on its way to shared data."""

    UNKNOWN = "UNKNOWN"
    BW_REGISTRATION_ADVISED = "BW_REGISTRATION_ADVISED"
    BW_ENROLLED = "BW_ENROLLED"
    INTEREST_DECLARED = "INTEREST_DECLARED"
    BW_PLATFORM_READY = "BW_PLATFORM_READY"
    GATEWAY_INVITED = "GATEWAY_INVITED"
    PROFILE_SUBMITTED = "PROFILE_SUBMITTED"
    LINK_REQUESTED = "LINK_REQUESTED"
    LINKED = "LINKED"
    SELF_ASSESSED = "SELF_ASSESSED"
    ASSESSED = "ASSESSED"
    REPORT_ON_BW_PORTAL = "REPORT_ON_BW_PORTAL"
    ON_GATEWAY = "ON_GATEWAY"
    SHARED = "SHARED"
    BW_ONLY_THIS_CYCLE = "BW_ONLY_THIS_CYCLE"
    WAITING_FOR_COUNTRY = "WAITING_FOR_COUNTRY"
    VB_ROUTE = "VB_ROUTE"


class DataPart(StrEnum):
    """The parts of the assessment data that are labelled one by one."""

    STEP_1_IN_VCC = "STEP_1_IN_VCC"
    STEP_1_OUTSIDE_VCC = "STEP_1_OUTSIDE_VCC"
    STEP_2 = "STEP_2"
    STEP_3 = "STEP_3"


class ProfileQuestion(StrEnum):
    """An input that can be asked for when it is not known."""

    ENROLLED = "ENROLLED"
    IN_SCOPE = "IN_SCOPE"
    CAPACITY_AVAILABLE = "CAPACITY_AVAILABLE"
    GATEWAY_PROFILE = "GATEWAY_PROFILE"
    INTEREST_DECLARED = "INTEREST_DECLARED"
    ASSESSMENT = "ASSESSMENT"
    SELF_ASSESSED_BEFORE = "SELF_ASSESSED_BEFORE"
    SELF_ASSESSMENT_STEPS = "SELF_ASSESSMENT_STEPS"
