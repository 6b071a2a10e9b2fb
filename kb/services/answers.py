"""What applies to a facility, or to a profile that belongs to none."""

from __future__ import annotations

from datetime import date

from kb.rules.facts import ALL_LAYERS, Layers
from kb.rules.inputs import FacilityProfile
from kb.rules.outcomes import Applicability
from kb.services.facilities import FacilityView
from kb.services.knowledge import Knowledge


def what_applies(
    asked: FacilityView | FacilityProfile,
    knowledge: Knowledge,
    as_of: date,
    layers: Layers = ALL_LAYERS,
) -> Applicability:
    """Decide with the knowledge of a day; the facility is taken as the view shows it.

    For a day in the past, ask `facilities.as_they_stood` for the view first.
    """
    key = asked.decision_key if isinstance(asked, FacilityView) else asked
    return knowledge.decisions.on(key, as_of, layers)
