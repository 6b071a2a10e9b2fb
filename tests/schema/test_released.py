"""What was released goes on working, or the changelog says what does not."""

from pathlib import Path

from graphql_schema.schema import breaking_changes

ROOT = Path(__file__).parents[2]
RELEASED = ROOT / "docs" / "released-schema.graphql"


def test_nothing_released_is_taken_away_without_a_word_in_the_changelog():
    changelog = " ".join((ROOT / "CHANGELOG.md").read_text(encoding="utf-8").split())
    breaking = breaking_changes(RELEASED.read_text(encoding="utf-8"))
    assert [change for change in breaking if change not in changelog] == [], (
        "take it back, or write these sentences into CHANGELOG.md, and what to use instead"
    )
