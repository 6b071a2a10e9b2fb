"""A plan answers as graphql-core does, whatever is asked and whoever asks.

A document that comes the first time is answered by graphql-core, the second time by a plan. A few
examples, always the same ones; `scripts/test plan N` tries N other ones.
"""

from __future__ import annotations

import gc
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import orjson
import pytest
from graphql import (
    ArgumentNode,
    FieldNode,
    NameNode,
    TypeInfo,
    TypeInfoVisitor,
    VariableNode,
    Visitor,
    parse,
    print_ast,
    value_from_ast_untyped,
    visit,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graphql_schema.metrics import REGISTRY
from graphql_schema.schema import schema
from tests.access.people import EVERYBODY, People
from tests.fuzz.operations import QUERIES, operations, who
from tests.global_ids import global_id
from tests.plan.both_ways import counted, require_same, require_same_as_others
from tests.schema.everything import CITATION, everything
from tests.web.statements import counted_statements

pytestmark = pytest.mark.slow

LONG = os.environ.get("KB_PLAN_EXAMPLES")
examples = settings(
    max_examples=int(LONG or 60),
    derandomize=LONG is None,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
READABLE = [name for name in QUERIES if name != "audit"]
"""Root fields whose answer is the same when they are asked again."""

DOCS = Path(__file__).parents[2] / "docs" / "queries"
EXAMPLES = {
    path.stem: path.read_text(encoding="utf-8")
    for path in DOCS.rglob("*.graphql")
    if path.parent.name != "tools"  # which are put together with their fragments
}
VARIABLES = {path.stem: orjson.loads(path.read_bytes()) for path in DOCS.rglob("*.json")}

ALL_OF_A_FACILITY = (
    'query { facility(by: {osId: "DEMO-OS-000002"}) '
    f"{everything('Facility', without=frozenset({'Applicability.facility'}))} }} {CITATION}"
)
SHAPES = {
    "aliases": """{ a: viewer { role } viewer { r: role role } b: faq(number: 7) { n: number }
        c: faq(number: 8) { n: number } }""",
    "a named fragment in itself and twice": """
        { facilities(first: 3) { nodes { ...A ...A ...B } edges { node { ...B } } } }
        fragment A on Facility { name country { name ...C } }
        fragment B on Facility { country { code ...C kind } name }
        fragment C on Country { kinds { validFrom } }""",
    "fragments on an interface": """
        { nodes(ids: ["FACILITY", "RmFxOjc=", "Q291bnRyeTpWTg==", "RmVlOm5vbmU="]) {
          __typename id ... on Facility { name country { ...K } } ...K ... on Faq { number }
          ... on Node { id } ... { id } } }
        fragment K on Country { name kind text ... on Explained { because } }""",
    "typename everywhere": """{ __typename facilities(first: 1) { __typename edges { __typename
        node { __typename country { __typename fact { __typename } } } } } }""",
    "nested lists": "{ faq(number: 7) { table { columns rows } passages { id faqNumber } } }",
    "the same list at several places": """{ facilities(first: 4, orderBy: NEWEST) { totalCount
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        nodes { id whatApplies { workflow { steps { code doneOn } nextActions { title } }
          facility { id name whatApplies { asOf } } } history(first: 2) { nodes { kind sequence } }
          sharing { grantee } workflow { state } } } }""",
    "days and languages": """{ facilities(first: 3) { nodes { now: whatApplies { asOf servedLocale
        fees { text } } then: whatApplies(asOf: "2021-10-01", locale: "vi") { asOf servedLocale
        fees { text } faqs(first: 2, locale: "id") { faq { question servedLocale } } workflow {
        text(locale: "bn") state } } public: whatApplies(layers: [PUBLIC_RECORD]) { asOf } } } }""",
    "null where there must be something": """{ toolVersions { key text }
        old: toolVersions(asOf: "2021-10-01") { key text planned citations { faq { number } } }
        hidden: node(id: "NOBODY") { id } faq(number: 99) { number } }""",
    "an error deep within": """{ facilities(first: 2) { nodes { id
        whatApplies(layers: []) { asOf } history(first: 999) { nodes { kind } } } } }""",
    "an error beside what is being read": """{ node(id: "FACILITY") { id }
        nobody: facility(by: {osId: "none"}) { name } }""",
    "a facility that is not there": """query Nobody { named: facility(by: {osId: "none"}) {
        name whatApplies { asOf } } }""",
    "a facility by what is no id": """{ facility(by: {id: "RmFxOjc="}) { name } }""",
    "an error below the only field": """{ facility(by: {osId: "DEMO-OS-000002"}) { name
        whatApplies(layers: []) { asOf } } }""",
    "an error in the only field, never null": "{ facilities(first: 999) { totalCount } }",
    "ends of histories": """{ facilities(first: 4) { nodes { latestEvent { kind sequence actor }
        all: history(first: 3) { edges { cursor } } end: history(last: 2) { totalCount
          edges { cursor node { kind recordedAt cycle actor details { name value } } }
          pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }
        whatApplies { facility { version latestEvent { occurredOn } } } } } }""",
    "a facility as it stood": """{ facility(by: {osId: "DEMO-OS-000002"}) {
        osId latestEvent { kind } history(last: 1) { nodes { kind } }
        whatApplies(asOf: "2024-01-01") { facility { name latestEvent { kind } } } } }""",
    "letters": "{ facilities(first: 2) { nodes { whatApplies { summary cycles { number } } } } }",
    "counts": "{ facilityRollup { total byCountry { country count } byAssessor { count } } }",
}
SHAPES = {
    name: query.replace("FACILITY", global_id(2)).replace("NOBODY", global_id(999))
    for name, query in SHAPES.items()
}
WITH_ERRORS = [shape for shape in SHAPES if shape.startswith(("an error", "null"))]
BY_VARIABLES = """
query ($by: FacilityLocator!, $with: Boolean = true, $without: Boolean!, $day: Date,
    $first: Int = 3, $layers: [KnowledgeLayer!], $kinds: [CountryKind!],
    $profile: FacilityProfileInput!) {
  facility(by: $by) {
    name
    country @include(if: $with) { name kinds @skip(if: $without) { value } }
    whatApplies(asOf: $day, layers: $layers) {
      asOf faqs(first: $first) { number } ...More @skip(if: $with)
    }
  }
  countries(filter: {kinds: $kinds}) @skip(if: $without) { code kind }
  whatIf(profile: $profile, asOf: $day) { sharing { status text } missing { input } }
}
fragment More on Applicability { fees { code } }
"""


def outcomes(operation: str, outcome: str) -> float:
    labels = {"operation": operation, "outcome": outcome}
    return REGISTRY.get_sample_value("kb_operations_total", labels) or 0.0


# The ignore: what was parsed is an operation.
LEFT_OUT_BY = {
    choice: cast(FieldNode, parse(f"{{ a {choice} }}").definitions[0].selection_set.selections[0])
    for choice in ("@include(if: $yes)", "@skip(if: $yes)", "@include(if: $no) @skip(if: $yes)")
}


class WithVariables(Visitor):
    """Puts some values of an operation into variables, and leaves some fields out by others."""

    def __init__(self, info: TypeInfo, draw: Callable[[st.SearchStrategy[Any]], Any]) -> None:
        super().__init__()
        self.info = info
        self.draw = draw
        self.values: dict[str, Any] = {"yes": True}
        self.declared = ["$yes: Boolean!", "$no: Boolean = false"]

    def enter_argument(self, node: ArgumentNode, *_: Any) -> ArgumentNode | None:
        type_ = self.info.get_input_type()
        if type_ is None or not self.draw(st.booleans()):
            return None
        name = f"v{len(self.values)}"
        self.values[name] = value_from_ast_untyped(node.value)
        self.declared.append(f"${name}: {type_}")
        return ArgumentNode(name=node.name, value=VariableNode(name=NameNode(value=name)))

    def leave_field(self, node: FieldNode, *_: Any) -> FieldNode | None:
        choice = self.draw(st.sampled_from(["", "", "", "", *LEFT_OUT_BY]))
        if not choice:
            return None
        parts = {name: getattr(node, name) for name in node.keys}
        return FieldNode(**parts | {"directives": LEFT_OUT_BY[choice].directives})


def with_variables(
    operation: str, draw: Callable[[st.SearchStrategy[Any]], Any]
) -> tuple[str, dict[str, Any]]:
    """A similar operation, and its variables."""
    info = TypeInfo(schema._schema)
    visitor = WithVariables(info, draw)
    changed = print_ast(visit(parse(operation), TypeInfoVisitor(info, visitor)))
    inner = changed[changed.index("{") + 1 :]
    used = "__typename @include(if: $yes) @skip(if: $no)"
    return f"query ({', '.join(visitor.declared)}) {{ {used} {inner}", visitor.values


@given(name=who, operation=operations(READABLE), data=st.data())
@examples
async def test_any_query(people: People, name: str, operation: str, data: st.DataObject):
    await require_same(people, name, operation)
    await require_same_as_others(people, name, operation)
    query, variables = with_variables(operation, data.draw)
    await require_same(people, name, query, **variables)


@pytest.mark.parametrize("name", EVERYBODY)
async def test_everything_that_a_facility_has(people: People, name: str):
    await require_same(people, name, ALL_OF_A_FACILITY)


async def test_what_is_read_beside_what_is_refused_leaves_nothing_in_the_log(
    people: People, caplog: pytest.LogCaptureFixture
):
    query = "{ facilities(first: 1) { nodes { sharing { grantee } workflow { state } } } }"
    assert [await people.code("slcp officer", query) for _ in range(3)] == ["NOT_PERMITTED"] * 3
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


async def test_what_would_be_read_beside_what_is_refused_is_given_up(people: People):
    query = """{ whatIf(profile: {country: "VN"}) { cycles { number } }
      faqs(filter: {topic: "cats"}) { totalCount } }"""
    # A read that nobody waits for and nobody gave up is a warning, which fails a test.
    assert [await people.code("helpdesk", query) for _ in range(3)] == ["INVALID_INPUT"] * 3
    gc.collect()


@pytest.mark.parametrize("example", EXAMPLES)
async def test_every_example(people: People, example: str):
    before = counted("planned")
    await require_same(people, "admin", EXAMPLES[example], **VARIABLES.get(example, {}))
    has_none = any(word in EXAMPLES[example] for word in ("mutation ", "subscription "))
    assert counted("planned") - before == (0 if has_none else 2)
    for name in ("brand", "helpdesk", "anonymous"):
        await require_same(people, name, EXAMPLES[example], **VARIABLES.get(example, {}))


@pytest.mark.parametrize("name", EVERYBODY)
async def test_a_facility_that_is_not_there_or_not_the_viewers_is_looked_for_once(
    people: People, name: str
):
    query = """query NotThere($by: FacilityLocator!) { it: facility(by: $by) { name } }"""
    for by in (
        {"osId": "none"},
        {"osId": "DEMO-OS-000150"},
        {"id": "Hello"},
        {"id": global_id(999)},
    ):
        await require_same(people, name, query, by=by)
    with counted_statements() as sent:
        assert await people.code(name, query, by={"osId": "none"}) in ("NOT_FOUND", "NOT_PERMITTED")
    assert len(sent) == (0 if name in ("anonymous", "chatbot") else 1)


async def test_what_a_plan_does_not_find_is_counted_and_logged_as_ever(
    people: People, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.INFO, "graphql_schema.operations")
    query = 'query NobodyThere { facility(by: {osId: "none"}) { name } }'
    await people.post("admin", "query NobodyThere { viewer { role } }")  # names what works only
    before, planned = outcomes("NobodyThere", "NOT_FOUND"), counted("planned")
    assert [await people.code("admin", query) for _ in range(3)] == ["NOT_FOUND"] * 3
    assert outcomes("NobodyThere", "NOT_FOUND") - before == 3
    assert counted("planned") - planned == 2
    said = [vars(record) for record in caplog.records if record.getMessage() == "operation"][-3:]
    assert [(each["operation"], each["outcome"]) for each in said] == [
        ("NobodyThere", "NOT_FOUND")
    ] * 3
    assert len({each["cost"] for each in said}) == 1
    only_fails = query.replace("NobodyThere", "OnlyFails")
    assert [await people.code("admin", only_fails) for _ in range(3)] == ["NOT_FOUND"] * 3
    assert outcomes("OnlyFails", "NOT_FOUND") == 0


@pytest.mark.parametrize("shape", SHAPES)
async def test_every_shape_of_a_document(people: People, shape: str):
    before = counted("planned")
    await require_same(people, "admin", SHAPES[shape])
    assert counted("planned") - before == (0 if shape in WITH_ERRORS else 2)
    for name in EVERYBODY:
        await require_same(people, name, SHAPES[shape])


async def test_every_kind_of_variable(people: People):
    profile = {"country": "VN", "enrolled": "YES"}
    variables = {"by": {"osId": "DEMO-OS-000002"}, "without": False, "profile": profile}
    for more in (
        {},
        {"with": False},
        {"without": True, "day": "2021-10-01", "first": 1},
        {"layers": ["SHARED_FAQS_2021"], "kinds": ["ROLLOUT"], "day": None},
        {"by": {"id": global_id(2)}, "first": 0},
        {"by": {"gatewayId": "none"}, "kinds": None},
        {"profile": {"country": "Vietnam"}},
        {"profile": None},
        {"first": "three"},
    ):
        await require_same(people, "helpdesk", BY_VARIABLES, **(variables | more))
