"""A country on one day, in some layers, as the rules see it and with what else is known."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphql_schema.scalars import country_names
from graphql_schema.types.view import View
from kb.content.records import Country
from kb.rules.inputs import FacilityProfile
from kb.rules.outcomes import CountryStatus
from kb.rules.wording import Wording

if TYPE_CHECKING:
    from graphql_schema.context import Context


@dataclass(frozen=True, slots=True)
class SeenCountry:
    """A country; what it does not have itself is read from its `status`."""

    key: str
    name: str
    record: Country
    status: CountryStatus
    view: View

    def __getattr__(self, attribute: str) -> Any:
        return getattr(self.status, attribute)


def country_in(context: "Context", code: str, view: View) -> SeenCountry:
    """A country by its ISO code, also one of which nothing is held."""
    held = view.library.countries.get(code) or Country(name=country_names()[code])
    fact = view.fact(held.kinds)
    if fact is not None and fact.value is not None:
        status = CountryStatus(
            **Wording(view.library.rulebook, code, view.layers).filled(
                fact.value, fact.text, fact.citations
            ),
            code=code,
            name=held.name,
            kind=fact.value,
            fact=fact,
        )
    else:  # the rules know how to say that nothing is known
        profile = FacilityProfile(country=code)
        status = context.knowledge.decisions.on(profile, view.as_of, view.layers).country
    return SeenCountry(code, held.name, held, status, view)
