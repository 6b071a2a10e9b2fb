"""Ids of facilities as callers get them: the same for ever, and they tell no number."""

from __future__ import annotations

import base64
import json
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.models.fields import LARGEST_ID
from kb.services.access import opaque_ids
from kb.services.access.opaque_ids import NO_ROW, OpaqueIds
from tests.access.people import READERS, RESTRICTED, People
from tests.global_ids import IDS, global_id, number_of

numbers = st.integers(1, LARGEST_ID)
MISSING = 424_242


@given(numbers)
def test_a_key_leads_back_to_its_number_under_its_own_secret_alone(number: int) -> None:
    key = IDS.key_of(number)
    assert IDS.number_of(key) == number
    assert OpaqueIds(b"another secret").number_of(key) == NO_ROW


@given(st.text() | st.binary(min_size=16, max_size=16).map(lambda made: made.hex()[:22]))
def test_what_was_never_given_out_is_the_key_of_no_facility(key: str) -> None:
    assert IDS.number_of(key) == NO_ROW


@given(numbers, st.integers(0, 21), st.sampled_from("ABCabc019-_"))
def test_a_key_that_is_changed_anywhere_leads_to_no_facility(
    number: int, place: int, letter: str
) -> None:
    key = IDS.key_of(number)
    changed = key[:place] + letter + key[place + 1 :]
    assert IDS.number_of(changed) == (number if changed == key else NO_ROW)


def test_a_key_has_one_spelling() -> None:
    key = IDS.key_of(7)
    letters = string.ascii_letters + string.digits + "-_"
    spellings = [key[:-1] + letter for letter in letters]
    assert [each for each in spellings if IDS.number_of(each) == 7] == [key]


async def test_ids_and_cursors_of_a_list_hold_no_number(people: People) -> None:
    query = """query ($order: FacilityOrder!) {
        facilities(first: 100, orderBy: $order) { edges { cursor node { id } } } }"""
    for order in ("NAME", "COUNTRY", "ID", "NEWEST"):
        edges = (await people.ask("brand", query, order=order))["facilities"]["edges"]
        assert len(edges) > 1
        for edge in edges:
            number = number_of(edge["node"]["id"])
            padded = edge["cursor"] + "=" * (-len(edge["cursor"]) % 4)
            place = json.loads(base64.urlsafe_b64decode(padded))
            assert number > 0
            assert place[-1] == IDS.key_of(number)
            assert not any(isinstance(part, int) for part in place)


async def test_a_number_in_place_of_a_key_names_no_facility(people: People) -> None:
    query = "query ($id: ID!) { node(id: $id) { id } facility(by: {id: $id}) { id } }"
    for who in READERS:
        for number in (1, MISSING):
            plain = base64.b64encode(f"Facility:{number}".encode()).decode()
            body = (await people.post(who, query, id=plain)).json()
            (error,) = body["errors"]
            assert body["data"] == {"node": None, "facility": None}
            assert error["message"] == f"There is no facility {plain!r}."


async def test_who_sees_every_facility_may_name_it_by_its_number_and_nobody_else(
    people: People,
) -> None:
    query = "query ($id: ID!) { facility(by: {id: $id}) { id } }"
    for who in ("helpdesk", "admin"):
        assert (await people.ask(who, query, id=" 2 "))["facility"] == {"id": global_id(2)}
    for who in RESTRICTED:
        seen = sorted(await people.should_see(who))[:1]
        for number in (*seen, 2, MISSING):
            (error,) = (await people.post(who, query, id=str(number))).json()["errors"]
            assert error["extensions"]["code"] == "NOT_FOUND"
            assert error["message"] == f"There is no facility '{number}'."


def test_keys_are_the_same_in_every_version_and_those_of_one_type_are_none_of_another() -> None:
    keys = {"Facility": "7bqIMGPG2tVHnYMOKBUvTw", "Supplier": "KhjdXmST9aJvT7jvWBZDqg"}
    ids = OpaqueIds(b"secret")
    for type_name, key in keys.items():
        assert ids.key_of(7, type_name) == key
        assert {name: ids.number_of(key, name) for name in keys} == {
            **dict.fromkeys(keys, NO_ROW),
            type_name: 7,
        }


def test_what_is_as_long_as_a_key_but_none_is_the_key_of_no_facility() -> None:
    for key in ("?" * 22, "é" * 22):
        assert IDS.number_of(key) == NO_ROW


def test_ids_are_the_same_once_those_that_were_kept_are_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(opaque_ids, "KEPT", 2)
    ids = OpaqueIds(b"secret")
    numbers = range(1, 5)
    first = [ids.key_of(number) for number in numbers]
    assert [ids.key_of(number) for number in numbers] == first
    assert [ids.number_of(key) for key in first] == list(numbers)
