"""A country on one day, in some layers, as the rules see it and with what else is known."""

from dataclasses import dataclass

from graphql_schema.context import Context
from graphql_schema.presenter import Presenter
from graphql_schema.snapshot import Snapshot
from kb.content.records import Country
from kb.rules.countries import country_names
from kb.rules.inputs import FacilityProfile
from kb.rules.outcomes import CountryStatus
from kb.rules.wording import Wording


@dataclass(slots=True)
class CountryOnDay(Presenter[CountryStatus]):
    """How far a country has come on the day, and the record with everything known of it."""

    country: Country
    snapshot: Snapshot

    @property
    def key(self) -> str:
        """The ISO code."""
        return self.record.code

    @property
    def name(self) -> str:
        """Its name in English."""
        return self.country.name


def country_on_day(context: Context, code: str, snapshot: Snapshot) -> CountryOnDay:
    """A country by its ISO code, also one of which nothing is held."""
    country = snapshot.library.countries.get(code) or Country(name=country_names()[code])
    fact = snapshot.fact(country.kinds)
    rulebook = snapshot.library.rulebook
    template = snapshot.fact(rulebook.countries.get(code, ()))
    if fact is not None and fact.value is not None and template is not None:
        wording = Wording(rulebook, code, snapshot.layers)
        status = CountryStatus(
            **wording.filled(fact.value, template.text, fact.citations),
            code=code,
            name=country.name,
            kind=fact.value,
            fact=fact,
        )
    else:  # the rules know how to say that nothing is known
        profile = FacilityProfile(country=code)
        decisions = context.knowledge.decisions
        status = decisions.on(profile, snapshot.as_of, snapshot.layers).country
    return CountryOnDay(status, country, snapshot)
