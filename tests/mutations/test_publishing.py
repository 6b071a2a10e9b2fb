"""Publishing knowledge by a mutation."""

from __future__ import annotations

import shutil
from importlib.resources import files
from pathlib import Path

import pytest

from kb.settings import Settings
from tests.mutations.conftest import People
from tests.trial_databases import on_sqlite

RELEASES = "{ knowledge { number } }"


@pytest.fixture
def published_settings(published_settings: Settings, tmp_path: Path) -> Settings:
    """The content that was published, in a folder that a test may change."""
    folder = tmp_path / "content"
    if not folder.exists():
        left_out = shutil.ignore_patterns("__pycache__")
        shutil.copytree(str(files("faq_content")), folder, ignore=left_out)
    return published_settings.model_copy(update={"content_dir": folder})


async def test_the_same_content_again_makes_no_release(people: People):
    answer = await people.done("admin", "knowledgePublish", note="Again.")
    assert answer == {
        "__typename": "KnowledgePublished",
        "created": False,
        "release": {"number": 1, "note": None},
    }
    answer = await people.do("admin", "knowledgePublish", note="a\0b")
    assert [problem["field"] for problem in answer["problems"]] == ["note"]


@on_sqlite
@pytest.mark.slow
async def test_wrong_content_is_not_published_and_right_content_is(people: People):
    folder = people.settings.content_dir
    assert folder is not None
    entry = folder / "faqs" / "14-fees-for-registration-and-sharing.md"
    right = entry.read_text()
    entry.write_text(right.replace("number: 14", "number: 14\ncolour: red", 1))
    answer = await people.do("admin", "knowledgePublish")
    assert answer["__typename"] == "ContentInvalid", answer
    assert [
        (problem["file"], problem["line"], problem["key"]) for problem in answer["problems"]
    ] == [("faqs/14-fees-for-registration-and-sharing.md", 3, "14.colour")]
    entry.write_text(right.replace("is the slcp gateway free", "is the gateway free of charge", 1))
    golden = folder / "golden" / "b-sharing.yaml"
    cases = golden.read_text()
    golden.write_text(cases.replace("blockers: [CONTRADICTORY_INPUT]", "blockers: []", 1))
    answer = await people.do("admin", "knowledgePublish")
    assert answer["__typename"] == "GoldenCaseFailed", answer
    (failure,) = answer["failures"]
    assert "B0" in failure
    golden.write_text(cases)
    answer = await people.done("admin", "knowledgePublish", note="Another phrasing.")
    assert (answer["created"], answer["release"]) == (
        True,
        {"number": 2, "note": "Another phrasing."},
    )


AUDIT = """{ audit(filter: {what: ["KNOWLEDGE_PUBLISHED"]}) {
    nodes { who role what release facilityId before { version } after { version } } } }"""


@pytest.mark.slow
async def test_the_audit_tells_who_published_which_release(people: People):
    folder = people.settings.content_dir
    assert folder is not None
    entry = folder / "faqs" / "14-fees-for-registration-and-sharing.md"
    entry.write_text(entry.read_text().replace("is the slcp gateway free", "gateway for free", 1))
    await people.done("admin", "knowledgePublish", note="Another phrasing.")
    await people.done("admin", "knowledgePublish", note="Nothing new.")
    nothing = {"what": "KNOWLEDGE_PUBLISHED", "facilityId": None, "before": None, "after": None}
    latest, first = (await people.ask("admin", AUDIT))["data"]["audit"]["nodes"]
    assert latest == {**nothing, "who": latest["who"], "role": "ADMIN", "release": 2}
    assert latest["who"].startswith("token ")
    assert first == {**nothing, "who": "OPERATOR operator", "role": "OPERATOR", "release": 1}
