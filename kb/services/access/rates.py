"""How much somebody may ask: operations of callers without a token and of chatbots, work of all.

Each process counts for itself; `kb.services.access.shared_rates` tells others. Own code, because it
is one sum: a library would bring timers, and stores that somebody has to run.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from ipaddress import IPv6Address, ip_address
from itertools import islice
from typing import Final, NamedTuple

from kb.rules.roles import Role
from kb.services.access.matrix import Viewer
from kb.settings import Settings

CALLERS_KEPT: Final = 10_000
"""Callers that are remembered, those who asked last; the others begin anew."""

MINUTE: Final = 60.0


class Allowance(NamedTuple):
    """What a caller may take within a minute, what is left, and in how many seconds it is whole.

    `wait` is 0, or for how many seconds the caller has to wait, as nothing was taken.
    """

    a_minute: int
    remaining: int
    whole_in: float
    wait: float


class Rates:
    """Remembers, for each caller, until when what it took fills its rate.

    A caller may take a minute's worth at once; what it has taken is forgiven steadily. Roles that
    are not named have no rate.
    """

    def __init__(self, rates: Mapping[Role, int]) -> None:
        self._rates = rates
        self._filled_until: OrderedDict[object, float] = OrderedDict()
        self._account: dict[object, float] | None = None

    def keep_account(self) -> None:
        """Note from now on what callers take."""
        self._account = {}

    def account(self, most: int) -> dict[object, float]:
        """What at most `most` callers took since the last call, in seconds of their rates."""
        assert self._account is not None
        callers = list(islice(self._account, most))
        return {caller: self._account.pop(caller) for caller in callers}

    def note_again(self, caller: object, seconds: float, now: float) -> None:
        """Put back into the account what could not be told, as far as it is not forgiven yet."""
        left = self._filled_until.get(caller, now) - now
        if left > 0:
            self._note(caller, min(seconds, left))

    def _note(self, caller: object, seconds: float) -> None:
        if self._account is None:
            return
        self._account[caller] = self._account.get(caller, 0.0) + seconds
        if len(self._account) > CALLERS_KEPT:
            del self._account[next(iter(self._account))]

    def learn(self, caller: object, filled_until: float) -> None:
        """Take over what a caller has taken, here and elsewhere."""
        if filled_until > self._filled_until.get(caller, filled_until):
            self._filled_until[caller] = filled_until

    def take(
        self, viewer: Viewer, address: str | None, now: float, amount: int = 1
    ) -> Allowance | None:
        """Take some of a caller's rate, as far as it is there; None for a caller without a rate.

        `address` is where it comes from, None when that is not known. `now` is in seconds of a
        clock that never goes back. An `amount` of more than a minute's worth may be taken by
        a caller that has taken nothing else.
        """
        rate = self._rates.get(viewer.role, 0)
        caller = client_of(viewer, address) if rate else None
        if caller is None:
            return None
        begins = max(now, self._filled_until.get(caller, now))
        filled_until = begins + min(MINUTE, amount * MINUTE / rate)
        wait = filled_until - now - MINUTE
        if wait > 1e-6:
            return _allowance(rate, begins - now, wait)
        if filled_until > begins:
            self._note(caller, filled_until - begins)
        self._filled_until[caller] = filled_until
        self._filled_until.move_to_end(caller)
        if len(self._filled_until) > CALLERS_KEPT:
            self._filled_until.popitem(last=False)
        return _allowance(rate, filled_until - now, 0.0)


def operations(settings: Settings) -> Rates:
    """How many operations callers without a token, and chatbots, may ask for."""
    return Rates({Role.ANONYMOUS: settings.anonymous_rate, Role.CHATBOT: settings.chatbot_rate})


def bad_tokens(settings: Settings) -> Rates:
    """How many tokens that are not good an address may show, whoever it is."""
    return Rates({Role.ANONYMOUS: settings.bad_token_rate})


def points(settings: Settings) -> Rates:
    """How much work everybody may ask for, in units of the cost of operations."""
    rates: dict[Role, int] = dict.fromkeys(Role, settings.token_points)
    return Rates(rates | {Role.ANONYMOUS: settings.anonymous_points, Role.OPERATOR: 0})


def _allowance(rate: int, whole_in: float, wait: float) -> Allowance:
    # A little more before it is cut, as the clock's fractions leave 143.999… of 144.
    remaining = int(rate * (1 - whole_in / MINUTE) + 1e-6)
    return Allowance(rate, max(0, remaining), whole_in, wait)


def client_of(viewer: Viewer, address: str | None) -> object:
    """What tells one client from others: its token, or its address; None where it has none."""
    if viewer.role is not Role.ANONYMOUS:
        return viewer.token_id, viewer.label
    try:
        ip = ip_address(address or "")
    except ValueError:
        return None
    if isinstance(ip, IPv6Address):
        ip = ip.ipv4_mapped or ip
    # Whoever has one IPv6 address has its whole /64.
    return int(ip) >> 64 if isinstance(ip, IPv6Address) else str(ip)
