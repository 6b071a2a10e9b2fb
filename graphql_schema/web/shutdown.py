"""Ends subscriptions when the server gets a signal to stop."""

import asyncio
import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType, MethodType

from starlette.datastructures import State

from kb.services.live.bus import Bus

GRACE_SECONDS = 0.3
"""How long the server goes on after that, so that the last messages reach the subscribers."""


@contextlib.contextmanager
def ended_by_signals(bus: Bus, state: State, drain_seconds: float) -> Iterator[None]:
    """Close the bus before the server itself handles a signal that ends it.

    A server ends its lifespan only when all responses are finished, which a subscription never is.
    For `drain_seconds` before that, everything is answered still, but `/readyz` says that the
    server goes, so that whoever balances the load sends requests elsewhere. A second signal ends
    the wait.
    """
    state.draining = False
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    # Only where the server handles signals by itself; a test runner goes on with its own.
    servers = {
        number: handler for number, handler in handlers.items() if isinstance(handler, MethodType)
    }

    def drain(number: signal.Signals) -> None:
        wait = 0.0 if state.draining else drain_seconds
        state.draining = True
        loop.call_later(wait, end, number)

    def end(number: signal.Signals) -> None:
        # Here, just after those who had connected were accepted: closed later, those who connect
        # meanwhile would be cut off, and nobody could say whether they were answered.
        server = servers[number].__self__
        for listening in getattr(server, "servers", ()):
            listening.close()
        waiting = GRACE_SECONDS if bus.listeners else 0.0
        bus.close()
        loop.call_later(waiting, servers[number], number, None)

    def on_signal(number: int, _frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(drain, signal.Signals(number))

    for number in servers:
        signal.signal(number, on_signal)
    try:
        yield
    finally:
        for number, handler in servers.items():
            signal.signal(number, handler)
