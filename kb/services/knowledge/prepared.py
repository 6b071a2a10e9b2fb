"""What follows from the content and takes long to find out: kept in the database for all processes.

SEARCH   the prepared search (`PreparedSearch.to_bytes`) over a content, by its hash and the code's
CONTENT  the hash of the content that files were read and checked as, by their hash and the code's
"""

from __future__ import annotations

from enum import StrEnum
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from tortoise.queryset import QuerySet
from tortoise.transactions import in_transaction

from kb.content.files import files_hash
from kb.models import Prepared
from kb.search.shipped import code_version

_KEPT = 4


class PreparedKind(StrEnum):
    """What is kept."""

    SEARCH = "SEARCH"
    CONTENT = "CONTENT"


def search_key(content_hash: str) -> str:
    """The key of the search over a content as this code prepares it."""
    return f"{content_hash} {code_version()}"


def content_key(folder: Traversable | None) -> str:
    """The key of the content in a folder, the installed one without any, as this code reads it."""
    read = folder if folder is not None else files("faq_content")
    return files_hash(read, files("kb.content"), files("kb.rules"))


async def prepared(kind: PreparedKind, key: str) -> bytes | None:
    """What was kept last; None when there is nothing."""
    return await newest_body(Prepared.filter(kind=kind, key=key))


async def newest_body(rows: QuerySet[Any]) -> bytes | None:
    """The body of the row that was made last; None when there is none."""
    bodies = await rows.order_by("-id").limit(1).values_list("body", flat=True)
    return bytes(bodies[0]) if bodies else None


async def keep_prepared(kind: PreparedKind, key: str, body: bytes) -> None:
    """Keep it; of each kind the last four stay."""
    async with in_transaction():
        await Prepared.create(kind=kind, key=key, body=body)
        rows = Prepared.filter(kind=kind)
        last = await rows.order_by("-id").limit(_KEPT).values_list("id", flat=True)
        await rows.filter(id__lt=min(last)).delete()
