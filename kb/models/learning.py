# ruff: noqa: D106 - Meta is Tortoise's, and says nothing of its own
"""What people asked without getting an answer, and what they thought of the answers they got."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tortoise import fields

from kb.models.base import DatabaseRow
from kb.models.fields import OrderedJsonField, UtcDatetimeField


class AskedQuestion(DatabaseRow):
    """A question that was not answered, without personal data and without the facility.

    Questions that are alike have the same `group_key`. `outcome` is SUGGESTIONS or HANDOVER, or
    ANSWERED where the answer did not help; `hits` gives the best FAQ numbers and their scores.
    """

    id = fields.BigIntField(primary_key=True)
    group_key = fields.CharField(max_length=64)
    text = fields.TextField()
    locale = fields.CharField(max_length=20)
    outcome = fields.CharField(max_length=20)
    hits: dict[str, Any] = OrderedJsonField()
    release = fields.IntField()
    asked_at = UtcDatetimeField()
    closed_at: datetime | None = UtcDatetimeField(null=True)
    closed_reason = fields.CharField(max_length=20, null=True)
    closed_note = fields.TextField(null=True)

    class Meta:
        table = "asked_question"
        indexes = (("closed_at", "group_key"), ("asked_at",))


class AnswerRating(DatabaseRow):
    """Whether a passage helped with a question, which is kept without personal data."""

    id = fields.BigIntField(primary_key=True)
    question = fields.TextField()
    faq_number = fields.IntField()
    passage_id = fields.CharField(max_length=100)
    helpful = fields.BooleanField()
    release = fields.IntField()
    rated_at = UtcDatetimeField()

    class Meta:
        table = "answer_rating"
        indexes = (("rated_at",),)
