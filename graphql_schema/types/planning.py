# ruff: noqa: D102 - the description of a field says what it means
"""What to ask next, and what would have to change."""

from dataclasses import dataclass

import strawberry
from strawberry import Parent
from strawberry.utils.str_converters import to_camel_case

from graphql_schema.locales import Served
from graphql_schema.presenter import Presenter, presents, resolver
from graphql_schema.types.decisions import NextAction
from graphql_schema.types.faq import Explained, Statement
from graphql_schema.types.inputs import optional
from kb.rules import counterfactual, guided, outcomes
from kb.rules.codes import ProfileQuestion, SharingStatus
from kb.rules.inputs import AssessedBy


@presents(guided.Choice, "An answer that can be chosen.")
class Choice(Explained):
    """One of the answers to a question."""

    value: str | None = strawberry.field(
        description="The value for the field of the profile; UNKNOWN where it is not known, null "
        "for Steps."
    )
    steps: list[int] = strawberry.field(description="The Steps, where Steps are asked for.")


@dataclass(slots=True)
class SaidQuestion(Presenter[guided.NextQuestion]):
    """A question in the language served."""

    served: Served


@presents(SaidQuestion, "The question to ask now, with its answers.")
class NextQuestion(Explained):
    """One step of guided mode."""

    input: ProfileQuestion = strawberry.field(description="What is asked.")
    choices: list[Choice] = strawberry.field(
        description="The answers; the last one is that it is not known."
    )
    settles: float = strawberry.field(
        description="How many of the outcomes still possible fall away on average once it is known."
    )

    @resolver("The field of `FacilityProfileInput` that takes the answer.")
    @staticmethod
    def field(root: Parent[SaidQuestion]) -> str:
        return to_camel_case(root.record.input.lower())

    @resolver("How many questions there are at most if each is answered, this one counted.")
    @staticmethod
    def remaining_at_most(root: Parent[SaidQuestion]) -> int:
        return root.record.remaining

    @resolver("The language of question and answers.")
    @staticmethod
    def served_locale(root: Parent[SaidQuestion]) -> str:
        return root.served.locale

    @resolver("Why this language is served, and whether the translation is reviewed.")
    @staticmethod
    def locale_reason(root: Parent[SaidQuestion]) -> str:
        return root.served.reason


@strawberry.input(description="What shall hold: each of the parts that is given.")
class GoalInput:
    """A goal."""

    assessed_by: AssessedBy | None = optional("Who shall assess.")
    sharing: SharingStatus | None = optional("What sharing status there shall be.")


@dataclass(frozen=True, slots=True)
class SufficientChanges:
    """One set of changes, in an order in which they can be made."""

    changes: tuple[outcomes.NextAction, ...]


@presents(SufficientChanges, "Changes after which the goal holds; none of them can be left out.")
class ChangeSet:
    """One way to the goal."""

    changes: list[NextAction] = strawberry.field(
        description="What to change, who can, and by when, in an order in which it can be done."
    )


@presents(counterfactual.WhatWouldChange, "What would have to change for a goal to hold.")
class WhatWouldChange:
    """The ways to a goal."""

    holds: bool = strawberry.field(description="Whether the goal holds already.")
    why_not: Statement | None = strawberry.field(
        description="Why nothing that anybody can do leads there; null where something does, or "
        "where the goal holds."
    )

    @resolver("The smallest sets of changes, the shortest first; each is enough.", list[ChangeSet])
    @staticmethod
    def sets(root: Parent[counterfactual.WhatWouldChange]) -> list[SufficientChanges]:
        return [SufficientChanges(changes) for changes in root.sets]
