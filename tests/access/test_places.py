"""One client may have only so much open at once; others do not wait for it."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from kb.errors import TooManyError
from kb.rules.roles import Role
from kb.services.access.matrix import ANONYMOUS, Viewer
from kb.services.access.places import ClientPlaces

HERE, THERE = "203.0.113.7", "203.0.113.8"
DESK, BRAND = Viewer(Role.HELPDESK, token_id=1), Viewer(Role.BRAND, token_id=2)


@pytest.mark.parametrize(
    ("first", "other"),
    [((DESK, HERE), (BRAND, HERE)), ((ANONYMOUS, HERE), (ANONYMOUS, THERE))],
)
def test_a_client_has_so_many_places_and_others_have_theirs(
    first: tuple[Viewer, str], other: tuple[Viewer, str]
) -> None:
    places = ClientPlaces(2, "subscriptions")
    with ExitStack() as opened:
        for _ in range(2):
            opened.enter_context(places.place(*first))
        with pytest.raises(TooManyError) as refused:
            opened.enter_context(places.place(*first))
        opened.enter_context(places.place(*other))
    assert str(refused.value) == (
        "You have 2 subscriptions open, which is all that one client may have. "
        "End one of them first."
    )


def test_a_place_is_free_again_when_it_ends_also_by_an_error() -> None:
    places = ClientPlaces(1, "connections")
    for _ in range(3):
        with pytest.raises(ConnectionError), places.place(DESK, HERE):
            raise ConnectionError
    with places.place(DESK, HERE):
        pass


def test_a_token_counts_from_whatever_address() -> None:
    places = ClientPlaces(1, "connections")
    with places.place(DESK, HERE), pytest.raises(TooManyError), places.place(DESK, THERE):
        pass


def test_what_is_large_takes_several_places() -> None:
    places = ClientPlaces(4, "subscriptions")
    with places.place(DESK, HERE, 3):
        with pytest.raises(TooManyError), places.place(DESK, HERE, 2):
            pass
        with places.place(DESK, HERE):
            pass
    with places.place(DESK, HERE, 4):
        pass
