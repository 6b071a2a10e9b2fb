"""The dashboard, as somebody uses it in a browser, and the API beside it."""

from __future__ import annotations

import json
from typing import Any

import httpx
from browser import Page

from kb.rules.roles import Role
from kb.services.access.matrix import Viewer
from tests.pages.site import Site

ROWS = "document.querySelectorAll('#rows tbody tr')"
READY = (
    "document.readyState === 'complete'"
    " && document.querySelector('#rows').getAttribute('aria-busy') === 'false'"
    " && !document.querySelector('#charts').hasAttribute('aria-busy')"
    " && !document.querySelector('#board').hidden"
)
HOSTILE = "<img src=x onerror=\"window.ran = 'name'\"> [press](javascript:window.ran='link')"


class Board:
    """The dashboard, as somebody uses it."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url

    def open(self, token: str | None, address: str = "") -> None:
        self.page.open(f"{self.url}/dashboard")
        self.page.wait_for(f"location.href === '{self.url}/dashboard'")
        self.page.evaluate(
            "sessionStorage.clear()"
            if token is None
            else f"sessionStorage.setItem('knowledge-api:token', {json.dumps(token)})"
        )
        self.page.evaluate("globalThis.stale = true")
        self.page.open(f"{self.url}/dashboard{address}")
        self.page.wait_for("globalThis.stale === undefined && document.readyState === 'complete'")
        if token is not None:
            self.wait()

    def wait(self) -> None:
        self.page.wait_for(READY)

    def sign_in(self, token: str) -> None:
        self.page.wait_for("document.querySelector('#sign-in').open")
        self.page.evaluate("document.querySelector('#token').focus()")
        self.page.call("Input.insertText", text=token)
        self.page.evaluate("document.querySelector('#sign-in button[value=in]').click()")
        self.wait()

    def press(self, chart: str, bar: str) -> None:
        """Press a bar, and wait until the table shows what it stands for."""
        bars = "[...document.querySelectorAll('.chart button')]"
        is_it = (
            f"one.closest('.chart').querySelector('h3').textContent === '{chart}'"
            f" && one.firstChild.textContent === '{bar}'"
        )
        self.page.evaluate(f"{bars}.find((one) => {is_it}).click()")
        self.page.wait_for(f"{bars}.find((one) => {is_it})?.ariaPressed === 'true' && {READY}")

    def bring_in(self, content: bytes, name: str = "list.csv") -> None:
        """Import a file into the list of suppliers."""
        self.page.evaluate(
            "(() => {"
            "document.querySelector('#import').click();"
            "const given = new DataTransfer();"
            f"given.items.add(new File([new Uint8Array({list(content)})], {json.dumps(name)}));"
            "document.querySelector('#list').files = given.files;"
            "document.querySelector('#import-now').click();"
            "})()"
        )

    def exported(self) -> str:
        """What the page gives as a file."""
        self.page.evaluate(
            "URL.createObjectURL = (blob) => { globalThis.given = blob.text(); return '#'; };"
            "document.querySelector('#export').click()"
        )
        self.page.wait_for("globalThis.given !== undefined")
        # Text of a Blob is without its mark.
        return f"\ufeff{self.page.evaluate('globalThis.given')}"

    def text(self, selector: str) -> str:
        return str(self.page.evaluate(f"document.querySelector('{selector}').innerText"))


def ask(url: str, token: str, query: str, **variables: Any) -> Any:
    answer = httpx.post(
        f"{url}/graphql",
        json={"query": query, "variables": variables},
        headers={"Authorization": f"Bearer {token}"},
        trust_env=False,
    ).json()
    assert "errors" not in answer, answer
    return answer["data"]


def register(site: Site, name: str) -> None:
    """Make a facility by the API, which everybody who sees it is told of."""
    ask(
        site.url,
        site.token(Viewer(Role.PROGRAMME_OFFICER, countries=("VN",))),
        "mutation ($input: FacilityRegisterInput!) {"
        " facilityRegister(input: $input) { __typename } }",
        input={"name": name, "country": "VN"},
    )
