"""Commands on questions that were not answered: list, close, purge."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from kb.cli.output import say, show, table
from kb.cli.running import database
from kb.errors import InvalidInputError
from kb.settings import Settings

app = typer.Typer(help="Questions that were not answered.", no_args_is_help=True)


@app.command("list")
def list_(
    first: Annotated[int, typer.Option(help="How many groups at the most, 1 to 1000.")] = 50,
) -> None:
    """List groups of questions that nobody has closed, the most frequent first."""
    questions = asyncio.run(_list(first))
    if not questions:
        say("No question is open.")
        return
    shown = table("Group", "Asked", "Last", "Language", "Outcome", "Nearest FAQs", "Examples")
    for question in questions:
        shown.add_row(
            question.group,
            str(question.count),
            f"{question.last_asked_at:%Y-%m-%d}",
            question.locale,
            question.outcome,
            ", ".join(map(str, question.nearest)),
            "\n".join(question.examples),
        )
    show(shown)


@app.command()
def ratings(
    first: Annotated[int, typer.Option(help="How many passages at the most.", min=1)] = 50,
) -> None:
    """List how passages were rated, by release; those that helped least often come first."""
    rated_passages = asyncio.run(_ratings(first))
    if not rated_passages:
        say("No answer was rated.")
        return
    shown = table("Passage", "Release", "Helped", "Did not help")
    for rated in rated_passages:
        shown.add_row(
            rated.passage_id, str(rated.release), str(rated.helpful), str(rated.unhelpful)
        )
    show(shown)


@app.command()
def suggest() -> None:
    """Propose phrasings from questions that were closed with PHRASING_ADDED, to paste as YAML."""
    proposals = asyncio.run(_suggest())
    if not proposals:
        say("No closed question has a wording that its FAQ lacks.")
    for proposed in proposals:
        say(f"# FAQ {proposed.faq_number}, {proposed.locale}")
        for phrasing in proposed.phrasings:
            say(f"- {json.dumps(phrasing, ensure_ascii=False)}")


@app.command()
def close(
    group: Annotated[str, typer.Argument(metavar="GROUP", help="As in `list`.")],
    reason: Annotated[
        str,
        typer.Option(metavar="REASON", help="PHRASING_ADDED, NOT_COVERED or OUT_OF_SCOPE."),
    ],
    note: Annotated[str | None, typer.Option(help="What was done, for colleagues.")] = None,
) -> None:
    """Close a group of questions. Asked once more, they are open again."""
    closed = asyncio.run(_close(group, reason, note))
    say(f"Closed {closed} question{'s' if closed != 1 else ''}.")


@app.command()
def purge() -> None:
    """Remove questions and ratings older than the settings say; the server does so by itself."""
    gone = asyncio.run(_purge())
    say(f"Removed: questions {gone.questions}, ratings {gone.ratings}.")


async def _list(first: int) -> Any:
    from kb.services.access.callers import command_viewer
    from kb.services.asking.learning import open_questions
    from kb.services.paging import page_request

    settings = Settings()
    page = page_request(first=first, max_size=1000)
    async with database(settings):
        return (await open_questions(await command_viewer(settings), page)).rows


async def _ratings(first: int) -> Any:
    from kb.services.access.callers import command_viewer
    from kb.services.asking.learning import answer_ratings

    settings = Settings()
    async with database(settings):
        return await answer_ratings(await command_viewer(settings), first)


async def _suggest() -> Any:
    from kb.services.access.callers import command_viewer
    from kb.services.asking.learning import suggested_phrasings
    from kb.services.knowledge.holder import load_knowledge

    settings = Settings()
    async with database(settings):
        viewer = await command_viewer(settings)
        return await suggested_phrasings(viewer, await load_knowledge())


async def _close(group: str, reason: str, note: str | None) -> int:
    from kb.services.access.callers import command_viewer
    from kb.services.asking.learning import ClosingReason, close_questions

    wanted = reason.upper().replace("-", "_")
    if wanted not in list(ClosingReason):
        raise InvalidInputError("--reason", reason, ", ".join(ClosingReason))
    settings = Settings()
    async with database(settings):
        viewer = await command_viewer(settings)
        now = datetime.now(UTC)
        return await close_questions(viewer, group, ClosingReason(wanted), note, now=now)


async def _purge() -> Any:
    from kb.services.access.callers import command_viewer
    from kb.services.access.matrix import Capability, require
    from kb.services.asking.learning import purge as remove

    settings = Settings()
    async with database(settings):
        require(await command_viewer(settings), Capability.READ_QUESTIONS)
        return await remove(settings, datetime.now(UTC))
