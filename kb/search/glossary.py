"""Questions for what a term means: "what is ITC", "what does CAF stand for", "vFSLM meaning"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from kb.content.records import GlossaryEntry
from kb.search.normalise import cleaned, terms, words

_POLITE: Final = (
    r"(?:(?:so|and|but|ok|also|sorry|please|can|could|would|you|i|we|want|like|need|do|know|to|tell|me|us"
    r"|explain|describe|understand|find|out|check|exactly|just|again|about) )*"
)
_ARTICLE: Final = r"(?:(?:a|an|the|this|these|your|our|term|word|abbreviation|acronym|letters) )*"
_TERM: Final = rf"{_ARTICLE}(?P<term>\S+(?: \S+){{0,5}}?)"
_END: Final = r"(?: (?:exactly|actually|really|anyway|all about|about|for|for me|to me|here))?"
_FULL_NAME: Final = r"(?:full (?:form|name)|expansion)"
_ASKED: Final = tuple(
    re.compile(rf"{_POLITE}{pattern}{_END}")
    for pattern in (
        # "What are the hosts" asks for a list, "what are hosts" for what they are.
        r"(?:what|wat) (?:exactly |actually )?is (?:meant by |the (?:meaning|definition) of )?"
        rf"{_TERM}",
        r"(?:what|wat) are (?P<term>(?!the )\S+(?: \S+){0,5}?)",
        r"who is (?P<term>(?!the )\S+(?: \S+){0,3}?)",
        rf"(?:what|wat) (?:does|do|did) {_TERM} mean",
        rf"(?:what|wat) (?:do|does) (?:you|they|it) mean (?:by|with) {_TERM}",
        rf"(?:what|wat) {_TERM} (?:is|are|means?)",
        rf"(?:the )?(?:meaning|definition|explanation) of {_TERM}",
        rf"{_TERM} (?:meaning|definition|means what|means|explained)",
        rf"(?:define|explain) {_TERM}",
    )
)
_ASKED_IN_FULL: Final = tuple(
    re.compile(rf"{_POLITE}{pattern}")
    for pattern in (
        rf"(?:what|wat) (?:does|do) {_TERM} (?:stand|stands) for",
        rf"(?:what|wat) {_TERM} stands for",
        rf"(?:what is )?(?:the )?{_FULL_NAME} of {_TERM}",
        rf"(?:what is )?{_TERM} (?:in full|{_FULL_NAME})",
    )
)
_MOST_WORDS: Final = 20
_SHORT: Final = re.compile(r"\b(what|who)(?:'s|\u2019s|s)\b")
_NOT_SAID: Final = re.compile(r"\([^()]*\)|[^\w\s.&-]|[.](?=\s|$)")


class Glossary:
    """The terms of a library by what people call them, in English."""

    def __init__(self, entries: Mapping[str, GlossaryEntry]) -> None:
        names = [(name, key) for key, entry in entries.items() for name in entry.synonyms]
        names += [(entry.term, key) for key, entry in entries.items()]
        self._by_name = {_compared(name): key for name, key in names}

    def asked_for(self, question: str) -> str | None:
        """The name of the entry for the term whose meaning a question asks for, and nothing else.

        Whoever asks what an abbreviation stands for gets the entry of its full name, if it has one.
        """
        text = _SHORT.sub(r"\1 is", cleaned(question))
        text = " ".join(_NOT_SAID.sub(" ", text).split())
        if text.count(" ") >= _MOST_WORDS:
            return None
        for term in _terms_in(text, _ASKED_IN_FULL):
            for name in (f"{term} full name", term):
                if _compared(name) in self._by_name:
                    return self._by_name[_compared(name)]
        names = (_compared(term) for term in _terms_in(text, _ASKED))
        return next((self._by_name[name] for name in names if name in self._by_name), None)


def _terms_in(text: str, patterns: Iterable[re.Pattern[str]]) -> Iterator[str]:
    return (match["term"] for pattern in patterns if (match := pattern.fullmatch(text)))


def _compared(name: str) -> tuple[str, ...]:
    return tuple(terms(words(cleaned(name)), "en"))
