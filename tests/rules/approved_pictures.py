"""Pictures that people have looked at and approved, one file each; `scripts/approved`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

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
from tests.rules.cases import DAY

FOLDER = Path(__file__).parent / "approved" / "pictures"

ON_THE_WAY = FacilityProfile(
    "VN",
    Ternary.YES,
    gateway_profile=GatewayProfileState.EXISTS_UNLINKED,
    interest=InterestTiming.BEFORE_ASSESSMENT,
    assessment=AssessmentKind.NONE,
    self_assessed_before=Ternary.YES,
)
MISSED = replace(ON_THE_WAY, assessment=AssessmentKind.ONSITE)


def pictures(rulebook: Rulebook) -> Mapping[str, str]:
    """File name to picture: each kind of picture in one format or both."""
    missed = decide(MISSED, rulebook, DAY, ALL_LAYERS)
    on_the_way = decide(ON_THE_WAY, rulebook, DAY, ALL_LAYERS)
    own = on_the_way.workflow.route
    two_routes = {code: rulebook.routes[code] for code in (own, "VERIFIER_BODY")}
    few = replace(rulebook, routes=two_routes)
    drawn = {
        f"{what.lower().replace('_', '-')}.mmd": diagram(
            rulebook, what, DiagramFormat.MERMAID, missed
        )
        for what in DiagramOf
    }
    return {
        **drawn,
        "table-e.svg": diagram(rulebook, DiagramOf.TABLE_E, DiagramFormat.SVG),
        "two-routes.svg": diagram(few, DiagramOf.WORKFLOW, DiagramFormat.SVG, on_the_way),
        "two-routes-missed.svg": diagram(few, DiagramOf.WORKFLOW, DiagramFormat.SVG, missed),
    }
