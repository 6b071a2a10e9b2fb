# ruff: noqa: D102 - the description of a field says what it means
"""Questions in people's own words, and what comes back: curated text, or an honest hand-over."""

from dataclasses import dataclass
from typing import Annotated

import strawberry
from strawberry import Parent

from graphql_schema.context import Info
from graphql_schema.locales import Served
from graphql_schema.presenter import Presenter, presents, resolver
from graphql_schema.scalars import Markdown
from graphql_schema.snapshot import Presented
from graphql_schema.types.applicability import Applicability, DatedDecision
from graphql_schema.types.faq import Citation, Faq, Passage
from graphql_schema.types.inputs import FacilityProfileInput, optional
from graphql_schema.types.knowledge import KnowledgeEntry
from kb import search
from kb.content import faq_records, records
from kb.rules.codes import Actor
from kb.search import AnswerOutcome, SearchHit
from kb.search.confidence import ConfidenceBand
from kb.services.asking.answer import Answered


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


@dataclass(slots=True)
class Hit(Presenter[SearchHit]):
    """A hit in the language in which it is shown."""

    served: Served


@presents(Hit, "A FAQ entry that may answer the question.")
class AnswerHit:
    """A hit; its score is comparable within one search only."""

    score: float = strawberry.field(description="How well it fits, from 0 to about 1.")
    matched_phrase: str = strawberry.field(
        description="The question or phrasing most like what was asked."
    )
    matched_terms: list[str] = strawberry.field(description="The words that both have.")
    lead: str | None = strawberry.field(
        description="How the answer to a yes/no question begins; null where it does not begin so."
    )

    @resolver("The entry.", Faq)
    @staticmethod
    def faq(root: Parent[Hit], info: Info) -> Presented[faq_records.Faq]:
        return info.context.faq(root.record.faq_number, root.served)

    @resolver("The passage that fits best.", Passage)
    @staticmethod
    def passage(root: Parent[Hit], info: Info) -> faq_records.Passage:
        faq = info.context.faq(root.record.faq_number, root.served).record
        return next(passage for passage in faq.passages if passage.id == root.record.passage_id)

    @resolver("Whether it applies to the facility or profile; null without one.")
    @staticmethod
    def applies_to_facility(root: Parent[Hit]) -> bool | None:
        return root.record.applies

    @resolver("Why it applies; null where it does not or nobody was named.")
    @staticmethod
    def because(root: Parent[Hit], info: Info) -> str | None:
        if not root.record.applies:
            return None
        return info.context.faq(root.record.faq_number, root.served).record.applies_because


@presents(search.Handover, "What is not answered here, and who may know.")
class Handover:
    """A hand-over to a person."""

    reason: str = strawberry.field(description="Why there is no answer.")
    topic: str | None = strawberry.field(
        description="The topic, if it is one that is known not to be covered."
    )
    not_stated: str = strawberry.field(description="What the source does not state.")
    ask: Actor = strawberry.field(description="Whom to ask.")
    ask_text: str = strawberry.field(description="Whom to ask, in words.")

    @resolver("Passages that come close.", list[Passage])
    @staticmethod
    def near(root: Parent[search.Handover], info: Info) -> list[faq_records.Passage]:
        return [info.context.passage(passage_id) for passage_id in root.near]

    @resolver("What later or outside public pages say on it.", list[KnowledgeEntry])
    @staticmethod
    def public_record(root: Parent[search.Handover], info: Info) -> list[Presented[records.Entry]]:
        context = info.context
        return context.snapshot.shown(context.library.public_record, root.public_record)


@dataclass(slots=True)
class Reply(Presenter[Answered]):
    """An answer with the hits to show, their language, and what applies to whom it is for."""

    hits: tuple[Hit, ...]
    served: Served
    applicability: DatedDecision | None


@presents(Reply, "The outcome of a question. Its text is curated, cited and never generated.")
class Answer:
    """Answered, up to three suggestions, or a hand-over."""

    hits: list[AnswerHit] = strawberry.field(description="What was found, best first.")
    answered: bool = strawberry.field(description="Whether `outcome` is ANSWERED.")
    text: Markdown | None = strawberry.field(
        description="The answer; for a hand-over, what is not stated, what later public pages say "
        "on it and whom to ask. Null for suggestions, and where no page says anything."
    )
    read_as: list[str] = strawberry.field(
        description="How the question was understood: what it tells of the facility."
    )
    applicability: Applicability | None = strawberry.field(
        description="What applies to the facility or profile; null without one."
    )
    citations: list[Citation] = strawberry.field(description="What the text rests on.")

    @resolver("Answered, suggestions, or a hand-over.")
    @staticmethod
    def outcome(root: Parent[Reply]) -> AnswerOutcome:
        return root.record.answer.outcome

    @resolver("The calibrated chance, 0 to 1, that the first hit answers it.")
    @staticmethod
    def confidence(root: Parent[Reply]) -> float:
        return root.record.answer.confidence

    @resolver("The same, coarsely.")
    @staticmethod
    def confidence_band(root: Parent[Reply]) -> ConfidenceBand:
        return root.record.answer.band

    @resolver(
        "Who may know, unless all is answered; null then. Suggestions have one without a topic.",
        Handover | None,
    )
    @staticmethod
    def handover(root: Parent[Reply]) -> search.Handover | None:
        return root.record.answer.handover

    @resolver("Entries that people ask for next.", list[Faq])
    @staticmethod
    def follow_ups(root: Parent[Reply], info: Info) -> list[Presented[faq_records.Faq]]:
        numbers = root.record.answer.follow_ups
        return [info.context.faq(number, root.served) for number in numbers]

    @resolver("The language of the texts.")
    @staticmethod
    def served_locale(root: Parent[Reply]) -> str:
        return root.served.locale

    @resolver("Why this language was served.")
    @staticmethod
    def locale_reason(root: Parent[Reply]) -> str:
        return root.record.answer.locale_reason


@dataclass(frozen=True, slots=True)
class FoundEntries:
    """The hits of a search, best first, and how many there are in all."""

    hits: list[Hit]
    total_count: int


@presents(FoundEntries, "FAQ entries that a text finds.")
class SearchResult:
    """The hits, best first."""

    hits: list[AnswerHit] = strawberry.field(description="The entries found, best first.")
    total_count: int = strawberry.field(description="How many were found.")


First = Annotated[
    int | None, strawberry.argument(description="How many at the most; 10 by default.")
]
