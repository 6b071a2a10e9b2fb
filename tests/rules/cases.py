"""Profiles for the tests of the rules: a country of each kind, every combination of inputs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import islice, product

from hypothesis import strategies as st

from kb.rules.inputs import (
    AssessmentKind,
    CountryKind,
    FacilityProfile,
    GatewayProfileState,
    InterestTiming,
    Publication,
    Registration,
    ServiceCycle,
    Ternary,
)
from kb.rules.outcomes import Applicability

Answers = Sequence[tuple[FacilityProfile, Applicability]]
DAY = date(2021, 10, 31)
COUNTRY_OF = {
    CountryKind.ROLLOUT: "VN",
    CountryKind.BW_PENDING: "PK",
    CountryKind.NON_BW: "IN",
    CountryKind.NOT_NAMED: "BR",
}
STEP_SETS = ((), (1,), (2,), (3,), (1, 2), (1, 3), (2, 3), (1, 2, 3))


def every_profile(steps: tuple[int, ...] = ()) -> Iterator[FacilityProfile]:
    """All 20,736 combinations of the inputs, for one set of self-assessed Steps."""
    for values in product(
        COUNTRY_OF.values(),
        Ternary,
        Ternary,
        Ternary,
        GatewayProfileState,
        InterestTiming,
        AssessmentKind,
        Ternary,
    ):
        yield FacilityProfile(*values, steps)


def spread(profiles: Iterator[FacilityProfile]) -> Iterator[FacilityProfile]:
    """Every eleventh profile: no input has eleven values, so all pairs of values come up."""
    return islice(profiles, 0, None, 11)


profiles = st.builds(
    FacilityProfile,
    country=st.sampled_from(sorted(COUNTRY_OF.values())),
    enrolled=st.sampled_from(Ternary),
    in_scope=st.sampled_from(Ternary),
    capacity_available=st.sampled_from(Ternary),
    gateway_profile=st.sampled_from(GatewayProfileState),
    interest=st.sampled_from(InterestTiming),
    assessment=st.sampled_from(AssessmentKind),
    self_assessed_before=st.sampled_from(Ternary),
    self_assessment_steps=st.sampled_from(STEP_SETS),
    registration=st.sampled_from(Registration),
    publication=st.sampled_from(Publication),
    service_cycle=st.sampled_from(ServiceCycle),
    gateway_now=st.none() | st.sampled_from(GatewayProfileState),
    interest_next=st.none() | st.sampled_from(Ternary),
)
