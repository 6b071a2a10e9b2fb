"""The letters that the tests read: one for each demo facility and for each row of each table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import chain

from kb.content.records import Library
from kb.rules.decide import decide
from kb.rules.events import FacilityState
from kb.rules.facts import ALL_LAYERS, Layers
from kb.rules.folding import fold_cycles
from kb.rules.inputs import ASSESSED, FacilityProfile
from kb.rules.match_rows import match_rows
from kb.rules.outcomes import Applicability
from kb.rules.summary import EarlierCycle, Letter, Shared, summary
from kb.rules.tables import matching_row
from kb.services.demo.scenarios import demo_facility
from tests.rules.cases import every_profile, spread

TODAY = date(2026, 11, 23)
"""The day on which the public record was checked, after the last event of every demo facility."""

DEMO_FACILITIES = 200
SEED = 2021


@dataclass(frozen=True)
class Read:
    """A letter with what it is about."""

    name: str
    state: FacilityState | None
    answer: Applicability
    text: str


def write(
    library: Library,
    profile: FacilityProfile,
    *,
    name: str | None = None,
    states: tuple[FacilityState, ...] = (),
    as_of: date = TODAY,
    today: date | None = None,
    layers: Layers = ALL_LAYERS,
    locale: str = "en",
) -> tuple[Applicability, str]:
    """The answer for a profile and its letter; `states` are the facility's service cycles."""
    answer = decide(profile, library.rulebook, as_of, layers)
    shared = {grant.cycle for grant in states[-1].grants} if states else set()
    assessed = [state for state in states[:-1] if state.profile.assessment in ASSESSED]
    earlier = [
        state for state in reversed(assessed) if state is assessed[-1] or state.cycle in shared
    ]
    shown = (*earlier, *states[-1:])
    letter = Letter(
        as_of=as_of,
        today=today or as_of,
        layers=layers,
        release=1,
        published_on=TODAY,
        facility_name=name,
        cycle=states[-1].cycle if states else 0,
        shared=[
            Shared(grant.grantee, grant.channel, grant.granted_on, grant.cycle)
            for grant in (states[-1].grants if states else ())
            if grant.cycle in [state.cycle for state in shown]
        ],
        earlier=[
            EarlierCycle(state.cycle, decide(state.profile, library.rulebook, as_of, layers))
            for state in earlier
        ],
        sources=library.sources,
        words=library.words.get(locale, {}),
    )
    return answer, summary(answer, letter)


def demo_letter(library: Library, number: int, locale: str = "en") -> Read:
    """The letter of one demo facility."""
    facility = demo_facility(number, SEED)
    states = fold_cycles(facility.country, facility.events)
    answer, text = write(
        library, states[-1].profile, name=facility.name, states=states, locale=locale
    )
    return Read(facility.name, states[-1], answer, text)


def demo_letters(library: Library, locale: str = "en") -> Iterator[Read]:
    """The letters of the demo facilities."""
    for number in range(1, DEMO_FACILITIES + 1):
        yield demo_letter(library, number, locale)


def row_letters(library: Library, locale: str = "en") -> Iterator[Read]:
    """A letter for each row of each table, by a profile that it holds for."""
    for row, profile in profiles_of_rows(library).items():
        answer, text = write(library, profile, locale=locale)
        yield Read(row, None, answer, text)


def profiles_of_rows(library: Library) -> dict[str, FacilityProfile]:
    """Row id to a profile that the row holds for."""
    rules = library.rulebook
    tables = ("assessment", "sharing", "labels", "fees", "tool")
    wanted = {row.id for name in tables for row in getattr(rules, name).rows}
    profile_of: dict[str, FacilityProfile] = {}
    for profile in chain(spread(every_profile((1, 2))), every_profile(), every_profile((1, 2))):
        for table, inputs in match_rows(profile, rules, TODAY, ALL_LAYERS).tables:
            profile_of.setdefault(matching_row(table, inputs).id, profile)
        if wanted <= profile_of.keys():
            break
    return profile_of
