"""Which tables are asked with what, and what is answered where none may be."""

from __future__ import annotations

from datetime import date

import pytest

from kb.rules.codes import BlockerCode, DataLabelCode, DataPart, SharingStatus, WorkflowState
from kb.rules.evidence import KnowledgeLayer
from kb.rules.facts import ALL_LAYERS, Layers
from kb.rules.inputs import (
    AssessedBy,
    AssessmentKind,
    CountryKind,
    FacilityProfile,
    GatewayProfileState,
    InterestTiming,
    Ternary,
)
from kb.rules.match_rows import MatchedRows, match_rows, step_of
from kb.rules.rulebook import AssessmentResult, ConditionalBlocker, Rulebook
from tests.rules.cases import DAY

YES, NO = Ternary.YES, Ternary.NO
SOURCE, RECORD = KnowledgeLayer.SHARED_FAQS_2021, KnowledgeLayer.PUBLIC_RECORD
ASSESSED = FacilityProfile(
    "VN",
    YES,
    gateway_profile=GatewayProfileState.LINKED,
    interest=InterestTiming.BEFORE_ASSESSMENT,
    assessment=AssessmentKind.VCC,
    self_assessed_before=YES,
    self_assessment_steps=(1, 3),
)


def matched(rulebook: Rulebook, profile: FacilityProfile) -> MatchedRows:
    return match_rows(profile, rulebook, DAY, ALL_LAYERS)


def test_every_table_is_asked_and_labels_for_each_part_of_the_data(rulebook: Rulebook) -> None:
    rows = matched(rulebook, ASSESSED)
    assert [table.id for table, _ in rows.tables] == ["A", "B", "C", "C", "C", "C", "D", "E"]
    assert rows.kind is CountryKind.ROLLOUT
    assert (rows.status, rows.inputs["assessed_by"]) == (
        SharingStatus.SHAREABLE_NOW,
        AssessedBy.BETTER_WORK,
    )
    assert {part: inputs["part"] for part, (_, inputs) in rows.labels.items()} == {
        part: part for part in DataPart
    }
    assert [inputs["self_assessed"] for _, inputs in rows.labels.values()] == [YES, YES, NO, YES]
    assert [tuple(result.labels) for result, _ in rows.labels.values()] == [
        (DataLabelCode.BW_VCC_STEP1, DataLabelCode.PUBLIC_REPORTED),
        (DataLabelCode.SELF_STEP1_OUTSIDE_VCC,),
        (DataLabelCode.NO_DATA,),
        (DataLabelCode.ENHANCED_SELF,),
    ]
    assert [step_of(part) for part in DataPart] == [1, 1, 2, 3]


def test_the_next_cycle_is_read_without_this_ones_assessment(rulebook: Rulebook) -> None:
    following = matched(rulebook, ASSESSED).next_cycle
    assert {name: following[name] for name in ("assessment", "interest", "country_kind")} == {
        "assessment": AssessmentKind.NONE,
        "interest": InterestTiming.UNKNOWN,
        "country_kind": CountryKind.ROLLOUT,
    }


def test_where_table_a_decides_on_sharing_table_b_is_not_asked(rulebook: Rulebook) -> None:
    rows = matched(rulebook, FacilityProfile("VN", NO, NO))
    assert [table.id for table, _ in rows.tables] == ["A", "C", "C", "C", "C", "D", "E"]
    assert (rows.sharing, rows.status) == (None, SharingStatus.NOT_APPLICABLE)


def test_blockers_and_warnings_are_those_of_both_tables(rulebook: Rulebook) -> None:
    rows = matched(rulebook, FacilityProfile("VN", YES, NO, assessment=AssessmentKind.NONE))
    assert rows.sharing is not None
    assert rows.blockers == rows.assessment.blockers + rows.sharing.blockers
    assert rows.warnings == rows.assessment.warnings + rows.sharing.warnings
    assert not rows.contradictory
    assert matched(rulebook, FacilityProfile("IN", YES)).contradictory


@pytest.mark.parametrize(
    ("as_of", "layers", "result"),
    [
        (
            date(2021, 1, 1),
            ALL_LAYERS,
            AssessmentResult(
                because="DAY_NOT_COVERED",
                assessed_by=AssessedBy.UNDETERMINED,
                routes=("DAY_NOT_COVERED", "UNDETERMINED"),
                state=WorkflowState.UNKNOWN,
                sharing=SharingStatus.UNDETERMINED,
                sharing_because="SHARING_NEEDS_ASSESSOR",
                blockers=(ConditionalBlocker(code=BlockerCode.COUNTRY_UNKNOWN),),
                actions=("CHECK_GATEWAY_COUNTRY_LIST",),
            ),
        ),
        (
            DAY,
            frozenset({RECORD}),
            AssessmentResult(
                because="RULES_NOT_IN_LAYERS",
                assessed_by=AssessedBy.UNDETERMINED,
                routes=("RULES_NOT_IN_LAYERS", "UNDETERMINED"),
                state=WorkflowState.UNKNOWN,
                sharing=SharingStatus.UNDETERMINED,
                sharing_because="RULES_NOT_IN_LAYERS",
            ),
        ),
    ],
)
def test_on_a_day_or_in_layers_without_rules_no_table_is_asked(
    rulebook: Rulebook, as_of: date, layers: Layers, result: AssessmentResult
) -> None:
    profile = FacilityProfile("VN", YES)
    inputs = {
        **profile.inputs(CountryKind.NOT_NAMED),
        "assessed_by": AssessedBy.UNDETERMINED,
        "sharing": SharingStatus.UNDETERMINED,
    }
    assert match_rows(profile, rulebook, as_of, layers) == MatchedRows(
        profile=profile,
        is_inferred=False,
        inputs=inputs,
        kind=None,
        fact=None,
        assessment=result,
        sharing=None,
        labels={},
        fees=None,
        tool=None,
        tables=(),
    )


def test_a_country_of_which_nothing_is_said_on_any_day_is_not_named(rulebook: Rulebook) -> None:
    rows = match_rows(FacilityProfile("BR"), rulebook, date(2021, 1, 1), ALL_LAYERS)
    assert (rows.kind, rows.fact, rows.tables[0][0].id) == (CountryKind.NOT_NAMED, None, "A")


@pytest.mark.parametrize(
    ("as_of", "layers", "because", "kind"),
    [
        (DAY, ALL_LAYERS, "NO_BETTER_WORK_IN_COUNTRY", CountryKind.NON_BW),
        (date(2021, 3, 30), ALL_LAYERS, "DAY_NOT_COVERED", None),
        (DAY, frozenset({SOURCE}), "COUNTRY_NOT_NAMED", CountryKind.NOT_NAMED),
        (date(2021, 3, 30), frozenset({SOURCE}), "COUNTRY_NOT_NAMED", CountryKind.NOT_NAMED),
    ],
)
def test_a_country_that_later_pages_alone_name_is_known_from_their_day_and_with_them_only(
    rulebook: Rulebook, as_of: date, layers: Layers, because: str, kind: CountryKind | None
) -> None:
    rows = match_rows(FacilityProfile("TH"), rulebook, as_of, layers)
    assert (rows.assessment.because, rows.kind) == (because, kind)


def test_a_row_that_was_matched_is_remembered_for_its_inputs_alone(rulebook: Rulebook) -> None:
    rulebook.matched.clear()
    first, second = matched(rulebook, ASSESSED), matched(rulebook, ASSESSED)
    assert first == second
    remembered = len(rulebook.matched)
    other = matched(rulebook, FacilityProfile("VN", NO, NO))
    assert other.assessment is not first.assessment
    assert len(rulebook.matched) > remembered
