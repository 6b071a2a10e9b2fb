"""Where the source is silent or contradicts itself, and where a fact begins."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kb.content.records import Library
from kb.rules.codes import DataLabelCode
from kb.rules.decide import decide
from kb.rules.facts import ALL_LAYERS
from kb.rules.inputs import FacilityProfile
from kb.rules.outcomes import Applicability
from tests.rules.cases import DAY

IN_TIME = "|BEFORE_ASSESSMENT|"
HYPOTHETICAL = "|NONE|NONE|UNKNOWN||"  # the end of the key of a facility without events
# Sentence, beginning of the decision key, and what must be found in the answer.
CASES = [
    ("Q1 enrolment decides", "VN|YES|NO|UNKNOWN|NONE|NOT_DECLARED|NONE|NO|", "Q1"),
    ("Q2 capacity is asked apart", "VN|NO|YES|UNKNOWN|NONE|NOT_DECLARED|NONE|NO|", "Q2"),
    ("Q3 Better Work comes first", "VN|NO|YES|YES|NONE|NOT_DECLARED|NONE|NO|", "Q3"),
    ("Q4 both deadlines are told", "VN|YES|YES|UNKNOWN|NONE|NOT_DECLARED|NONE|NO|", "Q4"),
    ("Q5 needed for sharing only", f"VN|YES|YES|UNKNOWN|LINKED{IN_TIME}NONE|NO|", "Q5"),
    ("Q6 the strict reading is told", f"VN|YES|YES|UNKNOWN|NONE{IN_TIME}ONSITE|YES|", "Q6"),
    ("Q7 the next cycle is derived", f"VN|YES|YES|UNKNOWN|LINKED{IN_TIME}ONSITE|NO|", "Q7"),
    ("Q8 12 months give no date", f"VN|YES|YES|UNKNOWN|NONE{IN_TIME}NONE|NO|", "Q8"),
    ("Q9 availability is unconfirmed", "PK|NO|NO|UNKNOWN|NONE|NOT_DECLARED|NONE|NO|", "Q9"),
    ("Q13 linked by hand", f"VN|YES|YES|UNKNOWN|EXISTS_UNLINKED{IN_TIME}NONE|NO|", "Q13"),
]  # fmt: skip


@pytest.mark.parametrize(("sentence", "key", "ambiguity"), CASES, ids=[case[0] for case in CASES])
def test_an_answer_names_the_ambiguity_behind_it(
    library: Library, sentence: str, key: str, ambiguity: str
) -> None:
    answer = decide(
        FacilityProfile.from_key(f"{key}{HYPOTHETICAL}"), library.rulebook, DAY, ALL_LAYERS
    )
    assert ambiguity in [warning.ambiguity for warning in answer.warnings]


@pytest.mark.exhaustive
def test_every_country_is_covered_from_its_first_day_on_and_not_before(library: Library) -> None:
    for code, facts in library.rulebook.countries.items():
        if not facts:
            continue
        first, profile = facts[0], FacilityProfile(code)
        days = [first.valid_from + timedelta(day) for day in (-1, 0, 1)]
        kinds = [decide(profile, library.rulebook, day, ALL_LAYERS).country.kind for day in days]
        assert kinds == [None, first.value, first.value], code


def test_ambiguities_without_a_warning_show_in_what_is_said_and_left_unsaid(
    library: Library,
) -> None:
    def answer(key: str) -> Applicability:
        return decide(
            FacilityProfile.from_key(f"{key}{HYPOTHETICAL}"), library.rulebook, DAY, ALL_LAYERS
        )

    on_site = answer(f"VN|YES|YES|UNKNOWN|LINKED{IN_TIME}ONSITE|YES|123")
    vcc = answer(f"VN|YES|YES|UNKNOWN|LINKED{IN_TIME}VCC|YES|123")
    before = answer(f"VN|YES|YES|UNKNOWN|LINKED{IN_TIME}NONE|NO|")
    outside = answer("IN|NO|NO|UNKNOWN|NONE|NOT_DECLARED|NONE|NO|")
    every = (*on_site.data_labels, *vcc.data_labels)
    labels = {(label.step, label.code): label.text for label in every}
    # Q10, Q11: Steps 2 and 3 go along as enhanced self-assessment; Step 1 is never called that.
    assert {step for step, code in labels if code == "ENHANCED_SELF"} == {2, 3}
    # Q12: comparable on site, equivalent under a VCC, a verification of the answers in neither.
    assert "comparable" in labels[1, DataLabelCode.BW_ASSESSED_STEP1]
    assert "equivalent" in labels[1, DataLabelCode.BW_VCC_STEP1]
    # Q14: enrolled without a programme is asked about, not routed.
    contradiction = answer("IN|YES|NO|UNKNOWN|NONE|NOT_DECLARED|NONE|NO|")
    assert [blocker.code for blocker in contradiction.workflow.blockers] == ["CONTRADICTORY_INPUT"]
    # Q15: a brand cannot declare interest in the factory's place.
    assert "BRAND_CANNOT_START_SHARING" in [
        sentence.because for sentence in before.sharing.brand_may_not
    ]
    # Q16, Q17: the self-assessment belongs on the Better Work platform, under that one name.
    assert "Better Work platform" in before.workflow.next_actions[0].text
    # Q18: SLCP-verified data stays outside Better Work.
    assert "cannot be sent into Better Work" in outside.data_labels[0].text
    # Q19, Q20: withdrawing is not promised, and asking for a VCC is said not to be stated.
    actions = [action.code for action in on_site.workflow.next_actions]
    assert actions == ["POST_REPORT", "SUBMIT_DATA", "SHARE"]
    assert any("is not stated" in ask for ask in before.workflow.next_actions[1].asks)
