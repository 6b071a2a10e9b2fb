"""The command ask: the curated answer to a question, or an honest hand-over."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from kb.cli.operations import data_of, global_id_of, json_text, one_facility, viewer_for
from kb.cli.output import say, show, show_text, table
from kb.cli.running import database
from kb.content.records import Library
from kb.rules.days import local_days
from kb.rules.facts import ALL_LAYERS
from kb.settings import Settings

if TYPE_CHECKING:  # takes long to load
    from kb.search import SearchAnswer
    from kb.services.asking.answer import Answered

QUERY = """
query Ask($input: AskInput!) {
  ask(input: $input) {
    outcome answered confidence confidenceBand text servedLocale localeReason
    hits {
      faq { number question }
      score matchedPhrase matchedTerms appliesToFacility because
      passage { id text }
    }
    handover { reason topic notStated ask askText near { id } publicRecord { key } }
    applicability { assessment { assessedBy text } sharing { status text } }
    followUps { number question }
    citations { faqNumber passage { id } source { key title } layer role }
  }
}
"""


@dataclass(frozen=True, slots=True)
class AskOptions:
    """What `kb ask` is called with: a question, and for whom."""

    question: str
    facility: str | None
    locale: str | None
    previous: str | None


def ask(
    question: Annotated[str, typer.Argument(help="The question, in any language served.")],
    facility: Annotated[
        str | None, typer.Option(help="Any id of the facility that the question is about.")
    ] = None,
    locale: Annotated[
        str | None, typer.Option(help="The language to answer in, such as vi, id or bn.")
    ] = None,
    previous: Annotated[str | None, typer.Option(help="The question before.")] = None,
    why: Annotated[
        bool, typer.Option("--why", help="Also how the question was read, and every score.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="The same data as the GraphQL query, as JSON.")
    ] = False,
) -> None:
    """Answer a question with curated text, or say who may know."""
    options = AskOptions(question, facility, locale, previous)
    if as_json:
        asyncio.run(_print_json(options))
        return
    answered, library = asyncio.run(_answer(options))
    text = "\n\n".join(_paragraphs(answered, library))
    show_text(text)
    if why:
        show(_hits(answered.answer))
        show(_reading(answered.answer))


async def _answer(options: AskOptions) -> tuple[Answered, Library]:
    from kb.services.asking import answer as asking
    from kb.services.asking.learning import note_unanswered
    from kb.services.facilities.what_applies import what_applies
    from kb.services.knowledge.holder import load_knowledge

    now = datetime.now(UTC)
    settings = Settings()
    async with database(settings):
        viewer = await viewer_for(options.facility, settings)
        knowledge = await load_knowledge(settings.reliance)
        decision = None
        private: tuple[str, ...] = ()
        if options.facility is not None:
            facility = await one_facility(options.facility, viewer)
            today = local_days(facility.country, now).today
            names = (facility.name, facility.os_id, facility.gateway_id, facility.better_work_id)
            private = tuple(name for name in names if name)
            decision = what_applies(facility, knowledge, today, ALL_LAYERS, viewer=viewer)
        answered = await asking.ask(
            options.question,
            knowledge,
            viewer=viewer,
            previous=options.previous,
            decision=decision,
            locale=options.locale,
        )
        if answered.leaves_open:
            await note_unanswered(
                options.question, answered.answer, knowledge, now=now, private=private
            )
    return answered, knowledge.library


async def _print_json(options: AskOptions) -> None:
    question: dict[str, str | None] = {
        "question": options.question,
        "locale": options.locale,
        "previousQuestion": options.previous,
    }
    if options.facility is not None:
        question["facilityId"] = await global_id_of(options.facility)
    data = await data_of(QUERY, {"input": question}, anonymous=options.facility is None)
    say(json_text(data["ask"]))


def _paragraphs(answered: Answered, library: Library) -> Iterator[str]:
    from kb.search import AnswerOutcome

    answer = answered.answer
    if answered.text is not None:
        yield answered.text
    elif answer.outcome is AnswerOutcome.SUGGESTIONS:
        yield "Did you mean:"
        for hit in answer.hits[:3]:
            yield f"- FAQ {hit.faq_number}: {library.faqs[hit.faq_number].question}"
        if answer.handover is not None:
            yield f"If none of these: {answer.handover.ask_text}"
    elif answer.handover is not None:
        yield from (answer.handover.reason, answer.handover.not_stated, answer.handover.ask_text)
    cited = dict.fromkeys(citation.passage or citation.source for citation in answered.citations)
    if cited:
        yield f"Passages: {', '.join(cited)}"
    if answer.served_locale != "en" or answer.locale_reason.startswith("There is no text"):
        yield answer.locale_reason


def _hits(read: SearchAnswer) -> Table:
    shown = table("FAQ", "Score", "Passage", "Matched phrase", "Matched terms")
    for hit in read.hits:
        terms = ", ".join(hit.matched_terms)
        number, score = str(hit.faq_number), f"{hit.score:.4f}"
        shown.add_row(number, score, hit.passage_id, hit.matched_phrase, terms)
    return shown


def _reading(read: SearchAnswer) -> Table:
    shown = table("What", "Value")
    why = read.why
    shown.add_row("outcome", read.outcome)
    shown.add_row("confidence", f"{read.confidence:.4f} ({read.band})")
    shown.add_row("read in", why.read_in)
    shown.add_row("read as", ", ".join(why.read_as))
    corrected = ", ".join(f"{wrong} → {right}" for wrong, right in why.corrections)
    shown.add_row("corrected", corrected)
    shown.add_row("nearest topic that is not covered", why.nearest_topic or "")
    for field in fields(why.evidence) if why.evidence else ():
        shown.add_row(field.name, f"{getattr(why.evidence, field.name):.4f}")
    return shown
