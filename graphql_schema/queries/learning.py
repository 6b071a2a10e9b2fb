# ruff: noqa: D102 - the description of a field says what it means
"""The root field for questions that were not answered."""

import strawberry

from graphql_schema.context import Info
from graphql_schema.presenter import resolver
from graphql_schema.types.connections import After, First, Page, PageEdge
from graphql_schema.types.learning import OpenQuestionConnection
from kb.services.asking.learning import OpenQuestion, open_questions
from kb.services.paging import page_request


@strawberry.type
class LearningQueries:
    """What people ask and do not find is for those who answer them."""

    @resolver(
        "Questions that were not answered and that nobody has closed, the most frequent first. For "
        "the helpdesk and admins.",
        OpenQuestionConnection,
    )
    async def open_questions(
        self, info: Info, first: First = None, after: After = None
    ) -> Page[OpenQuestion]:
        context = info.context
        asked = page_request(first=first, after=after, max_size=context.settings.max_page_size)
        page = await open_questions(context.viewer, asked)
        edges = [PageEdge(question.cursor, question) for question in page.rows]
        return Page(edges, page.has_next, page.has_previous)
