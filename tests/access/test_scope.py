"""One scope for each viewer, from which every path is made."""

from __future__ import annotations

from dataclasses import dataclass, fields

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
