"""What a question tells of the facility: facts that decide which passages can answer it.

"We are not in Better Work" turns most answers into wrong ones. Such facts are read by the phrases
of `kb.content.asking.ProfileFact` and used as those of a profile are: as inputs of conditions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from kb.content.asking import ProfileFact
from kb.rules.rulebook import Condition
from kb.search.normalise import cleaned, terms, words

# A star: up to three words, none of which turns the meaning round.
_GAP: Final = r"(?: (?!(?:not|no|never|khong|chua|tidak|bukan|belum|na|nai|nei|না|নেই|নয়) )\S+){0,3}"
_SHORTENED: Final = tuple(
    (re.compile(rf"['\u2019]{short}\b", re.IGNORECASE), f" {whole}")
    for short, whole in (("re", "are"), ("ve", "have"), ("m", "am"), ("ll", "will"))
)


@dataclass(frozen=True, slots=True)
class ReadFact:
    """A fact by its name in the content, with the input of the rules and its value."""

    name: str
    input: str
    value: str


class FactReader:
    """Reads the facts that questions in one language tell, English phrases among them."""

    def __init__(self, facts: Mapping[str, ProfileFact], locale: str) -> None:
        self._locale = locale
        self._patterns = [
            (self._pattern(phrase), ReadFact(name, fact.input, fact.value))
            for name, fact in facts.items()
            for of in dict.fromkeys((locale, "en"))
            for phrase in fact.phrases.get(of, ())
        ]

    def read(self, question: str) -> tuple[ReadFact, ...]:
        """The facts told; where two phrases overlap the longer one counts.

        An input of which a question tells two values is left open.
        """
        said = self._said(question)
        found = sorted(
            (
                (match.end() - match.start(), match.span(), fact)
                for pattern, fact in self._patterns
                for match in [pattern.search(said)]
                if match
            ),
            key=lambda match: (-match[0], match[2].name),
        )
        kept: list[tuple[tuple[int, int], ReadFact]] = []
        for _, span, fact in found:
            overlaps = any(
                span[0] < other[1] and other[0] < span[1] and fact.input == of.input
                for other, of in kept
            )
            if not overlaps:
                kept.append((span, fact))
        values: dict[str, set[str]] = {}
        for _, fact in kept:
            values.setdefault(fact.input, set()).add(fact.value)
        certain_facts = {fact.input: fact for _, fact in kept if len(values[fact.input]) == 1}
        return tuple(certain_facts[name] for name in sorted(certain_facts))

    def _said(self, text: str) -> str:
        """The text as stems with a blank on both sides."""
        for short, whole in _SHORTENED:
            text = short.sub(whole, text)
        said = " ".join(terms(words(cleaned(text)), self._locale))
        return f" {said} "

    def _pattern(self, phrase: str) -> re.Pattern[str]:
        """A phrase as it is found; a star in it stands for up to three words."""
        parts = [re.escape(self._said(part).strip()) for part in phrase.split("*")]
        return re.compile(f"(?<= ){f'{_GAP} '.join(parts)}(?= )")


def inputs_of(facts: Iterable[ReadFact]) -> dict[str, str]:
    """Facts as inputs of conditions."""
    return {fact.input: fact.value for fact in facts}


def contradicted(alternatives: tuple[Condition, ...], known: Mapping[str, str]) -> bool:
    """Whether none of the alternatives can hold, whatever the inputs that are not known."""
    return bool(alternatives) and all(
        any(name in known and known[name] not in accepted for name, accepted in condition.items())
        for condition in alternatives
    )


def certain(alternatives: tuple[Condition, ...], known: Mapping[str, str]) -> bool:
    """Whether one of the alternatives holds by what is known alone."""
    return any(
        bool(condition)
        and all(name in known and known[name] in accepted for name, accepted in condition.items())
        for condition in alternatives
    )
