"""Who may ask, what for, and how much."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings

from kb.rules.roles import Role
from kb.settings.checks import LongSecret, SafeUrl


class AnonymousReads(StrEnum):
    """What callers without a token may read: what is public knowledge, or nothing at all."""

    KNOWLEDGE = "KNOWLEDGE"
    NOTHING = "NOTHING"


class AnonymousDocuments(StrEnum):
    """Which documents are executed for callers without a token: any, or the published ones."""

    ANY = "ANY"
    TRUSTED = "TRUSTED"


class Introspection(StrEnum):
    """Who may ask for the schema and is given suggestions for misspelt names."""

    ALL = "ALL"
    TOKENS = "TOKENS"
    NOBODY = "NOBODY"


class SigningAlgorithm(StrEnum):
    """How an identity provider may sign its tokens; always with a key pair, never a shared key."""

    RS256 = "RS256"
    ES256 = "ES256"
    ED25519 = "Ed25519"
    EDDSA = "EdDSA"


class AccessSettings(BaseSettings):
    """Callers without a token, API keys, an identity provider, and how much each may ask for."""

    anonymous_reads: AnonymousReads = Field(
        AnonymousReads.KNOWLEDGE,
        description="What callers without a token may read: KNOWLEDGE (FAQs, countries, fees and "
        "the like) or NOTHING. Facilities always need a token.",
    )
    anonymous_documents: AnonymousDocuments = Field(
        AnonymousDocuments.ANY,
        description="Which operations callers without a token may ask: ANY, or TRUSTED for those "
        "that `kb documents` lists.",
    )
    introspection: Introspection = Field(
        Introspection.ALL,
        description="Who may ask for the schema, and is told the nearest name for one that there "
        "is not: ALL, TOKENS for those who show one, or NOBODY.",
    )
    anonymous_rate: int = Field(
        600,
        ge=0,
        description="Operations a minute that one address may ask for without a token, in each "
        "process; 0 is no limit. Callers on this machine have none, where no proxy may ask "
        "for others.",
    )
    anonymous_points: int = Field(
        300_000,
        ge=0,
        description="Cost a minute that one address may ask for without a token, in each process; "
        "0 is no limit. A unit is about five microseconds of work.",
    )
    anonymous_max_cost: int = Field(
        80_000,
        ge=1,
        description="Most that one operation may cost without a token; KB_MAX_COST, if that is "
        "less.",
    )
    chatbot_rate: int = Field(
        12_000,
        ge=0,
        description="Operations a minute for each CHATBOT token, in each process; 0 is no limit.",
    )
    token_points: int = Field(
        6_000_000,
        ge=0,
        description="Cost a minute that each token may ask for, in each process; 0 is no limit.",
    )
    bad_token_rate: int = Field(
        60,
        ge=0,
        description="Tokens a minute that are not good and that one address may show, in each "
        "process; 0 is no limit.",
    )
    shared_allowances: bool = Field(
        False,
        description="Whether rates and allowances count what other processes on the same database "
        "have answered, to the second; on with `kb serve --workers`.",
    )
    token: SecretStr | None = Field(
        None,
        repr=False,
        description="The token that commands show. Without one they act as OPERATOR, but only on "
        "SQLite.",
    )
    token_pepper: LongSecret | None = Field(
        None,
        repr=False,
        description="Secret of 32 characters or more with which API keys are hashed. Needed on "
        "PostgreSQL; on SQLite one is kept in a file beside the database.",
    )
    token_max_days: int = Field(
        365,
        ge=1,
        le=36_500,
        description="Longest time in days for which an API key may be made.",
    )
    graphiql_token: SecretStr | None = Field(
        None,
        repr=False,
        description="API key that GraphiQL opens with, by the link that `kb serve` shows; heeded "
        "only on SQLite behind a loopback address, without proxies. `kb serve` sets it where there "
        "are demo facilities.",
    )
    oidc_issuer: str | None = Field(
        None,
        description="Issuer of the JWTs that are accepted, exactly as in their claim iss; none "
        "are, if not set.",
    )
    oidc_audience: str | None = Field(
        None, description="What the claim aud of a JWT must name; needed with KB_OIDC_ISSUER."
    )
    oidc_jwks_url: SafeUrl | None = Field(
        None,
        repr=False,
        description="Where the issuer publishes its keys: https://…, or http:// on this machine; "
        "needed with KB_OIDC_ISSUER.",
    )
    oidc_algorithms: tuple[SigningAlgorithm, ...] = Field(
        (SigningAlgorithm.RS256, SigningAlgorithm.ES256),
        min_length=1,
        description='JSON list of accepted signatures, of "RS256", "ES256", "Ed25519", "EdDSA".',
    )
    oidc_role_claim: str = Field("role", description="Claim that tells the role of a JWT.")
    oidc_role_map: dict[str, Role] = Field(
        {},
        description='JSON object from a value of that claim to a role, such as {"desk": '
        '"HELPDESK"}; a JWT with no value that it names is refused.',
    )
    oidc_organisation_claim: str = Field(
        "organisation", description="Claim that names the organisation of a BRAND."
    )
    oidc_country_claim: str = Field(
        "countries", description="Claim with the country codes of a PROGRAMME_OFFICER."
    )
    oidc_facility_claim: str = Field(
        "facilities", description="Claim with the numbers of the facilities of a FACILITY."
    )
    oidc_token_max_hours: int = Field(
        24,
        ge=1,
        description="The longest that a JWT may live, from when it was issued to when it expires; "
        "one that lives longer is refused.",
    )
    facility_backdating_days: int = Field(
        0, ge=0, description="How many days back a facility may date what it records."
    )

    @field_validator("oidc_role_map")
    @classmethod
    def _held_by_tokens(cls, roles: dict[str, Role]) -> dict[str, Role]:
        for role in roles.values():
            if role in (Role.ANONYMOUS, Role.OPERATOR):
                raise ValueError(f"a role that a token can have, which {role} is not")
        return roles
