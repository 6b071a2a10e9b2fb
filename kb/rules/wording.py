"""How a statement of the rulebook is said for one country, and an answer in another language."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from functools import cache, lru_cache
from typing import Any, Final, TypedDict, TypeVar, cast

from kb.rules.evidence import Citation, Explained, Sentence, Words
from kb.rules.facts import DatedFact, Layers, as_dated
from kb.rules.inputs import CountryKind
from kb.rules.rulebook import Rulebook

Outcome = TypeVar("Outcome")

_NAMES: Final = ("title", "name", "guard", "asks")
"""Fields of outcomes that are texts themselves, or lists of texts."""


_WORDLESS: Final = ("citations", "trace")
"""Fields of outcomes that hold many parts, none of which says anything."""


class ExplainedParts(TypedDict):
    """The fields of every outcome, ready to be passed on."""

    because: str
    text: str
    sentence: Sentence
    citations: tuple[Citation, ...]


class Wording:
    """Looks statements up by code and fills in the country's name and first day held."""

    def __init__(
        self,
        rulebook: Rulebook,
        country: str,
        layers: Layers,
        fact: DatedFact[CountryKind] | None = None,
    ) -> None:
        self._statements = rulebook.statements
        self._of_country = fact.citations if fact else ()
        self.country = country
        self.country_name = rulebook.country_names.get(country, country)
        facts = [fact for fact in rulebook.countries.get(country, ()) if fact.layer in layers]
        first = min(facts, key=lambda fact: fact.valid_from, default=None)
        self._values = {
            "country": self.country_name,
            "first_day": as_dated(first.valid_from, first.precision) if first else "",
        }

    def parts(self, code: str) -> ExplainedParts:
        """The statement as keyword arguments of an outcome."""
        statement = self._statements[code]
        cited = (*(self._of_country if statement.cites_country else ()), *statement.citations)
        return self.filled(code, statement.text, cited)

    def filled(self, code: str, template: str, citations: tuple[Citation, ...]) -> ExplainedParts:
        """A text that is no statement as keyword arguments of an outcome."""
        values = (item for item in self._values.items() if f"{{{item[0]}}}" in template)
        sentence, text = _in_english(template, tuple(values))
        return {
            "because": code,
            "text": text,
            "sentence": sentence,
            "citations": citations,
        }

    def say(self, code: str) -> Explained:
        """The statement by itself."""
        return Explained(**self.parts(code))


@lru_cache(maxsize=5_000)
def _in_english(template: str, values: tuple[tuple[str, str], ...]) -> tuple[Sentence, str]:
    """A sentence and its text; decisions have most of them in common, as the same objects."""
    sentence = Sentence(template, dict(values))
    return sentence, sentence.in_words({})


def in_words(outcome: Outcome, words: Words) -> Outcome:
    """An outcome with all that it says, and all that its parts say, in other words."""
    if not words:
        return outcome
    if isinstance(outcome, tuple):
        parts = tuple(in_words(part, words) for part in outcome)
        is_same = all(part is before for part, before in zip(parts, outcome, strict=True))
        return outcome if is_same else cast(Outcome, parts)
    changed: dict[str, Any] = {}
    kind: type = type(outcome)
    for name in _field_names(kind):
        value = getattr(outcome, name)
        if name in _NAMES:
            translated = _in_words(value, words)
        elif isinstance(value, Explained | tuple):
            translated = in_words(value, words)
        else:
            continue
        if translated is not value:
            changed[name] = translated
    if isinstance(outcome, Explained):
        changed["text"] = outcome.sentence.in_words(words)
    return cast(Outcome, replace(cast(Any, outcome), **changed)) if changed else outcome


@cache
def _field_names(kind: type) -> tuple[str, ...]:
    all_fields = fields(kind) if is_dataclass(kind) else ()
    return tuple(field.name for field in all_fields if field.name not in _WORDLESS)


def _in_words(value: Any, words: Words) -> Any:
    if isinstance(value, tuple):
        return tuple(words.get(text, text) for text in value)
    return words.get(value, value)
