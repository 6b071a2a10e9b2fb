"""The app with an address at which it tells what it holds, for tests that count."""

from __future__ import annotations

import asyncio
import gc
import tracemalloc
from collections import Counter
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from graphql_schema.app import create_app as create_plain_app


def open_files() -> int:
    """How many files and connections the process has open."""
    return len(list(Path("/dev/fd").iterdir()))


async def slow(request: Request) -> Response:
    """How many tasks, listeners and open files there are, and how many bytes Python holds."""
    # What the server makes ready in the background is not what clients leave behind.
    await request.app.state.knowledge.current.searching.index()
    await asyncio.sleep(0.1)
    gc.collect()
    bus = request.app.state.live_bus
    return JSONResponse(
        {
            "tasks": len(asyncio.all_tasks()),
            "listeners": len(bus.listeners),
            "files": open_files(),
            "bytes": tracemalloc.get_traced_memory()[0],
        }
    )


async def unreachable(request: Request) -> Response:
    """What Python had to look for since the last call, as it held itself: how many of each type.

    From the first call on, Python looks only here.
    """
    for _ in range(100):
        await asyncio.sleep(0.1)
        if not request.app.state.live_bus.listeners:
            break
    gc.set_threshold(0)
    gc.set_debug(gc.DEBUG_SAVEALL)
    gc.collect()
    gc.set_debug(0)
    found = Counter(f"{type(each).__module__}.{type(each).__name__}" for each in gc.garbage)
    gc.garbage.clear()
    gc.collect()
    return JSONResponse(found)


def create_app() -> Starlette:
    tracemalloc.start()
    app = create_plain_app()
    app.router.routes += [Route("/held", slow), Route("/unreachable", unreachable)]
    return app
