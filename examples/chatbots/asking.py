"""What the recipes share: asking the API, and a small HTTP server for their JSON."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from http.client import HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import IO, Any

SECONDS = 10
LARGEST = 100_000
DOCUMENT = (Path(__file__).parent / "chat.graphql").read_text(encoding="utf-8")


class ApiError(Exception):
    """The API did not answer; the message may be shown."""


class Api:
    """Asks questions, as a chatbot does."""

    def __init__(self, url: str, token: str | None = None) -> None:
        self._url = url
        self._headers = {"Content-Type": "application/json"}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"

    def ask(self, question: str, previous: str | None = None) -> dict[str, Any]:
        """The answer; ApiError where there is none, as for who asks too often."""
        variables = {"question": question, "previousQuestion": previous}
        sent = json.dumps({"query": DOCUMENT, "variables": variables}).encode()
        request = urllib.request.Request(self._url, sent, self._headers)
        try:
            with _opened(request) as answer:
                body = json.load(answer)
        except (OSError, HTTPException, ValueError) as error:
            raise ApiError("The service does not answer at the moment.") from error
        if body.get("errors"):
            raise ApiError(body["errors"][0]["message"])
        answered: dict[str, Any] = body["data"]["ask"]
        return answered


def _opened(request: urllib.request.Request) -> IO[bytes]:
    try:
        opened: IO[bytes] = urllib.request.urlopen(request, timeout=SECONDS)
    except urllib.error.HTTPError as refusal:
        return refusal  # says why in JSON, as other answers do
    return opened


def handover_text(answer: dict[str, Any]) -> str:
    """What is not stated, and whom to ask."""
    handover = answer["handover"] or {}
    return "\n\n".join(filter(None, (handover.get("notStated"), handover.get("askText"))))


def chat_text(answer: dict[str, Any]) -> str:
    """An answer as text: curated wording with its sources, or a hand-over."""
    if not answer["text"]:
        return handover_text(answer)
    sources = sorted({each["faqNumber"] for each in answer["citations"] if each["faqNumber"]})
    return f"{answer['text']}\n\nFAQ {', '.join(map(str, sources))}" if sources else answer["text"]


def serve(answer: Callable[[dict[str, Any]], Any], port: int, path: str) -> None:
    """Answer JSON by POST at one path of this machine, until it is interrupted."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            if self.path != path or size > LARGEST:
                self._send(404 if self.path != path else 413, {"error": f"POST JSON to {path}"})
                return
            try:
                body = json.loads(self.rfile.read(size))
                self._send(200, answer(body if isinstance(body, dict) else {}))
            except ValueError as error:
                self._send(400, {"error": str(error)})
            except ApiError as error:
                self._send(502, {"error": str(error)})

        def _send(self, status: int, body: Any) -> None:
            sent = json.dumps(body, ensure_ascii=False).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

    with ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
        print(f"http://127.0.0.1:{server.server_port}{path}", flush=True)
        server.serve_forever()
