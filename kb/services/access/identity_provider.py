"""JWTs of an OpenID Connect identity provider, turned into viewers."""

from __future__ import annotations

import asyncio
import logging
import time
import warnings
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import httpx
from joserfc import jws, jwt
from joserfc.errors import ExpiredTokenError, JoseError, SecurityWarning
from joserfc.jwk import Key, KeySet

from kb.errors import InvalidInputError, UnauthenticatedError
from kb.models.fields import storable
from kb.rules.roles import Role
from kb.services.access.matrix import Viewer, scoped
from kb.settings import Settings

logger = logging.getLogger("kb.oidc")

LEEWAY_SECONDS = 30
KEYS_LAST_SECONDS = 600.0
BETWEEN_FETCHES_SECONDS = 30.0
FETCH_TIMEOUT_SECONDS = 5.0

_REFUSED = "The token is not one that this server accepts"


class SigningKeys:
    """The public keys of the provider, fetched when needed and kept when it is down.

    They are fetched anew after ten minutes, or for a key id that is not known, but never oftener
    than every thirty seconds and never twice at once.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._keys: dict[str, Key] = {}
        self._fetched_at = self._tried_at = float("-inf")
        self._fetching = asyncio.Lock()

    async def key(self, key_id: str) -> Key | None:
        """The key with that id, if the provider has it."""
        # While keys are being fetched, only who needs a new one waits.
        unknown = key_id not in self._keys
        if unknown if self._fetching.locked() else self._due(key_id):
            async with self._fetching:
                if self._due(key_id):
                    await self._fetch()
        return self._keys.get(key_id)

    @property
    def none_yet(self) -> bool:
        """Whether no fetch has ever succeeded."""
        return not self._keys

    def _due(self, key_id: str) -> bool:
        now = time.monotonic()
        old = now - self._fetched_at >= KEYS_LAST_SECONDS
        return (old or key_id not in self._keys) and (
            now - self._tried_at >= BETWEEN_FETCHES_SECONDS
        )

    async def _fetch(self) -> None:
        self._tried_at = time.monotonic()
        try:
            async with (
                asyncio.timeout(FETCH_TIMEOUT_SECONDS),  # httpx begins anew at each part it gets
                httpx.AsyncClient(timeout=None) as client,
            ):
                answer = await client.get(self._url)
            if not answer.is_success:  # httpx would name the address, which may hold a key
                raise ValueError(f"it answered {answer.status_code}")
            fetched = KeySet.import_key_set(answer.json())
        except (httpx.HTTPError, TimeoutError, JoseError, ValueError, TypeError, KeyError) as error:
            logger.warning("could not fetch the keys of the identity provider: %r", error)
            return
        self._keys = {key.kid: key for key in fetched if key.kid is not None}
        self._fetched_at = time.monotonic()


class IdentityProvider:
    """One issuer that is trusted to say who somebody is, and in what role."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._keys = SigningKeys(settings.oidc_jwks_url or "")
        self._algorithms = [algorithm.value for algorithm in settings.oidc_algorithms]
        # Headers of other meanings are let pass and not looked at: no key comes from a token.
        self._registry = jws.JWSRegistry(algorithms=self._algorithms, strict_check_header=False)
        self._claims = jwt.JWTClaimsRegistry(
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": settings.oidc_issuer or ""},
            aud={"essential": True, "value": settings.oidc_audience or ""},
            exp={"essential": True},
            sub={"essential": True},
        )
        # The name is deprecated (RFC 9864), yet it is what most providers write.
        warnings.filterwarnings("ignore", message="EdDSA is dep", category=SecurityWarning)

    async def viewer_of(self, token: str) -> Viewer:
        """Who holds this JWT; UnauthenticatedError, with the reason, when it is not good."""
        try:
            header = jws.extract_compact(token.encode(), registry=self._registry).headers()
            key_id = header.get("kid")
            if not isinstance(key_id, str):
                raise UnauthenticatedError(f"{_REFUSED}: its header names no key.")
            key = await self._keys.key(key_id)
            if key is None:
                raise UnauthenticatedError(self._without_key())
            claims = jwt.decode(token, key, registry=self._registry).claims
            self._claims.validate(claims)
            self._refuse_long_lived(claims)
        except ExpiredTokenError:
            raise UnauthenticatedError("The token has expired. Get a new one.") from None
        except (JoseError, ValueError, TypeError) as error:
            logger.info("token refused: %s", error)
            raise UnauthenticatedError(f"{_REFUSED}.") from None
        return self._viewer(claims)

    def _refuse_long_lived(self, claims: Mapping[str, Any]) -> None:
        """Raise UnauthenticatedError for a token that is good for longer than the settings allow.

        One that does not tell when it was issued counts from now.
        """
        now = time.time()
        issued_at = claims.get("iat", now)
        longest = self._settings.oidc_token_max_hours * 3600 + LEEWAY_SECONDS
        if claims["exp"] - min(issued_at, now) > longest:
            raise UnauthenticatedError(
                f"{_REFUSED}: it is good for more than {self._settings.oidc_token_max_hours} hours "
                "(KB_OIDC_TOKEN_MAX_HOURS). Get one that expires earlier."
            )

    def _without_key(self) -> str:
        if self._keys.none_yet:
            return (
                "The token cannot be checked now, because the identity provider does not give its "
                "keys. Try again later."
            )
        return f"{_REFUSED}: the identity provider has no such key."

    def _viewer(self, claims: Mapping[str, Any]) -> Viewer:
        used = self._settings
        organisation = claims.get(used.oidc_organisation_claim)
        try:
            role = self._role(claims)
            viewer = Viewer(
                role=role,
                organisation=storable(used.oidc_organisation_claim, organisation)
                if isinstance(organisation, str)
                else None,
                countries=tuple(
                    str(code).upper()
                    for code in _each(claims.get(used.oidc_country_claim))
                    if role is Role.PROGRAMME_OFFICER
                ),
                facility_ids=tuple(
                    _number(number)
                    for number in _each(claims.get(used.oidc_facility_claim))
                    if role is Role.FACILITY
                ),
                expires_at=datetime.fromtimestamp(claims["exp"] + LEEWAY_SECONDS, UTC),
                label=storable("sub", str(claims["sub"])[:200]),
            )
            return scoped(viewer)
        except InvalidInputError as error:
            raise UnauthenticatedError(
                f"{_REFUSED}: it lacks what its role needs. {error}"
            ) from None
        except (ValueError, TypeError, OverflowError, OSError):
            raise UnauthenticatedError(f"{_REFUSED}: a claim has the wrong form.") from None

    def _role(self, claims: Mapping[str, Any]) -> Role:
        """The role that the settings give to the claim; exactly one must come out."""
        named = _each(claims.get(self._settings.oidc_role_claim))
        known = self._settings.oidc_role_map
        roles = {known[name] for name in named if isinstance(name, str) and name in known}
        if len(roles) != 1:
            what = "names no role" if not roles else "names more than one role"
            raise UnauthenticatedError(f"{_REFUSED}: it {what} that this server knows.")
        return roles.pop()


def _number(value: Any) -> int:
    """The number in a claim, also as text; ValueError for anything else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        return int(value)
    raise ValueError(value)


def _each(claim: Any) -> list[Any]:
    """The values of a claim, which may have one or a list of them."""
    if claim is None:
        return []
    return claim if isinstance(claim, list) else [claim]
