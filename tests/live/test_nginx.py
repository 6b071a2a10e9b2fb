"""The server behind nginx, set up as docs/proxies.md says."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx
import pytest
import websockets

from kb.settings import Settings
from tests.live.served import PROTOCOL, RELEASES, Stream, Subscriber, served
from tests.live.test_transport import public_settings

pytestmark = pytest.mark.served
__all__ = ["public_settings"]

PAGE = Path(__file__).parents[2] / "docs" / "proxies.md"
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin")
RATE = 6


def example(upstreams: tuple[int, int], port: int, folder: Path) -> str:
    """The configuration of the page, without TLS and as nobody's service."""
    (server,) = re.findall(r"```nginx\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    server = server.replace("listen 443 ssl;", f"listen 127.0.0.1:{port};")
    for place, upstream in enumerate(upstreams):
        server = server.replace(f"127.0.0.1:{8000 + place}", f"127.0.0.1:{upstream}")
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    places = " ".join(f"{kind}_temp_path {folder / kind};" for kind in kinds)
    return (
        f"user root; daemon off; pid {folder / 'pid'}; error_log {folder / 'errors'}; events {{}}\n"
        f"http {{ access_log off; {places}\n{server}\n}}\n"
    )


@asynccontextmanager
async def behind_nginx(upstreams: tuple[int, int], folder: Path) -> AsyncIterator[str]:
    """Where nginx listens for what it passes on."""
    if NGINX is None:
        message = (
            "NOT TESTED BEHIND NGINX: it is not installed (Debian: apt-get install nginx-light)"
        )
        if os.environ.get("KB_REQUIRE_NGINX") == "1":
            pytest.fail(message, pytrace=False)
        pytest.skip(message)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    file = folder / "nginx.conf"
    file.write_text(example(upstreams, port, folder), encoding="utf-8")
    process = await asyncio.create_subprocess_exec(NGINX, "-p", str(folder), "-c", str(file))
    try:
        for _ in range(100):
            with socket.socket() as tried:
                if tried.connect_ex(("127.0.0.1", port)) == 0:
                    break
            await asyncio.sleep(0.05)
        yield f"127.0.0.1:{port}/bw"
    finally:
        process.terminate()
        await process.wait()


async def test_behind_nginx_everything_is_under_its_path_and_nobody_is_on_this_machine(
    public_settings: Settings, tmp_path: Path
) -> None:
    trusted = {"KB_TRUSTED_PROXIES": '["127.0.0.1"]', "KB_ANONYMOUS_RATE": str(RATE)}
    async with (
        served(public_settings, **trusted) as server,
        behind_nginx((server.port, server.port), tmp_path) as place,
        httpx.AsyncClient(base_url=f"http://{place}") as http,
    ):
        page = (await http.get("/graphql", headers={"Accept": "text/html"})).text
        links = re.findall(r'(?:src|href)="([^"]*)"|endpoint&quot;: &quot;([^&]*)', page)
        assert links
        below = ("/bw/", "?")  # or of this page itself
        assert [astray for astray in links if not "".join(astray).startswith(below)] == []
        script = next(link for link, _ in links if link.endswith(".js"))
        assert (await http.get(script.removeprefix("/bw"))).status_code == 200
        assert (await http.get("/metrics")).status_code == 404

        question = {"query": "{ viewer { role } }"}
        answer = await http.post("/graphql", json=question)
        assert answer.json()["data"] == {"viewer": {"role": "ANONYMOUS"}}
        assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["x-request-id"])

        protocols = [websockets.Subprotocol(PROTOCOL)]
        async with websockets.connect(f"ws://{place}/graphql", subprotocols=protocols) as socket_:
            subscriber = Subscriber(socket_)
            await subscriber.send({"type": "connection_init"})
            assert (await subscriber.message())["type"] == "connection_ack"
            await subscriber.subscribe("{ viewer { role } }")
            assert await subscriber.next_message() == {"role": "ANONYMOUS"}

        body = {"query": RELEASES}
        accept = {"Accept": "text/event-stream"}
        async with http.stream("POST", "/graphql", json=body, headers=accept) as stream:
            assert stream.headers["content-type"].startswith("text/event-stream")
            assert Stream(stream)

        statuses = [
            (
                await http.post(
                    "/graphql", json=question, headers={"X-Forwarded-For": f"203.0.113.{number}"}
                )
            ).status_code
            for number in range(RATE)
        ]
        assert statuses == [200] * (RATE - 3) + [429] * 3


async def test_what_nginx_refuses_by_itself_is_refused_in_the_same_form(
    public_settings: Settings, tmp_path: Path
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        nobody = closed.getsockname()[1]
        async with (
            behind_nginx((nobody, nobody), tmp_path) as place,
            httpx.AsyncClient(base_url=f"http://{place}") as http,
        ):
            away = await http.post("/graphql", json={})
            large = await http.post("/graphql", content=b" " * 300_000)
    codes = [
        (answer.status_code, answer.json()["errors"][0]["extensions"]["code"])
        for answer in (away, large)
    ]
    assert codes == [(503, "GOING_AWAY"), (413, "REQUEST_TOO_LARGE")]
    assert away.headers["retry-after"] == "5"


async def test_restarting_one_server_after_the_other_fails_no_request(
    public_settings: Settings, tmp_path: Path
) -> None:
    statuses: list[int] = []
    ending = asyncio.Event()

    async def ask_on(http: httpx.AsyncClient) -> None:
        while not ending.is_set():
            answer = await http.post("/graphql", json={"query": "{ faq(number: 7) { number } }"})
            statuses.append(answer.status_code if "data" in answer.json() else 0)

    trusted = {"KB_TRUSTED_PROXIES": '["127.0.0.1"]', "KB_ANONYMOUS_RATE": "0"}
    async with AsyncExitStack() as first, AsyncExitStack() as second:
        servers = (first, second)
        ports = [
            (await server.enter_async_context(served(public_settings, **trusted))).port
            for server in servers
        ]
        async with (
            behind_nginx((ports[0], ports[1]), tmp_path) as place,
            httpx.AsyncClient(base_url=f"http://{place}") as http,
        ):
            clients = [asyncio.create_task(ask_on(http)) for _ in range(4)]
            for server, port in zip(servers, ports, strict=True):
                await server.aclose()
                await server.enter_async_context(served(public_settings, port=port, **trusted))
            ending.set()
            await asyncio.gather(*clients)
    assert set(statuses) == {200}
    assert len(statuses) > 20
