"""GraphiQL as a browser sees it, its example tabs, and the files it is built from."""

import hashlib
import html
import json
import re
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import strawberry
import uvicorn
from browser import Page, open_browser
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from strawberry.asgi import GraphQL

from graphql_schema.web.graphiql import STATIC, Tab, graphiql_page, load_tabs, wants_graphiql

pytestmark = pytest.mark.browser

BUILT = Path(__file__).parents[1] / "graphql_schema" / "static" / "graphiql"
TITLE = "Better Work × SLCP knowledge API"  # noqa: RUF001 - the sign is meant


@strawberry.type
class Query:
    @strawberry.field
    def hello(self, info: strawberry.Info, name: str) -> str:
        authorization = info.context["request"].headers.get("authorization", "no token")
        return f"Hello {name}, {authorization}"


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def greetings(self, info: strawberry.Info) -> AsyncIterator[str]:
        yield f"Live, {info.context['connection_params'].get('Authorization', 'no token')}"


class Endpoint:
    """The page for browsers, GraphQL for programs, at one address."""

    def __init__(self, tabs: tuple[Tab, ...]) -> None:
        self.tabs = tabs
        self.api = GraphQL[Any, Any](
            strawberry.Schema(Query, subscription=Subscription), graphql_ide=None
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        page = scope["type"] == "http" and wants_graphiql(Request(scope))
        app: ASGIApp = graphiql_page(self.tabs) if page else self.api
        await app(scope, receive, send)


@pytest.fixture
def queries(tmp_path: Path) -> Path:
    greeting = "($name: String!) { hello(name: $name) }\n"
    files = {
        "helpdesk/10-greet.graphql": f"# Greet a person\nquery Greet{greeting}",
        "helpdesk/10-greet.json": '{"name": "Ana"}\n',
        "brand/20-second.graphql": '# The second\nquery Second { hello(name: "two") }\n',
        "brand/10-first.graphql": f"# The first\nquery First{greeting}",
        "brand/10-first.json": '{"name": "Bopha"}\n',
        "chatbot/10-live.graphql": "# Live\nsubscription Live { greetings }\n",
    }
    for name, text in files.items():
        path = tmp_path / "queries" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path / "queries"


TITLES = ["Greet a person", "The first", "The second", "Live"]


@pytest.fixture
def app(queries: Path) -> Starlette:
    endpoint = Endpoint(load_tabs(queries))
    return Starlette(
        routes=[Route("/graphql", endpoint), WebSocketRoute("/graphql", endpoint), STATIC]
    )


@contextmanager
def serve(app: ASGIApp) -> Iterator[str]:
    """Run an app on a free port of the local host; give its address."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "the server stopped while starting"
            time.sleep(0.02)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(10)


PASTING = ["clipboardReadWrite", "clipboardSanitizedWrite"]
RESULT = (
    "document.querySelector('.result-window .view-lines')?.innerText.replaceAll('\\u00a0', ' ')"
)
TABS = "[...document.querySelectorAll('[role=tab]')].map(tab => tab.innerText.trim())"
ACTIVE = "document.querySelector('[role=tab][aria-selected=true]').innerText.trim()"
STORED = "localStorage.getItem('knowledge-api:graphiql:{name}')"


def text_of(name: str) -> str:
    """JavaScript for the whole text of one editor: operation.graphql, variables.json ..."""
    return (
        "globalThis.__MONACO?.editor.getModels()"
        f".find(model => model.uri.path.endsWith('{name}'))?.getValue()"
    )


def open_graphiql(page: Page, address: str, titles: list[str]) -> None:
    """Open the page and check what holds for any schema: all examples are there, nothing is loaded
    from elsewhere and nothing is complained about."""
    page.open(f"{address}/graphql")
    page.wait_for("document.querySelector('.graphiql-query-editor .view-line span') !== null")
    # The documentation is there once the schema has been read.
    page.click("button[aria-label='Show Documentation Explorer']")
    page.wait_for("document.body.innerText.includes('All Schema Types')")
    page.click("button[aria-label='Hide Documentation Explorer']")
    assert page.evaluate("document.title") == TITLE
    assert page.evaluate(TABS) == titles
    assert page.evaluate(ACTIVE) == titles[0]
    assert page.wait_for("document.querySelector('[data-name=headers]').innerText") == "Headers"
    assert_local(page, address)


def type_token(page: Page) -> None:
    page.click("[data-name=headers]")
    editor = ".graphiql-editor-tool .graphiql-editor:not(.hidden)"
    page.wait_for(f"document.querySelector('{editor}').innerText.includes('Authorization')")
    page.replace_text(editor, '{"Authorization": "Bearer secret-1"}')


def choose_tab(page: Page, title: str) -> None:
    page.click(f"[role=tab] button[title='{title}']")
    page.wait_for(f"{ACTIVE} === '{title}'")
    # GraphiQL reads the name of the operation when it stores the text, a moment after the change.
    page.wait_for(f"{STORED.format(name='query')} === {text_of('operation.graphql')}")


def assert_local(page: Page, address: str) -> None:
    host = address.removeprefix("http://")
    assert [url for url in page.requests if not is_local(url, host)] == []
    assert len(page.requests) > 10, "the requests were not watched"
    assert page.problems == []


def is_local(url: str, host: str) -> bool:
    return url.startswith((f"http://{host}/", f"ws://{host}/", "data:"))


def test_the_page_runs_its_examples_with_the_token_of_the_header_editor(app: Starlette) -> None:
    with serve(app) as address, open_browser() as page:
        open_graphiql(page, address, TITLES)
        assert page.evaluate(text_of("variables.json")) == '{"name": "Ana"}'

        page.click(".graphiql-execute-button")
        page.wait_for(f"{RESULT}?.includes('Hello Ana, no token')")

        type_token(page)
        page.run()
        page.wait_for(f"{RESULT}?.includes('Hello Ana, Bearer secret-1')")

        # The token is typed once; other tabs and live results send it too.
        choose_tab(page, "The first")
        page.click(".graphiql-execute-button")
        page.wait_for(f"{RESULT}?.includes('Hello Bopha, Bearer secret-1')")
        choose_tab(page, "Live")
        page.click(".graphiql-execute-button")
        page.wait_for(f"{RESULT}?.includes('Live, Bearer secret-1')")

        assert_local(page, address)
        stored = page.evaluate("JSON.stringify(localStorage)")
        assert "query Greet" in stored
        assert "secret-1" not in stored


def test_a_reload_keeps_the_edits_of_a_reader_and_forgets_the_token(app: Starlette) -> None:
    with serve(app) as address, open_browser() as page:
        open_graphiql(page, address, TITLES)
        type_token(page)
        choose_tab(page, "The second")
        page.replace_text(".graphiql-query-editor", '# Mine\nquery Mine { hello(name: "me") }')
        page.wait_for(f"{STORED.format(name='tabState')}?.includes('query Mine')")

        page.reload()
        page.wait_for(f"{text_of('operation.graphql')}?.includes('query Mine')")
        assert page.evaluate(TABS) == [*TITLES[:2], "Mine", *TITLES[3:]]
        assert page.evaluate(ACTIVE) == "Mine"
        assert page.evaluate(text_of("request-headers.json")) == '{"Authorization": "Bearer "}'
        choose_tab(page, TITLES[0])
        page.wait_for(f'{text_of("variables.json")} === \'{{"name": "Ana"}}\'')
        assert page.problems == []


def test_a_link_opens_what_it_holds_and_has_no_token(app: Starlette) -> None:
    with serve(app) as address, open_browser() as page:
        page.call("Browser.grantPermissions", permissions=PASTING, origin=address)
        open_graphiql(page, address, TITLES)
        type_token(page)
        choose_tab(page, "The second")
        page.click("#copy-link")
        page.wait_for("document.querySelector('#copy-link').innerText === 'Copied'")
        link = page.evaluate("navigator.clipboard.readText()")
        assert "secret-1" not in link
        page.evaluate("localStorage.clear()")
        page.open("about:blank")
        page.open(link)
        page.wait_for(f"{text_of('operation.graphql')}?.includes('query Second')")


def test_on_a_phone_nothing_is_wider_than_the_screen(app: Starlette) -> None:
    with serve(app) as address, open_browser() as page:
        open_graphiql(page, address, TITLES)
        size = {"width": 400, "height": 800, "deviceScaleFactor": 1, "mobile": False}
        page.call("Emulation.setDeviceMetricsOverride", **size)
        page.wait_for("document.documentElement.scrollWidth <= 400")
        tops = "[...document.querySelectorAll('[role=tab]')].map(tab => tab.offsetTop)"
        page.wait_for(f"new Set({tops}).size === 1")
        button = "document.querySelector('.graphiql-execute-button').getBoundingClientRect()"
        page.wait_for(f"{button}.right > 300 && {button}.right <= 400")
        page.click(".graphiql-execute-button")
        # The answer is broken into lines of a phone.
        page.wait_for(f"{RESULT}?.replaceAll(/\\s+/g, ' ').includes('Hello Ana, no token')")
        width = "document.querySelector('.graphiql-query-editor').getBoundingClientRect().width"
        assert page.evaluate(width) > 250


def test_tabs_come_in_the_order_of_the_user_groups_and_carry_their_variables(queries: Path) -> None:
    first, second, third, fourth = load_tabs(queries)
    assert (first.group, first.title) == ("helpdesk", "Greet a person")
    assert first.variables == '{"name": "Ana"}'
    assert second == Tab(
        group="brand",
        title="The first",
        query="# The first\nquery First($name: String!) { hello(name: $name) }\n",
        variables='{"name": "Bopha"}',
    )
    assert (third.group, third.title, third.variables) == ("brand", "The second", "")
    assert fourth.title == "Live"


def test_a_folder_without_examples_gives_no_tabs(tmp_path: Path) -> None:
    assert load_tabs(tmp_path) == ()


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("brand/10-first.graphql", "query { hello }\n", "first line must be the title"),
        ("brand/10-first.graphql", "#\nquery { hello }\n", "first line must be the title"),
        ("brand/10-first.json", '{"name": }', "not JSON"),
        ("brand/10-first.json", "[1]", "must be a JSON object"),
    ],
)
def test_a_broken_example_is_refused_by_name(
    queries: Path, name: str, text: str, message: str
) -> None:
    (queries / name).write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=message) as caught:
        load_tabs(queries)
    assert name in str(caught.value)


def test_the_page_carries_its_settings_in_an_attribute_and_no_inline_script() -> None:
    tab = Tab("brand", "Quotes", '# Quotes\nquery { hello(name: "\'</div>&<script>") }', "")
    response = graphiql_page(
        [tab], endpoint="/api/graphql", static="/api/static", default_headers='{"X-Key": ""}'
    )
    text = bytes(response.body).decode()
    [attribute] = re.findall(r'data-config="([^"]*)"', text)
    assert json.loads(html.unescape(attribute)) == {
        "endpoint": "/api/graphql",
        "tabs": [{"group": "brand", "title": "Quotes", "query": tab.query, "variables": ""}],
        "defaultHeaders": '{"X-Key": ""}',
        "group": "",
    }
    [script] = re.findall(r"<script([^>]*)>", text)
    assert re.fullmatch(r' type="module" src="/api/static/graphiql/assets/main-[\w-]+\.js"', script)
    policy = response.headers["content-security-policy"].split("; ")
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert response.headers["referrer-policy"] == "no-referrer"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["vary"] == "Accept"


async def test_built_files_are_kept_for_a_year_and_everything_else_for_an_hour() -> None:
    [script] = BUILT.glob("assets/main-*.js")
    transport = httpx.ASGITransport(Starlette(routes=[STATIC]))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        hashed = await client.get(f"/static/graphiql/assets/{script.name}")
        plain = await client.get("/static/graphiql/favicon.svg")
        missing = await client.get("/static/graphiql/assets/main-0.js")
    assert hashed.content == script.read_bytes()
    assert hashed.headers["content-type"].startswith("text/javascript")
    assert hashed.headers["content-encoding"] == "gzip"
    assert hashed.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert "worker-src 'self'" in hashed.headers["content-security-policy"]
    assert plain.headers["content-type"] == "image/svg+xml"
    assert plain.headers["cache-control"] == "public, max-age=3600"
    assert missing.status_code == 404
    assert "cache-control" not in missing.headers


@pytest.mark.parametrize(
    ("method", "accept", "page"),
    [
        ("GET", "text/html,application/xhtml+xml,*/*;q=0.8", True),
        ("GET", "application/graphql-response+json", False),
        ("GET", "*/*", False),
        ("POST", "text/html", False),
        ("HEAD", "text/html", True),
        ("GET", "text/html;q=0", False),
        ("GET", "application/json, text/html;q=0.5", False),
    ],
)
def test_only_a_browser_that_opens_the_address_gets_the_page(
    method: str, accept: str, page: bool
) -> None:
    scope = {"type": "http", "method": method, "headers": [(b"accept", accept.encode())]}
    assert wants_graphiql(Request(scope)) is page


def test_the_built_files_are_those_of_the_last_build() -> None:
    lines = (BUILT / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    sums = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    built = {
        path.relative_to(BUILT).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in BUILT.rglob("*")
        if path.is_file() and path.name != "SHA256SUMS"
    }
    assert built == sums, "built files are not edited by hand: change graphiql/ and run rebuild.sh"
