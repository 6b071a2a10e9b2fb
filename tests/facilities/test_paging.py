"""Which part of a list is asked for, and cursors."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from kb.errors import LONGEST_SHOWN, InvalidInputError
from kb.services.paging import decode_cursor, encode_cursor, page_request


def test_without_a_number_a_page_has_twenty_rows() -> None:
    page = page_request(max_size=100)
    assert (page.size, page.backwards) == (20, False)


def test_without_a_number_a_page_is_never_larger_than_allowed() -> None:
    assert page_request(max_size=5).size == 5


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"first": 0}, "first: '0' is not valid. Allowed: 1 to 100."),
        ({"first": -1}, "first: '-1' is not valid. Allowed: 1 to 100."),
        ({"last": 101}, "last: '101' is not valid. Allowed: 1 to 100."),
        (
            {"first": 5, "last": 6},
            "last: '6' is not valid. Allowed: either first or last, not both.",
        ),
    ],
)
def test_a_page_that_cannot_be_given_is_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        page_request(**arguments, max_size=100)
    assert str(refused.value) == message


def test_a_cursor_keeps_its_place() -> None:
    cursor = encode_cursor("NAME", "Çiğdem & Söhne", 7)
    assert decode_cursor("after", cursor, "NAME", str, int) == ["Çiğdem & Söhne", 7]


def _made_of(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "nonsense!",
        "é",
        _made_of("7"),
        _made_of("[]"),
        _made_of('["COUNTRY","VN",7]'),
        _made_of('["NAME","Demo"]'),
        _made_of('["NAME","Demo",true]'),
        _made_of('["NAME","Demo",99999999999]'),
        _made_of('["NAME",7,"Demo"]'),
        _made_of("[" * 5000),
    ],
)
def test_a_cursor_that_no_page_of_this_order_gave_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        decode_cursor("after", cursor, "NAME", str, int)
    shown = cursor if len(cursor) <= LONGEST_SHOWN else f"{cursor[:LONGEST_SHOWN]}…"
    assert str(refused.value) == (
        f"after: '{shown}' is not valid. "
        "Allowed: a cursor that an earlier page with the order NAME gave."
    )
