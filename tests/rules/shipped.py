"""The content that ships, read once for all test processes."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from kb.content.golden import GoldenCase
from kb.content.library import Content, Record, library_from, read_folder
from kb.content.records import Library
from tests.shared import bytes_made_once


@cache
def _read() -> Content:
    """Reading the files takes far longer than to load what was read."""
    content: Content = pickle.loads(bytes_made_once("content", _read_from_files))
    return content


def _read_from_files() -> bytes:
    content = read_folder()
    return pickle.dumps(replace(content, golden_cases=dict(content.golden_cases)))


def shipped_records() -> tuple[Record, ...]:
    return _read().records


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


def shipped_golden_cases() -> Mapping[str, GoldenCase]:
    return _read().golden_cases
