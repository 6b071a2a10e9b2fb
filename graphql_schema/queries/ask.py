# ruff: noqa: D102 - the description of a field says what it means
"""Root fields for questions in people's own words."""

from datetime import UTC, datetime
from functools import partial
from typing import Annotated

import strawberry

from graphql_schema.context import Context, Info
from graphql_schema.locales import Served
from graphql_schema.presenter import resolver
from graphql_schema.queries.knowledge import faq_filter
from graphql_schema.snapshot import LocaleWanted, Presented
from graphql_schema.types.applicability import (
    DatedDecision,
    decide,
    decide_profile,
    in_language,
)
from graphql_schema.types.ask import (
    Answer,
    AskInput,
    First,
    FoundEntries,
    Hit,
    Reply,
    SearchResult,
)
from graphql_schema.types.faq import Faq
from graphql_schema.types.inputs import FaqFilter
from graphql_schema.types.node import facility_number
from kb.content import faq_records
from kb.errors import InvalidInputError, NotFoundError
from kb.services.asking.answer import ask
from kb.services.asking.learning import note_unanswered

MOST_HITS = 10
USUAL_HITS = 3


@strawberry.type
class AskQueries:
    """Answers are curated; where there is none, somebody is named who may know."""

    @resolver("The curated answer to a question, up to three suggestions, or a hand-over.", Answer)
    async def ask(
        self,
        info: Info,
        input: Annotated[AskInput, strawberry.argument(description="The question.")],
    ) -> Reply:
        context = info.context
        size = _size(input.first, USUAL_HITS)
        context.serve(input.locale)
        decision, private = await _decision(context, input)
        answered = await ask(
            input.question,
            context.knowledge,
            viewer=context.viewer,
            previous=input.previous_question,
            decision=decision.english if decision else None,
            locale=input.locale,
            # Whom it is written for comes first, of all that are near.
            most=size if input.audience is None else MOST_HITS,
        )
        if answered.leaves_open:
            note = partial(note_unanswered, input.question, answered.answer, context.knowledge)
            await context.write(partial(note, now=datetime.now(UTC), private=private))
        served = Served(answered.answer.served_locale, "This is the language of the answer.")
        if decision is not None:
            decision = in_language(
                decision.english, context, decision.snapshot, served.locale, decision.facility
            )
        concerns = faq_filter(FaqFilter(audience=input.audience), context.library)
        ranked = answered.answer.hits
        if not answered.answered:
            # What is suggested to somebody begins with what is written for them.
            faqs = context.library.faqs
            ranked = tuple(sorted(ranked, key=lambda hit: not concerns(faqs[hit.faq_number])))
        hits = tuple(Hit(hit, served) for hit in ranked[:size])
        return Reply(answered, hits, served, decision)

    @resolver("FAQ entries by text, best first, whether or not they answer it.", SearchResult)
    async def search(
        self,
        info: Info,
        query: Annotated[str, strawberry.argument(description="The text to search for.")],
        filter: Annotated[FaqFilter | None, strawberry.argument(description="Which ones.")] = None,
        first: First = None,
        locale: LocaleWanted = None,
    ) -> FoundEntries:
        context = info.context
        size = _size(first, MOST_HITS)
        asked = None if locale is None else context.serve(locale)
        wanted = faq_filter(filter or FaqFilter(), context.library)
        faqs = context.library.faqs
        try:
            found = await context.knowledge.searching.run(
                lambda index: index.search(
                    query, limit=size, locale=locale, wanted=lambda number: wanted(faqs[number])
                )
            )
        except InvalidInputError as error:
            raise InvalidInputError("query", error.value, error.allowed) from error
        served = asked or Served(found.locale, found.locale_reason)
        return FoundEntries([Hit(hit, served) for hit in found.hits], found.total)

    @resolver("FAQ entries for a text that is still being typed.", list[Faq])
    async def suggest(
        self,
        info: Info,
        text: Annotated[str, strawberry.argument(description="What has been typed so far.")],
        first: First = None,
        locale: LocaleWanted = None,
    ) -> list[Presented[faq_records.Faq]]:
        context = info.context
        index = await context.knowledge.searching.index()
        served = Served(*index.language_of(text)) if locale is None else context.serve(locale)
        suggestions = index.suggest(text, _size(first, 5), locale)
        return [context.faq(number, served) for number, _ in suggestions]


async def _decision(
    context: Context, question: AskInput
) -> tuple[DatedDecision | None, tuple[str, ...]]:
    """What applies to whom the question is about, and its name and ids, which are not stored.

    Hidden and missing facilities are the same.
    """
    if question.facility_id is not None and question.profile is not None:
        raise InvalidInputError("profile", "given beside facilityId", "at most one of the two")
    if question.facility_id is not None:
        number = await facility_number(context, "facilityId", question.facility_id)
        facility = await context.facility(number)
        if facility is None:
            raise NotFoundError("facility", question.facility_id)
        record = facility.record
        names = (record.name, record.os_id, record.gateway_id, record.better_work_id)
        return await decide(context, facility), tuple(name for name in names if name)
    if question.profile is not None:
        snapshot = context.snapshot_on(None, None, country=question.profile.country)
        return decide_profile(context, question.profile.profile(), snapshot), ()
    return None, ()


def _size(first: int | None, usual: int) -> int:
    if first is None:
        return usual
    if not 1 <= first <= MOST_HITS:
        raise InvalidInputError("first", first, f"1 to {MOST_HITS}")
    return first
