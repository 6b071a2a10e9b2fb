"""The documentation is served with the API: every page, and every link in it."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

import pytest

from graphql_schema.docs_folder import DOCS_FOLDER
from graphql_schema.web.docs import page_names
from kb.settings import Settings
from tests.trial_databases import on_sqlite
from tests.web.asking import Client, answering

pytestmark = on_sqlite


async def test_every_page_picture_and_link_of_the_documentation_is_there(client: Client) -> None:
    del client.http.headers["Authorization"]
    followed = set()
    for name in page_names():
        here = f"/docs/{name}"
        page = await client.http.get(here)
        assert page.status_code == 200, name
        for target in re.findall(r'(?:href|src)="([^"]+)"', page.text):
            if not urlsplit(target).scheme:
                followed.add(urlsplit(urljoin(here, target)).path)
    assert followed >= {f"/docs/{name}" for name in page_names()} | {"/", "/dashboard", "/graphql"}
    assert "/docs/screenshots/helpdesk-wide.png" in followed
    for path in sorted(followed):
        answer = await client.http.get(path, headers={"accept": "text/html,*/*"})
        assert answer.status_code == 200, path


async def test_places_on_pages_are_known_by_their_headings(client: Client) -> None:
    for name in page_names():
        page = (await client.http.get(f"/docs/{name}")).text
        for target in re.findall(r'href="#([^"]+)"', page):
            assert f'id="{target}"' in page, (name, target)


async def test_the_documentation_begins_at_its_start_also_behind_a_prefix(
    demo_settings: Settings,
) -> None:
    async with answering(demo_settings, root_path="/knowledge") as client:
        home = (await client.http.get("/knowledge/")).text
        assert '<a href="docs">' in home
        answer = await client.http.get("/knowledge/docs")
        assert (answer.status_code, answer.headers["location"]) == (307, "docs/index")
        start = await client.http.get("/knowledge/docs/index")
        assert '<h1 id="what-applies-to-a-facility">What applies to a facility</h1>' in start.text
        style = urljoin("/knowledge/docs/index", "../static/pages/docs.css")
        assert (await client.http.get(style)).status_code == 200


@pytest.mark.parametrize(
    ("address", "page"),
    [
        ("/docs/", "/docs/index"),
        ("/docs/index/", "/docs/index"),
        ("/docs/tutorials/brands/", "/docs/tutorials/brands"),
        ("/dashboard/?country=VN", "/dashboard?country=VN"),
        ("/healthz/", "/healthz"),
    ],
)
async def test_a_slash_at_the_end_leads_to_the_page(
    client: Client, address: str, page: str
) -> None:
    answer = await client.http.get(address)
    assert answer.status_code == 307
    assert answer.headers["location"][:1] != "/"  # a proxy may show another name, scheme and path
    assert "://" not in answer.headers["location"]
    assert urljoin(address, answer.headers["location"]) == page


async def test_a_prefix_without_a_slash_leads_to_the_start(demo_settings: Settings) -> None:
    async with answering(demo_settings, root_path="/a/b") as client:
        answer = await client.http.get("/a/b")
        assert (answer.status_code, answer.headers["location"]) == (307, "b/")
        assert (await client.http.get("/a/b/healthz/")).headers["location"] == "../healthz"
        for path in ("/a/b/nothing/", "/a/b/static/nothing", "/a/b/static/healthz/"):
            nothing = await client.http.get(path)
            assert nothing.status_code == 404
            assert nothing.json()["errors"][0]["message"].endswith("The API is at /a/b/graphql.")


@pytest.mark.parametrize(
    "name",
    ["nothing", "index.md", "../pyproject", "queries", "..%2Fpyproject", "released-schema.graphql"],
)
async def test_nothing_else_is_served_as_documentation(client: Client, name: str) -> None:
    assert (await client.http.get(f"/docs/{name}")).status_code == 404


async def test_a_page_of_the_documentation_runs_nothing(client: Client) -> None:
    answer = await client.http.get("/docs/settings")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert not re.findall(r"<script|<style|\son\w+=|\sstyle=", answer.text)


def test_the_documentation_lies_beside_the_package_in_a_checkout() -> None:
    assert (DOCS_FOLDER / "queries" / "brand").is_dir()
    assert page_names()[:2] == ("index", "tutorials/brands")
