"""The index of one language: every FAQ and every topic that is not covered, ranked for a question.

Three scores, each between 0 and about 1, are added with fixed weights: BM25 over all of an entry's
text; the likeness in words to the best single phrasing or passage; and the likeness in groups of
letters to the best one, which forgives spelling. An index of another language holds the English
texts as well, because people mix the languages.
"""

from __future__ import annotations

import json
import math
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import accumulate, pairwise
from typing import Final

import numpy

from kb.search.normalise import cleaned, raw_words, replaced, terms, words
from kb.search.postings import POSTINGS_PARTS, Array, Postings
from kb.search.spelling import Speller

Parts = Mapping[str, Array]
"""Arrays by name: the numbers of an index. Texts are arrays of their UTF-8 bytes."""

# How the scores count. Chosen on training questions of authors that the head had not learnt.
WEIGHT_BM25: Final = 0.28
WEIGHT_WORDS: Final = 0.14
WEIGHT_LETTERS: Final = 0.14
WEIGHT_MEANING: Final = 0.2
"""What the optional likeness of meaning adds."""

WEIGHT_HEAD: Final = 0.73
"""What the square root of the probability by the trained head adds."""

BM25_K1: Final = 1.0
"""How soon saying a word more often stops to count."""

MOST_RANKED: Final = 30
"""Entries of each sort, FAQs and topics, that a ranking holds."""

_LEAST_CHANCE: Final = 0.02
_SYNONYM_WEIGHT: Final = 0.4
# Postings of letter groups that one question may walk through, the rarest groups first: this bounds
# the time of a question whatever the size of the knowledge base.
_MOST_LETTER_POSTINGS: Final = 2_500
_MOST_WORD_POSTINGS: Final = 2_000


class UnitKind(StrEnum):
    """What a text of an entry is."""

    QUESTION = "QUESTION"
    PHRASING = "PHRASING"
    PASSAGE = "PASSAGE"


@dataclass(frozen=True, slots=True)
class Unit:
    """One text of an entry; `passage` is the id of the passage it is or asks for, if any.

    `lead` is how the answer to it begins, in its own language.
    """

    text: str
    kind: UnitKind
    passage: str | None = None
    lead: str | None = None


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """A FAQ (its number is the key) or a topic that is not covered, with its texts."""

    key: int | str
    units: tuple[Unit, ...]


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of a question in its order, as stems and as words."""

    stems: Sequence[str]
    words: Sequence[str]


@dataclass(frozen=True, slots=True)
class Query:
    """A question as it is compared: terms and letter groups with their weights.

    `pairs` are two neighbouring terms; `synonyms` are terms that the question does not say but may
    mean, at a low weight; `corrections` are words that were read as others. `stems` and `words` are
    in the order of the question; `earlier` are those of the question before that it carries on.
    """

    stems: Sequence[str]
    words: Sequence[str]
    terms: Mapping[str, float]
    pairs: Mapping[str, float]
    synonyms: Mapping[str, float]
    letters: Mapping[str, float]
    corrections: tuple[tuple[str, str], ...]
    earlier: Tokens | None = None

    def with_words_of(self, other: Query) -> Query:
        """The query with what another says added; its own words keep their weight and order."""
        return replace(
            self,
            terms={**other.terms, **self.terms},
            pairs={**other.pairs, **self.pairs},
            synonyms={**other.synonyms, **self.synonyms},
            letters={**other.letters, **self.letters},
        )

    def after(self, previous: Query) -> Query:
        """The query as one that carries on a previous one."""
        return replace(self.with_words_of(previous), earlier=Tokens(previous.stems, previous.words))


@dataclass(frozen=True, slots=True)
class Ranked:
    """An entry with its score and what made it; `unit` is its text most like the query.

    `stems` are those of that text. `place` is that of the entry in the index; `bm25`, `words` and
    `letters` are the three scores, `chance` is the probability by the trained head. `carried` is
    the part of the score for carrying on with the question before.
    """

    place: int
    key: int | str
    score: float
    bm25: float
    words: float
    letters: float
    chance: float
    unit: Unit
    stems: Sequence[str]
    carried: float = 0.0

    @property
    def likeness(self) -> float:
        """Its likeness to the query by words and letters alone."""
        return WEIGHT_BM25 * self.bm25 + WEIGHT_WORDS * self.words + WEIGHT_LETTERS * self.letters


class LanguageIndex:
    """The index of one language; only read. `made` is what `kb.search.building` makes of it."""

    def __init__(self, locale: str, entries: Sequence[IndexEntry], made: Parts) -> None:
        self.locale = locale
        self.entries = tuple(entries)
        self.units = [unit for entry in self.entries for unit in entry.units]
        counts = [len(entry.units) for entry in self.entries]
        self._first_unit = list(accumulate(counts, initial=0))
        self._entry_of = numpy.repeat(numpy.arange(len(counts)), counts)
        self._places = {entry.key: place for place, entry in enumerate(self.entries)}
        self._stems = made["stems"].tobytes()
        self._first_stem = _starts_of_lines(made["stems"])
        self._words, self._letters = (
            Postings(**{name: made[f"{of}.{name}"] for name in POSTINGS_PARTS})
            for of in ("words", "letters")
        )
        self._row = {term: row for row, term in enumerate(_lines(made["terms"])) if term}
        self._starts = array("I", made["bm25.starts"].tolist())
        self._used_in, self._shares = made["bm25.entries"], made["bm25.shares"]
        self._idf = array(
            "d", [rarity(len(counts), end - at) for at, end in pairwise(self._starts)]
        )
        self._idf_unknown = rarity(len(counts), 1)
        self.speller = Speller(json.loads(made["spelling"].tobytes()))
        self._synonyms: dict[str, list[str]] = json.loads(made["synonyms"].tobytes())

    def read(self, text: str, weight: float = 1.0) -> Query:
        """A question as this index compares it."""
        corrections: list[tuple[str, str]] = []
        raw = cleaned(text)
        for word in dict.fromkeys(raw_words(raw)):
            better = self.speller.corrected(word)
            if better is not None:
                corrections.append((word, better))
        if corrections:
            instead = dict(corrections)
            raw = replaced(raw, instead)
        tokens = words(raw)
        stems = terms(tokens, self.locale)
        own = dict.fromkeys(stems, weight)
        pairs = dict.fromkeys(pairs_of(stems), weight)
        synonyms: dict[str, float] = {}
        for length in (3, 2, 1):
            for start in range(len(stems) - length + 1):
                for also in self._synonyms.get(" ".join(stems[start : start + length]), ()):
                    if also not in own:
                        synonyms[also] = _SYNONYM_WEIGHT * weight
        letters = {group: count * weight for group, count in Counter(letter_groups(tokens)).items()}
        return Query(stems, tokens, own, pairs, synonyms, letters, tuple(corrections))

    def idf(self, term: str) -> float:
        """How telling a term is; a term that is never used counts as one used once."""
        row = self._row.get(term)
        return self._idf_unknown if row is None else self._idf[row]

    def knows(self, term: str) -> bool:
        """Whether any entry uses the term."""
        return term in self._row

    def texts(self) -> Iterable[tuple[int, str]]:
        """Every text with the place of its entry."""
        return zip(self._entry_of.tolist(), (unit.text for unit in self.units), strict=True)

    def passages(self, key: int | str) -> dict[str, list[str]]:
        """The ids of the passages of an entry with their stems, in all languages it holds."""
        place = self._places[key]
        stems: dict[str, list[str]] = {}
        for number in range(*self._first_unit[place : place + 2]):
            unit = self.units[number]
            if unit.kind is UnitKind.PASSAGE and unit.passage is not None:
                stems.setdefault(unit.passage, []).extend(self._stems_of(number))
        return stems

    def rank(
        self,
        query: Query,
        chances: Mapping[int | str, float],
        meaning: Mapping[int, float] | None = None,
    ) -> list[Ranked]:
        """The entries that have most in common with the query, best first.

        At most `MOST_RANKED` FAQs and as many topics. `chances` are the probabilities by the
        trained head; `meaning` is the likeness of meaning of entries by their place, if known.
        """
        best_words = self._best_units(
            {**query.synonyms, **query.terms, **query.pairs},
            self._words,
            _MOST_WORD_POSTINGS,
        )
        best_letters = self._best_units(query.letters, self._letters, _MOST_LETTER_POSTINGS)
        bm25 = self._bm25_of(query)
        nothing = (0.0, -1)
        scores: list[tuple[float, int]] = []
        meaning = meaning or {}
        likely = {self._places[key] for key, chance in chances.items() if chance >= _LEAST_CHANCE}
        for place in (
            bm25.keys() | best_words.keys() | best_letters.keys() | meaning.keys() | likely
        ):
            chance = chances.get(self.entries[place].key, 0.0)
            score = (
                WEIGHT_HEAD * math.sqrt(chance)
                + WEIGHT_BM25 * bm25.get(place, 0.0)
                + WEIGHT_WORDS * best_words.get(place, nothing)[0]
                + WEIGHT_LETTERS * best_letters.get(place, nothing)[0]
                + WEIGHT_MEANING * meaning.get(place, 0.0)
            )
            scores.append((-round(score, 9), place))
        scores.sort()
        ranked: list[Ranked] = []
        left = {True: MOST_RANKED, False: MOST_RANKED}
        for minus, place in scores:
            key = self.entries[place].key
            if not left[isinstance(key, int)]:
                continue
            left[isinstance(key, int)] -= 1
            of_words, word_unit = best_words.get(place, nothing)
            of_letters, letter_unit = best_letters.get(place, nothing)
            unit = letter_unit if of_letters > of_words else word_unit
            unit = unit if unit >= 0 else max(word_unit, letter_unit, self._first_unit[place])
            ranked.append(
                Ranked(
                    place,
                    key,
                    -minus,
                    bm25.get(place, 0.0),
                    of_words,
                    of_letters,
                    chances.get(key, 0.0),
                    self.units[unit],
                    self._stems_of(unit),
                )
            )
        return ranked

    def matched(self, query: Query, place: int) -> list[str]:
        """The query's terms, and the words they stand for, that an entry uses."""
        used_in = ((term, self._entries_with(term)) for term in (*query.terms, *query.synonyms))
        return [term for term, entries in used_in if place in entries]

    def _stems_of(self, unit: int) -> list[str]:
        """The stems of a text; kept as bytes, of which a fifth of the memory of texts is enough."""
        line: bytes = self._stems[slice(*self._first_stem[unit : unit + 2])]
        return line.decode().split()

    def _best_units(
        self, features: Mapping[str, float], postings: Postings, most: int
    ) -> dict[int, tuple[float, int]]:
        """Entry to its best unit: the cosine of the unit to the query, and the unit's number."""
        units, cosines = postings.most_alike(features, self._idf_unknown, most)
        entries = self._entry_of[units]
        order = numpy.lexsort((units, -cosines, entries))
        places, first = numpy.unique(entries[order], return_index=True)
        best = order[first]
        likeness = zip(cosines[best].tolist(), units[best].tolist(), strict=True)
        return dict(zip(places.tolist(), likeness, strict=True))

    def _bm25_of(self, query: Query) -> dict[int, float]:
        """Entry to BM25, as a share of what an entry that says every word could reach."""
        scores: dict[int, float] = defaultdict(float)
        reachable = 0.0
        for term, weight in query.terms.items():
            reachable += weight * self.idf(term) * (BM25_K1 + 1)
        for term, weight in (*query.terms.items(), *query.synonyms.items()):
            shares = self._shares[self._postings_of(term)].tolist()
            for place, share in zip(self._entries_with(term), shares, strict=True):
                scores[place] += weight * share
        return {place: score / reachable for place, score in scores.items()} if reachable else {}

    def _entries_with(self, term: str) -> list[int]:
        """The places of the entries that use a term."""
        places: list[int] = self._used_in[self._postings_of(term)].tolist()
        return places

    def _postings_of(self, term: str) -> slice:
        row = self._row.get(term)
        return slice(0) if row is None else slice(*self._starts[row : row + 2])


def letter_groups(tokens: Iterable[str]) -> list[str]:
    """Groups of three and four neighbouring letters within each word, its edges marked."""
    groups: list[str] = []
    for word in tokens:
        edged = f" {word} "
        for length in (3, 4):
            groups += [edged[at : at + length] for at in range(len(edged) - length + 1)]
    return groups


def pairs_of(stems: Sequence[str]) -> list[str]:
    """Every two neighbouring stems as one text."""
    return [f"{first} {second}" for first, second in pairwise(stems)]


def rarity(entries: int, used_by: int) -> float:
    """The weight of a term that `used_by` of the entries use; rare terms tell more (BM25's IDF)."""
    return math.log(1 + (max(1, entries) - used_by + 0.5) / (used_by + 0.5))


def _lines(text: Array) -> list[str]:
    """The lines of a text that is kept as bytes."""
    lines: list[str] = text.tobytes().decode().split("\n")
    return lines


def _starts_of_lines(text: Array) -> array[int]:
    """Where each line of it begins, and where one after the last would."""
    ends = numpy.flatnonzero(text == ord("\n"))
    return array("I", [0, *(ends + 1).tolist(), len(text)])
