"""What an index is made of: everything about texts that takes long to find out, as arrays."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import chain
from typing import Final

import numpy

from kb.search.index import (
    BM25_K1,
    IndexEntry,
    LanguageIndex,
    Parts,
    UnitKind,
    letter_groups,
    pairs_of,
    rarity,
)
from kb.search.normalise import cleaned, raw_words, terms, words, words_of_each
from kb.search.postings import POSTINGS_PARTS, Array, FeatureCounts, FeatureNames, Postings

_BM25_B: Final = 0.2
_PASSAGE_WEIGHT: Final = 0.6


@dataclass(frozen=True, slots=True)
class ReadText:
    """A text as an index reads it: its words as typed, as compared, and their letter groups.

    The words are kept as one text with blanks: thousands of them are held while indexes are made.
    """

    raw: str
    words: str
    letters: FeatureCounts


class Builder:
    """Makes the parts of indexes; texts that several languages share are read once."""

    def __init__(self) -> None:
        self._names = FeatureNames()
        self._texts: dict[str, ReadText] = {}
        # It does not refer to the builder, so that all of it goes with the last who uses it.
        self._words_and_pairs = cache(partial(_words_and_pairs, self._names))
        self._letter_groups = cache(partial(_letter_groups, self._names))
        self._words = cache(lambda text: words(cleaned(text)))

    def raw_words(self, text: str) -> list[str]:
        """The words of a text as they were typed; read once for this and for the indexes."""
        self._read([text])
        return self._texts[text].raw.split()

    def index(
        self, locale: str, entries: Sequence[IndexEntry], synonyms: Mapping[str, Sequence[str]]
    ) -> LanguageIndex:
        """The index of some entries."""
        return LanguageIndex(locale, entries, self.parts(locale, entries, synonyms))

    def parts(
        self, locale: str, entries: Sequence[IndexEntry], synonyms: Mapping[str, Sequence[str]]
    ) -> Parts:
        """What the index of the entries is made of."""
        counts: Counter[str] = Counter()
        stems: list[list[str]] = []
        letters: list[FeatureCounts] = []
        weighted: list[dict[str, float]] = [defaultdict(float) for _ in entries]
        self._read(unit.text for entry in entries for unit in entry.units)
        for entry, by_term in zip(entries, weighted, strict=True):
            for unit in entry.units:
                text = self._texts[unit.text]
                counts.update(text.raw.split())
                tokens = terms(text.words.split(), locale)
                stems.append(tokens)
                letters.append(text.letters)
                weight = _PASSAGE_WEIGHT if unit.kind is UnitKind.PASSAGE else 1.0
                for term in tokens:
                    by_term[term] += weight
        return {
            "stems": text_array("\n".join(map(" ".join, stems))),
            **_bm25(weighted),
            **self._postings("words", map(self._words_and_pairs, map(tuple, stems))),
            **self._postings("letters", letters),
            "spelling": _json(counts),
            "synonyms": _json(self._stemmed(synonyms, locale)),
        }

    def _read(self, texts: Iterable[str]) -> None:
        """Read texts that were not read before."""
        new = [text for text in dict.fromkeys(texts) if text not in self._texts]
        raw_texts = [cleaned(text) for text in new]
        for text, raw, tokens in zip(new, raw_texts, words_of_each(raw_texts), strict=True):
            letters = FeatureCounts.of(chain.from_iterable(map(self._letter_groups, tokens)))
            self._texts[text] = ReadText(" ".join(raw_words(raw)), " ".join(tokens), letters)

    def _postings(self, of: str, counted: Iterable[FeatureCounts]) -> Parts:
        made = Postings.of(list(counted))
        return {f"{of}.{name}": getattr(made, name) for name in POSTINGS_PARTS}

    def _stemmed(self, synonyms: Mapping[str, Sequence[str]], locale: str) -> dict[str, list[str]]:
        """The synonyms as they are compared: stems of a word to those of what it may mean."""
        meanings: dict[str, list[str]] = defaultdict(list)
        for word, also in synonyms.items():
            key = " ".join(terms(self._words(word), locale))
            for meaning in also:
                meanings[key] += terms(self._words(meaning), locale)
        return {key: list(dict.fromkeys(also)) for key, also in meanings.items() if key}


def _words_and_pairs(names: FeatureNames, stems: tuple[str, ...]) -> FeatureCounts:
    return FeatureCounts.of(map(names.__getitem__, [*stems, *pairs_of(stems)]))


def _letter_groups(names: FeatureNames, word: str) -> list[int]:
    return [names[group] for group in letter_groups([word])]


def _bm25(weighted: Sequence[Mapping[str, float]]) -> Parts:
    """The terms with the entries that use them, and how much each counts for them."""
    count = max(1, len(weighted))
    used_by = Counter(term for by_term in weighted for term in by_term)
    mean = sum(sum(by_term.values()) for by_term in weighted) / count or 1.0
    postings: dict[str, list[tuple[int, float]]] = {term: [] for term in used_by}
    for place, by_term in enumerate(weighted):
        norm = BM25_K1 * (1 - _BM25_B + _BM25_B * sum(by_term.values()) / mean)
        for term, times in by_term.items():
            share = rarity(count, used_by[term]) * times * (BM25_K1 + 1) / (times + norm)
            postings[term].append((place, share))
    lengths = [len(entries) for entries in postings.values()]
    pairs = [pair for entries in postings.values() for pair in entries]
    return {
        "terms": text_array("\n".join(postings)),
        "bm25.starts": numpy.cumsum([0, *lengths], dtype="<u4"),
        "bm25.entries": numpy.array([place for place, _ in pairs], dtype="<u2"),
        "bm25.shares": numpy.array([share for _, share in pairs], dtype="<f8"),
    }


def text_array(text: str) -> Array:
    """A text as the array of its UTF-8 bytes."""
    return numpy.frombuffer(text.encode(), dtype="u1")


def _json(content: Mapping[str, object]) -> Array:
    return text_array(json.dumps(content, ensure_ascii=False))
