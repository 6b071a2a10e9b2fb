"""The index of one language: every FAQ and every topic that is not covered, ranked for a question.

Three scores, each between 0 and about 1, are added with fixed weights: BM25 over all of an entry's
text; the likeness in words to the best single phrasing or passage; and the likeness in groups of
letters to the best one, which forgives spelling. An index of another language holds the English
texts as well, because people mix the languages.
"""

from __future__ import annotations

import math
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Final, NamedTuple

from kb.search.normalise import cleaned, raw_words, replaced, terms, words
from kb.search.spelling import Speller

# How the three scores count. Chosen on the development half by `benchmarks/retrieval.py --tune`.
WEIGHT_BM25: Final = 0.35
WEIGHT_WORDS: Final = 0.175
WEIGHT_LETTERS: Final = 0.175
WEIGHT_MEANING: Final = 0.2
"""What the optional likeness of meaning adds."""

WEIGHT_HEAD: Final = 0.35
"""What the square root of the probability by the trained head adds."""

MOST_RANKED: Final = 30
"""Entries of each sort, FAQs and topics, that a ranking holds."""

_K1: Final = 1.0
_B: Final = 0.2
_LEAST_CHANCE: Final = 0.02
_SYNONYM_WEIGHT: Final = 0.4
_PASSAGE_WEIGHT: Final = 0.6
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
class Query:
    """A question as it is compared: terms and letter groups with their weights.

    `pairs` are two neighbouring terms; `synonyms` are terms that the question does not say but may
    mean, at a low weight; `corrections` are words that were read as others. `stems` and `words` are
    in the order of the question.
    """

    stems: Sequence[str]
    words: Sequence[str]
    terms: Mapping[str, float]
    pairs: Mapping[str, float]
    synonyms: Mapping[str, float]
    letters: Mapping[str, float]
    corrections: tuple[tuple[str, str], ...]

    def after(self, previous: Query, *, own_order: bool = False) -> Query:
        """The query with what a previous one said added; its own words keep their weight.

        With `own_order` the words of the previous one are not taken into its stems and words.
        """
        return Query(
            self.stems if own_order else (*previous.stems, *self.stems),
            self.words if own_order else (*previous.words, *self.words),
            {**previous.terms, **self.terms},
            {**previous.pairs, **self.pairs},
            {**previous.synonyms, **self.synonyms},
            {**previous.letters, **self.letters},
            self.corrections,
        )


@dataclass(frozen=True, slots=True)
class Ranked:
    """An entry with its score and what made it; `unit` is its text most like the query.

    `said` are the terms of that text.

    `place` is that of the entry in the index; `bm25`, `words` and `letters` are the three scores,
    `chance` the probability by the trained head.
    """

    place: int
    key: int | str
    score: float
    bm25: float
    words: float
    letters: float
    chance: float
    unit: Unit
    said: Sequence[str]

    @property
    def likeness(self) -> float:
        """Its likeness to the query by words and letters alone."""
        return WEIGHT_BM25 * self.bm25 + WEIGHT_WORDS * self.words + WEIGHT_LETTERS * self.letters


class Postings(NamedTuple):
    """How rare a feature is, and its share in each unit that has it."""

    idf: float
    units: array[int]
    shares: array[float]


@dataclass(frozen=True, slots=True)
class ReadText:
    """A text as an index reads it: its words as typed, as compared, and their letter groups."""

    raw: Sequence[str]
    words: Sequence[str]
    letters: Mapping[str, int]


def read_text(text: str) -> ReadText:
    """Read a text, whatever its language."""
    typed = cleaned(text)
    said = words(typed)
    return ReadText(raw_words(typed), said, Counter(letter_groups(said)))


class LanguageIndex:
    """The index of one language; built once, then only read.

    `read` is `read_text`, or the same with a memory for texts that several languages share.
    """

    def __init__(
        self,
        locale: str,
        entries: Sequence[IndexEntry],
        synonyms: Mapping[str, Sequence[str]],
        read: Callable[[str], ReadText] = read_text,
    ) -> None:
        self.locale = locale
        self.entries = tuple(entries)
        self.units: list[Unit] = []
        self._entry_of: list[int] = []
        self._places = {entry.key: place for place, entry in enumerate(self.entries)}
        counts: Counter[str] = Counter()
        unit_terms: list[list[str]] = []
        unit_letters: list[Mapping[str, int]] = []
        self._first_unit: list[int] = []
        for place, entry in enumerate(self.entries):
            self._first_unit.append(len(self.units))
            for unit in entry.units:
                text = read(unit.text)
                counts.update(text.raw)
                self.units.append(unit)
                self._entry_of.append(place)
                unit_terms.append(terms(text.words, locale))
                unit_letters.append(text.letters)
        self.speller = Speller(counts)
        self._unit_terms = [tuple(one) for one in unit_terms]
        self._terms_of = self._bm25(unit_terms)
        self._units_by_term = self._likeness([Counter(_with_pairs(one)) for one in unit_terms])
        self._units_by_letters = self._likeness(unit_letters)
        self._synonyms = self._prepared(synonyms)

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
        said = words(raw)
        stems = terms(said, self.locale)
        own = dict.fromkeys(stems, weight)
        pairs = dict.fromkeys(pairs_of(stems), weight)
        synonyms: dict[str, float] = {}
        for length in (3, 2, 1):
            for start in range(len(stems) - length + 1):
                for also in self._synonyms.get(" ".join(stems[start : start + length]), ()):
                    if also not in own:
                        synonyms[also] = _SYNONYM_WEIGHT * weight
        letters = {group: count * weight for group, count in Counter(letter_groups(said)).items()}
        return Query(stems, said, own, pairs, synonyms, letters, tuple(corrections))

    def idf(self, term: str) -> float:
        """How telling a term is; a term that is never used counts as one used once."""
        return self._idf.get(term, self._idf_unknown)

    def knows(self, term: str) -> bool:
        """Whether any entry uses the term."""
        return term in self._idf

    def texts(self) -> Iterable[tuple[int, str]]:
        """Every text with the place of its entry."""
        return zip(self._entry_of, (unit.text for unit in self.units), strict=True)

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
            self._units_by_term,
            _MOST_WORD_POSTINGS,
        )
        best_letters = self._best_units(
            query.letters, self._units_by_letters, _MOST_LETTER_POSTINGS
        )
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
                    self._unit_terms[unit],
                )
            )
        return ranked

    def matched(self, query: Query, place: int) -> list[str]:
        """The query's terms, and the words they stand for, that an entry uses."""
        used = self._terms_of[place]
        return [term for term in (*query.terms, *query.synonyms) if term in used]

    def _bm25(self, unit_terms: Sequence[Sequence[str]]) -> list[dict[str, float]]:
        """Weighted term counts of every entry; fills the postings of BM25 on the way."""
        held: list[dict[str, float]] = [defaultdict(float) for _ in self.entries]
        for place, unit, said in zip(self._entry_of, self.units, unit_terms, strict=True):
            weight = _PASSAGE_WEIGHT if unit.kind is UnitKind.PASSAGE else 1.0
            for term in said:
                held[place][term] += weight
        count = max(1, len(self.entries))
        used_by: Counter[str] = Counter(term for one in held for term in one)
        self._idf = {
            term: math.log(1 + (count - by + 0.5) / (by + 0.5)) for term, by in used_by.items()
        }
        self._idf_unknown = math.log(1 + (count - 0.5) / 1.5)
        mean = sum(sum(one.values()) for one in held) / count or 1.0
        self._entries_by_term: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for place, one in enumerate(held):
            norm = _K1 * (1 - _B + _B * sum(one.values()) / mean)
            for term, times in one.items():
                value = self._idf[term] * times * (_K1 + 1) / (times + norm)
                self._entries_by_term[term].append((place, value))
        return held

    def _likeness(self, units: Sequence[Mapping[str, int]]) -> dict[str, Postings]:
        """Feature to its idf and the units that have it, with its share in each unit."""
        used_by: Counter[str] = Counter(feature for one in units for feature in one)
        total = max(1, len(units))
        idf = {feature: math.log(1 + total / by) for feature, by in used_by.items()}
        postings = {
            feature: Postings(weight, array("I"), array("d")) for feature, weight in idf.items()
        }
        for number, one in enumerate(units):
            weights = [
                idf[feature] if times == 1 else (1 + math.log(times)) * idf[feature]
                for feature, times in one.items()
            ]
            norm = math.sqrt(sum([weight * weight for weight in weights])) or 1.0
            for feature, weight in zip(one, weights, strict=True):
                posting = postings[feature]
                posting.units.append(number)
                posting.shares.append(weight / norm)
        return postings

    def _best_units(
        self,
        features: Mapping[str, float],
        postings: Mapping[str, Postings],
        most: int,
    ) -> dict[int, tuple[float, int]]:
        """Entry to its best unit: the cosine of the unit to the query, and the unit's number."""
        norm = 0.0
        known: list[tuple[int, str, float]] = []
        for feature, times in features.items():
            posting = postings.get(feature)
            if posting is None:
                weight = times * self._idf_unknown
            else:
                weight = times * posting.idf
                known.append((len(posting.units), feature, weight))
            norm += weight * weight
        if not known:
            return {}
        known.sort()
        scores: dict[int, float] = defaultdict(float)
        for length, feature, weight in known:
            if most < length and scores:
                break
            most -= length
            posting = postings[feature]
            for unit, share in zip(posting.units, posting.shares, strict=True):
                scores[unit] += weight * share
        norm = math.sqrt(norm)
        best: dict[int, tuple[float, int]] = {}
        entry_of = self._entry_of
        for unit, score in scores.items():
            place = entry_of[unit]
            held = best.get(place)
            if held is None or score > held[0] or (score == held[0] and unit < held[1]):
                best[place] = (score, unit)
        return {place: (score / norm, unit) for place, (score, unit) in best.items()}

    def _bm25_of(self, query: Query) -> dict[int, float]:
        """Entry to BM25, as a share of what an entry that says every word could reach."""
        scores: dict[int, float] = defaultdict(float)
        reachable = 0.0
        for term, weight in query.terms.items():
            reachable += weight * self.idf(term) * (_K1 + 1)
            for place, value in self._entries_by_term.get(term, ()):
                scores[place] += weight * value
        for term, weight in query.synonyms.items():
            for place, value in self._entries_by_term.get(term, ()):
                scores[place] += weight * value
        return {place: score / reachable for place, score in scores.items()} if reachable else {}

    def _prepared(self, synonyms: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
        prepared: dict[str, list[str]] = defaultdict(list)
        for word, also in synonyms.items():
            key = " ".join(terms(words(cleaned(word)), self.locale))
            for one in also:
                prepared[key] += terms(words(cleaned(one)), self.locale)
        return {key: tuple(dict.fromkeys(also)) for key, also in prepared.items() if key}


def letter_groups(said: Iterable[str]) -> list[str]:
    """Groups of three and four neighbouring letters within each word, its edges marked."""
    groups: list[str] = []
    for word in said:
        edged = f" {word} "
        for length in (3, 4):
            groups += [edged[at : at + length] for at in range(len(edged) - length + 1)]
    return groups


def pairs_of(stems: Sequence[str]) -> list[str]:
    """Every two neighbouring stems as one text."""
    return [f"{one} {other}" for one, other in pairwise(stems)]


def _with_pairs(stems: Sequence[str]) -> list[str]:
    return [*stems, *pairs_of(stems)]
