# ruff: noqa: D106 - Meta is Tortoise's, and says nothing of its own
"""Knowledge releases: what was published, and when. Rows are only ever added.

`body` of a row is the whole record as it was published; the library is rebuilt from the bodies
alone. The other columns repeat single fields of it, so that SQL can ask for them.
"""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from tortoise import fields

from kb.models.base import DatabaseRow
from kb.models.fields import OrderedJsonField, UtcDatetimeField


class KnowledgeRelease(DatabaseRow):
    """One published state of the whole content; `number` counts from 1 without gaps."""

    number = fields.IntField(primary_key=True, generated=False)
    content_hash = fields.CharField(max_length=64, db_index=True)
    published_at = UtcDatetimeField()
    program_version = fields.CharField(max_length=50)
    note: str | None = fields.TextField(null=True)
    record_count = fields.IntField()

    class Meta:
        table = "knowledge_release"


class Faq(DatabaseRow):
    """A FAQ entry of the source document; its wordings are revisions. `slug` is the latest one."""

    number = fields.IntField(primary_key=True, generated=False)
    slug = fields.CharField(max_length=200)

    class Meta:
        table = "faq"


class FaqRevision(DatabaseRow):
    """One wording of a FAQ entry, shared by all releases in which it stayed the same."""

    id = fields.IntField(primary_key=True)
    faq: fields.ForeignKeyRelation[Faq] = fields.ForeignKeyField(
        "kb.Faq", related_name="revisions", on_delete=fields.RESTRICT
    )
    faq_id: int
    content_hash = fields.CharField(max_length=64)
    section = fields.IntField()
    question = fields.TextField()
    body = OrderedJsonField()

    passages: fields.ReverseRelation[Passage]

    class Meta:
        table = "faq_revision"
        unique_together = (("faq", "content_hash"),)


class Passage(DatabaseRow):
    """A part of an answer that can be cited; `key` is "<number>.<slug>", `text` Markdown."""

    id = fields.IntField(primary_key=True)
    revision: fields.ForeignKeyRelation[FaqRevision] = fields.ForeignKeyField(
        "kb.FaqRevision", related_name="passages", on_delete=fields.RESTRICT
    )
    revision_id: int
    key = fields.CharField(max_length=200, db_index=True)
    position = fields.IntField()
    text = fields.TextField()

    class Meta:
        table = "passage"
        unique_together = (("revision", "key"),)


class ReleaseVectors(DatabaseRow):
    """The vectors of a release's texts, by which the optional search compares meaning.

    `body` is what `kb.search.semantic.Vectors.to_bytes` gives. They are made from the texts alone,
    so a release may get them later, or once more by another model; those made last count.
    """

    id = fields.IntField(primary_key=True)
    release: fields.ForeignKeyRelation[KnowledgeRelease] = fields.ForeignKeyField(
        "kb.KnowledgeRelease", related_name=False, on_delete=fields.RESTRICT
    )
    release_id: int
    body = fields.BinaryField()

    class Meta:
        table = "release_vectors"


class Prepared(DatabaseRow):
    """What follows from the content and takes long to find out, so that no process does it again.

    `kind` tells what it is and `key` of what: both with `body` are told by
    `kb.services.knowledge.prepared`. Rows may go, and those made last count.
    """

    id = fields.IntField(primary_key=True)
    kind = fields.CharField(max_length=20)
    key = fields.CharField(max_length=200)
    body = fields.BinaryField()

    class Meta:
        table = "prepared"
        indexes = (("kind", "key"),)


class ReleasePart(DatabaseRow):
    """Whatever belongs to exactly one release, at a place in the order of its records."""

    id = fields.IntField(primary_key=True)
    release: fields.ForeignKeyRelation[KnowledgeRelease] = fields.ForeignKeyField(
        "kb.KnowledgeRelease", related_name=False, on_delete=fields.RESTRICT
    )
    release_id: int
    position = fields.IntField()

    class Meta:
        abstract = True


class ReleaseFaq(ReleasePart):
    """Which wording of a FAQ entry a release holds."""

    revision: fields.ForeignKeyRelation[FaqRevision] = fields.ForeignKeyField(
        "kb.FaqRevision", related_name=False, on_delete=fields.RESTRICT
    )
    revision_id: int

    class Meta:
        table = "release_faq"
        unique_together = (("release", "revision"),)


class ReleaseRow(ReleasePart):
    """A record of one release. `promoted` names the fields of the body that have a column."""

    key = fields.CharField(max_length=300)
    body = OrderedJsonField()

    kind: ClassVar[str]
    promoted: ClassVar[tuple[str, ...]] = ()

    class Meta:
        abstract = True


class Source(ReleaseRow):
    """Where statements come from."""

    title = fields.TextField()
    layer = fields.CharField(max_length=30)
    dated: date | None = fields.DateField(null=True)
    checked_on = fields.DateField()

    kind = "source"
    promoted = ("title", "layer", "dated", "checked_on")

    class Meta:
        table = "source"
        unique_together = (("release", "key"),)


class Country(ReleaseRow):
    """A country by its ISO 3166-1 alpha-2 code; how far it has come is told by its facts."""

    name = fields.CharField(max_length=200)

    kind = "country"
    promoted = ("name",)

    class Meta:
        table = "country"
        unique_together = (("release", "key"),)


class ToolVersion(ReleaseRow):
    """A version of the Converged Assessment Framework (CAF)."""

    version = fields.CharField(max_length=50)
    planned = fields.BooleanField()

    kind = "tool_version"
    promoted = ("version", "planned")

    class Meta:
        table = "tool_version"
        unique_together = (("release", "key"),)


class LawOverlay(ReleaseRow):
    """What is known of the Law Overlay in one country or group of countries (FAQ 4)."""

    title = fields.TextField()

    kind = "law_overlay"
    promoted = ("title",)

    class Meta:
        table = "law_overlay"
        unique_together = (("release", "key"),)


class Fee(ReleaseRow):
    """A fee (FAQ 14); its dated amounts are facts."""

    code = fields.CharField(max_length=50)
    title = fields.TextField()
    payer = fields.CharField(max_length=50, null=True)
    charge = fields.CharField(max_length=50)

    kind = "fee"
    promoted = ("code", "title", "payer", "charge")

    class Meta:
        table = "fee"
        unique_together = (("release", "key"),)


class AccreditedHost(ReleaseRow):
    """A platform that receives shared assessments."""

    name = fields.CharField(max_length=200)

    kind = "host"
    promoted = ("name",)

    class Meta:
        table = "accredited_host"
        unique_together = (("release", "key"),)


class Statement(ReleaseRow):
    """A sentence that an answer may say, by its stable code."""

    text = fields.TextField()

    kind = "statement"
    promoted = ("text",)

    class Meta:
        table = "statement"
        unique_together = (("release", "key"),)


class GlossaryEntry(ReleaseRow):
    """A term with its synonyms."""

    term = fields.CharField(max_length=200)
    text = fields.TextField()

    kind = "glossary"
    promoted = ("term", "text")

    class Meta:
        table = "glossary_entry"
        unique_together = (("release", "key"),)


class Ambiguity(ReleaseRow):
    """Where the source is silent or contradicts itself (Q1 to Q21)."""

    title = fields.TextField()
    ask = fields.CharField(max_length=50)

    kind = "ambiguity"
    promoted = ("title", "ask")

    class Meta:
        table = "ambiguity"
        unique_together = (("release", "key"),)


class RuleTable(ReleaseRow):
    """A decision table (A to E); its rows are repeated in `rule_row`."""

    title = fields.TextField()

    kind = "table"
    promoted = ("title",)

    class Meta:
        table = "rule_table"
        unique_together = (("release", "key"),)


class RuleRow(ReleasePart):
    """One row of a decision table: its stable id, when it matches and what it decides."""

    table_key = fields.CharField(max_length=20)
    row_key = fields.CharField(max_length=20)
    body = OrderedJsonField()

    class Meta:
        table = "rule_row"
        unique_together = (("release", "row_key"),)


class Fact(ReleasePart):
    """A dated fact of any record: it holds from `valid_from` on, until a later one ends it.

    `topic` is the field of the record that lists it ("kinds", "availability"). `value` is None
    where the fact withdraws an earlier one, and JSON text where it is not a plain text.
    """

    owner_kind = fields.CharField(max_length=30)
    owner_key = fields.CharField(max_length=300)
    topic = fields.CharField(max_length=50)
    valid_from = fields.DateField()
    precision = fields.CharField(max_length=10)
    layer = fields.CharField(max_length=30)
    value: str | None = fields.TextField(null=True)
    text = fields.TextField()
    source_key = fields.CharField(max_length=300)
    checked_on = fields.DateField()

    class Meta:
        table = "fact"
        indexes = (("release_id", "owner_kind", "owner_key", "topic", "valid_from"),)


class KnowledgeRecord(ReleaseRow):
    """A record of a kind that has no table of its own."""

    record_kind = fields.CharField(max_length=30)

    class Meta:
        table = "knowledge_record"
        unique_together = (("release", "record_kind", "key"),)


ROW_MODELS: dict[str, type[ReleaseRow]] = {
    model.kind: model
    for model in (
        Source,
        Country,
        ToolVersion,
        LawOverlay,
        Fee,
        AccreditedHost,
        Statement,
        GlossaryEntry,
        Ambiguity,
        RuleTable,
    )
}
"""Record kind to the table that holds it; other kinds but "faq" lie in `knowledge_record`."""
