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
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from itertools import accumulate, compress, pairwise
from typing import Final, NamedTuple

import numpy

from kb.search.normalise import cleaned, raw_words, replaced, terms, words
from kb.search.postings import POSTINGS_PARTS, Array, Postings
from kb.search.shorthand import written_out
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
_LEAST_APART: Final = 2e-9
"""Scores further apart than this stay so when they are rounded."""

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


@dataclass(frozen=True)
class IndexEntry:
    """A FAQ (its number is the key) or a topic that is not covered, with its texts."""

    key: int | str
    units: tuple[Unit, ...]

    @cached_property
    def passages(self) -> tuple[str, ...]:
        """The ids of its passages."""
        passages = (unit.passage for unit in self.units if unit.kind is UnitKind.PASSAGE)
        return tuple(dict.fromkeys(filter(None, passages)))


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


class Ranked(NamedTuple):
    """An entry with its score and what made it.

    `place` is that of the entry in the index, `text` the number of its text most like the query;
    `bm25`, `words` and `letters` are the three scores, `chance` is the probability by the trained
    head. `carried` is the part of the score for carrying on with the question before.
    """

    place: int
    key: int | str
    score: float
    bm25: float
    words: float
    letters: float
    chance: float
    text: int
    carried: float = 0.0

    @property
    def likeness(self) -> float:
        """Its likeness to the query by words and letters alone."""
        return WEIGHT_BM25 * self.bm25 + WEIGHT_WORDS * self.words + WEIGHT_LETTERS * self.letters


class UsedIn(NamedTuple):
    """Which entries use some terms, by the places of both."""

    terms: Sequence[str]
    matrix: Array

    def matched(self, place: int) -> list[str]:
        """The terms that an entry uses."""
        return list(compress(self.terms, self.matrix[place].tolist()))


class LanguageIndex:
    """The index of one language; only read. `made` is what `kb.search.building` makes of it."""

    def __init__(self, locale: str, entries: Sequence[IndexEntry], made: Parts) -> None:
        self.locale = locale
        self.entries = tuple(entries)
        self.units = [unit for entry in self.entries for unit in entry.units]
        counts = [len(entry.units) for entry in self.entries]
        self._first_unit = list(accumulate(counts, initial=0))
        self._entry_of = numpy.repeat(numpy.arange(len(counts)), counts)
        self._first_unit_of_each: Array = numpy.array(self._first_unit[:-1])
        self._with_texts = numpy.flatnonzero(counts)
        self._first_text = self._first_unit_of_each[self._with_texts]
        self._places = {entry.key: place for place, entry in enumerate(self.entries)}
        self._is_faq = numpy.array([isinstance(entry.key, int) for entry in self.entries], bool)
        self._stems = made["stems"].tobytes()
        self._first_stem = _starts_of_lines(made["stems"])
        self._words, self._letters = (
            Postings(**{name: made[f"{of}.{name}"] for name in POSTINGS_PARTS})
            for of in ("words", "letters")
        )
        self._row = {term: row for row, term in enumerate(_lines(made["terms"])) if term}
        self._starts = made["bm25.starts"].astype(numpy.int64)
        self._used_in, self._shares = made["bm25.entries"], made["bm25.shares"]
        self._idf = array(
            "d", [rarity(len(counts), used_by) for used_by in numpy.diff(self._starts).tolist()]
        )
        self._idf_unknown = rarity(len(counts), 1)
        self.speller = Speller(json.loads(made["spelling"].tobytes()))
        self._synonyms: dict[str, list[str]] = json.loads(made["synonyms"].tobytes())

    def read(self, text: str, weight: float = 1.0) -> Query:
        """A question as this index compares it."""
        corrections: list[tuple[str, str]] = []
        raw = written_out(cleaned(text), self.locale)
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
                stems.setdefault(unit.passage, []).extend(self.stems_of(number))
        return stems

    def rank(
        self,
        query: Query,
        chances: Array | None = None,
        meaning: Mapping[int, float] | None = None,
    ) -> list[Ranked]:
        """The entries that have most in common with the query, best first.

        At most `MOST_RANKED` FAQs and as many topics. `chances` are the probabilities by the
        trained head by the places of entries; `meaning` is the likeness of meaning of entries by
        their place, if known.
        """
        words, word_units = self._best_units(
            {**query.synonyms, **query.terms, **query.pairs}, self._words, _MOST_WORD_POSTINGS
        )
        letters, letter_units = self._best_units(
            query.letters, self._letters, _MOST_LETTER_POSTINGS
        )
        bm25 = self._bm25_of(query)
        likely = numpy.zeros(len(self.entries)) if chances is None else chances
        scores = (
            WEIGHT_HEAD * numpy.sqrt(likely)
            + WEIGHT_BM25 * bm25
            + WEIGHT_WORDS * words
            + WEIGHT_LETTERS * letters
        )
        found = (bm25 > 0) | (words > 0) | (letters > 0) | (likely >= _LEAST_CHANCE)
        if meaning is not None:
            of_meaning = list(meaning)
            scores[of_meaning] += WEIGHT_MEANING * numpy.array([*meaning.values()])
            found[of_meaning] = True
        best = sorted(_best(scores, found & self._is_faq) + _best(scores, found & ~self._is_faq))
        places = [place for _, place in best]
        keys = [self.entries[place].key for place in places]
        texts = numpy.where(letters > words, letter_units, word_units)
        parts: tuple[Array, ...] = (bm25, words, letters, likely, texts)
        columns = (part[places].tolist() for part in parts)
        return list(map(Ranked, places, keys, [-minus for minus, _ in best], *columns))

    def used_in(self, query: Query) -> UsedIn:
        """Which entries use the query's terms, and the words that they stand for."""
        terms = (*query.terms, *query.synonyms)
        used, places, _ = self._postings_of(terms)
        matrix = numpy.zeros((len(self.entries), len(terms)), dtype=bool)
        matrix[places, used] = True
        return UsedIn(terms, matrix)

    def stems_of(self, text: int) -> list[str]:
        """The stems of a text; kept as bytes, of which a fifth of the memory of texts is enough."""
        line: bytes = self._stems[slice(*self._first_stem[text : text + 2])]
        return line.decode().split()

    def _best_units(
        self, features: Mapping[str, float], postings: Postings, most: int
    ) -> tuple[Array, Array]:
        """Of each entry the best cosine of a unit to the query, and the first unit with it."""
        cosines = postings.cosines(features, self._idf_unknown, most)
        best = numpy.zeros(len(self.entries))
        best[self._with_texts] = numpy.maximum.reduceat(cosines, self._first_text)
        units = self._first_unit_of_each.copy()
        are_best = numpy.flatnonzero((cosines == best[self._entry_of]) & (cosines > 0))[::-1]
        units[self._entry_of[are_best]] = are_best  # of several, the first is written last
        return best, units

    def _bm25_of(self, query: Query) -> Array:
        """BM25 of each entry, as a share of what an entry that says every word could reach."""
        reachable = 0.0
        for term, weight in query.terms.items():
            reachable += weight * self.idf(term) * (BM25_K1 + 1)
        used, places, shares = self._postings_of((*query.terms, *query.synonyms))
        weights = numpy.array([*query.terms.values(), *query.synonyms.values()])
        scores = numpy.bincount(places, weights[used] * shares, len(self.entries))
        return scores / (reachable or 1.0)

    def _postings_of(self, terms: Sequence[str]) -> tuple[Array, Array, Array]:
        """The entries that use some terms: places of terms and of entries, and their shares."""
        rows = [(at, self._row[term]) for at, term in enumerate(terms) if term in self._row]
        used, of = numpy.array(rows, dtype=numpy.int64).reshape(-1, 2).T
        first = self._starts[of]
        counts = self._starts[of + 1] - first
        walked = numpy.repeat(first - numpy.cumsum(counts) + counts, counts)
        walked += numpy.arange(len(walked))
        return numpy.repeat(used, counts), self._used_in[walked], self._shares[walked]


def _best(scores: Array, found: Array) -> list[tuple[float, int]]:
    """Minus the score and the place of the entries found that have the highest scores."""
    places = numpy.flatnonzero(found)
    if len(places) > MOST_RANKED:
        least = numpy.partition(scores[places], -MOST_RANKED)[-MOST_RANKED] - _LEAST_APART
        places = places[scores[places] >= least]
    # Rounded, so that sums of the same numbers in another order are equal.
    minus = [-round(score, 9) for score in scores[places].tolist()]
    return sorted(zip(minus, places.tolist(), strict=True))[:MOST_RANKED]


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
