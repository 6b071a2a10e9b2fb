"""What a letter says of what is known, and how names stand in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from kb.content.records import Library
from kb.rules.inputs import (
    AssessmentKind,
    FacilityProfile,
    GatewayProfileState,
    InterestTiming,
    Ternary,
)
from tests.rules.letters import write

YES, NO = Ternary.YES, Ternary.NO
NOT_ASSESSED = AssessmentKind.NONE
NOT_ENROLLED = FacilityProfile(
    "VN",
    NO,
    YES,
    YES,
    gateway_profile=GatewayProfileState.LINKED,
    interest=InterestTiming.NOT_DECLARED,
    assessment=AssessmentKind.NONE,
    self_assessed_before=NO,
)
LINKED_LATE = FacilityProfile(
    "VN",
    YES,
    YES,
    gateway_profile=GatewayProfileState.EXISTS_UNLINKED,
    interest=InterestTiming.BEFORE_ASSESSMENT,
    assessment=AssessmentKind.ONSITE,
    self_assessed_before=YES,
    self_assessment_steps=(1, 2),
    gateway_now=GatewayProfileState.LINKED,
)


@pytest.mark.parametrize(
    ("profile", "name", "known"),
    [
        (FacilityProfile("VN"), None, "Nothing is known of this facility but its country."),
        (
            NOT_ENROLLED,
            None,
            "Taken as known: not enrolled in Better Work; in the scope of Better Work; the country "
            "programme has room for it; linked with the Gateway; interest in sharing not declared "
            "yet; not assessed in this service cycle yet; self-assessment not finished yet.",
        ),
        (
            NOT_ENROLLED,
            "A Factory",
            "On record: not enrolled in Better Work; in the scope of Better Work; the country "
            "programme has room for it; linked with the Gateway.",
        ),
        (
            LINKED_LATE,
            "A Factory",
            "On record: enrolled in Better Work; in the scope of Better Work; a Gateway profile "
            "that was not linked before the assessment; interest in sharing declared before the "
            "assessment; assessed on site in this service cycle; self-assessment finished before "
            "the assessment; the self-assessment covers Steps 1 and 2; linked with the Gateway by "
            "now.",
        ),
        (
            replace(LINKED_LATE, gateway_profile=GatewayProfileState.LINKED),
            "A Factory",
            "On record: enrolled in Better Work; in the scope of Better Work; linked with the "
            "Gateway before the assessment; interest in sharing declared before the assessment; "
            "assessed on site in this service cycle; self-assessment finished before the "
            "assessment; the self-assessment covers Steps 1 and 2.",
        ),
    ],
)
def test_what_is_known_is_said_in_one_line(
    library: Library, profile: FacilityProfile, name: str | None, known: str
) -> None:
    lines = write(library, profile, name=name)[1].splitlines()
    assert lines[4] == known


@pytest.mark.parametrize(
    ("country", "name", "locale", "heading"),
    [
        ("US", None, "en", "**A facility in the United States, on 2026-11-23**"),
        ("US", "A Factory", "en", "**A Factory, United States, on 2026-11-23**"),
        ("GM", None, "vi", "**Một cơ sở ở Gambia, ngày 2026-11-23**"),
    ],
)
def test_a_country_has_its_article_in_the_heading_of_an_english_letter_without_a_name(
    library: Library, country: str, name: str | None, locale: str, heading: str
) -> None:
    _, text = write(library, FacilityProfile(country), name=name, locale=locale)
    assert text.splitlines()[0] == heading


def test_what_answers_several_questions_is_said_once(library: Library) -> None:
    _, text = write(library, FacilityProfile("VN"), as_of=date(2021, 1, 1))
    applies = text.split("### What applies\n\n")[1].split("\n\n### ")[0].splitlines()
    assert len(applies) == len(set(applies)) == 2


def test_a_name_is_never_taken_for_markdown_or_html(library: Library) -> None:
    name = "A* [x](http://evil.example) <img src=x>\n\n# B_ltd `c` | d & e ~ \\"
    _, text = write(library, FacilityProfile("VN", YES), name=name)
    assert text.splitlines()[0] == (
        r"**A\* \[x\](http://evil.example) \<img src=x\> # B\_ltd \`c\` \| d \& e \~ \\, "
        "Vietnam, on 2026-11-23**"
    )


def test_every_other_way_is_said_after_what_is_numbered(library: Library) -> None:
    rules = library.rulebook
    routes = {
        code: replace(route, alternatives=(*route.alternatives, "RENEW_INTEREST"))
        for code, route in rules.routes.items()
    }
    profile = FacilityProfile("VN", YES, gateway_profile=GatewayProfileState.NONE)
    profile = replace(profile, interest=InterestTiming.BEFORE_ASSESSMENT, assessment=NOT_ASSESSED)
    changed = replace(library, rulebook=replace(rules, routes=routes))
    _, text = write(changed, profile)
    actions = text.split("### What to do next\n\n")[1].split("\n\n### ")[0]
    _, existing, renewed = actions.split("\n\n")
    assert existing.startswith(rules.steps["USE_EXISTING_PROFILE"].title)
    assert renewed.startswith(rules.steps["RENEW_INTEREST"].title)
