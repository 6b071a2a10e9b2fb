"""JWTs of an identity provider that really runs: which are taken, and which never."""

from __future__ import annotations

import asyncio
import time
import warnings
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from joserfc.errors import SecurityWarning

import kb.services.access.identity_provider
from kb.errors import UnauthenticatedError
from kb.rules.roles import Role
from kb.services.access.identity_provider import IdentityProvider
from kb.services.access.matrix import Viewer
from kb.settings import Settings
from tests.access.issuer import AUDIENCE, ISSUER, Issuer, running_issuer
from tests.recording.receivers import talking, trickling


@pytest.fixture
async def issuer() -> AsyncIterator[Issuer]:
    async with running_issuer() as running:
        yield running


def settings_for(issuer: Issuer, **more: Any) -> Settings:
    values = {
        "oidc_issuer": ISSUER,
        "oidc_audience": AUDIENCE,
        "oidc_jwks_url": issuer.url,
        "oidc_role_map": {
            "desk": "HELPDESK",
            "buyer": "BRAND",
            "officer": "PROGRAMME_OFFICER",
            "factory": "FACILITY",
        },
    }
    return Settings(**(values | more))


@pytest.fixture
def provider(issuer: Issuer) -> IdentityProvider:
    return IdentityProvider(settings_for(issuer))


async def refused(provider: IdentityProvider, token: str) -> str:
    with pytest.raises(UnauthenticatedError) as caught:
        await provider.viewer_of(token)
    return str(caught.value)


async def test_a_token_says_who_it_is_until_when(issuer: Issuer, provider: IdentityProvider):
    ends = int(time.time()) + 60
    assert await provider.viewer_of(issuer.token(exp=ends)) == Viewer(
        Role.HELPDESK, label="person-1", expires_at=datetime.fromtimestamp(ends + 30, UTC)
    )


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ({"role": "buyer", "organisation": "Demo Brand"}, {"organisation": "Demo Brand"}),
        ({"role": "officer", "countries": ["vn", "BD"]}, {"countries": ("VN", "BD")}),
        ({"role": "officer", "countries": "VN"}, {"countries": ("VN",)}),
        ({"role": "factory", "facilities": [3, "4"]}, {"facility_ids": (3, 4)}),
        ({"role": ["staff", "desk"], "countries": ["VN"], "facilities": [3]}, {}),
    ],
)
async def test_claims_give_the_scope_that_the_role_needs_and_no_other(
    issuer: Issuer, provider: IdentityProvider, claims: dict[str, Any], expected: dict[str, Any]
):
    viewer = await provider.viewer_of(issuer.token(**claims))
    scope = {
        "organisation": viewer.organisation,
        "countries": viewer.countries,
        "facility_ids": viewer.facility_ids,
    }
    assert {name: value for name, value in scope.items() if value} == expected


def wrong_claims(now: int) -> tuple[tuple[dict[str, Any], str], ...]:
    """Claims beside those of a good token, and what is said of them."""
    return (
        ({"iss": "https://other.example"}, "not one that this server accepts."),
        ({"iss": None}, "not one that this server accepts."),
        ({"aud": "another"}, "not one that this server accepts."),
        ({"aud": ["another", "yet another"]}, "not one that this server accepts."),
        ({"aud": None}, "not one that this server accepts."),
        ({"exp": None}, "not one that this server accepts."),
        ({"exp": "soon"}, "not one that this server accepts."),
        ({"exp": 1e300}, "is good for more than 24 hours"),
        ({"exp": now + 315_360_000}, "is good for more than 24 hours"),
        ({"exp": now + 90_000}, "is good for more than 24 hours"),
        ({"iat": now - 90_000}, "is good for more than 24 hours"),
        (
            {"iat": None, "exp": now + 90_000},
            "is good for more than 24 hours (KB_OIDC_TOKEN_MAX_HOURS). Get one that expires",
        ),
        ({"sub": None}, "not one that this server accepts."),
        ({"sub": ""}, "not one that this server accepts."),
        ({"sub": "none \0"}, "text without NUL or half characters"),
        ({"role": "buyer", "organisation": "\0"}, "text without NUL or half characters"),
        ({"exp": now - 31}, "The token has expired. Get a new one."),
        ({"nbf": now + 3600}, "not one that this server accepts."),
        ({"iat": now + 3600}, "not one that this server accepts."),
        ({"role": None}, "names no role"),
        ({"role": "ADMIN"}, "names no role"),
        ({"role": {"desk": 1}}, "names no role"),
        ({"role": ["desk", "buyer"], "organisation": "B"}, "names more than one role"),
        ({"role": "buyer"}, "organisation"),
        ({"role": "buyer", "organisation": ["Demo Brand"]}, "organisation"),
        ({"role": "officer"}, "country"),
        ({"role": "officer", "countries": []}, "country"),
        ({"role": "factory"}, "facility"),
        ({"role": "factory", "facilities": ["all"]}, "a claim has the wrong form"),
        ({"role": "factory", "facilities": [True]}, "a claim has the wrong form"),
        ({"role": "factory", "facilities": [1.9]}, "a claim has the wrong form"),
        ({"role": "factory", "facilities": [" 1 "]}, "a claim has the wrong form"),
    )


async def test_a_token_with_wrong_claims_is_refused(issuer: Issuer, provider: IdentityProvider):
    now = int(time.time())
    for claims, why in wrong_claims(now):
        assert why in await refused(provider, issuer.token(**claims)), claims


async def test_thirty_seconds_of_clock_difference_are_forgiven(
    issuer: Issuer, provider: IdentityProvider
):
    now = int(time.time())
    for claims in ({"exp": now - 20}, {"nbf": now + 20}, {"iat": now + 20}):
        assert (await provider.viewer_of(issuer.token(**claims))).role is Role.HELPDESK


async def test_one_of_many_audiences_is_enough(issuer: Issuer, provider: IdentityProvider):
    token = issuer.token(aud=["another", AUDIENCE])
    assert (await provider.viewer_of(token)).role is Role.HELPDESK


async def test_forged_tokens_are_refused(issuer: Issuer, provider: IdentityProvider):
    head, payload, signature = issuer.token().split(".")
    other = Issuer().keys["first"]
    jwk = other.as_dict(private=False)
    forged = {
        "no signature": issuer.forged_token(alg="none"),
        "none in other letters": issuer.forged_token(alg="NoNe"),
        "none with a signature": issuer.forged_token(alg="none") + signature,
        "HS256 with the public key": issuer.forged_token(alg="HS256"),
        "another key under the same id": issuer.token(key=other),
        "a key in the header": issuer.token(key=other, header={"jwk": jwk}),
        "a key address in the header": issuer.token(key=other, header={"jku": issuer.url}),
        "a certificate address": issuer.token(key=other, header={"x5u": issuer.url}),
        "a critical header": issuer.forged_token(crit=["exp"], exp=1),
        "an algorithm that was not set": issuer.token(algorithm="RS512"),
        "changed claims": f"{head}.{payload[:-2]}AA.{signature}",
        "no key id": issuer.forged_token(kid=None),
        "a key id that is no text": issuer.forged_token(kid=1),
        "no claims": f"{head}..{signature}",
        "five parts": "a.b.c.d.e",
        "junk": "not a token",
        "nothing": "...",
        "letters from afar": "é.é.é",
        "very long": "a" * 300_000,
    }
    for what, token in forged.items():
        assert "not one that this server accepts" in await refused(provider, token), what
    for good in (issuer.token(), issuer.forged_token(), issuer.forged_token(unknown="header")):
        assert (await provider.viewer_of(good)).role is Role.HELPDESK


async def test_a_key_for_encryption_checks_no_signature(issuer: Issuer, provider: IdentityProvider):
    signing = issuer.add_key("enc", use="enc")
    plain = type(signing).import_key(signing.as_dict(private=True) | {"use": "sig"})
    assert "not one that" in await refused(provider, issuer.token("enc", key=plain))


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "Ed25519", "EdDSA"])
async def test_the_algorithms_that_are_set_are_taken_and_no_others(issuer: Issuer, algorithm: str):
    issuer.add_key("of its own", algorithm)
    with warnings.catch_warnings(action="ignore", category=SecurityWarning):
        token = issuer.token("of its own", algorithm)
    only = IdentityProvider(settings_for(issuer, oidc_algorithms=[algorithm]))
    assert (await only.viewer_of(token)).role is Role.HELPDESK
    others = [name for name in ("RS256", "ES256", "Ed25519", "EdDSA") if name != algorithm]
    without = IdentityProvider(settings_for(issuer, oidc_algorithms=others))
    assert "not one that" in await refused(without, token)


async def test_keys_are_fetched_once_for_many_tokens(issuer: Issuer, provider: IdentityProvider):
    issuer.slow = 0.1
    token = issuer.token()
    viewers = await asyncio.gather(*(provider.viewer_of(token) for _ in range(50)))
    assert {viewer.role for viewer in viewers} == {Role.HELPDESK}
    assert issuer.fetches == 1


async def test_an_unknown_key_is_looked_for_again_but_only_every_thirty_seconds(
    issuer: Issuer, provider: IdentityProvider, monkeypatch: pytest.MonkeyPatch
):
    await provider.viewer_of(issuer.token())
    issuer.add_key("second")
    for _ in range(5):
        assert "has no such key" in await refused(provider, issuer.token("second"))
    assert issuer.fetches == 1
    monkeypatch.setattr(kb.services.access.identity_provider, "BETWEEN_FETCHES_SECONDS", 0.0)
    assert (await provider.viewer_of(issuer.token("second"))).role is Role.HELPDESK
    assert issuer.fetches == 2


async def test_a_key_that_was_withdrawn_ends_with_the_time_that_keys_are_kept(
    issuer: Issuer, provider: IdentityProvider, monkeypatch: pytest.MonkeyPatch
):
    old = issuer.token()
    await provider.viewer_of(old)
    issuer.add_key("second")
    del issuer.keys["first"]
    monkeypatch.setattr(kb.services.access.identity_provider, "BETWEEN_FETCHES_SECONDS", 0.0)
    assert (await provider.viewer_of(old)).role is Role.HELPDESK
    monkeypatch.setattr(kb.services.access.identity_provider, "KEYS_LAST_SECONDS", 0.0)
    assert "has no such key" in await refused(provider, old)


async def test_known_keys_go_on_working_while_the_provider_is_down(
    issuer: Issuer, provider: IdentityProvider, monkeypatch: pytest.MonkeyPatch
):
    token = issuer.token()
    await provider.viewer_of(token)
    issuer.down = True
    monkeypatch.setattr(kb.services.access.identity_provider, "KEYS_LAST_SECONDS", 0.0)
    monkeypatch.setattr(kb.services.access.identity_provider, "BETWEEN_FETCHES_SECONDS", 0.0)
    assert (await provider.viewer_of(token)).role is Role.HELPDESK
    assert issuer.fetches == 2


async def test_a_provider_that_answers_a_little_at_a_time_is_given_up(
    issuer: Issuer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(kb.services.access.identity_provider, "FETCH_TIMEOUT_SECONDS", 0.3)
    says = trickling(b"HTTP/1.1 200 OK\r\n", b"x: y\r\n", 0.2)
    async with talking(says) as port, asyncio.timeout(20):
        url = f"http://127.0.0.1:{port}/jwks"
        provider = IdentityProvider(settings_for(issuer, oidc_jwks_url=url))
        assert "Try again later" in await refused(provider, issuer.token())


@pytest.mark.parametrize("how", ["answers 503", "is not there", "answers something else"])
async def test_a_provider_that_never_gave_its_keys_is_told_and_asked_again_later(
    issuer: Issuer, how: str, monkeypatch: pytest.MonkeyPatch
):
    issuer.down = how == "answers 503"
    url = {
        "is not there": "http://127.0.0.1:1/jwks",
        "answers something else": issuer.url + "/nothing",
    }.get(how, issuer.url)
    provider = IdentityProvider(settings_for(issuer, oidc_jwks_url=url))
    for _ in range(3):
        assert "does not give its keys" in await refused(provider, issuer.token())
    assert issuer.fetches == (1 if issuer.down else 0)
    if issuer.down:
        issuer.down = False
        monkeypatch.setattr(kb.services.access.identity_provider, "BETWEEN_FETCHES_SECONDS", 0.0)
        assert (await provider.viewer_of(issuer.token())).role is Role.HELPDESK
