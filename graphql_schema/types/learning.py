# ruff: noqa: D102 - the description of a field says what it means
"""Questions that were not answered, for those who improve the knowledge base."""

from datetime import datetime

import strawberry
from strawberry import Parent

from graphql_schema.context import Info
from graphql_schema.presenter import presents, resolver
from graphql_schema.snapshot import Presented
from graphql_schema.types.connections import Edge, PageInfo
from graphql_schema.types.faq import Faq
from kb.content import faq_records
from kb.search import AnswerOutcome
from kb.services.asking import learning


@presents(
    learning.OpenQuestion,
    "Questions that are alike, none of which was answered. Nothing tells who asked.",
)
class OpenQuestion:
    """A group of questions."""

    group: strawberry.ID = strawberry.field(description="What names the group, to close it.")
    count: int = strawberry.field(description="How often it was asked.")
    examples: list[str] = strawberry.field(
        description="Up to three wordings, the latest first, without personal data."
    )
    locale: str = strawberry.field(description="The language they were read in.")
    outcome: AnswerOutcome = strawberry.field(description="What came of the latest of them.")
    first_asked_at: datetime = strawberry.field(description="When it was first asked, in UTC.")
    last_asked_at: datetime = strawberry.field(description="When it was last asked, in UTC.")

    @resolver("The FAQ entries that came nearest to the latest of them.", list[Faq])
    @staticmethod
    def nearest(
        root: Parent[learning.OpenQuestion], info: Info
    ) -> list[Presented[faq_records.Faq]]:
        faqs = info.context.library.faqs
        return [info.context.faq(number) for number in root.nearest if number in faqs]


@presents(learning.RatedPassage, "How an answer was rated, by passage and release.")
class AnswerRating:
    """Ratings of one passage."""

    faq_number: int = strawberry.field(description="The FAQ.")
    passage_id: str = strawberry.field(description="The passage that was shown.")
    release: int = strawberry.field(description="The number of the release that had it.")
    helpful: int = strawberry.field(description="How often it helped.")
    unhelpful: int = strawberry.field(description="How often it did not help.")


@strawberry.type(description="A page of open questions.")
class OpenQuestionConnection:
    """Groups, the most frequent first."""

    edges: list[Edge[OpenQuestion]] = strawberry.field(description="Groups with their cursors.")
    nodes: list[OpenQuestion] = strawberry.field(description="The groups.")
    page_info: PageInfo = strawberry.field(description="Where the page lies in the whole list.")
