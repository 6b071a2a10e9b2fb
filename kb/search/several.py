"""A message with several questions: what each gets, put together as one answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from kb.content.asking import DecidedPart
from kb.search.outcome import AnswerOutcome, Handover, SearchHit
from kb.search.outcomes import MOST_UNDERSTOOD_IN_PART


@dataclass(frozen=True, slots=True)
class Weighed:
    """The hits of a question with its confidence, its outcome, and whom to ask.

    `intent` is the part of what was decided that answers it, `term` the glossary's entry that does.
    """

    hits: tuple[SearchHit, ...]
    confidence: float
    outcome: AnswerOutcome
    handover: Handover | None
    intent: DecidedPart | None = None
    term: str | None = None

    @property
    def is_answered(self) -> bool:
        """Whether there is an answer."""
        return self.outcome is AnswerOutcome.ANSWERED

    @property
    def topic(self) -> str | None:
        """The topic, without an answer, that it asks for, or without which the answer is a part."""
        return self.handover.topic if self.handover else None


@dataclass(frozen=True, slots=True)
class Several:
    """What a message gets: the answer that comes first, and what is told beside it.

    `left_open` are the places, from 1, of questions that nothing answers; the other fields are as
    those of `SearchAnswer`.
    """

    first: Weighed
    beside: tuple[SearchHit, ...] = ()
    intents: tuple[DecidedPart, ...] = ()
    terms: tuple[str, ...] = ()
    unstated: tuple[Handover, ...] = ()
    left_open: tuple[int, ...] = ()


def each_answered(whole: Weighed, parts: Sequence[Weighed]) -> Several:
    """What a message gets by what it gets as a whole and what each of its questions gets.

    A question that is not answered is told as a topic without an answer, or as left open. Where
    all are left open, or none is answered but the message is, it is taken as a whole. Of what asks
    nothing, as "Can you help?", nothing is told beside others.
    """
    # Where a question is not understood, the others have to be understood for sure.
    surely = not whole.is_answered and any(not (part.is_answered or part.topic) for part in parts)
    unsure = [part for part in parts if surely and part.confidence <= MOST_UNDERSTOOD_IN_PART]
    answered = [part for part in parts if part.is_answered and part not in unsure]
    unknown = [part for part in parts if part.topic and (part in answered or not part.is_answered)]
    left_open = [
        number
        for number, part in enumerate(parts, 1)
        if part not in answered and part not in unknown
    ]
    handovers = [part.handover for part in unknown if part.handover]
    if not answered and handovers and whole.handover and whole.topic:
        handovers.insert(0, whole.handover)
    topics = {handover.topic: handover for handover in handovers if not handover.asks_nothing}
    handover, *unstated = topics.values() or (None,)
    if not answered:
        if handover is None or whole.is_answered:
            most = MOST_UNDERSTOOD_IN_PART if left_open else 1.0
            return Several(replace(whole, confidence=min(whole.confidence, most)))
        first = replace(whole, outcome=AnswerOutcome.HANDOVER, handover=handover)
        return Several(first, unstated=tuple(unstated), left_open=tuple(left_open))
    terms = tuple(dict.fromkeys(part.term for part in answered if part.term))
    intents = tuple(dict.fromkeys(part.intent for part in answered if part.intent))
    by_passage = {part.hits[0].passage_id: part for part in answered if not part.intent}
    best = by_passage.get(whole.hits[0].passage_id, answered[0])
    first = next((part for part in answered if part.intent), best)
    if not intents:
        del by_passage[first.hits[0].passage_id]
    confidence = min(part.confidence for part in answered)
    first = replace(first, confidence=confidence, handover=handover)
    beside = tuple(part.hits[0] for part in by_passage.values())
    return Several(first, beside, intents, terms, tuple(unstated), tuple(left_open))
