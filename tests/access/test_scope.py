"""One scope for each viewer, from which every path is made."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from itertools import product

import pytest

from kb.rules.events import EventKind
from kb.rules.roles import Role
from kb.services.access.matrix import Viewer
from kb.services.access.scope import CRITERIA, Scope, scope_of

BOTH, NEITHER, BEGINS, ENDS = (True, True), (False, False), (False, True), (True, False)

FACTORY = Viewer(Role.FACILITY, facility_ids=(7,))
BRAND = Viewer(Role.BRAND, organisation="Northwind")
OFFICER = Viewer(Role.PROGRAMME_OFFICER, countries=("VN",))
SLCP = Viewer(Role.SLCP_OFFICER)


@dataclass
class Something:
    """An event at a facility."""

    kind: EventKind = EventKind.ENROLLED
    facility_id: int = 7
    country: str = "VN"


def test_every_condition_of_a_scope_is_asked_on_every_path() -> None:
    assert set(CRITERIA) == {field.name for field in fields(Scope)}


@pytest.mark.parametrize(
    ("viewer", "event", "shared", "concerned"),
    [
        (Viewer(Role.HELPDESK), Something(), NEITHER, True),
        (FACTORY, Something(), NEITHER, True),
        (FACTORY, Something(facility_id=8), BOTH, False),
        (OFFICER, Something(), NEITHER, True),
        (OFFICER, Something(country="BD"), BOTH, False),
        (SLCP, Something(EventKind.PROFILE_SUBMITTED), NEITHER, True),
        (SLCP, Something(EventKind.ENROLLED), BOTH, False),
        (BRAND, Something(), BOTH, True),
        (BRAND, Something(), NEITHER, False),
        (BRAND, Something(EventKind.SHARED), BEGINS, True),
        (BRAND, Something(EventKind.UNSHARED), ENDS, True),
        # With somebody else, while it shares with the brand.
        (BRAND, Something(EventKind.SHARED), BOTH, False),
        (BRAND, Something(EventKind.UNSHARED), BOTH, False),
        (Viewer(Role.CHATBOT), Something(), BOTH, False),
        (Viewer(Role.ANONYMOUS), Something(), BOTH, False),
    ],
)
def test_an_event_concerns_only_those_who_may_be_told_of_it(
    viewer: Viewer, event: Something, shared: tuple[bool, bool], concerned: bool
) -> None:
    assert scope_of(viewer).concerned_by(event, shared) is concerned


def test_a_brand_without_a_name_sees_nothing() -> None:
    assert scope_of(Viewer(Role.BRAND)) == Scope(facility_ids=())


def test_from_registration_on_a_facility_is_seen_by_those_who_see_all_events() -> None:
    early = {role for role in Role if scope_of(Viewer(role, organisation="A")).from_registration}
    assert early == {Role.ADMIN, Role.OPERATOR, Role.HELPDESK, Role.PROGRAMME_OFFICER}


def test_facilities_are_open_to_all_but_those_who_only_ask_of_the_rules() -> None:
    readers = {role for role in Role if Viewer(role).may_read_facilities}
    assert set(Role) - readers == {Role.ANONYMOUS, Role.CHATBOT}


def test_only_those_who_are_told_of_every_event_may_count_them() -> None:
    every = {role for role in Role if scope_of(Viewer(role, organisation="A")).every_event}
    assert every == set(Role) - {Role.BRAND, Role.SLCP_OFFICER}


@pytest.mark.parametrize(
    ("viewer", "hidden"),
    [
        (FACTORY, set()),
        (OFFICER, set()),
        (
            BRAND,
            {"SHARED", "UNSHARED", "SIGHT_GRANTED", "SIGHT_WITHDRAWN", "RECORD_CONTESTED"},
        ),
        (
            SLCP,
            set(EventKind)
            - {"PROFILE_SUBMITTED", "PROFILE_APPROVED", "PROFILE_RETURNED", "LINK_REQUESTED"},
        ),
    ],
)
def test_the_kinds_of_events_that_a_role_is_never_told_of(viewer: Viewer, hidden: set[str]) -> None:
    assert {kind for kind in EventKind if not scope_of(viewer).covers(kind)} == hidden


def test_those_of_one_reach_have_one_scope_whoever_they_are() -> None:
    viewers = [
        *(FACTORY, BRAND, OFFICER, SLCP, Viewer(Role.HELPDESK)),
        *(replace(viewer, token_id=3, label="Mai") for viewer in (FACTORY, BRAND, OFFICER)),
        replace(FACTORY, facility_ids=(7, 8)),
        replace(BRAND, organisation="Southwind"),
        replace(OFFICER, countries=("BD",)),
    ]
    for first, second in product(viewers, repeat=2):
        same_role = first.role is second.role
        same_scope = same_role and scope_of(first) == scope_of(second)
        assert (first.reach == second.reach) is same_scope, (first, second)
