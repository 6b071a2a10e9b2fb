"""What a search says: one of three outcomes, ranked hits, and whom to ask where nothing is said."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from kb.content.asking import DecidedPart
from kb.rules.codes import Actor
from kb.search.confidence import ConfidenceBand, Evidence
from kb.search.locales import ENGLISH

if TYPE_CHECKING:
    from kb.search.facts import ReadFact


MOST_HITS: Final = 10
"""Hits of an answer."""


class AnswerOutcome(StrEnum):
    """ANSWERED by a FAQ, SUGGESTIONS of up to three, or a HANDOVER to a person."""

    ANSWERED = "ANSWERED"
    SUGGESTIONS = "SUGGESTIONS"
    HANDOVER = "HANDOVER"


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchHit:
    """A FAQ that may answer, with why it was found.

    `score` lies between 0 and about 1 and is only comparable within one search. `matched_phrase`
    is the question or phrasing most like what was asked, in the language it was found in, and
    `lead` how the answer to it begins, if it asks for yes or no. `shown` are the ids of the
    passages to show, best first. `applies` tells whether the FAQ applies to the facility and
    `because` why; both None without a facility.
    """

    faq_number: int
    score: float
    passage_id: str
    shown: tuple[str, ...]
    lead: str | None = None
    matched_phrase: str
    matched_terms: tuple[str, ...]
    applies: bool | None = None
    because: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What a text finds: the hits to show, best first, and how many there are in all.

    `locale` is the language to show them in by that of the text, and `locale_reason` says why.
    """

    hits: tuple[SearchHit, ...]
    total: int
    locale: str
    locale_reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """What is not answered and whom to ask.

    `topic` is None when the question is like no known topic. `outside` is whom to ask instead about
    a facility that Better Work does not assess, None for the same. `near` are passages that come
    close, `public_record` the names of later public statements on the topic. `asks_nothing` tells
    whether there was no question that anybody could answer. `locale` is the language it is written
    in.
    """

    reason: str
    topic: str | None
    not_stated: str
    ask: Actor
    ask_text: str
    outside: tuple[Actor, str] | None = None
    near: tuple[str, ...] = ()
    public_record: tuple[str, ...] = ()
    asks_nothing: bool = False
    locale: str = ENGLISH


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """How an answer came about: the language and words as they were read, and the evidence."""

    read_in: str
    read_as: tuple[str, ...]
    corrections: tuple[tuple[str, str], ...]
    evidence: Evidence | None
    nearest_topic: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchAnswer:
    """The outcome of a question.

    `confidence` is the calibrated probability, 0 to 1, that the first hit answers it. `hits` are
    given for every outcome. `handover` comes with HANDOVER and SUGGESTIONS, and with ANSWERED where
    the FAQ answers only a part. `beside` are hits that answer further questions of the same
    message; `unstated` are further hand-overs for what it asks, `left_open` those of its questions
    that nothing answers for certain. `terms` are the names of the glossary's entries that it asks
    for. `intents` are the parts of what applies to a facility or profile that answer it, if it asks
    for some. `facts` are what the question tells of a facility, `countries` those that it names;
    `asks_of_countries` tells whether it asks if they are covered, and nothing else. `served_locale`
    is the language to show hits in; `locale_reason` says why.
    """

    outcome: AnswerOutcome
    confidence: float
    band: ConfidenceBand
    hits: tuple[SearchHit, ...]
    handover: Handover | None
    served_locale: str
    locale_reason: str
    follow_ups: tuple[int, ...]
    intents: tuple[DecidedPart, ...]
    facts: tuple[ReadFact, ...]
    countries: tuple[str, ...]
    why: Why
    beside: tuple[SearchHit, ...] = ()
    terms: tuple[str, ...] = ()
    unstated: tuple[Handover, ...] = ()
    left_open: tuple[str, ...] = ()
    asks_of_countries: bool = False
