"""How often somebody may ask: each caller without a token, and each chatbot, at its own rate.

Everybody else is known by name and works through people's hands, so there is no rate for them.
Each process counts for itself. Own code, because it is one sum: a library would bring timers and
stores that nothing here needs.
"""

from __future__ import annotations

from collections import OrderedDict
from ipaddress import IPv6Address, ip_address
from typing import Final

from kb.rules.roles import Role
from kb.services.access.matrix import Viewer
from kb.settings import Settings

CALLERS_KEPT: Final = 10_000
"""Callers that are remembered, those who asked last; the others begin anew."""

_MINUTE: Final = 60.0


class Rates:
    """Remembers, for each caller, until when what it asked fills its rate.

    A caller may ask a minute's worth at once; what it has asked is forgiven steadily.
    """

    def __init__(self, settings: Settings) -> None:
        self._rates = {Role.ANONYMOUS: settings.anonymous_rate, Role.CHATBOT: settings.chatbot_rate}
        self._filled_until: OrderedDict[object, float] = OrderedDict()

    def take(self, viewer: Viewer, address: str | None, now: float) -> float:
        """Count one operation; 0, or for how many seconds the caller has to wait instead.

        `address` is where it comes from, None when that is not known. `now` is in seconds of a
        clock that never goes back.
        """
        rate = self._rates.get(viewer.role, 0)
        caller = _caller(viewer, address)
        if not rate or caller is None:
            return 0.0
        filled_until = max(now, self._filled_until.get(caller, now)) + _MINUTE / rate
        too_early = filled_until - now - _MINUTE
        if too_early > 1e-6:
            return too_early
        self._filled_until[caller] = filled_until
        self._filled_until.move_to_end(caller)
        if len(self._filled_until) > CALLERS_KEPT:
            self._filled_until.popitem(last=False)
        return 0.0


def _caller(viewer: Viewer, address: str | None) -> object:
    if viewer.role is not Role.ANONYMOUS:
        return viewer.token_id, viewer.label
    try:
        found = ip_address(address or "")
    except ValueError:
        return None
    if isinstance(found, IPv6Address):
        found = found.ipv4_mapped or found
    # Whoever has one IPv6 address has its whole /64.
    return int(found) >> 64 if isinstance(found, IPv6Address) else str(found)
