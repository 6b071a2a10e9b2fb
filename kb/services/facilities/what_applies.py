"""What applies to a facility, or to a profile that belongs to none."""

from __future__ import annotations

from datetime import date

from kb.rules.facts import ALL_LAYERS, Layers
from kb.rules.inputs import FacilityProfile
from kb.rules.outcomes import Applicability
from kb.rules.summary import summary
from kb.services.access.matrix import Capability, Viewer, require
from kb.services.facilities.views import FacilityView
from kb.services.knowledge.holder import Knowledge


def what_applies(
    asked: FacilityView | FacilityProfile,
    knowledge: Knowledge,
    as_of: date,
    layers: Layers = ALL_LAYERS,
    *,
    viewer: Viewer,
) -> Applicability:
    """Decide with the knowledge of a day; the facility is taken as the view shows it.

    For a day in the past, ask `histories.as_they_stood` for the view first. NotPermittedError for
    a facility when the viewer may not read where facilities stand.
    """
    if isinstance(asked, FacilityView):
        require(viewer, Capability.READ_STATUS)
    key = asked.decision_key if isinstance(asked, FacilityView) else asked
    return knowledge.decisions.on(key, as_of, layers)


def summary_of(
    answer: Applicability, knowledge: Knowledge, as_of: date, facility_name: str | None = None
) -> str:
    """The answer as Markdown to paste into an e-mail; see `kb.rules.summary`."""
    release = knowledge.release
    return summary(
        answer,
        as_of=as_of,
        release=f"Knowledge release {release.number}, {release.published_at:%Y-%m-%d}",
        facility_name=facility_name,
        source_titles={key: source.title for key, source in knowledge.library.sources.items()},
    )
