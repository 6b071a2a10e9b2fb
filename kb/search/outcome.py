"""What a search says: one of three outcomes, ranked hits, and whom to ask where nothing is said."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kb.rules.rulebook import Actor
from kb.search.confidence import Coefficients, ConfidenceBand, Evidence
from kb.search.locales import ENGLISH


class AnswerOutcome(StrEnum):
    """ANSWERED by a FAQ, SUGGESTIONS of up to three, or a HANDOVER to a person."""

    ANSWERED = "ANSWERED"
    SUGGESTIONS = "SUGGESTIONS"
    HANDOVER = "HANDOVER"


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchHit:
    """A FAQ that may answer, with why it was found.

    `score` lies between 0 and about 1 and is only comparable within one search. `matched_phrase`
    is the question or phrasing most like what was asked, in the language it was found in. `applies`
    tells whether the FAQ applies to the facility and `because` why; both None without a facility.
    """

    faq_number: int
    score: float
    passage_id: str
    matched_phrase: str
    matched_terms: tuple[str, ...]
    applies: bool | None = None
    because: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """What is not answered and whom to ask.

    `topic` is None when the question is like no known topic. `near` are passages that come close,
    `public_record` the names of later public statements on the topic. `locale` is the language it
    is written in.
    """

    reason: str
    topic: str | None
    not_stated: str
    ask: Actor
    ask_text: str
    near: tuple[str, ...] = ()
    public_record: tuple[str, ...] = ()
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
    given for every outcome. `handover` comes with HANDOVER, and with ANSWERED where the FAQ answers
    only a part. `served_locale` is the language to show hits in; `locale_reason` says why.
    """

    outcome: AnswerOutcome
    confidence: float
    band: ConfidenceBand
    hits: tuple[SearchHit, ...]
    handover: Handover | None
    served_locale: str
    locale_reason: str
    follow_ups: tuple[int, ...]
    why: Why


def outcome_of(confidence: float, topic_is_ahead: bool, fitted: Coefficients) -> AnswerOutcome:
    """The outcome for a confidence; a topic that is not covered and ahead is never answered."""
    if topic_is_ahead:
        return AnswerOutcome.HANDOVER
    if confidence >= fitted.answer_from:
        return AnswerOutcome.ANSWERED
    return (
        AnswerOutcome.SUGGESTIONS if confidence >= fitted.suggest_from else AnswerOutcome.HANDOVER
    )
