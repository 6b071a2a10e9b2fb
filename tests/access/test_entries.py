"""Under which name the audit knows who asks."""

from __future__ import annotations

import pytest

from kb.rules.roles import Role
from kb.services.access.entries import caller_of
from kb.services.access.matrix import ANONYMOUS, OPERATOR, Viewer


@pytest.mark.parametrize(
    ("viewer", "name"),
    [
        (Viewer(Role.HELPDESK, token_id=7, label="The desk"), "token 7"),
        (Viewer(Role.HELPDESK, label="The desk"), "HELPDESK The desk"),
        (Viewer(Role.BRAND, label="x" * 194), "BRAND " + "x" * 194),
        (OPERATOR, "OPERATOR operator"),
        (ANONYMOUS, "ANONYMOUS"),
    ],
)
def test_a_caller_is_named_by_the_token_or_else_by_role_and_label(
    viewer: Viewer, name: str
) -> None:
    assert caller_of(viewer) == name


def test_long_names_are_shortened_and_stay_different() -> None:
    first, second = (
        caller_of(Viewer(Role.BRAND, label="x" * 300 + ending)) for ending in ("a", "b")
    )
    assert (len(first), len(second)) == (200, 200)
    assert first[:136] == second[:136] == "BRAND " + "x" * 129 + " "
    assert first != second
