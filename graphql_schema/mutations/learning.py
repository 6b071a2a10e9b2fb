# ruff: noqa: D102 - the description of a field says what it means
"""Mutations on questions: rate an answer, close a group of open questions."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

import strawberry

from graphql_schema.context import Info
from graphql_schema.mutations.refusals import InvalidInput, NotFound, NotPermitted
from graphql_schema.presenter import presents, resolver
from graphql_schema.types.inputs import optional
from graphql_schema.types.knowledge import KnowledgeRelease
from kb.services.asking.learning import ClosingReason, close_questions, rate_answer
from kb.services.knowledge.releases import ReleaseInfo


@strawberry.input(description="What somebody thought of an answer.")
class AnswerRateInput:
    """An answer and whether it helped."""

    question: str = strawberry.field(
        description="The question; it is kept without personal data, 500 characters of it."
    )
    faq_number: int = strawberry.field(description="The FAQ that was shown.")
    passage_id: str = strawberry.field(description="The passage that was shown.")
    helpful: bool = strawberry.field(description="Whether it helped.")


@strawberry.input(description="Questions that were dealt with.")
class QuestionCloseInput:
    """A group of questions and what was done."""

    group: strawberry.ID = strawberry.field(description="The group, as `openQuestions` names it.")
    reason: ClosingReason = strawberry.field(description="Why they need no more work.")
    note: str | None = optional("What was done, for colleagues.")


@dataclass(frozen=True, slots=True)
class Rated:
    """An answer was rated, that of the release."""

    release: ReleaseInfo


@presents(Rated, "The rating is kept.")
class AnswerRated:
    """A rating."""

    release: KnowledgeRelease = strawberry.field(description="The release that was rated.")


@strawberry.type(description="The questions are closed; asked once more, they are open again.")
class QuestionsClosed:
    """A group that was closed."""

    closed: int = strawberry.field(description="How many questions the group had.")


AnswerRateResult = Annotated[
    AnswerRated | NotPermitted | NotFound | InvalidInput,
    strawberry.union("AnswerRateResult", description="The rating is kept, or it was refused."),
]
QuestionCloseResult = Annotated[
    QuestionsClosed | NotPermitted | NotFound | InvalidInput,
    strawberry.union("QuestionCloseResult", description="They are closed, or it was refused."),
]


@strawberry.type
class LearningMutations:
    """What makes later answers better."""

    @resolver("Say whether an answer helped. Nothing tells who said so.", AnswerRateResult)
    async def answer_rate(
        self,
        info: Info,
        input: Annotated[AnswerRateInput, strawberry.argument(description="The rating.")],
    ) -> Rated:
        knowledge = info.context.knowledge
        now = datetime.now(UTC)
        await rate_answer(info.context.viewer, **vars(input), knowledge=knowledge, now=now)
        return Rated(knowledge.release)

    @resolver(
        "Close a group of questions that were not answered, with the reason. For the helpdesk and "
        "admins.",
        QuestionCloseResult,
    )
    async def question_close(
        self,
        info: Info,
        input: Annotated[QuestionCloseInput, strawberry.argument(description="The group.")],
    ) -> QuestionsClosed:
        now = datetime.now(UTC)
        closed = await close_questions(info.context.viewer, **vars(input), now=now)
        return QuestionsClosed(closed=closed)
