"""What a question tells of the facility: facts that decide which passages can answer it.

"We are not in Better Work" turns most answers into wrong ones. Such facts are read by the phrases
of `kb.content.asking.ProfileFact` and used as those of a profile are: as inputs of conditions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import accumulate
from typing import Final, NamedTuple

from kb.content.asking import ProfileFact
from kb.rules.rulebook import Condition
from kb.search.locales import is_small
from kb.search.negation import says_no
from kb.search.normalise import cleaned, terms, word_set, words
from kb.search.wishes import wished

# What others may not do tells nothing of a facility: "verifiers can't work in Better Work".
_OTHERS: Final = word_set(
    "verifier verifiers brand brands buyer buyers auditor auditors host hosts audit audits "
    "verifikator pembeli ভেরিফায়ার অডিট ব্র্যান্ড ক্রেতা"
)
_FACILITY: Final = "facility"
_WISH: Final = "wishes_to_share"
_CLAUSE_ENDS: Final = re.compile(r"[,;:!?\u0964\n]+|\.(?=\s|$)")
# A star: up to three words, none of which turns the meaning round.
_GAP: Final = r"(?: (?!(?:not|no|never|khong|chua|tidak|bukan|belum|na|nai|nei|না|নেই|নয়) )\S+){0,3}"
_MARKS: Final = re.compile("[*/()]")
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


class _Phrase(NamedTuple):
    """A phrase that tells a fact: how it is found, its own stems, and the fact.

    `has_gaps` tells whether words may stand between its own, and `is_a_state` whether somebody may
    wish for it; what is not so, and wishes, are told.
    """

    pattern: re.Pattern[str]
    own: frozenset[str]
    has_gaps: bool
    fact: ReadFact
    is_a_state: bool


class FactReader:
    """Reads the facts that questions in one language tell, English phrases among them."""

    def __init__(self, facts: Mapping[str, ProfileFact], locale: str) -> None:
        self._locale = locale
        self._others = {*terms(_OTHERS, locale)}
        self._phrases = [
            _Phrase(
                self._pattern(phrase),
                frozenset(self._stems(_words(_MARKS.sub(" ", phrase))).split()),
                "*" in phrase,
                ReadFact(name, fact.input, fact.value),
                fact.input != _WISH and not says_no(phrase),
            )
            for name, fact in facts.items()
            for of in dict.fromkeys((locale, "en"))
            for phrase in fact.phrases.get(of, ())
        ]

    def read(self, question: str) -> tuple[ReadFact, ...]:
        """The facts told; where two phrases overlap the longer one counts.

        An input of which a question tells two values is left open.
        """
        clauses = [_words(clause) for clause in _CLAUSE_ENDS.split(question)]
        typed = [word for clause in clauses for word in clause]
        begins = [0, *accumulate(map(len, clauses))]
        said = self._stems(typed)
        found = sorted(
            (
                (match.end() - match.start(), match.span(), fact)
                for pattern, own, has_gaps, fact, is_a_state in self._phrases
                for match in [pattern.search(said)]
                if match
                and not (has_gaps and self._is_of_others(match, own))
                and not (is_a_state and _is_wished(match, typed, begins))
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

    def _is_of_others(self, match: re.Match[str], own: Set[str]) -> bool:
        """Whether a phrase found in parts tells of others, as "no audit in Better Work plants"."""
        said = match.group().split()
        near = [*match.string[: match.start()].split()[-2:], *said]
        last = [*said[-1:], *match.string[match.end() :].split()[:1]]
        between = [word for word in said if len(word) > 1 and word not in own]
        of_a_place = _FACILITY in last and not all(map(is_small, between))
        return of_a_place or not self._others.isdisjoint(near)

    def _stems(self, said: Sequence[str]) -> str:
        """Words as stems with a blank on both sides."""
        return f" {' '.join(terms(said, self._locale))} "

    def _pattern(self, phrase: str) -> re.Pattern[str]:
        """A phrase as it is found.

        A star in it stands for up to three words, and parentheses hold ways to say the same.
        """
        parts = (self._part(part) for part in phrase.split("*"))
        return re.compile(f"(?<= ){f'{_GAP} '.join(parts)}(?= )")

    def _part(self, part: str) -> str:
        """A part of a phrase between stars as a pattern: plain words, then ways, and so on."""
        found: list[str] = []
        for place, text in enumerate(re.split("[()]", part)):
            ways = text.split("/") if place % 2 else [text]
            stems = [re.escape(self._stems(_words(way)).strip()) for way in ways]
            if any(stems):
                found.append(f"(?:{'|'.join(stems)})" if place % 2 else stems[0])
        return " ".join(found)


def _words(text: str) -> list[str]:
    for short, whole in _SHORTENED:
        text = short.sub(whole, text)
    return words(cleaned(text))


def _is_wished(match: re.Match[str], typed: Sequence[str], begins: Sequence[int]) -> bool:
    """Whether a phrase found in the stems of `typed` is wished for in the clause it begins in."""
    first = match.string.count(" ", 0, match.start()) - 1
    begin = max(place for place in begins if place <= first)
    length = 1 + match.group().count(" ")
    return wished(typed[begin:], first - begin, first - begin + length)


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
