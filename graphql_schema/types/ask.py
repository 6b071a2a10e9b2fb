# ruff: noqa: D102 - the description of a field says what it means
"""Questions in people's own words, and what comes back: curated text, or an honest hand-over."""

from dataclasses import dataclass
from typing import Annotated

import strawberry

from graphql_schema.locales import Served
from graphql_schema.scalars import Markdown
from graphql_schema.types.facility import Applicability, Applied
from graphql_schema.types.faq import Citation, Faq, Passage
from graphql_schema.types.inputs import FacilityProfileInput, optional
from graphql_schema.types.knowledge import KnowledgeEntry
from kb.rules.rulebook import Actor
from kb.search import AnswerOutcome, SearchHit
from kb.search.confidence import ConfidenceBand
from kb.services.asking.answer import Answered

Info = strawberry.Info


@strawberry.input(description="A question, and for whom it is asked.")
class AskInput:
    """A facility or a profile fits the answer to it; give at most one of them."""

    question: str = strawberry.field(description="The question, in any language served.")
    previous_question: str | None = optional("The question before, for follow-ups.")
    facility_id: strawberry.ID | None = optional("Global id of the facility it is about.")
    profile: FacilityProfileInput | None = optional("A facility that is in no database.")
    audience: str | None = optional("Who asks, such as brand or facility; their FAQs come first.")
    locale: str | None = optional("The language to answer in; that of the question by default.")
    first: int | None = optional("How many hits at the most, 1 to 10; 3 by default.")


@dataclass(frozen=True, slots=True)
class Hit:
    """A hit in the language in which it is shown."""

    found: SearchHit
    served: Served


@strawberry.type(description="A FAQ entry that may answer the question.")
class AnswerHit:
    """A hit; its score is comparable within one search only."""

    @strawberry.field(description="The entry.")
    def faq(self, info: Info) -> Faq:
        return info.context.faq(self.found.faq_number, self.served)

    @strawberry.field(description="How well it fits, from 0 to about 1.")
    def score(self) -> float:
        return self.found.score

    @strawberry.field(description="The passage that fits best.")
    def passage(self, info: Info) -> Passage:
        faq = info.context.faq(self.found.faq_number, self.served)
        return next(one for one in faq.passages if one.id == self.found.passage_id)

    @strawberry.field(description="The question or phrasing most like what was asked.")
    def matched_phrase(self) -> str:
        return self.found.matched_phrase

    @strawberry.field(description="The words that both have.")
    def matched_terms(self) -> list[str]:
        return list(self.found.matched_terms)

    @strawberry.field(
        description="Whether it applies to the facility or profile; null without one."
    )
    def applies_to_facility(self) -> bool | None:
        return self.found.applies

    @strawberry.field(description="Why it applies; null where it does not or nobody was named.")
    def because(self, info: Info) -> str | None:
        if not self.found.applies:
            return None
        return info.context.faq(self.found.faq_number, self.served).applies_because


@strawberry.type(description="What is not answered here, and who may know.")
class Handover:
    """A hand-over to a person."""

    reason: str = strawberry.field(description="Why there is no answer.")
    topic: str | None = strawberry.field(
        description="The topic, if it is one that is known not to be covered."
    )
    not_stated: str = strawberry.field(description="What the source does not state.")
    ask: Actor = strawberry.field(description="Whom to ask.")
    ask_text: str = strawberry.field(description="Whom to ask, in words.")

    @strawberry.field(description="Passages that come close.")
    def near(self, info: Info) -> list[Passage]:
        return [info.context.passage(one) for one in self.near]

    @strawberry.field(description="What later or outside public pages say on it.")
    def public_record(self, info: Info) -> list[KnowledgeEntry]:
        held = info.context.library.public_record
        shown = (info.context.view.record(held, one) for one in self.public_record)
        return [one for one in shown if one is not None]


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer with the hits to show and what applies to whom it is for."""

    answered: Answered
    hits: tuple[Hit, ...]
    served: Served
    applied: Applied | None


@strawberry.type(
    description="The outcome of a question. Its text is curated, cited and never generated."
)
class Answer:
    """Answered, up to three suggestions, or a hand-over."""

    hits: list[AnswerHit] = strawberry.field(description="What was found, best first.")

    @strawberry.field(description="Answered, suggestions, or a hand-over.")
    def outcome(self) -> AnswerOutcome:
        return self.answered.found.outcome

    @strawberry.field(description="Whether `outcome` is ANSWERED.")
    def answered(self) -> bool:
        return self.answered.answered

    @strawberry.field(description="The calibrated chance, 0 to 1, that the first hit answers it.")
    def confidence(self) -> float:
        return self.answered.found.confidence

    @strawberry.field(description="The same, coarsely.")
    def confidence_band(self) -> ConfidenceBand:
        return self.answered.found.band

    @strawberry.field(description="The answer; null unless `outcome` is ANSWERED.")
    def text(self) -> Markdown | None:
        return None if self.answered.text is None else Markdown(self.answered.text)

    @strawberry.field(
        description="Who may know, where nothing or only a part is answered; null otherwise."
    )
    def handover(self) -> Handover | None:
        return self.answered.found.handover

    @strawberry.field(description="What applies to the facility or profile; null without one.")
    def applicability(self) -> Applicability | None:
        return self.applied

    @strawberry.field(description="Entries that people ask for next.")
    def follow_ups(self, info: Info) -> list[Faq]:
        return [info.context.faq(one, self.served) for one in self.answered.found.follow_ups]

    @strawberry.field(description="The language of the texts.")
    def served_locale(self) -> str:
        return self.served.locale

    @strawberry.field(description="Why this language was served.")
    def locale_reason(self) -> str:
        return self.served.reason

    @strawberry.field(description="What the text rests on.")
    def citations(self) -> list[Citation]:
        return list(self.answered.citations)


@strawberry.type(description="FAQ entries that a text finds.")
class SearchResult:
    """The hits, best first."""

    hits: list[AnswerHit] = strawberry.field(description="The entries found, best first.")
    total_count: int = strawberry.field(description="How many were found.")


First = Annotated[
    int | None, strawberry.argument(description="How many at the most; 10 by default.")
]
