# ruff: noqa: D102 - the description of a field says what it means
"""How many facilities there are, by what is decided for them."""

import strawberry
from strawberry import Parent

from graphql_schema.presenter import presents, resolver
from kb.rules.codes import BlockerCode, SharingStatus
from kb.rules.inputs import AssessedBy
from kb.services.facilities.counts import Rollup


@strawberry.type(description="How many facilities have one country.")
class CountryCount:
    """A count."""

    country: str = strawberry.field(description="ISO 3166-1 alpha-2 code.")
    count: int = strawberry.field(description="How many facilities.")


@strawberry.type(description="How many facilities have one assessor.")
class AssessedByCount:
    """A count."""

    assessed_by: AssessedBy = strawberry.field(description="Who assesses them.")
    count: int = strawberry.field(description="How many facilities.")


@strawberry.type(description="How many facilities have one sharing status.")
class SharingCount:
    """A count."""

    status: SharingStatus = strawberry.field(description="The sharing status.")
    count: int = strawberry.field(description="How many facilities.")


@strawberry.type(description="How many facilities have one primary blocker.")
class BlockerCount:
    """A count."""

    blocker: BlockerCode | None = strawberry.field(description="The blocker; null for none.")
    count: int = strawberry.field(description="How many facilities.")


@presents(Rollup, "How many facilities there are, by what is decided for them.")
class FacilityRollup:
    """Counts, the largest first."""

    total: int = strawberry.field(description="How many facilities fit.")

    @resolver("By country.")
    @staticmethod
    def by_country(root: Parent[Rollup]) -> list[CountryCount]:
        return [CountryCount(country=code, count=count) for code, count in root.by_country.items()]

    @resolver("By assessor.")
    @staticmethod
    def by_assessor(root: Parent[Rollup]) -> list[AssessedByCount]:
        counts = root.by_assessor.items()
        return [AssessedByCount(assessed_by=assessor, count=count) for assessor, count in counts]

    @resolver("By sharing status.")
    @staticmethod
    def by_sharing(root: Parent[Rollup]) -> list[SharingCount]:
        return [
            SharingCount(status=status, count=count) for status, count in root.by_sharing.items()
        ]

    @resolver("By primary blocker.")
    @staticmethod
    def by_primary_blocker(root: Parent[Rollup]) -> list[BlockerCount]:
        counts = root.by_primary_blocker.items()
        return [BlockerCount(blocker=blocker, count=count) for blocker, count in counts]
