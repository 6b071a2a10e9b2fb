"""A warning of what no profile tells is added to an answer."""

from __future__ import annotations

from kb.content.records import Library
from kb.rules.decide import decide, with_warning
from kb.rules.facts import ALL_LAYERS
from kb.rules.inputs import FacilityProfile, Ternary
from tests.rules.cases import DAY


def test_that_a_record_is_contested_is_said_last_and_nothing_else_changes(
    library: Library,
) -> None:
    profile = FacilityProfile(country="VN", enrolled=Ternary.YES)
    answer = decide(profile, library.rulebook, DAY, ALL_LAYERS)
    warned = with_warning(answer, library.rulebook, "RECORD_IS_CONTESTED")
    *before, contested = warned.warnings
    assert tuple(before) == answer.warnings
    assert (contested.because, contested.code) == ("RECORD_IS_CONTESTED", "RECORD_CONTESTED")
    assert contested.text.startswith("The facility contests something")
    assert [citation.passage for citation in contested.citations] == ["9.tell-better-work"]
    passages = [citation.passage for citation in warned.citations]
    assert passages.count("9.tell-better-work") == 1
    assert (warned.assessment, warned.sharing) == (answer.assessment, answer.sharing)
