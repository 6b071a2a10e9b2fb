"""What the content files hold of how people ask: their words, and whom to turn to instead.

Beside the FAQs (`kb.content.records`) these records tell what questions mean and what is said where
no FAQ answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

from kb.rules.codes import Actor
from kb.rules.rulebook import Condition


class Detail(StrEnum):
    """What a question may want to know exactly, and a passage states or leaves open."""

    DURATION = "DURATION"
    DATE = "DATE"
    PRICE = "PRICE"
    COUNT = "COUNT"
    NAME = "NAME"
    LINK = "LINK"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """How the answer to some questions begins: with "Yes.", "No." or "It depends.", and why.

    `phrasings` are questions to which this is the answer; others may have another lead.
    """

    text: str
    phrasings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnTo:
    """Whom to ask: the actor, and what to do in one sentence."""

    actor: Actor
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Whom hand-overs name: the actor, a name, and what to do in one sentence, by locale too.

    `outside` names whom to ask instead about a facility that Better Work does not assess.
    """

    actor: Actor
    name: str
    text: str
    text_in: Mapping[str, str]
    outside: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotCovered:
    """A topic that people ask about and the knowledge base does not answer.

    `phrasings` are English, `phrasings_in` those of other locales. `reason` says what the source
    does not state. Whom to ask is `contact`, the name of a `Contact`, or written out in `ask`.
    `near` are ids of passages that come close; `completes` the FAQs that answer only a part of what
    is asked without it; `public_record` what later pages say of the topic. `asks` are the details
    that those who ask about the topic want; with facts of `unless_when` it is never named.
    """

    topic: str
    phrasings: tuple[str, ...]
    phrasings_in: Mapping[str, tuple[str, ...]]
    reason: str
    ask: TurnTo | None = None
    contact: str | None = None
    near: tuple[str, ...]
    completes: tuple[int, ...] = ()
    public_record: tuple[str, ...] = ()
    asks: tuple[Detail, ...] = ()
    unless_when: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Courtesies:
    """Words of politeness in one language, filed under its locale; they carry no meaning.

    `openings` stand first and a name may follow; `fillers` stand anywhere; what stands on lines of
    its own below `closings` is a signature.
    """

    openings: tuple[str, ...]
    fillers: tuple[str, ...]
    closings: tuple[str, ...]


class DecidedPart(StrEnum):
    """The part of what applies to a facility that answers a question about it."""

    NEXT_ACTIONS = "NEXT_ACTIONS"
    ASSESSED_BY = "ASSESSED_BY"
    DEADLINE = "DEADLINE"
    COST = "COST"
    SHARING = "SHARING"
    DATA_LABELS = "DATA_LABELS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """Questions about the facility of whoever asks, answered from what applies to it."""

    decision: DecidedPart
    phrasings: tuple[str, ...]
    phrasings_in: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileFact:
    """Words in a question that tell a fact of the facility: an input of the rules and its value.

    `phrases` are by locale, with the signs of `kb.search.fact_phrases`. `text` says the fact for
    people, `text_in` in other locales.
    """

    input: str
    value: str
    text: str
    text_in: Mapping[str, str]
    phrases: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Synonym:
    """Words that people use, filed under them; `also` are those the knowledge base uses."""

    also: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverTranslation:
    """What a hand-over says in another language, filed under "<locale>.<topic>".

    Of a topic that is not covered it has all but `opening`, and `made_from`, the hash of the
    English it was made from (`kb.content.translations.topic_hash`). What every hand-over says is
    filed under the names in `GENERAL_HANDOVERS`.
    """

    opening: str | None = None
    topic: str | None = None
    reason: str | None = None
    ask: str | None = None
    status: Literal["unreviewed", "reviewed"] = "unreviewed"
    made_from: str | None = None


GENERAL_HANDOVERS: Final[Mapping[str, tuple[str, ...]]] = {
    "any-topic": ("opening",),
    "nothing-near": ("opening", "reason", "ask"),
    "one-of-these": ("opening", "reason", "ask"),
    "left-open": ("opening", "reason", "ask"),
    "an-id": ("opening", "reason", "ask"),
    "no-words": ("opening", "reason", "ask"),
}
"""Hand-overs that are about no topic, with the texts each has; English is in `kb.search`."""


LONGEST_SHORT: Final = 300
LONGEST_BUTTON: Final = 40
