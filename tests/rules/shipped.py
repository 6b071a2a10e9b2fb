"""The content that ships, read once in each process."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from kb.content.golden import GoldenCase
from kb.content.library import library_from, read_content, read_golden_cases
from kb.content.records import Library


@cache
def shipped_library() -> Library:
    return library_from(read_content())


@cache
def shipped_golden_cases() -> Mapping[str, GoldenCase]:
    return read_golden_cases()
