"""A Teams-like bot in front of the API: a message activity in, an Adaptive Card out.

    python examples/chatbots/teams.py --api http://127.0.0.1:8000/graphql --port 3978

Plain JSON, no SDK. What a bot framework checks before (the signature of the request, the tenant)
is left to the framework or proxy in front. A button of the card comes back as an activity whose
`value` has the question.
"""

from __future__ import annotations

import argparse
from typing import Any

from asking import Api, handover_text, serve

CARD = "application/vnd.microsoft.card.adaptive"


class Bot:
    """Answers activities."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def answer(self, activity: dict[str, Any]) -> dict[str, Any]:
        """The activity that answers one; ValueError for what is no message."""
        value = activity.get("value")
        chosen = value if isinstance(value, dict) else {}
        question = chosen.get("question") or activity.get("text")
        if activity.get("type") != "message" or not isinstance(question, str) or not question:
            raise ValueError('send an activity {"type": "message", "text": "…"}')
        answer = self._api.ask(question, previous=chosen.get("previous"))
        card = {"contentType": CARD, "content": self._card(question, answer)}
        return {
            "type": "message",
            "replyToId": activity.get("id"),
            "conversation": activity.get("conversation"),
            "recipient": activity.get("from"),
            "attachments": [card],
        }

    def _card(self, question: str, answer: dict[str, Any]) -> dict[str, Any]:
        body = [_block(text) for text in (answer["text"] or handover_text(answer)).split("\n\n")]
        sources = sorted({each["faqNumber"] for each in answer["citations"] if each["faqNumber"]})
        if sources:
            body.append(_block(f"Source: FAQ {', '.join(map(str, sources))}") | {"isSubtle": True})
        outcome = answer["outcome"]
        hits = [hit["faq"] for hit in answer["hits"]] if outcome == "SUGGESTIONS" else []
        faqs = hits or (answer["followUps"] if outcome == "ANSWERED" else [])
        return {
            "$schema": "https://adaptivecards.io/schemas/adaptive-card.json",
            "type": "AdaptiveCard",
            "version": "1.4",
            "lang": answer["servedLocale"],
            "body": body,
            "actions": [
                {
                    "type": "Action.Submit",
                    "title": faq["button"] or faq["question"],
                    "data": {"question": faq["question"], "previous": question},
                }
                for faq in faqs
            ],
        }


def _block(text: str) -> dict[str, Any]:
    return {"type": "TextBlock", "text": text, "wrap": True}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="A Teams-like bot in front of the API.")
    parser.add_argument("--api", default="http://127.0.0.1:8000/graphql")
    parser.add_argument("--token", help="an API key of role CHATBOT; without it, anonymous")
    parser.add_argument("--port", type=int, default=3978)
    given = parser.parse_args()
    serve(Bot(Api(given.api, given.token)).answer, given.port, "/api/messages")
