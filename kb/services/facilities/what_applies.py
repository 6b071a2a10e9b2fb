"""What applies to a facility, or to a profile that belongs to none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from kb.rules.decide import with_warning
from kb.rules.facts import ALL_LAYERS, Layers
from kb.rules.inputs import ASSESSED, FacilityProfile, SharingChannel
from kb.rules.outcomes import Applicability
from kb.rules.summary import EarlierCycle, Letter, Shared, filled, letter_form
from kb.rules.wording import in_words
from kb.services.access.matrix import Capability, Viewer, require
from kb.services.facilities.columns import CycleView, GrantView
from kb.services.facilities.facility_view import FacilityView
from kb.services.knowledge.holder import Knowledge


def what_applies(
    subject: FacilityView | FacilityProfile,
    knowledge: Knowledge,
    as_of: date,
    layers: Layers = ALL_LAYERS,
    *,
    viewer: Viewer,
) -> Applicability:
    """Decide with the knowledge of a day; the facility is taken as the view shows it.

    Who sees its status only is told nothing of its data. For a day in the past, ask
    `histories.as_they_stood` for the view first. NotPermittedError for a facility when the viewer
    may not read where facilities stand.
    """
    if isinstance(subject, FacilityView):
        require(viewer, Capability.READ_STATUS)
    key = subject.decision_key if isinstance(subject, FacilityView) else subject
    decision = knowledge.decisions.on(key, as_of, layers)
    if isinstance(subject, FacilityView) and subject.status_only:
        decision = knowledge.decisions.made_of(decision, "STATUS_ONLY", _without_labels)
    if isinstance(subject, FacilityView) and subject.contested:
        rulebook = knowledge.library.rulebook
        return knowledge.decisions.made_of(
            decision,
            "CONTESTED",
            lambda decision: with_warning(decision, rulebook, "RECORD_IS_CONTESTED"),
        )
    return decision


def translated(decision: Applicability, knowledge: Knowledge, locale: str) -> Applicability:
    """A decision in the words of a language, kept: to find them takes as long as to decide."""
    words = knowledge.library.words.get(locale)
    if words is None:
        return decision
    return knowledge.decisions.made_of(
        decision, ("TRANSLATED", locale), lambda decision: in_words(decision, words)
    )


def _without_labels(decision: Applicability) -> Applicability:
    return replace(decision, data_labels=())


@dataclass(frozen=True, slots=True, kw_only=True)
class CycleDecision:
    """A service cycle with what was decided for it; `grants` are those in force for its data."""

    number: int
    opened_on: date | None
    closed_on: date | None
    decision: Applicability
    grants: tuple[GrantView, ...]

    @property
    def has_data(self) -> bool:
        """Whether Better Work has assessed the facility in it."""
        return self.decision.profile.assessment in ASSESSED


def cycles_of(
    cycles: Sequence[CycleView], knowledge: Knowledge, as_of: date, layers: Layers
) -> tuple[CycleDecision, ...]:
    """The present service cycle, then the last one before it that has data, and those shared still.

    What was shared stays what it is when new cycles open, so its labels are told with it.
    """
    decisions: list[CycleDecision] = []
    for cycle in reversed(cycles):
        if len(decisions) < 2 or cycle.grants:
            decided = CycleDecision(
                number=cycle.number,
                opened_on=cycle.opened_on,
                closed_on=cycle.closed_on,
                decision=knowledge.decisions.on(cycle.decision_key, as_of, layers),
                grants=cycle.grants,
            )
            if not decisions or decided.has_data:
                decisions.append(decided)
    return tuple(decisions)


def summary_of(
    answer: Applicability,
    knowledge: Knowledge,
    as_of: date,
    layers: Layers,
    *,
    today: date,
    facility_name: str | None = None,
    cycles: Sequence[CycleDecision] = (),
    locale: str = "en",
) -> str:
    """The answer as Markdown to paste into an e-mail; see `kb.rules.summary`.

    `today` is the day where the facility is.
    """
    release, library = knowledge.release, knowledge.library
    present, *earlier = cycles or (None,)
    letter = Letter(
        as_of=as_of,
        today=today,
        layers=layers,
        release=release.number,
        published_on=release.published_at.date(),
        facility_name=facility_name,
        cycle=present.number if present else 0,
        shared=[
            Shared(grant.grantee, SharingChannel(grant.channel), grant.granted_on, cycle.number)
            for cycle in cycles
            for grant in cycle.grants
        ],
        earlier=[EarlierCycle(cycle.number, cycle.decision) for cycle in earlier],
        sources=library.sources,
        words=library.words.get(locale, {}),
    )
    # The form holds the earlier decisions, whose ids so stay their own.
    before = tuple((cycle.number, id(cycle.decision)) for cycle in earlier)
    form = knowledge.decisions.made_of(
        answer,
        (as_of, today, bool(facility_name), before, locale),
        lambda answer: letter_form(answer, letter),
    )
    return filled(form, letter)
