"""The helpdesk's page in a browser, and what a test looks at in it."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import httpx
from browser import Page

from tests.pages.site import Site

SHOWN = "document.querySelector('#shown').innerText"
NOTICE = "document.querySelector('#notice').innerText"
ABOUT = "document.querySelector('#about').innerText"
BOX = "document.querySelector('#box').value"
FIRST = "For a start"


class Desk:
    """The page in a browser."""

    def __init__(self, page: Page, site: Site) -> None:
        self.page = page
        self.address = f"{site.url}/helpdesk"

    def sign_in(self, token: str | None) -> None:
        """Open the page anew, with this token in the tab."""
        self.page.open(f"{self.address}?{datetime.now(UTC).timestamp()}")
        self.page.wait_for("document.querySelector('#who button') !== null")
        kept = f"setItem('knowledge-api:token', '{token}')" if token else "clear()"
        self.page.evaluate(f"sessionStorage.{kept}")
        self.page.reload()
        self.page.wait_for("document.querySelector('#who button') !== null")

    def find(self, text: str) -> None:
        self.page.evaluate("(b => { b.value = ''; b.focus(); })(document.querySelector('#box'))")
        self.page.call("Input.insertText", text=text)
        self.page.enter()

    def link(self, hash_: str) -> None:
        self.page.evaluate(f"location.hash = {json.dumps(hash_)}")

    def sees(self, text: str, where: str = SHOWN) -> None:
        self.page.wait_for(f"{where}.includes({json.dumps(text)})")

    def press(self, label: str, within: str = "document") -> None:
        buttons = f"[...{within}.querySelectorAll('button')]"
        named = f"{buttons}.find((each) => each.textContent.trim() === {json.dumps(label)})"
        self.page.wait_for(f"{named} !== undefined")
        self.page.evaluate(f"{named}.click()")

    def close(self, entry: str) -> None:
        """Close a question of the queue, having thought better of it once."""
        self.page.evaluate(
            "(choice => { choice.value = 'NOT_COVERED';"
            f" choice.dispatchEvent(new Event('change')); }})({entry}.querySelector('select'))"
        )
        self.press("Close", entry)
        self.press("Cancel", entry)
        self.press("Close", entry)
        self.press("Close it for everybody", entry)
        self.page.wait_for(f"{entry} === undefined")


def changed(site: Site, token: str, name: str, kind: str, values: dict[str, str]) -> str:
    """Make a change by the API; gives the name of what it answers."""
    query = f"mutation ($input: {kind}!) {{ {name}(input: $input) {{ __typename }} }}"
    answer = httpx.post(
        f"{site.url}/graphql",
        headers={"Authorization": f"Bearer {token}"},
        json={"query": query, "variables": {"input": values}},
        trust_env=False,
    ).json()
    assert "errors" not in answer, answer
    return str(answer["data"][name]["__typename"])


def copied(desk: Desk) -> dict[str, str]:
    """What "Copy as e-mail" puts on the clipboard: by type, as text."""
    desk.press("Copy as e-mail")
    desk.sees("Copied")
    values: dict[str, str] = desk.page.evaluate(
        "navigator.clipboard.read().then(async ([item]) => Object.fromEntries(await Promise.all("
        "item.types.map(async (type) => [type, await (await item.getType(type)).text()]))))"
    )
    return values
