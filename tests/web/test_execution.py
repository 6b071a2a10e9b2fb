"""Fields that are answered straight are answered as graphql-core and Strawberry answer them."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
import pytest
import strawberry
from graphql import GraphQLObjectType
from strawberry.extensions import SchemaExtension
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from graphql_schema.execution import Straight, StraightExecution, straighten
from graphql_schema.schema import schema
from kb.settings import Settings
from tests.schema.everything import CITATION, everything
from tests.web.asking import Client, answering

EXAMPLES = {
    f"{path.parent.name}/{path.stem}": (
        path.read_text(encoding="utf-8"),
        orjson.loads(path.with_suffix(".json").read_bytes())
        if path.with_suffix(".json").exists()
        else {},
    )
    for path in sorted((Path(__file__).parents[2] / "docs" / "queries").rglob("*.graphql"))
    if path.parent.name != "tools"  # which are put together with their fragments
    and "\nsubscription " not in path.read_text(encoding="utf-8")
}
ALL_OF_A_FACILITY = (
    'query { facility(by: {osId: "DEMO-OS-000001"}) '
    f"{everything('Facility', without=frozenset({'Applicability.facility'}))} }} {CITATION}"
)
FIELDS = [
    field
    for type_ in schema._schema.type_map.values()
    if isinstance(type_, GraphQLObjectType)
    for field in type_.fields.values()
    if type(field.resolve) is Straight
]


@pytest.fixture
async def client(demo_settings: Settings) -> AsyncIterator[Client]:
    """Asks an app without plans, which would answer what is asked again."""
    async with answering(demo_settings, operation_plans=False) as asking:
        yield asking


def the_usual_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "execution_context_class", StrawberryGraphQLCoreExecutionContext)
    for field in FIELDS:
        monkeypatch.setattr(field, "resolve", field.resolve.usual)


def test_most_fields_are_straight():
    assert len(FIELDS) > 300


@pytest.mark.slow
async def test_every_field_of_a_facility_has_the_same_answer(client: Client, monkeypatch):
    straight = await client.ask(ALL_OF_A_FACILITY)
    the_usual_way(monkeypatch)
    assert await client.ask(ALL_OF_A_FACILITY) == straight


@pytest.mark.parametrize("example", EXAMPLES)
async def test_every_example_has_the_same_answer(example: str, client: Client, monkeypatch):
    query, variables = EXAMPLES[example]
    straight = await body_whenever_asked(client, query, variables)
    the_usual_way(monkeypatch)
    assert await body_whenever_asked(client, query, variables) == straight


async def body_whenever_asked(
    client: Client, query: str, variables: dict[str, Any]
) -> dict[str, Any]:
    """An answer without what the caller has left, which depends on what was asked before."""
    body = await client.body(query, **variables)
    for left in ("remaining", "resetAt"):
        del body["extensions"]["cost"][left]
    return body


@strawberry.type
class Thing:
    missing: str
    null: str
    no_number: int
    no_list: list[str]
    fine: list[int | None]

    @strawberry.field
    def raises(self) -> str | None:
        raise ValueError("told by the method")

    @strawberry.field
    def shout(self, louder: bool | None = None) -> str:
        return "HO" if louder else "ho"

    @strawberry.field
    def named_first(self, size: int = 7) -> int:
        return size


class Bare:
    null = None
    no_number = "seven"
    no_list = 7
    fine = (1, None, 3)

    @property
    def missing(self) -> str:
        raise ValueError("told by the property")


Thing.is_type_of = None


@strawberry.type
class Query:
    @strawberry.field
    def thing(self) -> Thing | None:
        return Bare()


def things(straight: bool, *extensions: type[SchemaExtension]) -> strawberry.Schema:
    made = strawberry.Schema(
        Query,
        extensions=extensions,
        execution_context_class=StraightExecution if straight else None,
    )
    if straight:
        straighten(made)
    return made


@pytest.mark.parametrize(
    "field", ["missing", "null", "noNumber", "noList", "fine", "raises", "namedFirst"]
)
def test_what_goes_wrong_is_told_in_the_same_words_at_the_same_place(field):
    straight, usual = (
        things(way).execute_sync(f"{{ thing {{ a: {field} fine }} }}") for way in (True, False)
    )
    assert straight.data == usual.data
    assert [e.formatted for e in straight.errors or ()] == [e.formatted for e in usual.errors or ()]


def test_an_argument_given_is_heeded():
    query = "{ thing { a: shout b: shout(louder: true) c: shout(louder: null) } }"
    result = things(True).execute_sync(query)
    assert result.data == {"thing": {"a": "ho", "b": "HO", "c": "ho"}}


def test_an_extension_that_watches_fields_sees_every_one():
    seen = []

    class Watching(SchemaExtension):
        def resolve(self, next_, root, info, *args, **options):
            seen.append(info.field_name)
            return next_(root, info, *args, **options)

    things(True, Watching).execute_sync("{ thing { fine shout } }")
    assert seen == ["thing", "fine", "shout"]
