"""What clients send and need back: media types, origins, proxies, refusals, hashes."""

import asyncio
import hashlib
import json
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from graphql_schema.app import create_app
from graphql_schema.web.persisted import PersistedDocuments
from graphql_schema.web.refusals import RequestError
from graphql_schema.web.requests import media_types
from kb.errors import InvalidInputError
from kb.settings import Settings
from kb.settings.access import AnonymousDocuments
from tests.trial_databases import on_sqlite
from tests.web.asking import Client, answering

pytestmark = on_sqlite

JSON = "application/json"
NEWER = "application/graphql-response+json"
STREAM = "text/event-stream"
URQL = f"{NEWER}, application/graphql+json, {JSON}, {STREAM}, multipart/mixed"
NUMBER = "{ knowledge { number } }"
DASHBOARD = "https://dashboard.example"


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, [JSON]),
        ("", [JSON]),
        (" , ,", [JSON]),
        ("*/*", [JSON]),
        (URQL, [NEWER, JSON, STREAM]),
        (f"{JSON}, {STREAM}", [JSON, STREAM]),
        (f"{STREAM};q=0.1, {JSON}", [JSON, STREAM]),
        (f"{JSON}, {STREAM};q=0", [JSON]),
        (f"{STREAM};q=0, */*", [JSON]),
        (f"{JSON};q=0.5, {STREAM}", [STREAM, JSON]),
        (f"{STREAM}, {JSON}", [STREAM, JSON]),
        (STREAM.upper(), [STREAM]),
        (f"{JSON} ; Q=0.2 , {NEWER};q=0.9", [NEWER, JSON]),
        ("image/png", []),
        (f"{JSON};q=0", []),
        (f"{JSON};q=nonsense", [JSON]),
        ("*", [JSON]),
        (f"{JSON};q=0, */*", [NEWER]),
        (f"*/*;q=0, {JSON}", [JSON]),
        (f"{JSON};q=0.2, {STREAM};q=0.5, */*", [STREAM, JSON]),
        ("text/*", [STREAM]),
    ],
)
def test_media_types_are_taken_by_quality_then_by_order(accept: str | None, expected: list[str]):
    assert list(media_types(accept)) == expected


async def post(client: Client, accept: str, query: str = NUMBER) -> httpx.Response:
    return await client.http.post("/graphql", json={"query": query}, headers={"accept": accept})


async def test_lines_of_accept_are_taken_together(client: Client):
    lines = [("accept", "image/png"), ("accept", NEWER)]
    answer = await client.http.post("/graphql", json={"query": NUMBER}, headers=lines)
    assert answer.headers["content-type"] == f"{NEWER}; charset=utf-8"


async def test_a_query_is_answered_as_json_unless_a_stream_is_preferred(client: Client):
    for accept in (URQL, f"{JSON}, {STREAM}", f"{JSON}, {STREAM};q=0", "*/*"):
        answer = await post(client, accept)
        assert answer.headers["content-type"].partition(";")[0] in (JSON, NEWER)
        assert answer.json()["data"] == {"knowledge": {"number": 1}}
    assert (await post(client, STREAM)).headers["content-type"].startswith(STREAM)


async def test_events_are_separated_by_line_feeds_alone(client: Client):
    text = (await post(client, STREAM)).text
    first, last, rest = text.split("\n\n")
    assert first.startswith('event: next\ndata: {"data":{"knowledge":{"number":1}}')
    assert (last, rest) == ("event: complete\ndata: ", "")
    assert "\r" not in text


async def test_a_subscription_is_a_stream_wherever_one_is_accepted(client: Client):
    refused = 'subscription { facilityEvents(facilityId: "x") { __typename } }'
    answer = await post(client, URQL, refused)
    assert answer.headers["content-type"].startswith(STREAM)
    by_plain_post = await post(client, JSON, refused)
    assert by_plain_post.status_code == 406
    assert by_plain_post.json()["errors"][0]["extensions"]["code"] == "NOT_ACCEPTABLE"


async def test_in_the_newer_type_what_is_refused_before_execution_is_400_without_data(
    client: Client,
):
    for query in ("{ nothing }", "{", "{ knowledge { number } " + "a: __typename " * 3_000):
        answer = await post(client, NEWER, query)
        assert answer.status_code == 400
        assert list(answer.json()) == ["errors"]


@pytest.fixture
async def shared(demo_settings: Settings) -> AsyncIterator[Client]:
    """The app, with a dashboard on another origin."""
    async with answering(demo_settings, allowed_origins=(DASHBOARD,)) as client:
        yield client


async def test_a_dashboard_on_an_allowed_origin_may_ask_and_read_what_it_needs(shared: Client):
    preflight_headers = {
        "Origin": DASHBOARD,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type,traceparent,x-client",
        "Access-Control-Request-Private-Network": "true",
    }
    preflight = await shared.http.options("/graphql", headers=preflight_headers)
    assert preflight.status_code == 200
    assert preflight.headers["access-control-allow-origin"] == DASHBOARD
    assert "POST" in preflight.headers["access-control-allow-methods"]
    allowed = preflight.headers["access-control-allow-headers"].split(",")
    assert allowed == ["authorization", "content-type", "traceparent", "x-client"]
    assert preflight.headers["access-control-allow-private-network"] == "true"
    for accept in (JSON, STREAM):
        answer = await shared.http.post(
            "/graphql", json={"query": NUMBER}, headers={"Origin": DASHBOARD, "accept": accept}
        )
        assert answer.headers["access-control-allow-origin"] == DASHBOARD
        exposed = answer.headers["access-control-expose-headers"]
        assert {"Retry-After", "X-Request-ID"} <= set(exposed.split(", "))
        assert "Origin" in answer.headers["vary"]
    refused = await shared.http.post("/graphql", content="{", headers={"Origin": DASHBOARD})
    assert refused.headers["access-control-allow-origin"] == DASHBOARD


async def test_another_origin_gets_no_permission(shared: Client):
    other = {"Origin": "https://hostile.example"}
    answer = await shared.http.post("/graphql", json={"query": NUMBER}, headers=other)
    assert "access-control-allow-origin" not in answer.headers


async def test_unless_it_is_set_no_origin_gets_permission(client: Client):
    answer = await client.http.post(
        "/graphql", json={"query": NUMBER}, headers={"Origin": DASHBOARD}
    )
    assert "access-control-allow-origin" not in answer.headers


def test_an_origin_is_known_as_browsers_send_it():
    named = ("https://A.example:443/", "http://b.example:80", "https://c.example:80")
    known = ("https://a.example", "http://b.example", "https://c.example:80")
    assert Settings(allowed_origins=named).allowed_origins == known


@pytest.mark.parametrize("origin", ["*", "dashboard.example", "https://a.example/path", "null"])
def test_an_origin_that_is_none_or_all_is_refused(origin: str):
    with pytest.raises(InvalidInputError, match="KB_ALLOWED_ORIGINS"):
        Settings(allowed_origins=(origin,))


async def refused(
    client: Client, status: int, code: str, method: str = "POST", **request: Any
) -> httpx.Response:
    """A request that is refused as a GraphQL error, with an id that the header has too."""
    answer = await client.http.request(method, "/graphql", **request)
    assert (answer.status_code, answer.headers["content-type"]) == (status, JSON), answer.text
    (error,) = answer.json()["errors"]
    assert error["message"]
    assert error["extensions"] == {"code": code, "requestId": answer.headers["x-request-id"]}
    return answer


AS_JSON = {"content-type": JSON}


@pytest.mark.parametrize(
    "body",
    [
        b"5",
        b"null",
        b'"x"',
        b"true",
        b"{",
        b"",
        b"[",
        b'{"query": "\\ud800"}',
        b"\xff\xfe",
        b'{"query": "\xff"}',
        b"\x1f\x8b\x08\x00",
        b"[" * 50_000,
        b'{"a":' * 30_000,
        b'{"query": 5}',
        b'{"query": "{a}", "variables": []}',
        b'{"variables": {}}',
        b'{"query": "{a}", "extensions": "x"}',
        b'{"query": "{a}", "operationName": 7}',
        b'{"query": ""}',
        b'{"query": "{a}", "extensions": {"persistedQuery": 1}}',
        b'{"query": "query A { __typename }", "operationName": "B"}',
        b'{"query": "{ __typename }", "variables": {"a": ' + b"1" * 10_000 + b"x}}",
    ],
    ids=lambda body: body[:40],
)
async def test_a_body_that_holds_no_operation_is_refused_with_400(client: Client, body: bytes):
    answer = await client.http.post("/graphql", content=body, headers=AS_JSON)
    assert (answer.status_code, answer.headers["content-type"]) == (400, JSON), answer.text
    assert answer.json()["errors"][0]["extensions"]["code"] in ("BAD_JSON", "BAD_REQUEST")


async def test_numbers_of_ten_thousand_digits_are_no_fault_of_the_server(client: Client):
    long = "1" * 10_000
    variables = (
        '{"query": "query($n: Int!) { faq(number: $n) { number } }", "variables": {"n": %s}}'
    )
    answer = await client.http.post("/graphql", content=variables % long, headers=AS_JSON)
    assert answer.status_code in (200, 400)
    assert answer.json()["errors"][0]["extensions"]["code"] != "INTERNAL_ERROR"


async def test_requests_of_another_form_are_refused_as_graphql_errors(client: Client):
    batch = [{"query": NUMBER}]
    await refused(client, 400, "BATCHING_NOT_SUPPORTED", json=batch)
    await refused(client, 415, "UNSUPPORTED_MEDIA_TYPE", content=NUMBER)
    text = {"content-type": "text/plain"}
    await refused(client, 415, "UNSUPPORTED_MEDIA_TYPE", content=NUMBER, headers=text)
    latin = {"content-type": f"{JSON}; charset=latin-1"}
    await refused(client, 415, "UNSUPPORTED_MEDIA_TYPE", content=b"{}", headers=latin)
    packed = {**AS_JSON, "content-encoding": "gzip"}
    await refused(client, 415, "UNSUPPORTED_MEDIA_TYPE", content=b"\x1f\x8b", headers=packed)
    for kinds in ((JSON, "text/plain"), (f"{JSON}, text/plain",), (f"{JSON}; charset=utf-8", JSON)):
        several = [("content-type", kind) for kind in kinds]
        await refused(client, 415, "UNSUPPORTED_MEDIA_TYPE", content=b"{}", headers=several)
    token = client.http.headers["Authorization"]
    several = [("authorization", token), ("authorization", "Bearer x"), ("content-type", JSON)]
    await refused(client, 401, "UNAUTHENTICATED", content=b"{}", headers=several)
    empty = {**AS_JSON, "authorization": ""}
    await refused(client, 401, "UNAUTHENTICATED", content=b"{}", headers=empty)
    announced = {**AS_JSON, "content-length": "200001"}
    await refused(client, 413, "REQUEST_TOO_LARGE", content=b"{}", headers=announced)
    for host in ("a b", "a/b", "<x>", "[::1", "a:b", "a@b"):
        await refused(client, 400, "BAD_REQUEST", json={}, headers={"host": host})
    await refused(client, 406, "NOT_ACCEPTABLE", json=batch[0], headers={"accept": "image/png"})
    answer = await refused(client, 405, "METHOD_NOT_ALLOWED", "DELETE")
    assert answer.headers["allow"] == "GET, POST, HEAD, OPTIONS"
    change = {"query": "mutation { __typename }"}
    for accept in (JSON, STREAM):
        wanted = {"accept": accept}
        answer = await refused(
            client, 405, "METHOD_NOT_ALLOWED", "GET", params=change, headers=wanted
        )
        assert answer.headers["allow"] == "POST"
    await refused(client, 400, "BAD_JSON", "GET", params={"query": NUMBER, "variables": "{"})


async def test_of_several_operations_one_has_to_be_named(client: Client):
    several = f"query One {NUMBER} query Two {NUMBER}"
    for name in (None, ""):
        body = {"query": several, "operationName": name}
        answer = await client.http.post("/graphql", json=body, headers={"accept": NEWER})
        assert (answer.status_code, "data" in answer.json()) == (400, False)
        (error,) = answer.json()["errors"]
        assert error["extensions"]["code"] == "BAD_REQUEST"
        assert error["message"].startswith(
            "The document has 2 operations; say which one in operationName."
        )
    named = await client.http.post("/graphql", json={"query": several, "operationName": "Two"})
    assert named.json()["data"] == {"knowledge": {"number": 1}}


@pytest.mark.parametrize("accept", [JSON, NEWER, STREAM])
async def test_fragments_alone_are_no_operation(client: Client, accept: str):
    body = {"query": "fragment F on Query { __typename }"}
    answer = await client.http.post("/graphql", json=body, headers={"accept": accept})
    assert '"message":"The document has no operation, but fragments alone."' in answer.text


async def test_an_empty_operation_name_is_none(client: Client):
    body = {"query": "query A { __typename }", "operationName": ""}
    assert (await client.http.post("/graphql", json=body)).json()["data"] == {"__typename": "Query"}


def persisted(text: str) -> dict[str, Any]:
    hashed = hashlib.sha256(text.encode()).hexdigest()
    return {"persistedQuery": {"version": 1, "sha256Hash": hashed}}


async def test_a_query_may_be_asked_for_by_its_hash_once_it_has_been_sent(client: Client):
    text = "query Persisted { knowledge { number } }"
    body: dict[str, Any] = {"extensions": persisted(text)}
    answer = await client.http.post("/graphql", json=body)
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["message"]) == (200, "PersistedQueryNotFound")
    assert error["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"
    sent = await client.http.post("/graphql", json={**body, "query": text})
    assert sent.json()["data"] == {"knowledge": {"number": 1}}
    again = await client.http.post("/graphql", json=body)
    assert again.json()["data"] == {"knowledge": {"number": 1}}
    by_get = await client.http.get(
        "/graphql", params={"extensions": json.dumps(body["extensions"])}
    )
    assert by_get.json()["data"] == {"knowledge": {"number": 1}}
    other = {"query": NUMBER, "extensions": persisted(text)}
    await refused(client, 400, "BAD_REQUEST", json=other)


async def test_callers_without_a_token_can_be_held_to_the_published_documents(
    demo_settings: Settings,
):
    from graphql_schema.web.graphiql import load_tabs

    trusted = next(tab for tab in load_tabs() if "Look up a FAQ" in tab.title)
    body = {"extensions": persisted(trusted.document), "variables": json.loads(trusted.variables)}
    only = AnonymousDocuments.TRUSTED
    async with answering(demo_settings, anonymous_documents=only) as client:
        assert (await client.http.post("/graphql", json={"query": NUMBER})).json()["data"]
        del client.http.headers["Authorization"]
        assert "data" in (await client.http.post("/graphql", json=body)).json()
        as_a_tab = {"query": trusted.query, "variables": body["variables"]}  # with its title
        assert "data" in (await client.http.post("/graphql", json=as_a_tab)).json()
        await refused(client, 403, "DOCUMENT_NOT_TRUSTED", json={"query": NUMBER})
        # To GraphQL a lone carriage return ends a comment, so another operation would follow it.
        hidden = f"#\r query Own {NUMBER}\n{trusted.document}"
        own = {"query": hidden, "operationName": "Own"}
        await refused(client, 403, "DOCUMENT_NOT_TRUSTED", json=own)


def test_documents_asked_for_by_hash_are_remembered_up_to_so_many_bytes():
    documents = PersistedDocuments([], only_trusted=False)
    texts = [f"{number:x}" for number in range(20_000)]
    for text in texts:
        body = {"query": text, "extensions": persisted(text)}
        assert documents.text_of(body, anonymous=True) == text

    def is_known(text: str) -> bool:
        try:
            return documents.text_of({"extensions": persisted(text)}, anonymous=True) == text
        except RequestError:
            return False

    # However short a text is, it takes some hundred bytes with its hash.
    known = [is_known(text) for text in texts]
    assert 10_000 < sum(known) < 13_000
    assert known == sorted(known)  # those that were sent last


async def test_an_answer_by_get_has_a_tag_and_is_not_sent_twice(client: Client):
    params = {"query": NUMBER}
    first = await client.http.get("/graphql", params=params)
    tag = first.headers["etag"]
    again = await client.http.get("/graphql", params=params, headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    other = await client.http.get("/graphql", params={"query": "{ knowledge { note number } }"})
    assert other.headers["etag"] != tag


async def test_long_answers_are_compressed_and_streams_are_not(client: Client):
    faqs = "{ faqs(first: 23) { nodes { question } } }"
    packed = {"accept-encoding": "gzip"}
    long = await client.http.post("/graphql", json={"query": faqs}, headers=packed)
    assert long.headers["content-encoding"] == "gzip"
    assert len(long.json()["data"]["faqs"]["nodes"]) == 23
    short = await client.http.post("/graphql", json={"query": NUMBER}, headers=packed)
    assert "content-encoding" not in short.headers
    stream = await client.http.post(
        "/graphql", json={"query": faqs}, headers={**packed, "accept": STREAM}
    )
    assert "content-encoding" not in stream.headers


async def test_head_and_options_are_answered(client: Client):
    head = await client.http.head("/graphql", params={"query": NUMBER})
    assert (head.status_code, head.content) == (200, b"")
    followed = {"query": "subscription { knowledgeReleased { number } }"}
    async with asyncio.timeout(5):
        stream = await client.http.head("/graphql", params=followed, headers={"accept": STREAM})
    assert (stream.status_code, stream.content) == (200, b"")
    assert stream.headers["content-type"].startswith(STREAM)
    options = await client.http.options("/graphql")
    assert (options.status_code, options.headers["allow"]) == (204, "GET, POST, HEAD, OPTIONS")


async def test_behind_a_trusted_proxy_the_page_stands_under_its_prefix(demo_settings: Settings):
    said = {"accept": "text/html", "X-Forwarded-Prefix": "/bw"}
    async with answering(demo_settings, trusted_proxies=("127.0.0.1",)) as client:
        for path in ("/graphql", "/graphql/"):
            page = (await client.http.get(path, headers=said)).text
            assert 'src="/bw/static/graphiql/' in page
            assert 'href="/bw/static/graphiql/' in page
            assert "&quot;endpoint&quot;: &quot;/bw/graphql&quot;" in page
        hostile = {**said, "X-Forwarded-Prefix": '/"><script>'}
        assert "<script>" not in (await client.http.get("/graphql", headers=hostile)).text
    async with answering(demo_settings) as client:  # nobody is trusted
        assert "/bw" not in (await client.http.get("/graphql", headers=said)).text
    async with answering(demo_settings, root_path="/bw") as client:
        page = (await client.http.get("/graphql", headers={"accept": "text/html"})).text
        assert 'src="/bw/static/graphiql/' in page


async def test_a_server_that_is_told_its_path_answers_with_and_without_it(demo_settings: Settings):
    app = create_app(demo_settings)
    transport = httpx.ASGITransport(app, root_path="/bw")
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http,
    ):
        for path in ("/graphql", "/bw/graphql"):
            # As uvicorn has it, which puts its --root-path before whatever is asked for.
            page = await http.get(f"/bw{path}", headers={"accept": "text/html"})
            (script,) = re.findall(r'src="(/bw/static/[^"]*\.js)"', page.text)
            assert (await http.get(script)).status_code == 200


async def test_each_caller_behind_a_trusted_proxy_has_its_own_rate(demo_settings: Settings):
    async def status(client: Client, **headers: str) -> int:
        answer = await client.http.post("/graphql", json={"query": NUMBER}, headers=headers)
        return answer.status_code

    first, second = {"X-Forwarded-For": "203.0.113.7"}, {"X-Forwarded-For": "203.0.113.8"}
    async with answering(demo_settings, trusted_proxies=("127.0.0.1",), anonymous_rate=1) as client:
        del client.http.headers["Authorization"]
        assert [await status(client, **said) for said in (first, first, second)] == [200, 429, 200]
    async with answering(demo_settings, anonymous_rate=1) as client:
        del client.http.headers["Authorization"]
        # What is said is not believed, and a proxy that says nothing is not on this machine either.
        assert [await status(client, **said) for said in (first, second)] == [200, 429]
        assert await status(client, Connection="close") == 429
        assert [await status(client) for _ in range(3)] == [200, 200, 200]


async def test_a_trusted_proxy_may_give_the_request_its_id(demo_settings: Settings):
    said = {"X-Request-ID": "0123456789abcdef"}
    async with answering(demo_settings, trusted_proxies=("127.0.0.1",)) as client:
        assert (await client.http.get("/healthz", headers=said)).headers["x-request-id"] == (
            "0123456789abcdef"
        )
        forged = {"X-Request-ID": "a b\tc"}
        assert (await client.http.get("/healthz", headers=forged)).headers[
            "x-request-id"
        ] != "a b\tc"
    async with answering(demo_settings) as client:
        request_id = (await client.http.get("/healthz", headers=said)).headers["x-request-id"]
        assert request_id != said["X-Request-ID"]
