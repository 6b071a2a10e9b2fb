"""The recipes of examples/chatbots, started as their pages say, in front of a served instance."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.pages.site import OtherSite, Site

pytestmark = pytest.mark.served

EXAMPLES = Path(__file__).parents[2] / "examples" / "chatbots"


@contextmanager
def running(recipe: str, api: str) -> Iterator[str]:
    """A recipe on a free port; gives the address that it prints."""
    command = [sys.executable, str(EXAMPLES / recipe), "--api", api, "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().decode().strip()
        finally:
            process.terminate()


def post(address: str, body: Any) -> httpx.Response:
    return httpx.post(address, json=body, timeout=60, trust_env=False)


def test_a_rasa_like_bot_answers_suggests_by_buttons_and_hands_over(site: Site) -> None:
    with running("rasa.py", f"{site.url}/graphql") as address:

        def say(message: str) -> dict[str, Any]:
            (answer,) = post(address, {"sender": "ana", "message": message}).json()
            assert answer["recipient_id"] == "ana"
            return answer

        cost = say("what does it cost to share?")
        assert "Registering in the SLCP Gateway costs facilities nothing." in cost["text"]
        assert cost["text"].endswith("FAQ 14")
        suggested = say("tool and steps")["buttons"]
        assert len(suggested) == 3
        assert say(suggested[0]["payload"])["text"].endswith("FAQ 17")
        assert "Ask the SLCP Helpdesk" in say("how long does the approval take?")["text"]
        say("is CAF v1.4 available in Vietnam?")
        assert "Indonesia" in say("and in Indonesia?")["text"]


def test_a_teams_like_bot_answers_with_a_card_whose_buttons_ask_on(site: Site) -> None:
    with running("teams.py", f"{site.url}/graphql") as address:
        message = {"type": "message", "id": "7", "text": "tool and steps", "from": {"id": "ana"}}
        reply = post(address, message).json()
        assert (reply["replyToId"], reply["recipient"]) == ("7", {"id": "ana"})
        card = reply["attachments"][0]["content"]
        assert card["type"] == "AdaptiveCard"
        pressed = {"type": "message", "id": "8", "value": card["actions"][0]["data"]}
        answered = post(address, pressed).json()["attachments"][0]["content"]
    assert answered["body"][-1]["text"].startswith("Source: FAQ 17")


@pytest.mark.parametrize("recipe", ["rasa.py", "teams.py"])
def test_what_is_no_message_is_refused_and_a_server_that_is_away_is_told(
    recipe: str, elsewhere: OtherSite
) -> None:
    """Away, or behind a proxy that answers with a page of its own."""
    for api in ("http://127.0.0.1:1", elsewhere.origin):
        with running(recipe, f"{api}/graphql") as address:
            wrong = post(address, {"hello": 1})
            away = post(address, {"sender": "a", "message": "x", "type": "message", "text": "x"})
        assert (wrong.status_code, away.status_code) == (400, 502)
        assert away.json() == {"error": "The service does not answer at the moment."}
