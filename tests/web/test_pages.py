"""The pages for people: served to everybody, closed to anything that is not theirs."""

import re
from pathlib import Path

import pytest
from graphql import parse, validate

import graphql_schema
from graphql_schema.schema import schema, sdl
from graphql_schema.web.pages import PAGES, page_documents
from kb.settings import Settings
from kb.settings.access import AnonymousDocuments
from tests.trial_databases import on_sqlite
from tests.web.asking import Client, answering

pytestmark = on_sqlite

PACKAGE = Path(graphql_schema.__file__).parent


@pytest.mark.parametrize("address", sorted(PAGES))
async def test_a_page_is_open_without_a_token_and_keeps_out_what_is_not_its_own(
    client: Client, address: str
) -> None:
    del client.http.headers["Authorization"]
    answer = await client.http.get(address)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    policy = dict(
        part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; ")
    )
    assert policy["default-src"] == "'none'"
    assert {policy["script-src"], policy["style-src"], policy["connect-src"]} == {"'self'"}
    assert not re.findall(r"<script(?![^>]* src=)|<style|\son\w+=|\sstyle=|https?://", answer.text)


@pytest.mark.parametrize("address", sorted(PAGES))
async def test_all_that_a_page_loads_is_there_also_behind_a_prefix(
    demo_settings: Settings, address: str
) -> None:
    async with answering(demo_settings, root_path="/knowledge") as client:
        page = await client.http.get(f"/knowledge{address}")
        loaded = re.findall(r'(?:src|href)="(static/[^"]+)"', page.text)
        assert loaded
        for file in loaded:
            answer = await client.http.get(f"/knowledge/{file}")
            assert answer.status_code == 200, file
            assert answer.headers["cache-control"] == "no-cache"


def test_all_that_the_pages_ask_is_valid() -> None:
    documents = page_documents()
    assert documents
    for text in documents:
        assert validate(schema._schema, parse(text)) == []


async def test_the_pages_are_answered_where_only_trusted_documents_are(
    demo_settings: Settings,
) -> None:
    trusted = AnonymousDocuments.TRUSTED
    async with answering(demo_settings, anonymous_documents=trusted) as client:
        del client.http.headers["Authorization"]
        home = (PACKAGE / "static" / "pages" / "home.graphql").read_text(encoding="utf-8")
        assert (await client.ask(home))["knowledge"]["number"] == 1


async def test_the_icon_is_where_browsers_look_for_it(client: Client) -> None:
    answer = await client.http.get("/favicon.ico", follow_redirects=True)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/svg+xml"


async def test_every_page_leads_to_the_documentation(client: Client) -> None:
    for address in PAGES:
        assert '<li><a href="docs">Docs</a></li>' in (await client.http.get(address)).text


async def test_the_schema_is_there_as_a_document(client: Client) -> None:
    answer = await client.http.get("/schema.graphql")
    assert answer.status_code == 200
    assert answer.text == sdl()
