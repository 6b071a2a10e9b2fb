"""An event is refused with the guard that failed, and only while that guard does not hold."""

from __future__ import annotations

from datetime import date

import pytest

from kb.content.records import Library
from kb.rules.codes import SharingStatus
from kb.rules.decide import decide
from kb.rules.events import Event, EventKind
from kb.rules.facts import ALL_LAYERS
from kb.rules.folding import fold
from kb.rules.inputs import CountryKind
from kb.rules.on_behalf import ON_BEHALF_OF
from kb.rules.roles import Role
from kb.rules.transitions import Standing, allowed_now, failed_guard, standing_of
from tests.rules.cases import DAY

K = EventKind
PAYLOADS = {
    K.ELIGIBILITY_RECORDED: {"enrolled": "NO", "capacity_available": "NO"},
    K.ASSESSED: {"kind": "ONSITE"},
    K.SELF_ASSESSMENT_COMPLETED: {"steps": [1]},
    K.SHARED: {"channel": "EMAIL_LINK", "grantee_kind": "BRAND", "grantee": "A"},
    K.UNSHARED: {"grantee_kind": "BRAND", "grantee": "A"},
    K.SIGHT_WITHDRAWN: {"grantee_kind": "BRAND", "grantee": "A"},
    K.RECORD_CONTESTED: {"event": 1},
}
JOINED = (K.ENROLLED, K.CYCLE_OPENED)
INVITED = (*JOINED, K.INTEREST_DECLARED, K.PLATFORM_SET_UP, K.GATEWAY_INVITATION_SENT)
LINKED = (*INVITED, K.PROFILE_SUBMITTED, K.PROFILE_APPROVED, K.LINKED)
ASSESSED = (*LINKED, K.SELF_ASSESSMENT_COMPLETED, K.ASSESSED)
ON_GATEWAY = (*ASSESSED, K.REPORT_POSTED, K.DATA_SUBMITTED)


def _standing(
    library: Library, earlier: tuple[EventKind, ...], next_kind: EventKind, country: str = "VN"
) -> Standing:
    events = [
        Event(kind, date(2021, 10, 1), place, PAYLOADS.get(kind, {}))
        for place, kind in enumerate(earlier, start=1)
    ]
    state = fold(country, events)
    answer = decide(state.profile, library.rulebook, DAY, ALL_LAYERS)
    event = Event(next_kind, DAY, len(events) + 1, PAYLOADS.get(next_kind, {}))
    kind = answer.country.kind or CountryKind.NOT_NAMED
    return standing_of(state, kind, answer.sharing.status, event)


@pytest.mark.parametrize("place", range(len(ON_GATEWAY)))
def test_the_whole_way_to_the_gateway_is_open_step_by_step(library: Library, place: int) -> None:
    kind = ON_GATEWAY[place]
    standing = _standing(library, ON_GATEWAY[:place], kind)
    assert failed_guard(library.transitions[kind], standing) is None


@pytest.mark.parametrize(
    ("kind", "earlier", "country", "guard"),
    [
        (K.ENROLLED, (), "IN", "COUNTRY_HAS_BETTER_WORK"),
        (K.ENROLLED, (K.ENROLLED,), "VN", "NOT_ENROLLED_YET"),
        (K.ENROLLED, (K.ELIGIBILITY_RECORDED,), "VN", "ELIGIBLE"),
        (K.CYCLE_OPENED, (), "VN", "IS_ENROLLED"),
        (K.CYCLE_OPENED, JOINED, "VN", "NO_OPEN_CYCLE"),
        (K.CYCLE_CLOSED, (K.ENROLLED,), "VN", "CYCLE_IS_OPEN"),
        (K.INTEREST_DECLARED, (), "VN", "IS_ENROLLED"),
        (K.INTEREST_DECLARED, (K.ENROLLED,), "PK", "COUNTRY_ROLLED_OUT"),
        (K.INTEREST_DECLARED, (K.ENROLLED, K.INTEREST_DECLARED), "VN", "NOT_DECLARED_YET"),
        (K.PLATFORM_SET_UP, (), "VN", "IS_ENROLLED"),
        (K.PLATFORM_SET_UP, JOINED, "VN", "INTEREST_FIRST"),
        (K.PLATFORM_SET_UP, LINKED, "VN", "NO_PROFILE_YET"),
        (K.GATEWAY_INVITATION_SENT, (), "VN", "IS_ENROLLED"),
        (K.GATEWAY_INVITATION_SENT, (*JOINED, K.INTEREST_DECLARED), "VN", "SET_UP_FIRST"),
        (K.GATEWAY_INVITATION_SENT, (*INVITED, K.PROFILE_APPROVED), "VN", "NO_PROFILE_YET"),
        (K.PROFILE_SUBMITTED, INVITED[:-1], "VN", "INVITED_FIRST"),
        (K.PROFILE_SUBMITTED, (*INVITED, K.PROFILE_SUBMITTED), "VN", "NOT_SUBMITTED_YET"),
        (K.PROFILE_SUBMITTED, LINKED, "VN", "NO_PROFILE_YET"),
        (K.PROFILE_APPROVED, INVITED, "VN", "SUBMITTED_FIRST"),
        (K.PROFILE_RETURNED, INVITED, "VN", "SUBMITTED_FIRST"),
        (K.LINK_REQUESTED, (), "VN", "REGISTERED_WITH_BETTER_WORK"),
        (K.LINK_REQUESTED, LINKED, "VN", "NOT_LINKED_YET"),
        (K.LINKED, (), "VN", "IS_ENROLLED"),
        (K.LINKED, INVITED, "VN", "PROFILE_APPROVED_FIRST"),
        (K.LINKED, LINKED, "VN", "NOT_LINKED_YET"),
        (K.SELF_ASSESSMENT_COMPLETED, (), "VN", "IS_ENROLLED"),
        (K.SELF_ASSESSMENT_COMPLETED, LINKED[:-1], "VN", "LINKED_FIRST"),
        (
            K.SELF_ASSESSMENT_COMPLETED,
            (*LINKED, K.CYCLE_CLOSED),
            "VN",
            "CYCLE_IS_OPEN",
        ),
        (K.ASSESSED, (), "VN", "IS_ENROLLED"),
        (K.ASSESSED, (K.ENROLLED,), "VN", "CYCLE_IS_OPEN"),
        (K.ASSESSED, ASSESSED, "VN", "NOT_ASSESSED_YET"),
        (K.REPORT_POSTED, LINKED, "VN", "ASSESSED_FIRST"),
        (K.DATA_SUBMITTED, LINKED, "VN", "ASSESSED_FIRST"),
        (K.DATA_SUBMITTED, (*LINKED, K.ASSESSED), "VN", "SHAREABLE"),
        (K.DATA_SUBMITTED, ASSESSED, "VN", "REPORT_FIRST"),
        (K.SHARED, LINKED, "VN", "ASSESSED_FIRST"),
        (K.SHARED, (*LINKED, K.ASSESSED), "VN", "SHAREABLE"),
        (K.SHARED, ASSESSED, "VN", "ON_GATEWAY_FIRST"),
        (K.UNSHARED, ON_GATEWAY, "VN", "IS_SHARED"),
        (K.SIGHT_WITHDRAWN, (K.ENROLLED,), "VN", "SEES_STATUS"),
        (K.RECORD_CONTESTED, (K.ENROLLED,), "VN", "RECORDED_ON_BEHALF"),
        (K.ROUTED_TO_VERIFIER_BODY, (K.ENROLLED,), "VN", "NOT_ENROLLED"),
        (K.ROUTED_TO_VERIFIER_BODY, (), "VN", "NOT_FOR_BETTER_WORK"),
    ],
)
def test_an_event_out_of_order_names_the_guard_that_failed(
    library: Library,
    kind: EventKind,
    earlier: tuple[EventKind, ...],
    country: str,
    guard: str,
) -> None:
    failed = failed_guard(library.transitions[kind], _standing(library, earlier, kind, country))
    assert failed is not None
    assert failed.code == guard
    assert failed.citations


def test_every_guard_has_a_case_above(library: Library) -> None:
    parametrised = test_an_event_out_of_order_names_the_guard_that_failed.pytestmark[0].args[1]
    tried = {(kind, guard) for kind, _, _, guard in parametrised}
    assert tried == {
        (kind, guard.code)
        for kind, transition in library.transitions.items()
        for guard in transition.guards
    }


def test_every_event_but_the_registration_can_be_recorded_by_somebody(library: Library) -> None:
    assert set(library.transitions) == set(EventKind) - {EventKind.FACILITY_REGISTERED}
    assert all(transition.roles for transition in library.transitions.values())


def test_a_facility_is_told_what_it_may_do_next(library: Library) -> None:
    standing = _standing(library, INVITED, K.LINKED)
    allowed = allowed_now(library.transitions, standing, [Role.FACILITY])
    assert allowed == (K.PROFILE_SUBMITTED, K.LINK_REQUESTED, K.SIGHT_GRANTED)


def test_an_officer_is_told_what_it_may_record_on_behalf_of_the_facility(library: Library) -> None:
    standing = _standing(library, ON_GATEWAY, K.SHARED)
    allowed = allowed_now(library.transitions, standing, [Role.PROGRAMME_OFFICER])
    assert K.SHARED in allowed
    assert K.UNSHARED not in allowed  # nothing is shared yet


def test_helpdesk_and_brands_record_nothing(library: Library) -> None:
    for role in (Role.HELPDESK, Role.BRAND, Role.CHATBOT, Role.ANONYMOUS):
        assert not any(role in transition.roles for transition in library.transitions.values())


@pytest.mark.parametrize(
    ("recipient", "shared"),
    [
        (("BRAND", "A"), "YES"),
        (("BRAND", "B"), "NO"),
        (("ACCREDITED_HOST", "A"), "NO"),
        (None, "YES"),
    ],
)
def test_a_guard_sees_whether_the_recipient_that_an_event_names_has_the_data(
    recipient: tuple[str, str] | None, shared: str
) -> None:
    state = fold("VN", [Event(K.SHARED, DAY, 1, PAYLOADS[K.SHARED])])
    event = None
    if recipient is not None:
        kind, name = recipient
        event = Event(K.UNSHARED, DAY, 2, {"grantee_kind": kind, "grantee": name})
    for before, expected in ((state, shared), (fold("VN", []), "NO")):
        standing = standing_of(before, CountryKind.ROLLOUT, SharingStatus.NOT_YET, event)
        assert standing["shared_with_grantee"] == expected
        assert (standing["country_kind"], standing["sharing"]) == ("ROLLOUT", "NOT_YET")


@pytest.mark.parametrize(("grantee", "sees"), [("A", "YES"), ("B", "NO"), (None, "YES")])
def test_a_guard_sees_whether_the_brand_that_an_event_names_sees_the_status(
    grantee: str | None, sees: str
) -> None:
    named = {"grantee_kind": "BRAND", "grantee": grantee}
    event = Event(K.SIGHT_WITHDRAWN, DAY, 2, named) if grantee else None
    granted = Event(K.SIGHT_GRANTED, DAY, 1, {"grantee_kind": "BRAND", "grantee": "A"})
    for before, expected in ((fold("VN", [granted]), sees), (fold("VN", []), "NO")):
        standing = standing_of(before, CountryKind.ROLLOUT, SharingStatus.NOT_YET, event)
        assert standing["sees_status"] == expected


@pytest.mark.parametrize(("number", "contestable"), [(1, "YES"), (2, "NO"), (None, "YES")])
def test_a_guard_sees_whether_the_record_that_an_event_names_may_be_contested(
    number: int | None, contestable: str
) -> None:
    event = Event(K.RECORD_CONTESTED, DAY, 3, {"event": number}) if number else None
    word = {ON_BEHALF_OF: {"means": "PHONE", "given_on": "2021-10-01"}}
    recorded = Event(K.INTEREST_DECLARED, DAY, 1, word)
    for before, expected in ((fold("VN", [recorded]), contestable), (fold("VN", []), "NO")):
        standing = standing_of(before, CountryKind.ROLLOUT, SharingStatus.NOT_YET, event)
        assert standing["contestable"] == expected
