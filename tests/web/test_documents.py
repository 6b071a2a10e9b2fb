"""Documents made to keep the server busy are refused, or answered, with little work."""

import json

import pytest
from graphql import GraphQLError, parse

from graphql_schema.cost import measure
from graphql_schema.documents import ValidDocuments
from graphql_schema.schema import schema
from tests.trial_databases import on_sqlite
from tests.web.asking import Client

pytestmark = on_sqlite


def doubling(levels: int) -> str:
    """Each fragment spreads the next one twice."""
    fragments = "".join(
        f" fragment F{level} on Query {{ ...F{level + 1} ...F{level + 1} }}"
        for level in range(levels)
    )
    return f"{{ ...F0 }}{fragments} fragment F{levels} on Query {{ knowledge {{ number }} }}"


def doubling_fields(levels: int) -> str:
    """The same, below fields, so that what execution would merge differs from place to place."""
    fragments = "".join(
        f" fragment A{level} on Facility {{ whatApplies {{ facility {{ ...A{level + 1} }} }}"
        f" b: whatApplies {{ facility {{ ...A{level + 1} ...B{level + 1} }} }} }}"
        f" fragment B{level} on Facility {{ whatApplies {{ facility {{ ...B{level + 1} }} }} }}"
        for level in range(levels)
    )
    ends = "".join(f" fragment {name}{levels} on Facility {{ name }}" for name in "AB")
    return f"{{ nodes(ids: []) {{ ...A0 ...B0 }} }}{fragments}{ends}"


def repeated(times: int) -> str:
    return "{" + " knowledge { number }" * times + "}"


def nested_repetition(times: int, depth: int) -> str:
    selected = "name"
    for _ in range(depth):
        selected = f"whatApplies {{ facility {{ {selected} }} }} " * times
    return f'{{ facility(by: {{id: "x"}}) {{ {selected} }} }}'


async def test_fragments_that_spread_each_other_twice_are_executed_once(client: Client):
    body = await client.body(doubling(100))
    assert body["data"] == {"knowledge": {"number": 1}}
    assert body["extensions"]["cost"]["requested"] == 2


async def test_by_get_and_as_a_stream_they_are_as_little_work(client: Client):
    by_get = await client.http.get("/graphql", params={"query": doubling(100)})
    assert by_get.json()["data"] == {"knowledge": {"number": 1}}
    stream = await client.http.post(
        "/graphql", json={"query": doubling(100)}, headers={"accept": "text/event-stream"}
    )
    assert '"knowledge":{"number":1}' in stream.text


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (doubling(400), "GRAPHQL_PARSE_FAILED"),
        (doubling_fields(7), "OPERATION_LIMIT"),
        (doubling_fields(60), "OPERATION_LIMIT"),
        (repeated(700), "DOCUMENT_TOO_COMPLEX"),
        (nested_repetition(7, 3), "DOCUMENT_TOO_COMPLEX"),
        (nested_repetition(20, 2), "DOCUMENT_TOO_COMPLEX"),
        ("{" + "... on Query {" * 190 + "__typename" + "}" * 190 + "}", None),
        ("{" + "... on Query {" * 900 + "__typename" + "}" * 900 + "}", "GRAPHQL_PARSE_FAILED"),
        ("{ __typename" + " @skip(if: false)" * 400 + " }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ __typename" + " @cats" * 1_400 + " }", "GRAPHQL_VALIDATION_FAILED"),
        ("{" + "a: knowledge { number } " * 400 + "}", "DOCUMENT_TOO_COMPLEX"),
        ("{ knowledge {" + " ... @include(if: true) { number }" * 60 + " } }", "OPERATION_LIMIT"),
        ("{" + " ".join(f"typo{number}" for number in range(2_500)) + "}", None),
        ("{ nodes(ids: " + "[" * 300 + "]" * 300 + ") { id } }", "GRAPHQL_PARSE_FAILED"),
        (f'{{ search(query: "{"a" * 50_000}") {{ totalCount }} }}', "INVALID_INPUT"),
        ("{ __typename }" + " " * 150_000, "GRAPHQL_PARSE_FAILED"),
        ("{ __typename }" + "\n#" * 4_000, "GRAPHQL_PARSE_FAILED"),
        ("{ faq(number: " + "1" * 9_000 + ") { number } }", None),
        ("{ faq(" + "numbr" * 9_000 + ": 1) { number } }", None),
    ],
)
async def test_what_is_made_to_keep_the_server_busy_is_refused(
    client: Client, document: str, code: str | None
):
    errors = (await client.body(document)).get("errors", [])
    assert len(errors) <= 5
    if code is not None:
        assert {error["extensions"]["code"] for error in errors} == {code}


def test_no_more_is_measured_than_there_is_room_for():
    with pytest.raises(GraphQLError) as refused:
        measure(schema._schema, parse(doubling_fields(7)), None, {}, 100, {})
    assert refused.value.extensions["code"] == "OPERATION_LIMIT"


def test_what_each_of_many_fragments_adds_is_counted_where_it_is_spread():
    document = "{ a: knowledge { ...A } b: knowledge { ...A } } " + (
        "fragment A on KnowledgeRelease { x: number y: number @include(if: true) }"
    )
    measures = measure(schema._schema, parse(document), None, {}, 100, {})
    assert measures is not None
    assert (measures.cost, measures.depth, measures.aliases, measures.directives) == (6, 1, 6, 2)


async def test_a_long_text_among_the_variables_is_refused_wherever_it_stands(client: Client):
    long = "a" * 20_001
    for query, variables in (
        ("query($text: String!) { search(query: $text) { totalCount } }", {"text": long}),
        ("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": ["x", long]}),
        (
            "mutation($rated: AnswerRateInput!) { answerRate(input: $rated) { __typename } }",
            {"rated": {"question": long, "faqNumber": 1, "passageId": "1.1", "helpful": True}},
        ),
    ):
        error = await client.error(query, **variables)
        assert error["message"] == (
            f"text: '{'a' * 40}…' is not valid. Allowed: at most 20000 characters."
        )


async def test_more_values_than_can_be_converted_in_a_moment_are_refused_in_every_way(
    client: Client,
):
    query = (
        "query($profiles: [FacilityProfileInput!]!) { whatIfs(profiles: $profiles) { __typename } }"
    )
    assert len((await client.ask(query, profiles=[{"country": "VN"}]))["whatIfs"]) == 1
    for profiles in (
        [{"country": "VN"}] * 1_001,
        [{"selfAssessmentSteps": [1] * 10_000}],
        [[]] * 10_001,
    ):
        error = await client.error(query, profiles=profiles)
        assert error["extensions"]["code"] == "INVALID_INPUT"
        assert error["message"] == (
            "variables: 'more than that' is not valid. Allowed: at most 10000 values, 1000 of them "
            "objects."
        )


async def test_a_long_text_is_refused_too_where_the_operation_was_answered_before(client: Client):
    query = "query($text: String!) { suggest(text: $text) { number } }"
    await client.ask(query, text="fee")
    assert (await client.error(query, text="a" * 20_001))["message"].startswith("text: 'aaa")


async def test_a_number_in_a_document_that_is_too_long_is_refused_and_a_long_text_of_digits_is_not(
    client: Client,
):
    digits = "9" * 5_000
    for document in (
        f"{{ faq(number: {digits}) {{ number }} }}",
        f"{{ faq(number: -{digits}.5) {{ number }} }}",
        f"query($n: Int = {digits}) {{ faq(number: $n) {{ number }} }}",
        f'{{ whatIf(profile: {{country: "VN"}}, asOf: {digits}) {{ factsHash }} }}',
    ):
        error = await client.error(document)
        assert error["extensions"]["code"] == "INVALID_INPUT"
        assert error["message"].endswith("…' is not valid. Allowed: at most 400 characters.")
    answer = await client.ask(f'{{ ask(input: {{question: "{digits[:500]}"}}) {{ outcome }} }}')
    assert answer == {"ask": {"outcome": "HANDOVER"}}


async def test_a_whole_list_may_be_as_long_as_a_request(client: Client):
    query = (
        "mutation($input: SupplierListImportInput!)"
        " { supplierListImport(input: $input) { __typename } }"
    )
    answer = await client.ask(query, input={"csv": "name,country\n" * 10_000})
    assert answer == {"supplierListImport": {"__typename": "NotPermitted"}}
    # A variable may have any name, and any use.
    question = "query($csv: String!) { search(query: $csv) { totalCount } }"
    error = await client.error(question, csv="a" * 20_001)
    assert error["message"].endswith("Allowed: at most 20000 characters.")


@pytest.mark.parametrize(
    "document",
    [
        "{ " + "typo" * 5_000 + " }",
        f'{{ facility(by: {{osId: "{"x" * 15_000}"}}) {{ name }} }}',
        "{ faq(number: " + "1" * 15_000 + ") { number } }",
        f'{{ country(code: "{"V" * 15_000}") {{ name }} }}',
    ],
    ids=lambda document: document[:40],
)
async def test_what_was_sent_is_not_repeated_at_length(client: Client, document: str):
    answer = await client.http.post("/graphql", json={"query": document})
    assert answer.json()["errors"]
    assert len(answer.content) < 2_500


async def test_a_stream_ends_with_an_error_whatever_goes_wrong(
    client: Client, monkeypatch: pytest.MonkeyPatch
):
    def breaks(*_: object) -> None:
        raise RuntimeError("the password is hunter2")

    monkeypatch.setattr(ValidDocuments, "check", breaks)
    answer = await client.http.post(
        "/graphql", json={"query": "{ __typename }"}, headers={"accept": "text/event-stream"}
    )
    assert '"code":"INTERNAL_ERROR"' in answer.text
    assert "hunter2" not in answer.text
    assert "event: complete" in answer.text


@pytest.mark.parametrize("document", ["{ knowledge {", "{ nothing }", doubling_fields(7)])
async def test_a_stream_tells_why_nothing_is_executed(client: Client, document: str):
    answer = await client.http.post(
        "/graphql", json={"query": document}, headers={"accept": "text/event-stream"}
    )
    data = [line[6:] for line in answer.text.splitlines() if line.startswith("data: {")]
    assert [list(json.loads(text)) for text in data] == [["errors"]]
    assert "event: complete" in answer.text


def test_documents_are_remembered_up_to_so_many_bytes():
    known = ValidDocuments(schema._schema, room=100_000)
    texts = [f"query Q{number} {{ knowledge {{ number }} }}" for number in range(20)]

    def check(text: str) -> object:
        return known.check(text, parse(text), helped=True)

    for text in texts:
        assert check(text) == []
    # Each has eight tokens of 800 bytes, so that the last fifteen are remembered.
    assert [known.find(text) is not None for text in texts] == [False] * 5 + [True] * 15
    # A text counts too: blanks and long names take memory.
    assert check(texts[0] + " " * 19_000) == []
    assert [known.find(text) is not None for text in texts] == [False] * 9 + [True] * 11
    assert check(texts[1] + " " * 20_000) == []
    assert known.find(texts[1] + " " * 20_000) is None


def test_documents_that_are_wrong_are_not_remembered():
    known = ValidDocuments(schema._schema)
    wrong = "{ nothing }"
    assert len(known.check(wrong, parse(wrong), helped=True)) == 1
    assert known.find(wrong) is None
