"""The learning loop: what was asked without an answer, and whether answers helped.

Nothing of who asked is kept, nor for which facility; what looks like personal data is taken out
before it is stored.
"""

from __future__ import annotations

import asyncio
import logging
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from operator import methodcaller
from uuid import uuid4

from tortoise.expressions import Q
from tortoise.functions import Count, Max, Min

from kb.errors import InvalidInputError, NotFoundError
from kb.models import AnswerRating, AskedQuestion
from kb.models.fields import storable
from kb.search import AnswerOutcome, SearchAnswer
from kb.search.redact import redacted
from kb.services.access.matrix import Capability, Viewer, require
from kb.services.database import FAILURES, current_client, placeholder
from kb.services.knowledge.holder import Knowledge
from kb.services.paging import PageRequest, decode_cursor, encode_cursor
from kb.settings import Settings

LONGEST_KEPT = 500
"""Characters that are kept of a question."""

LONGEST_READ = 2_000
"""Characters of a question that are looked at for what to keep."""

NOTE_SECONDS = 2.0
"""How long an answer waits for its question to be stored."""

LONGEST_NAME = 300
"""Characters of the longest name of a facility."""

COMPARED = 200
"""Open questions, the latest, among which one like a new question is looked for."""

_ORDER = "OPEN_QUESTIONS"
_EXAMPLES = 3
_HITS = 3
_LONGEST_NOTE = 2_000

logger = logging.getLogger(__name__)


class ClosingReason(StrEnum):
    """Why a group of questions needs no more work."""

    PHRASING_ADDED = "PHRASING_ADDED"
    NOT_COVERED = "NOT_COVERED"
    OUT_OF_SCOPE = "OUT_OF_SCOPE"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenQuestion:
    """Questions that are alike: how often, the latest wordings, and the nearest FAQs."""

    group: str
    count: int
    examples: tuple[str, ...]
    locale: str
    outcome: str
    nearest: tuple[int, ...]
    first_asked_at: datetime
    last_asked_at: datetime
    cursor: str


@dataclass(frozen=True, slots=True)
class OpenQuestions:
    """A part of the groups, the most frequent first."""

    rows: tuple[OpenQuestion, ...]
    has_next: bool
    has_previous: bool


@dataclass(frozen=True, slots=True)
class RatedPassage:
    """How often a passage helped, and did not help, as a release has it."""

    faq_number: int
    passage_id: str
    release: int
    helpful: int
    unhelpful: int


@dataclass(frozen=True, slots=True)
class SuggestedPhrasings:
    """What people typed when they meant a FAQ: wordings that it does not have yet."""

    faq_number: int
    locale: str
    phrasings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Purged:
    """How many rows were past their time."""

    questions: int
    ratings: int


def kept(question: str, private: Iterable[str] = ()) -> str:
    """A question as it is stored: short, without personal data and without the `private` texts."""
    read = question[:LONGEST_READ]
    for name in sorted(filter(None, private), key=len, reverse=True):
        read = re.sub(re.escape(name), "[facility]", read, flags=re.IGNORECASE)
    readable = "".join(" " if _is_control(character) else character for character in read)
    clean = " ".join(redacted(readable).split())
    if len(question) > LONGEST_READ:  # what was cut in two there may be part of a name
        clean = clean[:-LONGEST_NAME]
    return clean[:LONGEST_KEPT]


def _is_control(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cs", "Co", "Cn")


async def note_unanswered(
    question: str,
    answer: SearchAnswer,
    knowledge: Knowledge,
    *,
    now: datetime,
    private: Iterable[str] = (),
) -> None:
    """Store what was not answered; that it cannot be stored is logged, not raised.

    That is a question, or those of an answered message that were left open. Each joins the group of
    the open question in the same language that is most like it, if one is.
    """
    if answer.outcome is AnswerOutcome.ANSWERED:
        for text in answer.left_open:
            by_itself = await knowledge.searching.run(methodcaller("ask", question=text))
            await _note(kept(text, private), by_itself, knowledge, now)
    elif answer.handover is None or not answer.handover.asks_nothing:
        await _note(kept(question, private), answer, knowledge, now)


async def _note(text: str, answer: SearchAnswer, knowledge: Knowledge, now: datetime) -> None:
    locale = answer.why.read_in
    try:
        async with asyncio.timeout(NOTE_SECONDS):
            latest = (
                await AskedQuestion.filter(closed_at__isnull=True, locale=locale)
                .order_by("-id")
                .limit(COMPARED)
                .values_list("text", "group_key")
            )
            index = await knowledge.searching.index()
            place = index.most_alike(locale, text, [text for text, _ in latest])
            await AskedQuestion.create(
                group_key=uuid4().hex if place is None else latest[place][1],
                text=text,
                locale=locale,
                outcome=answer.outcome,
                hits={str(hit.faq_number): hit.score for hit in answer.hits[:_HITS]},
                release=knowledge.release.number,
                asked_at=now,
            )
    except FAILURES as error:
        logger.warning("a question that was not answered could not be stored: %r", error)


async def open_questions(viewer: Viewer, page: PageRequest) -> OpenQuestions:
    """The groups that nobody has closed, the most frequent first."""
    require(viewer, Capability.READ_QUESTIONS)
    questions = AskedQuestion.filter(closed_at__isnull=True)
    grouped = questions.annotate(count=Count("id"), first=Min("id"), last=Max("id"))
    if page.after is not None:
        count, group_key = decode_cursor("after", page.after, _ORDER, int, str)
        grouped = grouped.filter(Q(count__lt=count) | Q(count=count, group_key__gt=group_key))
    groups = (
        await grouped.group_by("group_key")
        .order_by("-count", "group_key")
        .limit(page.size + 1)
        .values("group_key", "count", "first", "last")
    )
    if not groups:
        return OpenQuestions((), has_next=False, has_previous=page.after is not None)
    shown = groups[: page.size]
    wanted = [group["first"] for group in shown] + [group["last"] for group in shown]
    ends = await AskedQuestion.in_bulk(wanted, "id")
    examples = await _latest_texts([group["group_key"] for group in shown])
    rows = []
    for group in shown:
        last = ends[group["last"]]
        rows.append(
            OpenQuestion(
                group=group["group_key"],
                count=group["count"],
                examples=tuple(examples[group["group_key"]])[:_EXAMPLES],
                locale=last.locale,
                outcome=last.outcome,
                nearest=tuple(map(int, last.hits)),
                first_asked_at=ends[group["first"]].asked_at,
                last_asked_at=last.asked_at,
                cursor=encode_cursor(_ORDER, group["count"], group["group_key"]),
            )
        )
    return OpenQuestions(tuple(rows), len(groups) > page.size, page.after is not None)


async def _latest_texts(groups: Sequence[str]) -> Mapping[str, Mapping[str, None]]:
    """The last texts of each group, each once, the latest first."""
    client = current_client()
    numbered = client.capabilities.dialect == "postgres"
    marks = ", ".join(placeholder(place, numbered) for place in range(1, len(groups) + 1))
    _, rows = await client.execute_query(
        "SELECT group_key, text FROM (SELECT group_key, text, ROW_NUMBER() OVER "
        "(PARTITION BY group_key ORDER BY id DESC) AS place FROM asked_question "
        f"WHERE closed_at IS NULL AND group_key IN ({marks})) latest "
        f"WHERE place <= {10 * _EXAMPLES} ORDER BY group_key, place",
        [*groups],
    )
    texts: dict[str, dict[str, None]] = {group: {} for group in groups}
    for row in rows:
        texts[row["group_key"]][row["text"]] = None
    return texts


async def close_questions(
    viewer: Viewer, group: str, reason: ClosingReason, note: str | None, *, now: datetime
) -> int:
    """Close a group; tells how many questions it had. Asked once more, they are open again.

    NotFoundError when there is no such group, or it is closed.
    """
    require(viewer, Capability.READ_QUESTIONS)
    if note is not None and len(note) > _LONGEST_NOTE:
        raise InvalidInputError("note", f"{note[:40]}…", f"at most {_LONGEST_NOTE} characters")
    closed = await AskedQuestion.filter(
        group_key=storable("group", group), closed_at__isnull=True
    ).update(
        closed_at=now,
        closed_reason=reason,
        closed_note=None if note is None else storable("note", note),
    )
    if not closed:
        raise NotFoundError("open group of questions", group)
    return closed


async def rate_answer(
    viewer: Viewer,
    question: str,
    faq_number: int,
    passage_id: str,
    *,
    helpful: bool,
    knowledge: Knowledge,
    now: datetime,
) -> None:
    """Note whether a passage helped; NotFoundError for a FAQ or passage that is not there.

    A question whose answer did not help joins the open questions.
    """
    require(viewer, Capability.ASK)
    faqs = knowledge.library.faqs
    if faq_number not in faqs:
        raise NotFoundError("FAQ", faq_number, faqs)
    passages = [passage.id for passage in faqs[faq_number].passages]
    if passage_id not in passages:
        raise NotFoundError("passage", passage_id, passages)
    text = kept(question)
    if not text:
        raise InvalidInputError("question", question[:40], "some words")
    await AnswerRating.create(
        question=text,
        faq_number=faq_number,
        passage_id=passage_id,
        helpful=helpful,
        release=knowledge.release.number,
        rated_at=now,
    )
    if not helpful:
        answer = await knowledge.searching.run(lambda index: index.ask(text))
        await _note(text, answer, knowledge, now)


async def answer_ratings(viewer: Viewer, most: int) -> tuple[RatedPassage, ...]:
    """How passages were rated, by release; those that helped least often come first."""
    require(viewer, Capability.READ_QUESTIONS)
    rows = (
        await AnswerRating.all()
        .annotate(count=Count("id"))
        .group_by("faq_number", "passage_id", "release", "helpful")
        .values("faq_number", "passage_id", "release", "helpful", "count")
    )
    counts: dict[tuple[int, str, int], list[int]] = {}
    for row in rows:
        place = row["faq_number"], row["passage_id"], row["release"]
        counts.setdefault(place, [0, 0])[bool(row["helpful"])] += row["count"]
    passages = [
        RatedPassage(*place, helpful=helpful, unhelpful=unhelpful)
        for place, (unhelpful, helpful) in counts.items()
    ]
    passages.sort(
        key=lambda each: (-each.unhelpful, each.helpful, each.faq_number, each.passage_id)
    )
    return tuple(passages[:most])


async def suggested_phrasings(
    viewer: Viewer, knowledge: Knowledge
) -> tuple[SuggestedPhrasings, ...]:
    """Wordings of questions that were closed because a phrasing was added, by FAQ and language.

    Only those that the nearest FAQ does not have yet.
    """
    require(viewer, Capability.READ_QUESTIONS)
    library = knowledge.library
    closed = (
        await AskedQuestion.filter(closed_reason=ClosingReason.PHRASING_ADDED)
        .order_by("id")
        .values_list("text", "locale", "hits")
    )
    phrasings: dict[tuple[int, str], dict[str, None]] = {}
    for text, locale, hits in closed:
        number = next((int(faq) for faq in hits if int(faq) in library.faqs), None)
        if number is None:
            continue
        entry = library.translations.get((locale, number)) or library.faqs[number]
        known = {phrasing.casefold() for phrasing in (entry.question, *entry.every_phrasing)}
        if text.casefold() not in known:
            phrasings.setdefault((number, locale), {})[text] = None
    return tuple(
        SuggestedPhrasings(number, locale, tuple(texts))
        for (number, locale), texts in sorted(phrasings.items())
    )


async def purge(settings: Settings, now: datetime) -> Purged:
    """Remove questions and ratings that were kept for as long as the settings say."""
    asked_before = now - timedelta(days=settings.questions_kept_days)
    rated = now - timedelta(days=settings.ratings_kept_days)
    return Purged(
        await AskedQuestion.filter(asked_at__lt=asked_before).delete(),
        await AnswerRating.filter(rated_at__lt=rated).delete(),
    )
