"""The operations of docs/queries, which GraphiQL opens as tabs."""

import json
from typing import Any

import pytest

from graphql_schema.web.graphiql import Tab, load_tabs
from tests.trial_databases import on_sqlite
from tests.web.asking import Client

pytestmark = on_sqlite

TABS = load_tabs()


def test_each_user_group_has_examples():
    groups = [tab.group for tab in TABS]
    assert len(TABS) >= 8
    assert {group: groups.count(group) >= 2 for group in groups} == {
        "brand": True,
        "helpdesk": True,
        "chatbot": True,
    }


ANSWERED_ONCE = [tab for tab in TABS if "\nsubscription " not in tab.query]


@pytest.mark.parametrize("tab", ANSWERED_ONCE, ids=[tab.title for tab in ANSWERED_ONCE])
async def test_an_example_answers_without_errors_and_leaves_nothing_empty(client: Client, tab: Tab):
    # Something must have been asked in vain for there to be open questions.
    await client.ask('{ ask(input: {question: "what is the capital of France"}) { outcome } }')
    data = await client.ask(tab.query, **json.loads(tab.variables or "{}"))
    for name, answer in data.items():
        assert answer, name
        for rows in _lists(answer):
            assert rows, f"{name} has an empty list at the top"


def _lists(answer: Any) -> list[list[Any]]:
    fields = answer if isinstance(answer, dict) else {"": answer}
    return [value for value in fields.values() if isinstance(value, list)]
