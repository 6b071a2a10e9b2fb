"""Who is asking: bearer tokens of both kinds, and commands on the machine of the database."""

from __future__ import annotations

import math
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from kb.errors import TooOftenError, UnauthenticatedError
from kb.rules.roles import Role
from kb.services.access.api_keys import PREFIX, ApiKeys, has_keeper
from kb.services.access.matrix import ANONYMOUS, OPERATOR, Capability, Viewer, require
from kb.services.access.rates import MINUTE, bad_tokens
from kb.settings import Settings
from kb.settings.access import AnonymousReads

if TYPE_CHECKING:  # only who has an issuer needs its libraries
    from kb.services.access.identity_provider import IdentityProvider


class Callers:
    """Tells who asks, for HTTP and WebSocket alike. One for each process, so that it remembers.

    InvalidInputError on PostgreSQL when KB_TOKEN_PEPPER is not set.
    """

    def __init__(self, settings: Settings) -> None:
        self.keys = ApiKeys(settings)
        self._provider: IdentityProvider | None = None
        if settings.oidc_issuer:
            from kb.services.access.identity_provider import IdentityProvider

            self._provider = IdentityProvider(settings)
        self._bad_tokens = bad_tokens(settings)
        self._open = settings.anonymous_reads is not AnonymousReads.NOTHING

    async def viewer_of(self, authorization: str | None, address: str | None = None) -> Viewer:
        """Who sends this Authorization header, from which address if known; None is no header.

        UnauthenticatedError for a token that is not good: it is never taken for no token.
        TooOftenError when the address has shown many of these; keys that are known still work.
        """
        if authorization is None:
            if not self._open:
                raise UnauthenticatedError("This server answers only those who show a token.")
            return ANONYMOUS
        scheme, _, token = authorization.strip().partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token:
            raise UnauthenticatedError("The Authorization header must be: Bearer TOKEN.")
        if token.startswith(PREFIX):
            if self.keys.knows(token):
                return await self.keys.viewer_of(token)
            return await self._look_up_unless_often_bad(self.keys.viewer_of, token, address)
        if self._provider is None:
            raise UnauthenticatedError("The token is not an API key of this server.")
        return await self._look_up_unless_often_bad(self._provider.viewer_of, token, address)

    def who_shows(self, authorization: str | None) -> Callable[[], Viewer | None]:
        """What says who shows a header, each time that it is called, without asking the database.

        It knows those without a header, and a key that was just found good. None for any other:
        ask `viewer_of`, which also counts bad tokens.
        """
        if authorization is None:
            viewer = ANONYMOUS if self._open else None
            return lambda: viewer
        scheme, _, token = authorization.strip().partition(" ")
        if scheme.lower() != "bearer":
            return lambda: None
        return self.keys.who_shows(token.strip())

    async def _look_up_unless_often_bad(
        self, look_up: Callable[[str], Awaitable[Viewer]], token: str, address: str | None
    ) -> Viewer:
        """Look a token up, which counts where it is not good."""
        left = self._bad_tokens.take(ANONYMOUS, address, time.monotonic(), 0)
        if left is not None and left.remaining < 1:
            wait = math.ceil(MINUTE / left.a_minute)
            raise TooOftenError("Too many tokens were shown that are not good.", wait)
        try:
            return await look_up(token)
        except UnauthenticatedError:
            self._bad_tokens.take(ANONYMOUS, address, time.monotonic())
            raise

    async def still_valid(self, viewer: Viewer) -> bool:
        """Whether somebody who was let in may go on; ask every two seconds or oftener."""
        return await self.keys.still_valid(viewer)


async def command_viewer(settings: Settings) -> Viewer:
    """In whose name a command acts: the token's, or on SQLite without one the operator's.

    Needs the connection to the database. UnauthenticatedError on PostgreSQL without a token.
    """
    if settings.token is not None:
        return await Callers(settings).viewer_of(f"Bearer {settings.token.get_secret_value()}")
    if settings.sqlite_file is not None:
        return OPERATOR
    raise UnauthenticatedError(
        "Commands on PostgreSQL need a token: kb --token TOKEN …, or KB_TOKEN. Make the first one "
        "with: kb token create --role ADMIN"
    )


async def maintainer(settings: Settings, capability: Capability) -> Viewer:
    """In whose name a command looks after the server, such as by publishing.

    Without a token the operator's, on PostgreSQL too: whoever holds the password of the database
    could do it without this program. NotPermittedError when a token is shown that may not.
    """
    viewer = OPERATOR if settings.token is None else await command_viewer(settings)
    require(viewer, capability)
    return viewer


async def token_maker(settings: Settings, role: Role) -> Viewer:
    """In whose name a command makes a key for a role.

    On PostgreSQL, whoever has the database and its pepper may make an ADMIN key without showing
    one, but only while there is no valid ADMIN key.
    """
    first = settings.token is None and role is Role.ADMIN and not await has_keeper()
    return OPERATOR if first else await command_viewer(settings)
