"""What a server writes into its log, however it was started."""

from __future__ import annotations

import httpx
import pytest

from kb.settings import Settings
from tests.live.served import connected, served
from tests.live.test_transport import public_settings

pytestmark = pytest.mark.served
__all__ = ["public_settings"]

TOKEN, QUESTION = "kb_secret", "whose factory is it"


@pytest.mark.parametrize("by_itself", [True, False])
async def test_no_address_is_in_the_log_and_each_operation_is_a_record(
    public_settings: Settings, by_itself: bool
) -> None:
    parameters = {
        "query": f'query Asked {{ ask(input: {{question: "{QUESTION}"}}) {{ outcome }} }}',
        "access_token": TOKEN,
    }
    async with served(public_settings, by_itself=by_itself, KB_LOG_FORMAT="JSON") as server:
        async with httpx.AsyncClient() as client:
            answer = await client.get(f"{server.http}/graphql", params=parameters)
            assert answer.status_code == 200
        async with connected(server) as subscriber:
            await subscriber.subscribe("{ viewer { role } }")
            await subscriber.next_message()
        log = await server.stop()
    for secret in (TOKEN, "whose", "/graphql?"):
        assert secret not in log
    assert '"operation": "Asked"' in log
