"""How long lists are that nobody asks for by number; the cost of an operation counts with it."""

from collections.abc import Callable, Mapping, Sized
from functools import cache

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
)

from kb.content.records import Library

Sizes = Mapping[str, int]
"""How many entries lists have that nobody asks for by number, by type and field."""

# Those that depend on what is asked about, measured on real answers.
MEASURED_SIZES: Sizes = {
    "ActorEntry.citations": 4,
    "Applicability.citations": 36,
    "Applicability.dataLabels": 4,
    "Applicability.fees": 4,
    "Applicability.trace": 85,
    "ChangeSet.changes": 6,
    "Faq.passages": 6,
    "NextQuestion.choices": 4,
    "Portfolio.byAge": 5,
    "Portfolio.brandAdvice": 30,
    "Portfolio.byAssessor": 3,
    "Portfolio.byBlocker": 10,
    "Portfolio.byCountry": 30,
    "Portfolio.byDataLabel": 10,
    "Portfolio.byNextActor": 6,
    "Portfolio.byPrimaryBlocker": 10,
    "Portfolio.bySharing": 6,
    "Portfolio.byWorkflowState": 15,
    "Portfolio.trend": 12,
    "MonthOfEvents.events": 10,
    "PortfolioWhatIf.after": 10,
    "PortfolioWhatIf.before": 10,
    "RuleOutcome.inputs": 3,
    "SharingDecision.citations": 5,
    "Workflow.nextActions": 5,
    "Workflow.steps": 11,
}

# Those of all entries of a kind that a release holds.
_CONTENT: Mapping[str, Callable[[Library], Sized]] = {
    "Applicability.faqs": lambda library: library.faqs,
    "Portfolio.byRoute": lambda library: library.rulebook.routes,
    "Query.actors": lambda library: library.actors,
    "Query.ambiguities": lambda library: library.ambiguities,
    "Query.artefacts": lambda library: library.artefacts,
    "Query.countries": lambda library: library.countries,
    "Query.dataLabels": lambda library: library.labels,
    "Query.fees": lambda library: library.fees,
    "Query.glossary": lambda library: library.glossary,
    "Query.publicRecord": lambda library: library.public_record,
    "Query.sources": lambda library: library.sources,
    "Query.systems": lambda library: library.systems,
    "Query.toolVersions": lambda library: library.tool_versions,
}


def sizes_of(library: Library) -> Sizes:
    """How many entries lists have in answers from this content."""
    of_content = {field: len(entries(library)) for field, entries in _CONTENT.items()}
    return {**MEASURED_SIZES, **of_content}


@cache
def introspection_sizes(schema: GraphQLSchema) -> Sizes:
    """How many entries the lists of introspection have, on average; at least one."""
    types = schema.type_map.values()
    objects = [type_ for type_ in types if isinstance(type_, GraphQLObjectType)]
    fields = [
        field
        for type_ in types
        if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType)
        for field in type_.fields.values()
    ]

    def average(number: int, among: int = len(types)) -> int:
        return max(1, round(number / among))

    return {
        "__Schema.types": len(types),
        "__Schema.directives": len(schema.directives),
        "__Type.fields": average(len(fields)),
        "__Type.interfaces": average(sum(len(type_.interfaces) for type_ in objects)),
        "__Type.possibleTypes": 1,
        "__Type.enumValues": average(
            sum(len(type_.values) for type_ in types if isinstance(type_, GraphQLEnumType))
        ),
        "__Type.inputFields": average(
            sum(len(type_.fields) for type_ in types if isinstance(type_, GraphQLInputObjectType))
        ),
        "__Field.args": average(sum(len(field.args) for field in fields), len(fields)),
        "__Directive.args": 1,
    }
