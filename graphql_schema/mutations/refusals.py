# ruff: noqa: D102 - the description of a field says what it means
"""Refusals: the expected errors of `kb` as members of the unions that mutations return."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import strawberry
from strawberry import Parent
from strawberry.utils.str_converters import to_camel_case

from graphql_schema.context import Info
from graphql_schema.presenter import Presenter, presents, resolver
from graphql_schema.types.faq import Citation
from graphql_schema.wording import allowed_by, message_of
from kb import errors
from kb.errors import KbError
from kb.rules import evidence
from kb.rules.events import EventKind

Error_co = TypeVar("Error_co", bound=KbError, covariant=True)


@dataclass(slots=True)
class Refused(Presenter[Error_co]):
    """An error as an answer; an exception itself would count as a failure of the field."""


REFUSALS: dict[type[KbError], type] = {}
"""The GraphQL type of each expected error, in the order of their definition."""


def refusal(error: type[KbError], description: str) -> Callable[[type], type]:
    """Make a class the GraphQL type of an expected error and of its subclasses."""

    def wrap(cls: type) -> type:
        presenter: Any = Refused
        graphql_class: type = presents(presenter[error], description)(cls)
        REFUSALS[error] = graphql_class
        return graphql_class

    return wrap


@strawberry.interface(description="A change that was refused. Nothing was recorded.")
class Refusal:
    """What every refusal carries."""

    code: str = strawberry.field(description="Stable code of the kind of refusal, for programs.")

    @resolver("What was wrong and what is allowed, in a sentence for people.")
    @staticmethod
    def message(root: Parent[Refused[KbError]]) -> str:
        return message_of(root.record)


@refusal(
    errors.NotPermittedError,
    "The caller's role may not do this; the message names the roles that may.",
)
class NotPermitted(Refusal):
    """Not by this role."""


@refusal(
    errors.NotFoundError,
    "There is no such object, or the caller may not know that there is.",
)
class NotFound(Refusal):
    """Not there, as far as the caller may know."""

    what: str = strawberry.field(description="What was looked for, such as facility.")
    value: str = strawberry.field(description="By which id.")


@refusal(
    errors.IllegalTransitionError,
    "A condition of the workflow does not hold: it is too early, too late or done.",
)
class IllegalTransition(Refusal):
    """Not now, and why."""

    guard: str = strawberry.field(description="Stable code of the condition that failed.")
    reason: str = strawberry.field(description="The condition in words.")

    @resolver("What the condition rests on.", list[Citation])
    @staticmethod
    def citations(
        root: Parent[Refused[errors.IllegalTransitionError]], info: Info
    ) -> list[evidence.Citation]:
        transitions = info.context.library.transitions.values()
        guards = (guard for transition in transitions for guard in transition.guards)
        failed = (root.record.guard, root.record.reason)
        cited = next(guard.citations for guard in guards if (guard.code, guard.text) == failed)
        return info.context.snapshot.citations(cited)

    @resolver(
        "What the caller may record at the facility instead, on behalf of the facility as well, "
        "once it has given its word."
    )
    @staticmethod
    def allowed_now(root: Parent[Refused[errors.IllegalTransitionError]]) -> list[EventKind]:
        return [EventKind(kind) for kind in root.record.allowed]


@refusal(
    errors.StaleVersionError,
    "The facility has changed since the caller read it. Read it again, then decide.",
)
class StaleVersion(Refusal):
    """Somebody was faster."""

    expected: int = strawberry.field(description="The version that the caller expected.")
    current: int = strawberry.field(description="The version that the facility has.")


@refusal(
    errors.IdempotencyConflictError,
    "The caller has used the idempotency key for another change.",
)
class IdempotencyConflict(Refusal):
    """A key stands for one change only."""

    key: str = strawberry.field(description="The key.")


@presents(Refused[errors.InvalidInputError], "What is wrong with one field of the input.")
class InputProblem:
    """A field and what it may hold."""

    value: str = strawberry.field(description="What was given; empty when nothing was.")

    @resolver("What may be given, in words.")
    @staticmethod
    def allowed(root: Parent[Refused[errors.InvalidInputError]]) -> str:
        return allowed_by(root.record)

    @resolver("The field of the input, such as gatewayId.")
    @staticmethod
    def field(root: Parent[Refused[errors.InvalidInputError]]) -> str:
        return to_camel_case(root.record.field)


@refusal(errors.InvalidInputError, "Fields of the input have values they may not have.")
class InvalidInput(Refusal):
    """What is wrong, field by field."""

    @resolver("Every problem at once, field by field.", list[InputProblem])
    @staticmethod
    def problems(
        root: Parent[Refused[errors.InvalidInputError]],
    ) -> list[Refused[errors.InvalidInputError]]:
        error = root.record
        several = error.problems if isinstance(error, errors.InvalidFieldsError) else (error,)
        return [Refused(problem) for problem in several]


@presents(errors.Problem, "Something wrong in a content file.")
class ContentProblem:
    """Where, what, and what is allowed instead."""

    file: str = strawberry.field(description="The file.")
    line: int | None = strawberry.field(description="The line, if it is known.")
    key: str = strawberry.field(description="The key in the file; empty for the file as a whole.")
    wrong: str = strawberry.field(description="What is wrong.")
    allowed: str = strawberry.field(description="What is allowed instead; may be empty.")


@refusal(
    errors.ContentError,
    "Content files are wrong; the release before stays in use.",
)
class ContentInvalid(Refusal):
    """Everything that is wrong with the content."""

    problems: list[ContentProblem] = strawberry.field(description="Every problem at once.")


@refusal(
    errors.GoldenCaseError,
    "The content is well formed but answers golden cases differently; the release "
    "before stays in use.",
)
class GoldenCaseFailed(Refusal):
    """The cases that came out wrong."""

    failures: list[str] = strawberry.field(description="Each wrong answer, in words.")
