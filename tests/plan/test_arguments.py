"""Arguments that a plan makes of variables are those that Strawberry makes of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from graphql import (
    FieldNode,
    GraphQLField,
    OperationDefinitionNode,
    get_argument_values,
    get_variable_values,
    parse,
)
from graphql.execution.values import VariableValues
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.arguments import convert_arguments
from strawberry.types.field import StrawberryField

from graphql_schema.plan.arguments import Compute, arguments_of
from graphql_schema.schema import schema

CORE = schema._schema
WHOLE = (
    "query ($filter: FacilityFilter, $first: Int) { facilities(filter: $filter, first: $first) }"
)
PARTS = """query ($countries: [CountryCode!], $sharing: [SharingStatus!], $name: String) {
    facilities(filter: {countries: $countries, sharing: $sharing, also: [{nameContains: $name}]}) }
"""
ONE_OF_A_LIST = """query ($country: CountryCode!, $sharing: SharingStatus!) {
    facilities(filter: {countries: [$country, "VN"], sharing: [$sharing]}) }"""
CHANGES = "query ($changes: PortfolioChangesInput!) { portfolioWhatIf(changes: $changes) }"
PROFILE = "query ($profile: FacilityProfileInput!) { whatIf(profile: $profile) }"
LOCATOR = "query ($by: FacilityLocator!) { facility(by: $by) }"


class Asked:
    """A field, and what makes its arguments."""

    def __init__(self, query: str) -> None:
        (operation,) = parse(query).definitions
        assert isinstance(operation, OperationDefinitionNode)
        (node,) = operation.selection_set.selections
        assert isinstance(node, FieldNode)
        assert CORE.query_type
        self.operation, self.node = operation, node
        self.field: GraphQLField = CORE.query_type.fields[node.name.value]
        self.definition: StrawberryField = self.field.extensions[
            GraphQLCoreConverter.DEFINITION_BACKREF
        ]
        _, compute = arguments_of(schema, self.field, self.definition, node)
        assert compute
        self.compute: Compute = compute

    def values(self, inputs: Mapping[str, Any]) -> VariableValues:
        values = get_variable_values(CORE, self.operation.variable_definitions or (), dict(inputs))
        assert isinstance(values, VariableValues)
        return values

    def by_strawberry(self, values: VariableValues) -> dict[str, Any]:
        return convert_arguments(
            get_argument_values(self.field, self.node, values),
            self.definition.arguments,
            scalar_registry=schema.schema_converter.scalar_registry,
            config=schema.config,
        )


@pytest.mark.parametrize(
    ("query", "inputs"),
    [
        (
            WHOLE,
            [
                {"filter": {"countries": ["VN"]}},
                {"filter": {"countries": ["BD", "ID"]}, "first": 3},
                {"filter": {"countries": []}},
                {"filter": {"countries": None}, "first": None},
                {"filter": {}},
                {"filter": None},
                {},
                {"filter": {"unblocked": True, "changedFrom": "2026-01-01"}},
                {"filter": {"unblocked": False, "changedFrom": "2025-01-01"}},
                {"filter": {"unblocked": None, "changedFrom": None}},
                {"filter": {"sharing": ["NOT_YET"], "also": [{"countries": ["VN"]}]}},
                {"filter": {"sharing": ["ON_TRACK"], "also": [{"countries": ["BD"]}]}},
                {"filter": {"also": [{"countries": ["BD"]}, {"nameContains": "a"}]}},
                {"filter": {"also": [{"nameContains": "b"}, {"countries": ["ID", "VN"]}]}},
                {"filter": {"also": []}},
                {"filter": {"also": [{"nameContains": str(place)} for place in range(50)]}},
                {"filter": {"also": [{"nameContains": str(place)} for place in range(50, 99)]}},
            ],
        ),
        (
            PARTS,
            [
                {"countries": ["VN"], "sharing": ["NOT_YET"], "name": "a"},
                {"countries": ["BD", "ID"], "sharing": [], "name": "b"},
                {"countries": None, "sharing": ["ON_TRACK", "NOT_YET"]},
                {"countries": ["VN"] * 5_000},
                {},
            ],
        ),
        (
            ONE_OF_A_LIST,
            [
                {"country": "BD", "sharing": "NOT_YET"},
                {"country": "ID", "sharing": "ON_TRACK"},
            ],
        ),
        (
            CHANGES,
            [
                {"changes": {"countriesSignOff": ["PK"]}},
                {"changes": {"countriesSignOff": ["IN", "PK"], "allDeclareInterest": True}},
                {"changes": {"toolVersion": "1.5", "allDeclareInterest": False}},
                {"changes": {"toolVersion": None}},
            ],
        ),
        (
            PROFILE,
            [
                {"profile": {"country": "VN", "enrolled": "YES"}},
                {"profile": {"country": "BD", "enrolled": "NO", "selfAssessmentSteps": [1, 3]}},
                {"profile": {"country": "ID", "enrolled": "NO", "selfAssessmentSteps": [2]}},
            ],
        ),
        (LOCATOR, [{"by": {"osId": "a"}}, {"by": {"osId": "b"}}, {"by": {"id": "c"}}]),
    ],
)
def test_arguments_are_the_same_whatever_was_asked_before(query: str, inputs: list[dict[str, Any]]):
    asked = Asked(query)
    for each in (*inputs, *reversed(inputs), *inputs):
        values = asked.values(each)
        assert asked.compute(values) == asked.by_strawberry(values), each


def test_a_list_is_its_resolvers_own():
    asked = Asked(PARTS)
    values = asked.values({"countries": ["VN"], "sharing": []})
    for _ in range(2):
        asked.compute(values)["filter"].countries.append("BD")
    assert asked.compute(values)["filter"].countries == ["VN"]
