"""Every query of the tutorials, and of the page on asking from a program, is answered."""

import re
from pathlib import Path

import pytest

from tests.web.asking import Client

TUTORIALS = Path(__file__).parents[2] / "docs" / "tutorials"
QUERIES = [
    (page.stem, query)
    for page in [*sorted(TUTORIALS.glob("*.md")), TUTORIALS.parent / "asking.md"]
    for query in re.findall(r"```graphql\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
]


@pytest.mark.parametrize(
    "query", [query for _, query in QUERIES], ids=[name for name, _ in QUERIES]
)
async def test_a_query_of_a_tutorial_is_answered(client: Client, query: str) -> None:
    answer = await client.ask(query)
    assert all(answer.values())


def test_every_tutorial_has_a_query() -> None:
    pages = {page.stem for page in TUTORIALS.glob("*.md")}
    assert {name for name, _ in QUERIES} == pages | {"asking"}
