"""The schema as a document: committed, described throughout, and true to its public names."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    build_schema,
    specified_directives,
)

from graphql_schema.schema import schema, sdl

COMMITTED = Path(__file__).parents[2] / "schema.graphql"
SCHEMA = build_schema(COMMITTED.read_text())


def described() -> Iterator[tuple[str, str | None]]:
    """Every type, field, argument and enum value of ours, with its description."""
    for name, type_ in SCHEMA.type_map.items():
        if name.startswith("__") or name in {"String", "Int", "Float", "Boolean", "ID"}:
            continue
        yield name, type_.description
        if isinstance(type_, GraphQLEnumType):
            for value_name, value in type_.values.items():
                yield f"{name}.{value_name}", value.description
        if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            for field_name, field in type_.fields.items():
                yield f"{name}.{field_name}", field.description
                for argument_name, argument in getattr(field, "args", {}).items():
                    yield f"{name}.{field_name}({argument_name}:)", argument.description


def test_the_committed_schema_is_current():
    assert COMMITTED.read_text(encoding="utf-8") == sdl(), "run: kb schema --out schema.graphql"


def test_everything_is_described_in_a_sentence():
    missing = [
        name for name, text in described() if not text or not text.strip().endswith((".", "?"))
    ]
    assert missing == []


def test_there_are_no_directives_but_those_of_graphql():
    known = {directive.name for directive in specified_directives}
    assert {directive.name for directive in SCHEMA.directives} - known == set()


CONTRACT = {
    "Query": "facility facilities whatIf faq faqs countries country fees accreditedHosts "
    "toolVersions glossary ambiguities knowledge viewer node nodes",
    "Facility": "id name osId gatewayId betterWorkId country workflow whatApplies history sharing",
    "Applicability": "asOf knowledge facility summary assessment sharing workflow dataLabels "
    "country fees faqs missing warnings trace citations",
    "AssessmentDecision": "assessedBy fallback toolVersion stepsAssessed verifierExcluded",
    "SharingDecision": "status deadline channels whoDecides brandMay brandMayNot",
    "Workflow": "steps nextActions blockers",
    "NextAction": "actor code deadline order",
    "Citation": "faq faqNumber passage source layer role",
    "FacilityProfileInput": "country enrolled inScope capacityAvailable gatewayProfile "
    "interestDeclared assessment selfAssessedBefore selfAssessmentSteps",
    "FacilityLocator": "id osId gatewayId betterWorkId",
}

CONTRACT_VALUES = {
    "AssessedBy": "BETTER_WORK VERIFIER_BODY UNDETERMINED",
    "SharingStatus": "SHAREABLE_NOW ON_TRACK NOT_YET NOT_THIS_CYCLE NOT_APPLICABLE UNDETERMINED",
    "BlockerCode": "INTEREST_NOT_DECLARED NO_GATEWAY_PROFILE NOT_LINKED SELF_ASSESSMENT_NOT_DONE "
    "SELF_ASSESSMENT_MISSED LINK_MISSED WINDOW_MISSED NOT_ENROLLED COUNTRY_NOT_ROLLED_OUT "
    "NEEDS_SCOPE NEEDS_ENROLMENT COUNTRY_UNKNOWN CONTRADICTORY_INPUT",
    "WarningCode": "TABLE_GAP AMBIGUOUS_SOURCE CAPACITY_UNKNOWN "
    "ENROLMENT_INFERRED AVAILABILITY_UNCONFIRMED "
    "NO_LAW_OVERLAY SELF_ASSESSMENT_INCOMPLETE MAY_HAVE_CHANGED RECORD_CONTESTED",
    "DataLabelCode": "BW_ASSESSED_STEP1 BW_VCC_STEP1 SELF_STEP1 SELF_STEP1_OUTSIDE_VCC "
    "ENHANCED_SELF SLCP_VERIFIED BW_ADVISORY_ONLY PUBLIC_REPORTED BW_PORTAL_ONLY "
    "DRAFT_SELF_ASSESSMENT NO_DATA UNDETERMINED",
    "FeeCharge": "NONE CONTINUES STARTS_WITH_ENROLMENT POSSIBLE NOT_STATED NOT_APPLICABLE",
    "FeeCode": "GATEWAY_REGISTRATION BETTER_WORK_SERVICE HOST_SHARING VERIFICATION",
    "Actor": "FACILITY COUNTRY_PROGRAMME FOCAL_POINT BETTER_WORK SLCP VERIFIER_BODY BRAND "
    "NATIONAL_CONSTITUENTS ACCREDITED_HOST HELPDESK OTHER_ORGANISATION USER",
    "KnowledgeLayer": "SHARED_FAQS_2021 PUBLIC_RECORD",
    "CitationRole": "STATED COMBINED DERIVED",
    "Ternary": "YES NO UNKNOWN",
    "GatewayProfileState": "UNKNOWN NONE EXISTS_UNLINKED LINKED",
    "InterestTiming": "UNKNOWN NOT_DECLARED BEFORE_ASSESSMENT AFTER_ASSESSMENT",
    "AssessmentKind": "UNKNOWN NONE ONSITE VCC",
}


@pytest.mark.parametrize("name", CONTRACT)
def test_a_public_type_has_its_public_fields(name: str):
    assert set(CONTRACT[name].split()) <= set(SCHEMA.type_map[name].fields)


@pytest.mark.parametrize("name", CONTRACT_VALUES)
def test_a_public_enum_has_its_public_values(name: str):
    assert set(CONTRACT_VALUES[name].split()) == set(SCHEMA.type_map[name].values)


def test_everything_decided_says_why_and_cites_its_sources():
    explained = SCHEMA.get_implementations(SCHEMA.type_map["Explained"]).objects
    assert {type_.name for type_ in explained} == {
        "ApplicabilityWarning",
        "ApplicableFaq",
        "ApplicableFee",
        "AssessmentDecision",
        "Blocker",
        "Choice",
        "BrandStatement",
        "Country",
        "DataLabel",
        "LaterFact",
        "MissingInput",
        "NextAction",
        "NextQuestion",
        "SharingDecision",
        "Statement",
        "Workflow",
        "WorkflowStep",
    }


def test_nothing_may_be_called_verified():
    names = [name.rpartition(".")[2].lower() for name, _ in described()]
    assert [name for name in names if "verified" in name] == ["slcp_verified"]


def test_the_profile_may_be_left_almost_empty():
    fields = SCHEMA.type_map["FacilityProfileInput"].fields
    defaults = {name: field.ast_node.default_value for name, field in fields.items()}
    assert {name for name, value in defaults.items() if value is None} == {"country"}


def test_the_schema_names_its_interfaces():
    node = schema._schema.get_implementations(schema._schema.type_map["Node"]).objects
    assert {type_.name for type_ in node} == {
        "AccreditedHost",
        "Ambiguity",
        "Country",
        "Facility",
        "Faq",
        "Fee",
        "GlossaryEntry",
        "Supplier",
        "ToolVersion",
    }
