"""Who may see a facility and its data, and what a recipient sees of its events."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kb.errors import InvalidInputError
from kb.rules.events import (
    Event,
    EventKind,
    grantee_of,
    without_other_grants,
)
from kb.rules.inputs import (
    Publication,
    SharingChannel,
)
from tests.rules.happened import (
    BY_LINK,
    DECLARED,
    FIRST_DAY,
    LINKED,
    ON_SITE,
    OPENED,
    READY,
    SHARED,
    UNSHARED,
    Happened,
    after,
)


def test_grants_last_over_cycles_until_they_are_withdrawn() -> None:
    state = after(OPENED, *READY, ON_SITE, SHARED, OPENED)
    assert [(grant.grantee, grant.channel, grant.cycle) for grant in state.grants] == [
        ("Demo Brand", SharingChannel.EMAIL_LINK, 1)
    ]
    assert after(OPENED, *READY, ON_SITE, SHARED, OPENED, UNSHARED).grants == ()


def test_what_is_withdrawn_from_one_recipient_stays_shared_with_the_others() -> None:
    other = {"channel": "EMAIL_LINK", "grantee_kind": "BRAND", "grantee": "Other Brand"}
    state = after(OPENED, *READY, ON_SITE, SHARED, (EventKind.SHARED, other), UNSHARED)
    assert [grant.grantee for grant in state.grants] == ["Other Brand"]
    assert state.profile.publication is Publication.SHARED
    assert "SHARE" in state.step_dates


def test_what_is_withdrawn_from_a_brand_stays_shared_with_a_host_of_the_same_name() -> None:
    to_host = {"channel": "ACCREDITED_HOST", "grantee_kind": "ACCREDITED_HOST"}
    host = (EventKind.SHARED, {**to_host, "grantee": "Demo Brand"})
    state = after(OPENED, *READY, ON_SITE, SHARED, host, UNSHARED)
    assert [grant.grantee_kind for grant in state.grants] == ["ACCREDITED_HOST"]


def test_a_brand_has_sight_of_a_facility_until_it_is_withdrawn() -> None:
    def brand(name: str) -> dict[str, str]:
        return {"grantee_kind": "BRAND", "grantee": name}

    granted = [(EventKind.SIGHT_GRANTED, brand(name)) for name in ("Demo Brand", "Other Brand")]
    assert after(*granted).sight == ("Demo Brand", "Other Brand")
    withdrawn = (EventKind.SIGHT_WITHDRAWN, brand("Demo Brand"))
    assert after(*granted, withdrawn).sight == ("Other Brand",)
    assert after(*granted, withdrawn, withdrawn).sight == ("Other Brand",)
    assert after(*granted).grants == ()


ON_ITS_BEHALF = (EventKind.INTEREST_DECLARED, {"on_behalf_of": {"means": "PHONE"}})


@pytest.mark.parametrize(
    ("happened", "contestable", "contested"),
    [
        ((DECLARED,), (), ()),
        ((ON_ITS_BEHALF,), (2,), ()),
        ((ON_ITS_BEHALF, ON_ITS_BEHALF), (2, 3), ()),
        ((ON_ITS_BEHALF, (EventKind.RECORD_CONTESTED, {"event": 2})), (), (2,)),
        # What it recorded itself, or contested before, is not contested.
        ((DECLARED, (EventKind.RECORD_CONTESTED, {"event": 2})), (), ()),
        ((ON_ITS_BEHALF, (EventKind.RECORD_CONTESTED, {"event": 9})), (2,), ()),
        ((ON_ITS_BEHALF, (EventKind.RECORD_CONTESTED, {"event": "2"})), (2,), ()),
        ((ON_ITS_BEHALF, (EventKind.RECORD_CONTESTED, {})), (2,), ()),
        # Recorded anew by the facility, it is contested no more; something else does not count.
        ((ON_ITS_BEHALF, (EventKind.RECORD_CONTESTED, {"event": 2}), DECLARED), (), ()),
        ((ON_ITS_BEHALF, (EventKind.RECORD_CONTESTED, {"event": 2}), LINKED), (), (2,)),
    ],
)
def test_what_was_recorded_on_its_behalf_can_be_contested_by_the_facility(
    happened: tuple[Happened, ...], contestable: tuple[int, ...], contested: tuple[int, ...]
) -> None:
    state = after(OPENED, *happened)
    assert (state.contestable, state.contested) == (contestable, contested)


def test_a_recipient_sees_the_events_but_for_what_concerns_others() -> None:
    other = {"grantee_kind": "ACCREDITED_HOST", "grantee": "Demo Brand"}
    events = [
        Event(kind, FIRST_DAY, place, payload)
        for place, (kind, payload) in enumerate(
            [OPENED, SHARED, (EventKind.SHARED, other), (EventKind.UNSHARED, other), UNSHARED]
        )
    ]
    seen = without_other_grants(events, "BRAND", "Demo Brand")
    assert [event.sequence for event in seen] == [0, 1, 4]


def test_that_a_record_on_another_recipient_is_contested_is_hidden_with_it() -> None:
    other = {**BY_LINK, "grantee": "Another Brand"}
    contested = EventKind.RECORD_CONTESTED
    events = [
        Event(kind, FIRST_DAY, sequence, payload)
        for sequence, (kind, payload) in enumerate(
            [
                SHARED,
                (EventKind.SHARED, other),
                (contested, {"event": 1}),
                (contested, {"event": 0}),
            ]
        )
    ]
    seen = without_other_grants(events, "BRAND", "Demo Brand")
    assert [event.sequence for event in seen] == [0, 3]


def test_a_contest_is_hidden_with_its_record_whatever_days_they_name() -> None:
    later = FIRST_DAY + timedelta(days=9)
    events = [
        Event(EventKind.SHARED, later, 1, {**BY_LINK, "grantee": "Another Brand"}),
        Event(EventKind.RECORD_CONTESTED, FIRST_DAY, 2, {"event": 1}),
    ]
    assert list(without_other_grants(events, "BRAND", "Demo Brand")) == []


@pytest.mark.parametrize("missing", ["grantee_kind", "grantee"])
def test_a_recipient_has_a_kind_and_a_name(missing: str) -> None:
    payload = {"grantee_kind": "BRAND", "grantee": "Demo Brand", missing: ""}
    with pytest.raises(InvalidInputError) as refused:
        grantee_of(Event(EventKind.UNSHARED, FIRST_DAY, 1, payload))
    assert refused.value.field == "UNSHARED.grantee"
    assert refused.value.value == payload["grantee"]
    assert refused.value.allowed == "grantee_kind and grantee, both with a value"
    assert grantee_of(Event(*UNSHARED[:1], FIRST_DAY, 1, UNSHARED[1])) == ("BRAND", "Demo Brand")
