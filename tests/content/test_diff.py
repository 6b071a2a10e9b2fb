"""What would change is told by record and field."""

from __future__ import annotations

from kb.content.diff import Change, changes
from kb.content.library import Record, read_content


def test_equal_records_have_no_changes():
    records = [Record("fee", "a", {"amount": None, "rows": []})]
    again = [Record("fee", "a", {"rows": [], "amount": None})]
    assert changes(records, again) == []


def test_added_and_removed_records_are_told():
    old = [Record("fee", "a", {"x": 1}), Record("host", "a", {"x": 1})]
    new = [Record("host", "a", {"x": 1}), Record("host", "b", {"x": 1})]
    assert changes(old, new) == [
        Change(kind="fee", key="a", what="removed", fields={}),
        Change(kind="host", key="b", what="added", fields={}),
    ]


def test_a_changed_record_tells_each_field_with_its_old_and_new_value():
    old = {"title": "A", "facts": [{"value": 1}, {"value": 2}], "aliases": []}
    new = {"title": "A", "facts": [{"value": 1}, {"value": 3}], "aliases": ["B"]}
    assert changes([Record("fee", "a", old)], [Record("fee", "a", new)]) == [
        Change(
            kind="fee",
            key="a",
            what="changed",
            fields={"facts[2].value": (2, 3), "aliases": ([], None), "aliases[1]": (None, "B")},
        )
    ]


def test_rows_and_passages_are_known_by_their_ids():
    old = {"rows": [{"id": "A1", "then": "x"}, {"id": "A2", "then": "y"}]}
    new = {
        "rows": [{"id": "A0", "then": "w"}, {"id": "A1", "then": "x"}, {"id": "A2", "then": "z"}]
    }
    (change,) = changes([Record("table", "A", old)], [Record("table", "A", new)])
    assert change.fields == {
        "rows.A2.then": ("y", "z"),
        "rows.A0.id": (None, "A0"),
        "rows.A0.then": (None, "w"),
    }


def test_a_changed_file_changes_its_record_only(small_content, changed_faq):
    before = read_content(small_content())
    after = read_content(small_content(changed_faq("The first passage.", "It reads otherwise.")))
    assert changes(before, after) == [
        Change(
            kind="faq",
            key="7",
            what="changed",
            fields={"passages.7.first.text": ("The first passage.", "It reads otherwise.")},
        )
    ]
