"""The content that ships, read once in each process."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from kb.content.golden import GoldenCase
from kb.content.library import Record, library_from, read_content, read_golden_cases
from kb.content.records import Library


@cache
def shipped_records() -> tuple[Record, ...]:
    return read_content()


@cache
def two_faqs() -> tuple[Record, ...]:
    """FAQs 14 and 22 with all else but what is not covered: a search over them is built at once."""
    return tuple(
        record
        for record in shipped_records()
        if record.kind not in ("not_covered", "translation")
        and (record.kind != "faq" or record.key in ("14", "22"))
    )


@cache
def shipped_library() -> Library:
    return library_from(shipped_records())


@cache
def shipped_golden_cases() -> Mapping[str, GoldenCase]:
    return read_golden_cases()
