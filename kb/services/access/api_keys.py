"""API keys: made, listed, revoked, and turned into viewers.

A key is `kb_` and 256 random bits. It is shown once; the database holds its HMAC-SHA-256 under the
server's pepper, so neither the database nor a copy of it lets anybody in. Random keys need no slow
hash.
"""

from __future__ import annotations

import asyncio
import hmac
import os
import re
import secrets
import tempfile
import time
from collections import OrderedDict
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from kb.errors import InvalidInputError, NotFoundError, StorageError, UnauthenticatedError
from kb.models import ApiToken
from kb.models.fields import LARGEST_ID, storable
from kb.rules.countries import country_names
from kb.rules.roles import Role
from kb.services.access.entries import entry_by
from kb.services.access.matrix import Capability, Viewer, require, scoped
from kb.services.database import current_client, read_anywhere
from kb.settings import Settings

PREFIX = "kb_"
TOKEN_CREATED = "TOKEN_CREATED"
TOKEN_REVOKED = "TOKEN_REVOKED"
"""What the audit says was done."""
DEFAULT_LIFETIME = timedelta(days=90)

CACHE_SECONDS = 3.0
"""How long a key is taken for good without looking again, in each process.

Who keeps a connection open asks `still_valid` every two seconds or oftener; so a revoked key ends
everywhere within five seconds.
"""

BAD_KEYS_KEPT = 1_000
"""Keys that are remembered for not being good."""

_KEY = re.compile(r"kb_[A-Za-z0-9_-]{43}")
_REFUSED = "The API key is not known, has expired or was revoked. Ask whoever runs this server."


@dataclass(frozen=True, slots=True)
class TokenView:
    """An API key as its keepers see it, without the key."""

    id: int
    viewer: Viewer
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None

    def state(self, now: datetime) -> str:
        """REVOKED, EXPIRED or VALID."""
        if self.revoked_at is not None:
            return "REVOKED"
        return "EXPIRED" if self.expires_at <= now else "VALID"


@dataclass(frozen=True, slots=True)
class CreatedToken:
    """A new API key; `key` can never be shown again."""

    key: str
    token: TokenView


def pepper_of(settings: Settings) -> bytes:
    """The secret under which keys are hashed.

    On SQLite, where none is set, it is kept in a file beside the database that only its owner may
    read, and made when it is missing. InvalidInputError on PostgreSQL when none is set.
    """
    if settings.token_pepper is not None:
        return settings.token_pepper.get_secret_value().encode()
    if settings.sqlite_file is None:
        raise InvalidInputError(
            "KB_TOKEN_PEPPER",
            "",
            "a random secret of 32 characters or more, the same for every process that uses "
            f"{settings.database_name}; make one with: openssl rand -base64 32",
        )
    file = settings.sqlite_file.with_name(settings.sqlite_file.name + ".pepper")
    try:
        if not file.exists():
            _make_secret(file)
        return file.read_bytes()
    except OSError as error:
        raise StorageError(
            f"Cannot use the file {file}, which keeps the secret of the API keys: {error.strerror}."
        ) from error


def _make_secret(file: Path) -> None:
    """Put random bytes into a file, whole or not at all; leave alone what another put there."""
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=file.name)  # with mode 0600
    made = Path(name)
    try:
        with os.fdopen(descriptor, "w") as opened:
            opened.write(secrets.token_urlsafe(32))
        file.hardlink_to(made)
    except FileExistsError:
        pass
    finally:
        made.unlink()


class ApiKeys:
    """The API keys of one process, which remembers for a few seconds the ones it has checked."""

    def __init__(self, settings: Settings) -> None:
        self._hashing = hmac.new(pepper_of(settings), digestmod="sha256")
        self._longest = timedelta(days=settings.token_max_days)
        self._viewers: dict[str, Viewer] = {}
        self._checked: dict[int, float] = {}
        self._used: dict[int, datetime] = {}
        self._bad: OrderedDict[str, None] = OrderedDict()
        self._asked: set[int] = set()  # tokens at which the next look is taken
        self._next_look: asyncio.Task[Collection[int]] | None = None

    def knows(self, key: str) -> bool:
        """Whether a key was looked up before, and found good, expired or bad.

        A key that there is not, or that was revoked, stays bad: none made later can be the same.
        """
        hashed = self._hash(key)
        return hashed in self._viewers or hashed in self._bad

    async def viewer_of(self, key: str) -> Viewer:
        """Who shows this key; UnauthenticatedError when it is unknown, expired or revoked."""
        return await self._viewer_of(key, self._hash(key))

    def who_shows(self, key: str) -> Callable[[], Viewer | None]:
        """A function that gives the viewer of a key as it is whenever it is called.

        It gives None for a key that was not found valid within the last seconds.
        """
        return partial(self._known_viewer, self._hash(key))

    def _known_viewer(self, hashed: str) -> Viewer | None:
        viewer = self._viewers.get(hashed)
        if viewer is None or viewer.token_id is None or not self._fresh(viewer.token_id):
            return None
        now = datetime.now(UTC)
        if _ended(viewer, now):
            return None
        self._used[viewer.token_id] = now
        return viewer

    async def _viewer_of(self, key: str, hashed: str) -> Viewer:
        now = datetime.now(UTC)
        if not _KEY.fullmatch(key) or hashed in self._bad:
            raise UnauthenticatedError(_REFUSED)
        viewer = self._viewers.get(hashed)
        if viewer is None or viewer.token_id is None or not self._fresh(viewer.token_id):
            viewer = await self._read(hashed)
        # One that has expired is not remembered as bad: clocks are put right.
        if viewer is None or viewer.token_id is None or _ended(viewer, now):
            raise UnauthenticatedError(_REFUSED)
        self._used[viewer.token_id] = now
        return viewer

    async def still_valid(self, viewer: Viewer) -> bool:
        """Whether the token that made this viewer has neither expired nor been revoked since.

        Thousands ask at once when something happens that they follow: one look is taken for all.
        """
        if _ended(viewer, datetime.now(UTC)):
            return False
        if viewer.token_id is None or self._fresh(viewer.token_id):
            return True
        self._asked.add(viewer.token_id)
        if self._next_look is None:
            self._next_look = asyncio.create_task(self._look())
        return viewer.token_id in await asyncio.shield(self._next_look)

    async def _look(self) -> Collection[int]:
        """Those of the tokens asked for by now that were not revoked; later ones wait for more."""
        tokens, self._asked, self._next_look = self._asked, set(), None
        asked_at = time.monotonic()
        query = ApiToken.filter(id__in=tokens, revoked_at__isnull=True)
        rows = await read_anywhere(lambda client: query.using_db(client).values_list("id"))
        valid = {id_ for (id_,) in rows}
        self._checked.update(dict.fromkeys(valid, asked_at))
        return valid

    async def note_uses(self) -> None:
        """Write down when keys were last used. Call it once a minute, and at the end.

        What cannot be written now is kept for the next time.
        """
        used, self._used = self._used, {}
        rows = [ApiToken(id=token, last_used_at=used[token]) for token in sorted(used)]
        try:
            if rows:
                await ApiToken.bulk_update(rows, ["last_used_at"])
        except BaseException:
            self._used = used | self._used
            raise

    async def create(
        self,
        by: Viewer,
        holder: Viewer,
        lifetime: timedelta = DEFAULT_LIFETIME,
        *,
        now: datetime | None = None,
    ) -> CreatedToken:
        """Make a key for a role and its scope, as `holder` has them.

        NotPermittedError unless `by` may manage tokens; InvalidInputError for a scope that does not
        fit the role, or a lifetime that is too long; NotFoundError for an unknown facility.
        """
        require(by, Capability.MANAGE_TOKENS)
        scoped(holder)
        if not timedelta(0) < lifetime <= self._longest:
            allowed = f"more than nothing, and at most {self._longest.days} days"
            raise InvalidInputError("expires", lifetime, allowed)
        for name, values in (("country", holder.countries), ("facility", holder.facility_ids)):
            if len(values) > 1:
                raise InvalidInputError(name, ", ".join(map(str, values)), "one for each token")
        if any(code not in country_names() for code in holder.countries):
            raise InvalidInputError("country", holder.countries[0], "an ISO 3166-1 code such as VN")
        for name in ("organisation", "label"):
            text = getattr(holder, name) or ""
            if len(storable(name, text)) > 200:
                raise InvalidInputError(name, text, "200 characters at most")
        made_at = now or datetime.now(UTC)
        key = PREFIX + secrets.token_urlsafe(32)
        facility_id = next(iter(holder.facility_ids), None)
        try:
            async with in_transaction():
                row = await ApiToken.create(
                    hash=self._hash(key),
                    label=holder.label or _described(holder),
                    role=holder.role.value,
                    organisation=holder.organisation,
                    country=next(iter(holder.countries), None),
                    facility_id=facility_id,
                    created_at=made_at,
                    expires_at=made_at + lifetime,
                )
                await _note(by, TOKEN_CREATED, row, made_at)
        except IntegrityError:
            raise NotFoundError("facility", facility_id) from None
        return CreatedToken(key, _view(row))

    async def _read(self, hashed: str) -> Viewer | None:
        asked_at = time.monotonic()
        query = ApiToken.filter(hash=hashed, revoked_at__isnull=True)
        primary = current_client()

        async def look(client: BaseDBAsyncClient) -> tuple[ApiToken | None, bool]:
            return await query.using_db(client).first(), client is primary

        row, is_certain = await read_anywhere(look)
        if row is None:
            self._viewers.pop(hashed, None)
            if is_certain:  # a replica may not have it yet
                self._bad[hashed] = None
                if len(self._bad) > BAD_KEYS_KEPT:
                    self._bad.popitem(last=False)
            return None
        viewer = _viewer(row)
        if viewer == self._viewers.get(hashed):
            viewer = self._viewers[hashed]  # the same object is found sooner where it is a key
        self._viewers[hashed] = viewer
        self._checked[row.id] = asked_at
        return viewer

    def _fresh(self, token: int) -> bool:
        return time.monotonic() - self._checked.get(token, -CACHE_SECONDS) < CACHE_SECONDS

    def _hash(self, key: str) -> str:
        hashed = self._hashing.copy()
        hashed.update(key.encode())
        return hashed.hexdigest()


async def list_tokens(by: Viewer) -> list[TokenView]:
    """All API keys, the newest last; NotPermittedError unless `by` may manage tokens."""
    require(by, Capability.MANAGE_TOKENS)
    return [_view(row) for row in await ApiToken.all().order_by("id")]


async def revoke_token(by: Viewer, token: int, *, now: datetime | None = None) -> TokenView:
    """End a key for good; it works nowhere five seconds later. Revoking it again changes nothing.

    NotFoundError when there is none; NotPermittedError unless `by` may manage tokens.
    """
    require(by, Capability.MANAGE_TOKENS)
    if not 0 < token <= LARGEST_ID:
        raise NotFoundError("token", token)
    revoked_at = now or datetime.now(UTC)
    async with in_transaction():
        valid = ApiToken.filter(id=token, revoked_at__isnull=True)
        is_changed = await valid.update(revoked_at=revoked_at)  # of several at once, by the first
        row = await ApiToken.get_or_none(id=token)
        if row is None:
            raise NotFoundError("token", token)
        if is_changed:
            await _note(by, TOKEN_REVOKED, row, revoked_at)
    return _view(row)


async def _note(by: Viewer, what: str, token: ApiToken, now: datetime) -> None:
    after = {"token": token.id, "role": token.role, "label": token.label}
    await entry_by(by, what, None, now, after=after).save(force_create=True)


async def has_keeper() -> bool:
    """Whether there is a valid key that may manage keys."""
    valid = ApiToken.filter(revoked_at__isnull=True, expires_at__gt=datetime.now(UTC))
    return await valid.filter(role=Role.ADMIN.value).exists()


def _ended(viewer: Viewer, now: datetime) -> bool:
    return viewer.expires_at is not None and viewer.expires_at <= now


def _described(holder: Viewer) -> str:
    scope = (
        holder.organisation,
        *holder.countries,
        *(f"facility {id_}" for id_ in holder.facility_ids),
    )
    return ", ".join((holder.role.value, *(part for part in scope if part)))[:200]


def _viewer(row: ApiToken) -> Viewer:
    return Viewer(
        role=Role(row.role),
        organisation=row.organisation,
        countries=() if row.country is None else (row.country,),
        facility_ids=() if row.facility_id is None else (row.facility_id,),
        token_id=row.id,
        expires_at=row.expires_at,
        label=row.label,
    )


def _view(row: ApiToken) -> TokenView:
    return TokenView(
        id=row.id,
        viewer=_viewer(row),
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        last_used_at=row.last_used_at,
    )
