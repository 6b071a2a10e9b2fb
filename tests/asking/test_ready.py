"""The search is made ready once, in the background, whoever waits for it."""

import asyncio

import httpx
import pytest

from graphql_schema.app import create_app
from kb.services.knowledge.holder import Searching, load_knowledge
from kb.settings import Settings


async def test_whoever_stops_waiting_does_not_stop_the_search_from_being_built(
    published: Settings, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(Searching, "_built", {})
    searching = (await load_knowledge()).searching
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(searching.index(), 0.01)
    begun = searching._building
    first, second = await asyncio.gather(searching.index(), searching.index())
    assert searching._building is begun
    assert first is second
    assert first.ask("is the gateway free").hits[0].faq_number == 14


async def test_a_server_makes_the_search_ready_by_itself_and_is_ready_before(
    published_settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(Searching, "_built", {})
    app = create_app(published_settings)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as http,
    ):
        assert (await http.get("/readyz")).status_code == 200
        assert Searching._built == {}
        async with asyncio.timeout(120):
            while not Searching._built:  # noqa: ASYNC110 - nobody is told when it is ready
                await asyncio.sleep(0.05)
