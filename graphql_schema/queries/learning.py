# ruff: noqa: D102 - the description of a field says what it means
"""The root field for questions that were not answered."""

import strawberry

from graphql_schema.types.connections import After, First, Page, PageEdge
from graphql_schema.types.learning import OpenQuestionConnection
from kb.services.asking.learning import open_questions
from kb.services.paging import page_request

Info = strawberry.Info


@strawberry.type
class LearningQueries:
    """What people ask and do not find is for those who answer them."""

    @strawberry.field(
        description="Questions that were not answered and that nobody has closed, the most "
        "frequent first. For the helpdesk and admins."
    )
    async def open_questions(
        self, info: Info, first: First = None, after: After = None
    ) -> OpenQuestionConnection:
        context = info.context
        asked = page_request(first=first, after=after, max_size=context.settings.max_page_size)
        found = await open_questions(context.viewer, asked)
        edges = [PageEdge(row.cursor, row) for row in found.rows]
        return Page(edges, found.has_next, found.has_previous, _uncounted)


async def _uncounted() -> int:
    raise NotImplementedError  # the connection has no total
