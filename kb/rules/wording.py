"""How a statement of the rulebook is said for one country."""

from __future__ import annotations

from typing import TypedDict

from kb.rules.evidence import Citation, Explained
from kb.rules.facts import Layers
from kb.rules.rulebook import Rulebook


class ExplainedParts(TypedDict):
    """The three fields of every outcome, ready to be passed on."""

    because: str
    text: str
    citations: tuple[Citation, ...]


class Wording:
    """Looks statements up by code and fills in the country's name and first day held."""

    def __init__(self, rulebook: Rulebook, country: str, layers: Layers) -> None:
        self._statements = rulebook.statements
        self.country_name = rulebook.country_names.get(country, country)
        days = [f.valid_from for f in rulebook.countries.get(country, ()) if f.layer in layers]
        self._first_day = min(days).isoformat() if days else ""

    def fill(self, text: str) -> str:
        """Put the country's name and first day into a text."""
        return text.replace("{country}", self.country_name).replace("{first_day}", self._first_day)

    def parts(self, code: str) -> ExplainedParts:
        """The statement as keyword arguments of an outcome."""
        statement = self._statements[code]
        return {
            "because": code,
            "text": self.fill(statement.text),
            "citations": statement.citations,
        }

    def say(self, code: str) -> Explained:
        """The statement by itself."""
        return Explained(**self.parts(code))
