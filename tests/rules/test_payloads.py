"""What may be said of an event, and of a facility, and how it is kept."""

from __future__ import annotations

from typing import Any

import pytest

from kb.errors import InvalidFieldsError, InvalidInputError
from kb.rules.events import EventKind
from kb.rules.payloads import (
    Field,
    checked_payload,
    country_code,
    email_address,
    identifier,
    one_of,
    read_fields,
    text,
)

K = EventKind
BRAND = {"grantee_kind": "BRAND", "grantee": " Example Brand "}
ID = "1 to 50 letters, digits, dots, hyphens, underscores and slashes"
STEPS = "a list of at least one of the Steps 1, 2 and 3"
NUMBER = "the number of an event, as its field `sequence` gives it"


@pytest.mark.parametrize(
    ("kind", "payload", "kept"),
    [
        (K.ENROLLED, {}, {}),
        (K.ENROLLED, {"reason": None}, {}),
        (K.ELIGIBILITY_RECORDED, {"in_scope": "NO", "enrolled": None}, {"in_scope": "NO"}),
        (K.PROFILE_APPROVED, {"gateway_id": " GW-1 "}, {"gateway_id": "GW-1"}),
        (K.PROFILE_RETURNED, {}, {}),
        (K.PROFILE_RETURNED, {"reason": "r" * 1000}, {"reason": "r" * 1000}),
        (K.SELF_ASSESSMENT_COMPLETED, {"steps": (3, 1, 3)}, {"steps": [1, 3]}),
        (K.ASSESSED, {"kind": "VCC"}, {"kind": "VCC"}),
        (
            K.SHARED,
            {**BRAND, "channel": "EMAIL_LINK"},
            {"channel": "EMAIL_LINK", "grantee_kind": "BRAND", "grantee": "Example Brand"},
        ),
        (K.UNSHARED, BRAND, {"grantee_kind": "BRAND", "grantee": "Example Brand"}),
        (K.RECORD_CONTESTED, {"event": 4, "reason": None}, {"event": 4}),
        (K.RECORD_CONTESTED, {"event": 1}, {"event": 1}),
    ],
)
def test_a_payload_is_kept_in_one_form(
    kind: EventKind, payload: dict[str, Any], kept: dict[str, Any]
) -> None:
    assert checked_payload(kind, payload) == kept


@pytest.mark.parametrize(
    ("kind", "payload", "field", "allowed"),
    [
        (K.ENROLLED, {"kind": "VCC"}, "kind", "nothing besides the day"),
        (K.PROFILE_APPROVED, {}, "gateway_id", ID),
        (K.PROFILE_APPROVED, {"gateway_id": "-1"}, "gateway_id", ID),
        (K.LINK_REQUESTED, {"gateway_id": 7}, "gateway_id", ID),
        (K.LINK_REQUESTED, {"gateway_id": "GW-1", "channel": "A"}, "channel", "only gateway_id"),
        (K.PROFILE_RETURNED, {"reason": "r" * 1001}, "reason", "text of 1 to 1000 characters"),
        (K.SELF_ASSESSMENT_COMPLETED, {"steps": []}, "steps", STEPS),
        (K.SELF_ASSESSMENT_COMPLETED, {"steps": [1, 4]}, "steps", STEPS),
        (K.SELF_ASSESSMENT_COMPLETED, {"steps": [True]}, "steps", STEPS),
        (K.SELF_ASSESSMENT_COMPLETED, {"steps": "1"}, "steps", STEPS),
        (K.ASSESSED, {"kind": "NONE"}, "kind", "ONSITE, VCC"),
        (K.RECORD_CONTESTED, {}, "event", NUMBER),
        (K.RECORD_CONTESTED, {"event": 0}, "event", NUMBER),
        (K.RECORD_CONTESTED, {"event": True}, "event", NUMBER),
        (K.RECORD_CONTESTED, {"event": "4"}, "event", NUMBER),
        (
            K.ELIGIBILITY_RECORDED,
            {"enrolled": None},
            "payload",
            "at least one of enrolled, in_scope and capacity_available",
        ),
        (
            K.SHARED,
            {**BRAND, "channel": "ACCREDITED_HOST"},
            "grantee_kind",
            "ACCREDITED_HOST, because the channel is ACCREDITED_HOST",
        ),
        (
            K.SHARED,
            {**BRAND, "channel": "EMAIL_LINK", "grantee_kind": "ACCREDITED_HOST"},
            "grantee_kind",
            "BRAND, because the channel is EMAIL_LINK",
        ),
    ],
)
def test_a_wrong_value_is_refused_with_what_is_allowed(
    kind: EventKind, payload: dict[str, Any], field: str, allowed: str
) -> None:
    with pytest.raises(InvalidInputError) as refused:
        checked_payload(kind, payload)
    error = refused.value
    assert not isinstance(error, InvalidFieldsError)
    assert (error.field, error.allowed) == (field, allowed)
    assert error.value == str(payload.get(field, ""))[: len(error.value.removesuffix("…"))] + (
        "…" if error.value.endswith("…") else ""
    )


def test_every_problem_is_told_at_once() -> None:
    with pytest.raises(InvalidFieldsError) as refused:
        checked_payload(K.SHARED, {"channel": "POST", "grantee": " ", "kind": "VCC"})
    assert [problem.field for problem in refused.value.problems] == [
        "channel",
        "grantee_kind",
        "grantee",
        "kind",
    ]


@pytest.mark.parametrize("name", ["a", "a" * 5, " a ", "é", "Nhà máy"])
def test_text_is_kept_without_the_blanks_around_it(name: str) -> None:
    assert text(7)(name) == name.strip()


@pytest.mark.parametrize("name", ["", " ", "a" * 8, "a\nb", "a\x00", "\ud800", 1, None])
def test_text_that_is_empty_too_long_or_unprintable_is_refused(name: object) -> None:
    with pytest.raises(ValueError, match=r"^text of 1 to 7 characters$"):
        text(7)(name)


@pytest.mark.parametrize("id_", ["A", "a.b-c_d/e", "0" * 50, " 7 "])
def test_an_id_is_kept_without_the_blanks_around_it(id_: str) -> None:
    assert identifier(id_) == id_.strip()


@pytest.mark.parametrize("id_", ["", ".a", "a b", "0" * 51, "é", None])
def test_what_is_no_id_is_refused(id_: object) -> None:
    with pytest.raises(ValueError, match=f"^{ID}$"):
        identifier(id_)


def test_one_of_some_values_is_kept_as_text() -> None:
    read = one_of("PHONE", "MAIL")
    assert read("MAIL") == "MAIL"
    with pytest.raises(ValueError, match=r"^PHONE, MAIL$"):
        read("FAX")


def test_a_country_is_its_code_alone() -> None:
    assert country_code("VN") == "VN"
    for wrong in ("vn", "Vietnam", "XX", "", None):
        with pytest.raises(ValueError, match=r"^an ISO 3166-1 country code of two capital letters"):
            country_code(wrong)


def test_an_e_mail_address_has_the_form_of_one() -> None:
    longest = f"{'a' * 246}@f.examp"
    assert len(longest) == 254
    assert email_address(longest) == longest
    assert email_address(" office+1@factory.example ") == "office+1@factory.example"
    for wrong in (
        "a",
        "a@b",
        "a@b.c",
        "a b@c.example",
        "a,b@c.example",
        "é@c.example",
        f"a{longest}",
        "",
        None,
    ):
        with pytest.raises(
            ValueError, match=r"^an e-mail address, such as office@factory\.example$"
        ):
            email_address(wrong)


def test_fields_are_read_in_their_order_and_those_not_given_left_out() -> None:
    fields = {"name": Field(text(5)), "note": Field(text(5), required=False)}
    assert read_fields(fields, {"note": None, "name": " A "}) == ({"name": "A"}, [])
    kept, problems = read_fields(fields, {"note": "too long", "other": 1, "nothing": None})
    assert kept == {}
    assert [(problem.field, problem.value, problem.allowed) for problem in problems] == [
        ("name", "", "text of 1 to 5 characters"),
        ("note", "too long", "text of 1 to 5 characters"),
        ("other", "1", "only name, note"),
    ]
