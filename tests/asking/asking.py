"""Asking as tests do: a question, a refused one, a facility that somebody assesses."""

from typing import Any

from tests.web.asking import Client

ASK = """query($input: AskInput!) { ask(input: $input) {
    outcome answered confidence confidenceBand text servedLocale localeReason
    hits { faq { number question servedLocale localeReason } score passage { id text } matchedPhrase
        matchedTerms lead appliesToFacility because }
    handover { reason topic notStated ask askText near { id } publicRecord { key } }
    applicability { assessment { assessedBy } }
    followUps { number } citations { faqNumber passage { id } layer } } }"""

FACILITIES = """{ facilities(first: 100) { nodes { id name
    whatApplies { assessment { assessedBy } } } } }"""


async def ask(client: Client, question: str, **more: Any) -> dict[str, Any]:
    answer: dict[str, Any] = (await client.ask(ASK, input={"question": question, **more}))["ask"]
    return answer


async def refused(client: Client, **inputs: Any) -> tuple[str, str]:
    error = await client.error(ASK, input=inputs)
    return error["extensions"]["code"], error["message"]


async def assessed_by(client: Client, who: str) -> dict[str, Any]:
    nodes = (await client.ask(FACILITIES))["facilities"]["nodes"]
    return next(node for node in nodes if node["whatApplies"]["assessment"]["assessedBy"] == who)
