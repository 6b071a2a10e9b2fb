"""The answer as a text: complete, in order, with numbered sources, and pasteable as it is."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from kb.content.records import Library
from kb.rules.decide import decide
from kb.rules.facts import ALL_LAYERS
from kb.rules.inputs import (
    AssessmentKind,
    FacilityProfile,
    GatewayProfileState,
    InterestTiming,
    Ternary,
)
from kb.rules.summary import _plain, summary
from tests.rules.cases import DAY, every_profile

SHAREABLE = FacilityProfile(
    country="VN",
    enrolled=Ternary.YES,
    in_scope=Ternary.YES,
    gateway_profile=GatewayProfileState.LINKED,
    interest=InterestTiming.BEFORE_ASSESSMENT,
    assessment=AssessmentKind.ONSITE,
    self_assessed_before=Ternary.YES,
    self_assessment_steps=(1, 2, 3),
)


def _told(library: Library, profile: FacilityProfile, name: str | None = None) -> str:
    return summary(
        decide(profile, library.rulebook, DAY, ALL_LAYERS),
        as_of=DAY,
        release="Knowledge release 1, 2026-11-23",
        facility_name=name,
        source_titles={key: source.title for key, source in library.sources.items()},
    )


def test_an_answer_reads_from_what_applies_to_its_sources(library: Library) -> None:
    told = _told(library, SHAREABLE, "Demo Factory")
    assert re.findall(r"^(?:\*\*|### )(.*?)(?:\*\*)?$", told, re.MULTILINE) == [
        "Demo Factory, on 2021-10-31",
        "What applies",
        "What to do next",
        "What the data may be called",
        "What it costs",
        "Sources",
    ]
    assert told.startswith(
        "**Demo Factory, on 2021-10-31**\n\n"
        "Taken as known: enrolled in Better Work; in its scope; linked with the Gateway; interest "
        "in sharing declared in time; assessed on site; self-assessment finished in time.\n"
    )
    assert "3. Share the data by link or with an Accredited Host (the facility). [" in told
    assert "- Steps 2 and 3: Enhanced self-assessment: " in told
    assert "The regular Better Work service fee continues. Its amount is not stated." in told
    assert told.endswith(
        "*Knowledge release 1, 2026-11-23. The shared FAQs are of October 2021; what changed since "
        "is told only where another source is named.*\n"
    )


def test_what_stands_in_the_way_is_told_one_by_one(library: Library) -> None:
    told = _told(
        library,
        replace(
            SHAREABLE,
            interest=InterestTiming.NOT_DECLARED,
            assessment=AssessmentKind.NONE,
        ),
    )
    assert (
        "- In the way:\n  - The factory has not told Better Work that it wants to share. ["
    ) in told


def test_a_facility_of_the_public_record_cites_it_for_its_country(library: Library) -> None:
    told = _told(library, FacilityProfile(country="IN"))
    assert "A facility in India" in told
    assert "Introduction to vFSLM" in told.partition("### Sources")[2]


@pytest.mark.parametrize("country", ["VN", "PK", "IN", "BR"])
def test_every_number_in_the_text_stands_in_the_list_of_sources(
    library: Library, country: str
) -> None:
    for profile in every_profile((1,)):
        if profile.country != country or profile.in_scope is not Ternary.UNKNOWN:
            continue
        body, _, sources = _told(library, profile).partition("### Sources\n\n")
        used = {int(number) for number in re.findall(r"\[(\d+)\]", body)}
        listed = [int(number) for number in re.findall(r"^(\d+)\. ", sources, re.MULTILINE)]
        assert listed == list(range(1, len(listed) + 1))
        assert used == set(listed)


def test_a_name_is_never_taken_for_markdown_or_html() -> None:
    assert _plain("A* [x](http://evil.example) <img src=x>\n\n# B_ltd `c` | d & e") == (
        r"A\* \[x\](http://evil.example) \<img src=x\> # B\_ltd \`c\` \| d \& e"
    )
