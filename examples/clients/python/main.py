"""A typed client in Python, made by ariadne-codegen from operations.graphql and the schema.

    python examples/clients/python/main.py http://127.0.0.1:8000/graphql TOKEN

TOKEN is of the helpdesk; a brand names a facility that shares with it instead of DEMO-OS-000001.

It needs httpx, pydantic and websockets. Make `knowledge_client` anew after changing an operation,
in an environment of its own, as the generator needs another graphql-core than the server:
`pip install 'ariadne-codegen[subscriptions]'`, then `ariadne-codegen` in this folder, and
`sha256sum operations.graphql | cut -d' ' -f1 > made_from.sha256`.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import aclosing

import httpx
from knowledge_client import KnowledgeClient
from knowledge_client.input_types import AnswerRateInput


async def main(url: str, token: str) -> None:
    """Ask, look up, rate, and follow what happens until it is caught up."""
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(headers=headers, timeout=30) as http:
        client = KnowledgeClient(
            url,
            http_client=http,
            ws_url=url.replace("http", "ws", 1),
            ws_connection_init_payload=headers,
        )
        answer = (await client.ask("what does it cost to share?")).ask
        cited = [citation.faq_number or "later page" for citation in answer.citations]
        print(answer.outcome.value, cited)
        facility = (await client.what_applies("DEMO-OS-000001")).facility
        assert facility is not None
        applies = facility.what_applies
        print(facility.name, applies.assessment.assessed_by.value, applies.sharing.status.value)
        print(applies.workflow.next_actions[0].title)
        rating = AnswerRateInput(
            question="What is a VCC?", faqNumber=23, passageId="23.what-it-is", helpful=True
        )
        print((await client.rate_answer(rating)).answer_rate.typename__)
        async with aclosing(client.portfolio_changes()) as changes:
            print((await anext(changes)).portfolio_events.typename__)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
