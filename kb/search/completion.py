"""Type-ahead: questions, titles and phrasings of FAQs, found by the beginnings of their words."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict

from kb.content.records import Library
from kb.search.locales import ENGLISH
from kb.search.normalise import cleaned, raw_words
from kb.search.texts import questions_of


class CompletionIndex:
    """The phrases of one language; built once, then only read."""

    def __init__(self, library: Library, locale: str) -> None:
        self._phrases: list[tuple[int, str]] = []
        self._texts: list[str] = []
        by_word: dict[str, set[int]] = defaultdict(set)
        for number, faq in library.faqs.items():
            translation = library.translations.get((locale, number))
            for entry in (translation or faq,) if locale != ENGLISH else (faq,):
                for phrase in questions_of(entry):
                    self._texts.append(" ".join(_words_of(phrase)))
                    for word in _words_of(phrase):
                        by_word[word].add(len(self._phrases))
                    self._phrases.append((number, phrase))
        self._lengths = [6 + text.count(" ") for text in self._texts]
        self._words = sorted(by_word)
        self._by_word = {word: sorted(by_word[word]) for word in self._words}

    def completed(self, text: str, limit: int) -> tuple[tuple[int, str], ...]:
        """FAQ numbers with the phrase that fits best; the last word may be unfinished."""
        words = _words_of(text)[:12]
        if not words or not limit:
            return ()
        *finished, last = words
        scores: dict[int, float] = defaultdict(float)
        begun: set[int] = set()
        at = bisect_left(self._words, last)
        while at < len(self._words) and self._words[at].startswith(last):
            begun.update(self._by_word[self._words[at]])
            at += 1
        for word in dict.fromkeys(finished):
            phrases = self._by_word.get(word, ())
            for phrase in phrases:
                scores[phrase] += 1 + 20 / (len(phrases) + 1)
        for phrase in begun:
            scores[phrase] += 2
        beginning = " ".join(words)
        best_of: dict[int, tuple[float, int]] = {}
        for phrase, score in scores.items():
            begins = self._texts[phrase].startswith(beginning)
            minus = -score * (2 if begins else 1) / self._lengths[phrase]
            number = self._phrases[phrase][0]
            if number not in best_of or (minus, phrase) < best_of[number]:
                best_of[number] = (minus, phrase)
        best = sorted(best_of.values())[:limit]
        return tuple(self._phrases[phrase] for _, phrase in best)


def _words_of(text: str) -> list[str]:
    return raw_words(cleaned(text))
