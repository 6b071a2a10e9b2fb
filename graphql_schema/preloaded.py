"""What the workers of `kb serve` have in common: the program, the release and the search.

Whoever imports it loads them. That is the process from which workers are forked: memory that they
only read is there once for all of them.
"""

import asyncio
import contextlib
from importlib import import_module

from graphql_schema.web.memory import tune_allocator
from kb.collecting import keep_for_forks, pause_until_served
from kb.errors import KbError


async def _load_knowledge() -> None:
    """Load the release that is current, and the search; who finds them loaded takes those."""
    from kb.services.database import connect_migrated
    from kb.services.knowledge.holder import load_knowledge
    from kb.settings import Settings

    async with connect_migrated(Settings(), everywhere=False):
        await (await load_knowledge()).searching.index()


def _load() -> None:
    pause_until_served()
    tune_allocator()
    import_module("graphql_schema.app")
    with contextlib.suppress(KbError):  # the workers try it themselves, and say what is wrong
        asyncio.run(_load_knowledge())
    keep_for_forks()


_load()
