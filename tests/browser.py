"""Drives Debian's Chromium, headless, through its DevTools protocol.

    with open_browser() as page:
        page.open("http://127.0.0.1:8000/graphql")
        page.wait_for("document.title !== ''")
        page.screenshot(Path("graphiql.png"))

Every request the page and its workers make, and every error they report, is kept in
``page.requests`` and ``page.problems``. Names of other hosts do not resolve, so nothing can leave
by accident.
"""

import base64
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.sync.client import ClientConnection, connect

TIMEOUT = 30.0
"""Seconds that a page may take for anything."""

FLAGS = (
    "--headless",
    "--window-size=1440,900",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--remote-debugging-port=0",
)
CONTROL = 2


class Page:
    """One browser tab."""

    def __init__(self, connection: ClientConnection) -> None:
        self.requests: list[str] = []
        self.problems: list[str] = []
        self._connection = connection
        self._last_id = 0
        self._watch()
        self.call("Page.enable")

    def call(self, method: str, session: str | None = None, **params: Any) -> dict[str, Any]:
        """Send one DevTools command and return its result."""
        wanted = self._send(method, session, **params)
        while True:
            message = json.loads(self._connection.recv(timeout=TIMEOUT))
            if message.get("id") == wanted:
                if "error" in message:
                    raise AssertionError(f"{method}: {message['error']}")
                return dict(message["result"])
            if "method" in message:
                self._note(message["method"], message["params"])

    def open(self, url: str) -> None:
        """Go to an address, forgetting what the last one reported."""
        self.requests.clear()
        self.problems.clear()
        self.call("Page.navigate", url=url)

    def reload(self) -> None:
        """Load the page again."""
        self.evaluate("globalThis.stale = true")
        self.call("Page.reload")
        self.wait_for("globalThis.stale === undefined")

    def evaluate(self, expression: str) -> Any:
        """Value of a JavaScript expression in the page."""
        answer = self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        if "exceptionDetails" in answer:
            raise AssertionError(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def wait_for(self, expression: str) -> Any:
        """Wait until a JavaScript expression is true; return its value.

        While a page is loading there may be nothing yet of what the expression looks at.
        """
        end = time.monotonic() + TIMEOUT
        why = ""
        while True:
            try:
                if value := self.evaluate(expression):
                    return value
            except AssertionError as error:
                why = str(error)
            if time.monotonic() > end:
                raise AssertionError(f"never true: {expression}\n{why}\n{self.problems}")
            time.sleep(0.1)

    def click(self, selector: str) -> None:
        """Click in the middle of the first element that matches, once it is there."""
        element = f"document.querySelector({json.dumps(selector)})"
        self.wait_for(f"{element} !== null")
        x, y = self.evaluate(
            f"(r => [r.x + r.width / 2, r.y + r.height / 2])({element}.getBoundingClientRect())"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def press(self, key: str, code: str, number: int, modifiers: int = 0) -> None:
        """Press one key; ``number`` is its Windows virtual key code, as DevTools wants it."""
        for kind in ("rawKeyDown", "keyUp"):
            self.call(
                "Input.dispatchKeyEvent",
                type=kind,
                key=key,
                code=code,
                windowsVirtualKeyCode=number,
                modifiers=modifiers,
            )

    def replace_text(self, selector: str, text: str) -> None:
        """Replace all that the editor inside the element holds."""
        editor = f"document.querySelector({json.dumps(selector + ' textarea')})"
        self.wait_for(f"{editor} !== null")
        self.wait_for(f"({editor}.focus(), {editor} === document.activeElement)")
        self.press("a", "KeyA", 65, CONTROL)
        self.press("Backspace", "Backspace", 8)
        self.call("Input.insertText", text=text)

    def run(self) -> None:
        """Press Ctrl-Enter."""
        self.press("Enter", "Enter", 13, CONTROL)

    def enter(self) -> None:
        """Press Enter, as in a form that it sends."""
        enter = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13}
        self.call("Input.dispatchKeyEvent", type="keyDown", text="\r", **enter)
        self.call("Input.dispatchKeyEvent", type="keyUp", **enter)

    def screenshot(self, path: Path, width: int = 1440, height: int = 900) -> None:
        """Write a PNG of the page as a window of this size, in pixels, shows it."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        time.sleep(1)  # the editors lay themselves out anew
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot")["data"]))

    def _send(self, method: str, session: str | None = None, **params: Any) -> int:
        self._last_id += 1
        message = {"id": self._last_id, "method": method, "params": params}
        self._connection.send(json.dumps(message | ({"sessionId": session} if session else {})))
        return self._last_id

    def _watch(self, session: str | None = None) -> None:
        for domain in ("Network", "Runtime", "Log"):
            self._send(f"{domain}.enable", session)
        # Workers stop at their first line until they are watched too.
        self._send(
            "Target.setAutoAttach",
            session,
            autoAttach=True,
            waitForDebuggerOnStart=True,
            flatten=True,
        )
        self._send("Runtime.runIfWaitingForDebugger", session)

    def _note(self, method: str, params: dict[str, Any]) -> None:
        match method:
            case "Target.attachedToTarget":
                self._watch(params["sessionId"])
            case "Network.requestWillBeSent":
                self.requests.append(params["request"]["url"])
            case "Network.webSocketCreated":
                self.requests.append(params["url"])
            case "Runtime.exceptionThrown":
                self.problems.append(json.dumps(params["exceptionDetails"]))
            case "Runtime.consoleAPICalled" if params["type"] in {"error", "warning", "assert"}:
                self.problems.append(json.dumps(params["args"]))
            case "Log.entryAdded" if params["entry"]["level"] in {"error", "warning"}:
                self.problems.append(json.dumps(params["entry"]))


def find_chromium() -> str:
    """Where the browser is; without one the test is skipped, or fails with KB_REQUIRE_BROWSER=1."""
    named = os.environ.get("KB_TEST_BROWSER", "")
    program = next(filter(None, map(shutil.which, (named, "chromium", "chromium-browser"))), None)
    if program is None:
        reason = (
            "NO BROWSER: GraphiQL was not tried. Install Debian's chromium "
            "(apt-get install chromium) or name a browser in KB_TEST_BROWSER."
        )
        if os.environ.get("KB_REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return program


@contextmanager
def open_browser() -> Iterator[Page]:
    """A browser with an empty profile, for one test.

    Without Chromium the test is skipped, or fails when KB_REQUIRE_BROWSER=1.
    """
    chromium = find_chromium()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = subprocess.Popen(
            [
                chromium,
                *FLAGS,
                f"--user-data-dir={profile}",
                "about:blank",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            with connect(_page_address(Path(profile)), max_size=None) as connection:
                yield Page(connection)
        finally:
            process.terminate()
            process.wait(TIMEOUT)


def _page_address(profile: Path) -> str:
    port_file = profile / "DevToolsActivePort"
    end = time.monotonic() + TIMEOUT
    while time.monotonic() < end:
        if port_file.exists() and (lines := port_file.read_text().splitlines()):
            targets = httpx.get(f"http://127.0.0.1:{lines[0]}/json/list", trust_env=False).json()
            for target in targets:
                if target["type"] == "page":
                    return str(target["webSocketDebuggerUrl"])
        time.sleep(0.1)
    raise AssertionError("chromium did not start")
