"""Pictures of the rules are made from their data, and mark a facility's own way."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from kb.rules.decide import decide
from kb.rules.diagrams import DiagramFormat, DiagramOf, diagram
from kb.rules.facts import ALL_LAYERS
from kb.rules.inputs import (
    AssessmentKind,
    FacilityProfile,
    GatewayProfileState,
    InterestTiming,
    Ternary,
)
from kb.rules.rulebook import Rulebook
from tests.rules.approved_pictures import FOLDER, pictures
from tests.rules.cases import DAY

ENROLLED = FacilityProfile(
    country="VN",
    enrolled=Ternary.YES,
    in_scope=Ternary.YES,
    gateway_profile=GatewayProfileState.NONE,
    interest=InterestTiming.NOT_DECLARED,
    assessment=AssessmentKind.NONE,
)
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("what", DiagramOf)
def test_every_picture_is_an_image_with_a_name_and_without_anything_that_runs(
    rulebook: Rulebook, what: DiagramOf
) -> None:
    image = ElementTree.fromstring(diagram(rulebook, what, DiagramFormat.SVG))
    assert image.findtext(f"{SVG}title") == image.get("aria-label")
    assert {each.tag.removeprefix(SVG) for each in image.iter()} == {
        "svg",
        "title",
        "rect",
        "text",
        "path",
    }


def test_the_approved_pictures_are_what_is_drawn(rulebook: Rulebook) -> None:
    drawn = pictures(rulebook)
    assert {file.name for file in FOLDER.iterdir()} == set(drawn), "run scripts/approved"
    for name, text in drawn.items():
        assert (FOLDER / name).read_text("utf-8") == text, f"{name}: run scripts/approved"


def test_every_row_of_a_table_is_in_its_picture(rulebook: Rulebook) -> None:
    shown = diagram(rulebook, DiagramOf.TABLE_A, DiagramFormat.MERMAID)
    rows = [f"{row.id}: {row.then.because}" for row in rulebook.assessment.rows]
    assert [row for row in rows if f'["{row}"]' not in shown] == []


def test_the_row_that_decided_and_the_route_that_follows_are_marked(rulebook: Rulebook) -> None:
    decision = decide(ENROLLED, rulebook, DAY, ALL_LAYERS)
    table = diagram(rulebook, DiagramOf.TABLE_A, DiagramFormat.MERMAID, decision)
    assert re.findall(r'"(A\d+): .*:::own', table) == ["A1"]
    workflow = diagram(rulebook, DiagramOf.WORKFLOW, DiagramFormat.MERMAID, decision)
    assert 'Tell Better Work that the factory wants to share (facility)"]:::next' in workflow
    assert workflow.count('"Better Work, with a new Gateway profile"]:::own') == 1
    assert ":::" not in diagram(rulebook, DiagramOf.WORKFLOW, DiagramFormat.MERMAID)


def test_a_row_without_conditions_holds_always(rulebook: Rulebook) -> None:
    row = replace(rulebook.tool.rows[0], when=())
    changed = replace(rulebook, tool=replace(rulebook.tool, rows=(row,)))
    shown = diagram(changed, DiagramOf.TABLE_E, DiagramFormat.MERMAID)
    assert 'n0_0["always"]' in shown


@pytest.mark.parametrize("form", DiagramFormat)
def test_text_of_the_data_becomes_no_markup(rulebook: Rulebook, form: DiagramFormat) -> None:
    hostile = '"]; click n0_0 href "javascript:x" <script>'
    step = replace(rulebook.steps["DECLARE_INTEREST"], title=hostile)
    changed = replace(rulebook, steps={**rulebook.steps, "DECLARE_INTEREST": step})
    shown = diagram(changed, DiagramOf.WORKFLOW, form)
    assert "<script>" not in shown
    assert '"];' not in shown
