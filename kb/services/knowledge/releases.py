"""Knowledge releases in the database: written once, read back whole, never changed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import metadata
from typing import Any

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.transactions import in_transaction

from kb.content.library import Record, content_hash
from kb.errors import NotFoundError, NothingPublishedError, Problem
from kb.models import (
    Fact,
    Faq,
    FaqRevision,
    KnowledgeRecord,
    KnowledgeRelease,
    Passage,
    ReleaseFaq,
    ReleaseVectors,
    RuleRow,
)
from kb.models.base import DatabaseRow
from kb.models.knowledge import ROW_MODELS, ReleaseRow
from kb.services.knowledge.prepared import newest_body

FAQ = "faq"
TABLE = "table"

Placed = Sequence[tuple[int, Record]]  # records with their place in the release


@dataclass(frozen=True, slots=True)
class Published:
    """What publishing did: the current release, whether it is new, and whether it got vectors."""

    number: int
    created: bool
    vectors: bool = False


@dataclass(frozen=True, slots=True)
class ReleaseInfo:
    """A release without its records. `published_at` is in UTC."""

    number: int
    content_hash: str
    published_at: datetime
    program_version: str
    note: str | None
    record_count: int


async def publish(
    records: Iterable[Record],
    *,
    at: datetime,
    note: str | None = None,
    vectors: bytes | None = None,
) -> Published:
    """Write the records as a new release, in one transaction; nothing at all if it fails.

    Records equal to those of the current release make no new one, but may bring it `vectors` (see
    `ReleaseVectors`). An older state may come back: it becomes a new release. `at` is the moment
    of publishing and must have a time zone.
    """
    records = tuple(records)
    content = content_hash(records)
    async with in_transaction() as client:
        await _one_at_a_time(client)
        last = await KnowledgeRelease.all().order_by("-number").first()
        if last is not None and last.content_hash == content:
            if vectors is not None:
                await ReleaseVectors.create(release_id=last.number, body=vectors)
            return Published(last.number, created=False, vectors=vectors is not None)
        number = last.number + 1 if last is not None else 1
        await KnowledgeRelease.create(
            number=number,
            content_hash=content,
            published_at=at,
            program_version=_program_version(),
            note=note,
            record_count=len(records),
        )
        placed = tuple(enumerate(records))
        await _add_faqs(number, [entry for entry in placed if entry[1].kind == FAQ])
        await _add_rows(number, [entry for entry in placed if entry[1].kind != FAQ])
        await RuleRow.bulk_create(_rule_rows(number, records))
        await Fact.bulk_create(_facts(number, records))
        if vectors is not None:
            await ReleaseVectors.create(release_id=number, body=vectors)
    return Published(number, created=True, vectors=vectors is not None)


def too_long(records: Iterable[Record]) -> Iterator[Problem]:
    """Texts of records that are longer than the columns for them."""
    for record in records:
        model = ROW_MODELS.get(record.kind, KnowledgeRecord)
        texts: list[tuple[type[DatabaseRow], str, Any]] = [(model, "key", record.key)]
        texts += [(model, name, record.body.get(name)) for name in model.promoted]
        if record.kind == FAQ:
            texts = [(Faq, "slug", record.body["slug"])]
            texts += [(Passage, "key", passage["id"]) for passage in record.body["passages"]]
        elif record.kind == TABLE:
            texts += [(RuleRow, "row_key", row["id"]) for row in record.body["rows"]]
        for owner, name, text in texts:
            longest = getattr(owner._meta.fields_map[name], "max_length", None)
            if longest is not None and len(text or "") > longest:
                wrong = f"has {len(text)} characters."
                place = f"{record.kind} {record.key}"
                yield Problem(place, None, text[:60], wrong, f"at most {longest}")


async def current_release() -> ReleaseInfo | None:
    """The release that was published last, or None when there is none yet."""
    row = await KnowledgeRelease.all().order_by("-number").first()
    return None if row is None else _info(row)


async def release_info(number: int) -> ReleaseInfo:
    """One release by its number; NotFoundError when there is no such release."""
    row = await KnowledgeRelease.get_or_none(number=number)
    if row is None:
        raise NotFoundError("knowledge release", number)
    return _info(row)


async def load_release(number: int | None = None) -> tuple[Record, ...]:
    """The records of a release, of the current one without a number, as they were published.

    NotFoundError when there is no such release, NothingPublishedError when there is none at all.
    """
    if number is None:
        current = await current_release()
        if current is None:
            raise NothingPublishedError("Nothing is published yet. Run: kb content publish")
        number = current.number
    else:
        await release_info(number)
    placed: list[tuple[int, Record]] = []
    for kind, model in ROW_MODELS.items():
        rows = await model.filter(release_id=number).values_list("position", "key", "body")
        placed += [(position, Record(kind, key, body)) for position, key, body in rows]
    others = await KnowledgeRecord.filter(release_id=number).values_list(
        "position", "record_kind", "key", "body"
    )
    placed += [(position, Record(kind, key, body)) for position, kind, key, body in others]
    faqs = await ReleaseFaq.filter(release_id=number).values_list(
        "position", "revision__faq_id", "revision__body"
    )
    placed += [(position, Record(FAQ, str(faq), body)) for position, faq, body in faqs]
    return tuple(record for _, record in sorted(placed, key=lambda entry: entry[0]))


async def vectors_of(number: int) -> bytes | None:
    """The vectors kept with a release, those made last; None when it has none."""
    return await newest_body(ReleaseVectors.filter(release_id=number))


async def _one_at_a_time(client: BaseDBAsyncClient) -> None:
    """Let other publishers wait; on SQLite the transaction holds the only write lock already."""
    if client.capabilities.dialect == "postgres":
        await client.execute_query('LOCK TABLE "knowledge_release" IN SHARE ROW EXCLUSIVE MODE')


async def _add_faqs(number: int, placed: Placed) -> None:
    """Add the wordings that are new, and link the release to all of its own."""
    slugs = {int(record.key): record.body["slug"] for _, record in placed}
    known = {row.number: row for row in await Faq.filter(number__in=slugs)}
    await Faq.bulk_create(
        Faq(number=faq, slug=slug) for faq, slug in slugs.items() if faq not in known
    )
    for faq, row in known.items():
        if row.slug != slugs[faq]:
            await Faq.filter(number=faq).update(slug=slugs[faq])

    hashes = {int(record.key): content_hash([record]) for _, record in placed}
    before = await _revision_ids(hashes)
    new = [record for _, record in placed if int(record.key) not in before]
    await FaqRevision.bulk_create(
        FaqRevision(
            faq_id=int(record.key),
            content_hash=hashes[int(record.key)],
            section=record.body["section"],
            question=record.body["question"],
            body=record.body,
        )
        for record in new
    )
    revisions = await _revision_ids(hashes)
    await Passage.bulk_create(
        Passage(
            revision_id=revisions[int(record.key)],
            key=passage["id"],
            position=position,
            text=passage["text"],
        )
        for record in new
        for position, passage in enumerate(record.body["passages"])
    )
    await ReleaseFaq.bulk_create(
        ReleaseFaq(release_id=number, position=position, revision_id=revisions[int(record.key)])
        for position, record in placed
    )


async def _revision_ids(hashes: dict[int, str]) -> dict[int, int]:
    """FAQ number to the id of the revision with that hash, where there is one."""
    rows = await FaqRevision.filter(faq_id__in=hashes).values_list("faq_id", "content_hash", "id")
    return {faq: revision for faq, content, revision in rows if hashes[faq] == content}


async def _add_rows(number: int, placed: Placed) -> None:
    rows: dict[type[ReleaseRow], list[ReleaseRow]] = {}
    for position, record in placed:
        model = ROW_MODELS.get(record.kind, KnowledgeRecord)
        columns = {name: record.body.get(name) for name in model.promoted}
        if model is KnowledgeRecord:
            columns["record_kind"] = record.kind
        row = model(
            release_id=number, position=position, key=record.key, body=record.body, **columns
        )
        rows.setdefault(model, []).append(row)
    for model, together in rows.items():
        await model.bulk_create(together)


def _rule_rows(number: int, records: Iterable[Record]) -> Iterator[RuleRow]:
    rows = (
        (record.key, row)
        for record in records
        if record.kind == TABLE
        for row in record.body["rows"]
    )
    for position, (table, row) in enumerate(rows):
        yield RuleRow(
            release_id=number, position=position, table_key=table, row_key=row["id"], body=row
        )


def _facts(number: int, records: Iterable[Record]) -> Iterator[Fact]:
    dated = (
        (record, topic, fact)
        for record in records
        for topic, entries in record.body.items()
        if isinstance(entries, list)
        for fact in entries
        if isinstance(fact, dict) and "valid_from" in fact
    )
    for position, (record, topic, fact) in enumerate(dated):
        yield Fact(
            release_id=number,
            position=position,
            owner_kind=record.kind,
            owner_key=record.key,
            topic=topic,
            valid_from=fact["valid_from"],
            precision=fact["precision"],
            layer=fact["citations"][0]["layer"],
            value=_as_text(fact["value"]),
            text=fact["text"],
            source_key=fact["citations"][0]["source"],
            checked_on=fact["checked_on"],
        )


def _as_text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value)


def _info(row: KnowledgeRelease) -> ReleaseInfo:
    return ReleaseInfo(
        number=row.number,
        content_hash=row.content_hash,
        published_at=row.published_at,
        program_version=row.program_version,
        note=row.note,
        record_count=row.record_count,
    )


def _program_version() -> str:
    try:
        return metadata.version("kb-status-api")
    except metadata.PackageNotFoundError:  # run from a checkout that was never installed
        return "not installed"
