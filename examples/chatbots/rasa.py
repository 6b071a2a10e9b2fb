"""A Rasa-like webhook in front of the API: JSON in, JSON out, nothing but the standard library.

    python examples/chatbots/rasa.py --api http://127.0.0.1:8000/graphql --port 5055

A bot posts `{"sender": "…", "message": "…"}`, as to Rasa's REST channel, and gets a list of
messages back: `{"recipient_id": "…", "text": "…"}`, some with `buttons`, of which each sends its
`payload` as the next message. The last question of each sender is kept in memory for follow-ups.
"""

from __future__ import annotations

import argparse
from collections import OrderedDict
from typing import Any

from asking import Api, chat_text, serve

SENDERS_KEPT = 10_000
TITLE = 40


class Bot:
    """Answers messages of senders."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._previous: OrderedDict[str, str] = OrderedDict()

    def answer(self, body: dict[str, Any]) -> list[dict[str, Any]]:
        """The messages for one message; ValueError for what is no message."""
        sender, message = body.get("sender"), body.get("message")
        if not isinstance(sender, str) or not isinstance(message, str) or not message.strip():
            raise ValueError('send {"sender": "…", "message": "…"}')
        answer = self._api.ask(message, previous=self._previous.get(sender))
        self._previous[sender] = message
        self._previous.move_to_end(sender)
        if len(self._previous) > SENDERS_KEPT:
            self._previous.popitem(last=False)
        first: dict[str, Any] = {"recipient_id": sender, "text": chat_text(answer)}
        if answer["outcome"] == "SUGGESTIONS":
            faqs = [hit["faq"] for hit in answer["hits"]]
        else:
            faqs = answer["followUps"] if answer["outcome"] == "ANSWERED" else []
        if faqs:
            first["buttons"] = [
                {"title": faq["button"] or faq["question"][:TITLE], "payload": faq["question"]}
                for faq in faqs
            ]
        return [first]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="A Rasa-like webhook in front of the API.")
    parser.add_argument("--api", default="http://127.0.0.1:8000/graphql")
    parser.add_argument("--token", help="an API key of role CHATBOT; without it, anonymous")
    parser.add_argument("--port", type=int, default=5055)
    given = parser.parse_args()
    serve(Bot(Api(given.api, given.token)).answer, given.port, "/webhooks/rest/webhook")
