"""Every text of the pages is there in every language of the pages."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

import graphql_schema
from graphql_schema.web.pages import PAGES

PACKAGE = Path(graphql_schema.__file__).parent
FILES = PACKAGE / "static" / "pages"
STRING = r"'((?:[^'\\]|\\.)*)'"


class Texts(HTMLParser):
    """The texts of a page, in the order in which they stand there."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in {"meta", "link", "img", "input"}:
            self.inside.append(tag)
        for name, value in attrs:
            if name in {"aria-label", "placeholder"}:
                self.add(value or "")

    def handle_endtag(self, tag: str) -> None:
        self.inside.remove(tag)

    def handle_data(self, data: str) -> None:
        if not {"code", "noscript", "title"} & set(self.inside):
            self.add(data)

    def add(self, text: str) -> None:
        if re.search(r"[A-Za-z]", text):
            self.texts.append(" ".join(text.split()))


def texts_of_pages() -> set[str]:
    titles = {part for _, title in PAGES.values() for part in title.split(" · ")}
    for path in (PACKAGE / "web" / "html").glob("*.html"):
        if path.name == "docs.html":  # the documentation is in English alone
            continue
        parser = Texts()
        parser.feed(re.sub(r"\$\w+", "", path.read_text(encoding="utf-8")))
        titles |= set(parser.texts)
    for path in FILES.glob("*.js"):
        script = path.read_text(encoding="utf-8")
        for call in re.findall(rf"(?<![\w.])(?:t|translate)\(((?:{STRING}|[^(){{}}'])*)", script):
            titles |= set(re.findall(STRING, call[0]))
        if path.name in WORDS:
            titles |= set(re.findall(rf"^  +\w+: \[?{STRING}", script, re.MULTILINE))
            titles |= set(re.findall(rf": \[{STRING}", script))
    return titles - NAMES - LANGUAGES


WORDS = {"words.js", "helpdesk-views.js", "helpdesk-queue.js"}
NAMES = {
    "API",
    "Better Work",
    "Better Work \u00d7 SLCP",
    "GraphiQL",
    "PK, KH",
    "SLCP",
    "Verifier Body",
}
LANGUAGES = {"English", "Tiếng Việt", "Bahasa Indonesia"}


@pytest.mark.parametrize("language", ["vi", "id", "bn"])
def test_every_text_has_its_translation_with_the_same_places(language: str) -> None:
    catalogue = json.loads((FILES / "texts" / f"{language}.json").read_text(encoding="utf-8"))
    texts: dict[str, str] = catalogue["texts"]
    assert catalogue["reviewed"] is False
    assert set(texts) == texts_of_pages()
    places = re.compile(r"\{\w+\}")
    other = [
        text
        for text, there in texts.items()
        if sorted(places.findall(text)) != sorted(places.findall(there))
    ]
    assert other == []


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("SLCP_VERIFIED", ["SLCP-verified, once verified"]),  # whether it is, nobody records
        ("COUNTRY_NOT_ROLLED_OUT", ["No sign-off known"]),
        ("COUNTRY_UNKNOWN", ["Not known for the country"]),
        # First Better Work sends the data to the Gateway.
        ("SHAREABLE_NOW", ["Shared, or can be shared", "Can be shared"]),
    ],
)
def test_what_a_chart_counts_is_not_said_to_be_more_than_is_known(
    value: str, words: list[str]
) -> None:
    script = (FILES / "words.js").read_text(encoding="utf-8")
    assert re.findall(rf"^ +{value}: \[{STRING}", script, re.MULTILINE) == words
