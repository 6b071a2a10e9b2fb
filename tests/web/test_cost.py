"""What an operation costs, known before it is executed."""

import json
import sys
from dataclasses import replace
from typing import Any

import pytest
from graphql import GraphQLError, get_introspection_query, parse

from graphql_schema.cost import Measures, measure
from graphql_schema.list_sizes import sizes_of
from graphql_schema.remembered_measures import RememberedMeasures
from graphql_schema.schema import schema
from graphql_schema.web.graphiql import Tab, load_tabs
from kb.cli.applies_query import FACILITY_QUERY, PROFILE_QUERY
from kb.settings import Settings
from tests.rules.shipped import shipped_library
from tests.trial_databases import on_sqlite
from tests.web.asking import answering

LIMIT = 100_000
LIBRARY = shipped_library()
SIZES = sizes_of(LIBRARY)


def measured(query: str, largest_page: int = 100, **variables: Any) -> Measures | None:
    return measure(schema._schema, parse(query), None, variables, largest_page, SIZES)


def cost(query: str, largest_page: int = 100, **variables: Any) -> int | None:
    measures = measured(query, largest_page, **variables)
    return measures and measures.cost


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("{ knowledge { number } }", 2),
        ("{ knowledge { number } again: knowledge { number note } }", 5),
        # totalCount, and ten times name; the fields facilities and nodes themselves.
        ("{ facilities(first: 10) { totalCount nodes { name } } }", 13),
        ("{ facilities(last: 10) { nodes { name } } }", 12),
        # Without a number a page has 20 entries, each an edge with a cursor, a node and its name.
        ("{ facilities { edges { cursor node { name } } } }", 62),
        # Larger pages are refused when they are asked for, so they cost no more than the largest.
        ("{ facilities(first: 5000) { nodes { name } } }", 102),
        ("{ facilities(first: 2) { nodes { history(first: 3) { nodes { kind } } } } }", 210),
        ('{ facilities(first: 2) { nodes { workflow(asOf: "2022-01-01") { state } } } }', 306),
        # A question costs more the longer it is: 300 for each hundred characters, begun ones too.
        ('{ ask(input: {question: "x"}) { outcome } }', 1_501),
        (f'{{ ask(input: {{question: "{"x" * 101}"}}) {{ outcome }} }}', 1_801),
        (f'{{ search(query: "{"x" * 9_900}") {{ totalCount }} }}', 10_001),
        ("{ facilityRollup { total } }", 501),
        ('{ nodes(ids: ["a", "b", "c"]) { id } }', 4),
        # Of a node, what is asked for each type is added up.
        ('{ node(id: "a") { id ... on Faq { number } ... on Country { code } } }', 4),
        # The same field twice is one value, also through fragments.
        (
            "{ knowledge { number ...A ...A ... on KnowledgeRelease { number } } } "
            "fragment A on KnowledgeRelease { number note }",
            3,
        ),
        ("{ knowledge { number note @skip(if: true) } }", 2),
        ("{ knowledge { number note @include(if: false) } }", 2),
        ('{ whatIf(profile: {country: "VN"}) { summary } }', 301),
        # A weight of 20, and the row of each of 85 rows that are tried.
        ('{ whatIf(profile: {country: "VN"}) { trace { row } } }', 106),
        ('{ whatIf(profile: {country: "VN"}) { faqs(first: 2) { number } } }', 13),
        ('{ whatIf(profile: {country: "VN"}) { faqs { number } } }', 34),
        ("subscription { portfolioEvents { ... on FacilityEvent { cursor } } }", 2),
        # A change, with the name of its answer; a rating is read as a question is.
        ('mutation { facilityEnrol(input: {facilityId: "x"}) { __typename } }', 401),
        (
            f'mutation {{ answerRate(input: {{question: "{"x" * 210}", faqNumber: 1, '
            'passageId: "1.a", helpful: false}) { __typename } }',
            2_101,
        ),
    ],
)
def test_an_operation_costs_about_one_for_each_value_of_its_answer(query: str, expected: int):
    assert cost(query) == expected


def test_sizes_that_come_in_variables_count_and_their_defaults_too():
    page = "query($n: Int = 7) { facilities(first: $n) { nodes { name } } }"
    assert cost(page) == 9
    assert cost(page, n=50) == 52
    assert cost(page, n=50, largest_page=30) == 32
    ids = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    assert cost(ids, ids=["a"] * 40) == 41
    skipped = "query($no: Boolean!) { knowledge { number note @skip(if: $no) } }"
    assert (cost(skipped, no=True), cost(skipped, no=False)) == (2, 3)


def test_a_list_of_all_entries_costs_as_many_as_the_content_has():
    assert cost("{ glossary { text } }") == 1 + len(LIBRARY.glossary)
    fewer = replace(LIBRARY, content_hash="fewer", glossary={})
    measures = RememberedMeasures()
    query = "{ glossary { text } }"
    known = [
        measures.of(schema._schema, parse(query), query, None, {}, 100, library)
        for library in (LIBRARY, fewer)
    ]
    assert [each and each.cost for each in known] == [1 + len(LIBRARY.glossary), 3]


def test_texts_that_come_in_variables_count_by_their_length_each_time():
    query = "query($input: AskInput!) { ask(input: $input) { outcome } }"
    document, remembered = parse(query), RememberedMeasures()

    def remembered_cost(question: str) -> int:
        variables = {"input": {"question": question}}
        measures = remembered.of(schema._schema, document, query, None, variables, 100, LIBRARY)
        assert measures
        return measures.cost

    assert [remembered_cost("x" * length) for length in (1, 250, 100)] == [1_501, 2_101, 1_501]


def test_what_will_not_be_executed_has_no_cost():
    assert cost("query($n: Int!) { facilities(first: $n) { totalCount } }") is None
    assert cost("query($n: Int) { facilities(first: $n) { totalCount } }", n="many") is None


def test_of_variables_with_thousands_of_faults_one_is_looked_at():
    query = "query($p: FacilityProfileInput!) { whatIf(profile: $p) { asOf } }"
    document, calls = parse(query), 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    wrong = {"p": {f"field{number}": 1 for number in range(4_000)}}
    sys.setprofile(count)
    try:
        assert measure(schema._schema, document, None, wrong, 100, SIZES) is None
    finally:
        sys.setprofile(None)
    assert calls < 50_000  # to look for the name nearest to each would take hundred times as many


def test_fragments_that_double_each_other_are_counted_without_walking_each_copy():
    fragments = "".join(
        f"fragment F{n} on Facility {{ a: whatApplies {{ facility {{ ...F{n + 1} }} }} "
        f"b: whatApplies {{ facility {{ ...F{n + 1} }} }} }} "
        for n in range(60)
    )
    bomb = f"{{ nodes(ids: []) {{ ...F0 }} }} {fragments} fragment F60 on Facility {{ name }}"
    with pytest.raises(GraphQLError, match="more than 15 objects within each other"):
        cost(bomb)


def test_introspection_costs_what_it_answers():
    # The field and each type: its name.
    types = len(schema._schema.type_map)
    assert cost("{ __schema { types { name } } }") == 2 + types
    assert cost('{ __type(name: "Faq") { name } }') == 2
    usual = measured(get_introspection_query())
    assert usual is not None
    assert usual.depth == 14
    assert usual.cost < Settings().anonymous_max_cost


@pytest.mark.parametrize(
    ("field", "most"),
    [
        ('ask(input: {question: "%s"}) { outcome }' % ("x" * 600), 26),
        ('ask(input: {question: "%s"}) { outcome }' % ("x" * 700), 24),
        ('ask(input: {question: "%s"}) { outcome }' % ("x" * 3_000), 7),
        ('search(query: "%s") { totalCount }' % ("x" * 700), 25),
        ('search(query: "%s") { totalCount }' % ("x" * 3_000), 7),
        ("nextQuestion(profile: {country: VN}) { field }", 13),
        ("__schema { types { name fields { name args { name } type { name } } } }", 20),
    ],
)
def test_what_takes_long_fits_only_so_often_into_one_operation_without_a_token(
    field: str, most: int
):
    def times(number: int) -> int:
        return cost("{ " + " ".join(f"a{n}: {field}" for n in range(number)) + " }") or 0

    assert times(most) <= Settings().anonymous_max_cost < times(most + 1)


@on_sqlite
async def test_without_a_token_an_operation_may_cost_less(demo_settings: Settings):
    async with answering(demo_settings, max_cost=10, anonymous_max_cost=5) as client:
        page = {"query": "{ faqs(first: 8) { nodes { number } } }"}
        assert "errors" not in (await client.http.post("/graphql", json=page)).json()
        del client.http.headers["Authorization"]
        (error,) = (await client.http.post("/graphql", json=page)).json()["errors"]
        assert error["extensions"]["limit"] == 5
    async with answering(demo_settings, max_cost=4) as client:
        del client.http.headers["Authorization"]
        (error,) = (await client.http.post("/graphql", json=page)).json()["errors"]
        assert error["extensions"]["limit"] == 4


@pytest.mark.parametrize("tab", load_tabs(), ids=lambda tab: tab.title)
def test_every_example_passes_also_with_the_largest_page(tab: Tab):
    variables = json.loads(tab.variables or "{}")
    if "first" in variables:
        variables["first"] = 100
    assert 0 < (cost(tab.query, **variables) or 0) < LIMIT / 10


@pytest.mark.parametrize("query", [FACILITY_QUERY, PROFILE_QUERY])
def test_all_that_applies_to_one_facility_passes(query: str):
    named = {"by": {"osId": "X"}} if query is FACILITY_QUERY else {"profile": {"country": "VN"}}
    assert 0 < (cost(query, **named) or 0) < LIMIT / 10
