# ruff: noqa: D102 - the description of a field says what it means
"""The root field for questions that were not answered."""

from operator import attrgetter

import strawberry

from graphql_schema.context import Info
from graphql_schema.presenter import resolver
from graphql_schema.types.connections import After, First, Page
from graphql_schema.types.learning import AnswerRating, OpenQuestionConnection
from kb.services.asking.learning import (
    OpenQuestion,
    RatedPassage,
    answer_ratings,
    open_questions,
)


@strawberry.type
class LearningQueries:
    """What people ask and do not find is for those who answer them."""

    @resolver(
        "Questions that were not answered, or whose answer did not help, and that nobody has "
        "closed, the most frequent first. For the helpdesk and admins.",
        OpenQuestionConnection,
    )
    async def open_questions(
        self, info: Info, first: First = None, after: After = None
    ) -> Page[OpenQuestion]:
        context = info.context
        request = context.page_request(first=first, after=after)
        page = await open_questions(context.viewer, request)
        return Page(page.rows, attrgetter("cursor"), page.has_next, page.has_previous)

    @resolver(
        "How answers were rated, by passage and release, those that helped least often first. For "
        "the helpdesk and admins.",
        list[AnswerRating],
    )
    async def answer_ratings(self, info: Info, first: First = None) -> list[RatedPassage]:
        context = info.context
        size = context.page_request(first=first).size
        return list(await answer_ratings(context.viewer, size))
