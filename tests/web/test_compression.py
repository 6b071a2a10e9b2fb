"""Answers are compressed for those who take that, and only for them."""

from __future__ import annotations

import pytest

from graphql_schema.web.compression import codings
from tests.trial_databases import on_sqlite
from tests.web.asking import Client

LONG = {"query": "query Long { faqs(first: 23) { nodes { question } } }"}
SHORT = {"query": "query Short { knowledge { number } }"}


@pytest.mark.parametrize(
    ("accept_encoding", "expected"),
    [
        (None, "identity"),
        ("", "identity"),
        ("gzip", "gzip identity"),
        ("GZIP, deflate, br", "gzip identity"),
        ("x-gzip", "gzip identity"),
        ("gzip;q=0.5", "gzip identity"),
        ("gzip; Q=0.001", "gzip identity"),
        ("*", "gzip identity"),
        ("gzip;q=0.5, identity;q=0.5", "gzip identity"),
        ("gzip;q=0.5, identity", "identity gzip"),
        ("*;q=0.5, identity", "identity gzip"),
        ("gzip;q=0", "identity"),
        ("gzip;q=0.000, *", "identity"),
        ("deflate, br", "identity"),
        ("gzipped", "identity"),
        (";;q=,,=;", "identity"),
        ("identity;q=0, gzip", "gzip"),
        ("*;q=0, gzip;q=0.1", "gzip"),
        ("*, identity;q=0", "gzip"),
        ("identity;q=0", ""),
        ("*;q=0", ""),
        ("*;q=0, identity", "identity"),
    ],
)
def test_content_codings_are_taken_by_quality(accept_encoding: str | None, expected: str):
    assert list(codings(accept_encoding)) == expected.split()


@on_sqlite
@pytest.mark.parametrize("times", [1, 3])
async def test_both_ways_of_answering_keep_to_it(client: Client, times: int):
    for accepted, query, compressed in (
        ("gzip;q=0", LONG, False),
        ("gzip;q=0.5", LONG, True),
        ("gzip;q=0.5, identity", LONG, False),
        ("gzip", SHORT, False),
        ("gzip, identity;q=0", SHORT, True),
    ):
        for _ in range(times):
            headers = {"Accept-Encoding": accepted}
            answer = await client.http.post("/graphql", json=query, headers=headers)
        assert ("content-encoding" in answer.headers) == compressed, accepted
        if query is LONG or compressed:
            assert "Accept-Encoding" in answer.headers["vary"]
        assert answer.json()["data"]


@on_sqlite
async def test_several_lines_of_the_header_are_one(client: Client):
    lines = [("Accept-Encoding", "identity"), ("Accept-Encoding", "gzip;q=0")]
    answer = await client.http.post("/graphql", json=LONG, headers=lines)
    assert "content-encoding" not in answer.headers


@on_sqlite
async def test_tags_hold_for_the_compressed_answer_and_the_plain_one(client: Client):
    async def asked(method: str = "GET", **headers: str):
        return await client.http.request(method, "/graphql", params=LONG, headers=headers)

    plain = await asked(**{"Accept-Encoding": "identity"})
    packed = await asked(**{"Accept-Encoding": "gzip"})
    assert plain.headers["etag"] == packed.headers["etag"]
    assert plain.headers["etag"].startswith('W/"')
    for coding in ("identity", "gzip"):
        for tag in (
            plain.headers["etag"],
            plain.headers["etag"][2:],
            f'"other", {plain.headers["etag"]}',
            "*",
        ):
            known = await asked(**{"Accept-Encoding": coding, "If-None-Match": tag})
            assert (known.status_code, known.content) == (304, b"")
            assert known.headers["etag"] == plain.headers["etag"]
            assert "content-encoding" not in known.headers
    head = await asked("HEAD", **{"Accept-Encoding": "gzip"})
    assert head.content == b""
    for name in ("content-encoding", "content-length", "etag", "vary"):
        assert head.headers[name] == packed.headers[name]


@on_sqlite
async def test_a_compressed_file_has_a_tag_of_its_own_and_parts_are_of_the_plain_one(
    client: Client,
):
    path = "/static/pages/dashboard.js"
    plain = await client.http.get(path, headers={"Accept-Encoding": "gzip;q=0"})
    packed = await client.http.get(path, headers={"Accept-Encoding": "gzip"})
    tag = plain.headers["etag"]
    assert (packed.headers["content-encoding"], packed.headers["etag"]) == ("gzip", f"W/{tag}")
    assert packed.content == plain.content
    known = {"Accept-Encoding": "gzip", "If-None-Match": packed.headers["etag"]}
    assert (await client.http.get(path, headers=known)).status_code == 304
    ranged = {"Accept-Encoding": "gzip", "Range": "bytes=0-9"}
    part = await client.http.get(path, headers={**ranged, "If-Range": tag})
    assert (part.status_code, part.content) == (206, plain.content[:10])
    assert "content-encoding" not in part.headers
    whole = await client.http.get(path, headers={**ranged, "If-Range": f"W/{tag}"})
    assert (whole.status_code, whole.content) == (200, plain.content)
