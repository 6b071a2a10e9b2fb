# ruff: noqa: D102 - the description of a field says what it means
"""Why a change was refused: the expected errors of `kb`, as members of result unions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import strawberry
from strawberry.utils.str_converters import to_camel_case

from graphql_schema.types.facility import EventKind
from graphql_schema.types.faq import Citation
from graphql_schema.types.view import Through
from kb import errors
from kb.errors import KbError

Info = strawberry.Info


@dataclass(frozen=True, slots=True)
class Refused(Through):
    """An error as an answer; an exception itself would count as a failure of the field."""

    record: KbError


REFUSALS: dict[type[KbError], type] = {}
"""The GraphQL type of each expected error, in the order of their definition."""


def refusal(error: type[KbError], *, description: str) -> Callable[[type], type]:
    """Make a class the GraphQL type of an expected error and of its kinds."""

    def wrap(cls: type) -> type:
        def is_type_of(obj: object, _info: object) -> bool:
            return isinstance(obj, Refused) and isinstance(obj.record, error)

        cls.is_type_of = is_type_of
        REFUSALS[error] = strawberry.type(cls, description=description)
        return REFUSALS[error]

    return wrap


@strawberry.interface(description="A change that was refused. Nothing was recorded.")
class Refusal:
    """What every refusal tells."""

    code: str = strawberry.field(description="Stable code of the kind of refusal, for programs.")

    @strawberry.field(description="What was wrong and what is allowed, in a sentence for people.")
    def message(self) -> str:
        return str(self.record)


@refusal(
    errors.NotPermittedError,
    description="The caller's role may not do this; the message names the roles that may.",
)
class NotPermitted(Refusal):
    """Not by this role."""


@refusal(
    errors.NotFoundError,
    description="There is no such object, or the caller may not know that there is.",
)
class NotFound(Refusal):
    """Not there, as far as the caller may know."""

    what: str = strawberry.field(description="What was looked for, such as facility.")
    value: str = strawberry.field(description="By which id.")


@refusal(
    errors.IllegalTransitionError,
    description="A condition of the workflow does not hold: it is too early, too late or done.",
)
class IllegalTransition(Refusal):
    """Not now, and why."""

    guard: str = strawberry.field(description="Stable code of the condition that failed.")
    reason: str = strawberry.field(description="The condition in words.")

    @strawberry.field(description="What the condition rests on.")
    def citations(self, info: Info) -> list[Citation]:
        transitions = info.context.library.transitions.values()
        guards = (guard for transition in transitions for guard in transition.guards)
        failed = (self.guard, self.reason)
        cited = next(guard.citations for guard in guards if (guard.code, guard.text) == failed)
        return info.context.view.citations(cited)

    @strawberry.field(description="What the caller may record at the facility instead.")
    def allowed_now(self) -> list[EventKind]:
        return list(self.allowed)


@refusal(
    errors.StaleVersionError,
    description="The facility has changed since the caller read it. Read it again, then decide.",
)
class StaleVersion(Refusal):
    """Somebody was faster."""

    expected: int = strawberry.field(description="The version that the caller expected.")
    current: int = strawberry.field(description="The version that the facility has.")


@refusal(
    errors.IdempotencyConflictError,
    description="The caller has used the idempotency key for another change.",
)
class IdempotencyConflict(Refusal):
    """A key stands for one change only."""

    key: str = strawberry.field(description="The key.")


@strawberry.type(description="What is wrong with one field of the input.")
class InputProblem:
    """A field and what it may hold."""

    value: str = strawberry.field(description="What was given; empty when nothing was.")
    allowed: str = strawberry.field(description="What may be given, in words.")

    @strawberry.field(description="The field of the input, such as gatewayId.")
    def field(self) -> str:
        return to_camel_case(self.field)


@refusal(errors.InvalidInputError, description="Fields of the input have values they may not have.")
class InvalidInput(Refusal):
    """What is wrong, field by field."""

    @strawberry.field(description="Every problem at once, field by field.")
    def problems(self) -> list[InputProblem]:
        several: Sequence[errors.InvalidInputError] = getattr(self.record, "problems", ())
        return [Refused(one) for one in several or (self.record,)]


@strawberry.type(description="Something wrong in a content file.")
class ContentProblem:
    """Where, what, and what is allowed instead."""

    file: str = strawberry.field(description="The file.")
    line: int | None = strawberry.field(description="The line, if it is known.")
    key: str = strawberry.field(description="The key in the file; empty for the file as a whole.")
    wrong: str = strawberry.field(description="What is wrong.")
    allowed: str = strawberry.field(description="What is allowed instead; may be empty.")


@refusal(
    errors.ContentError,
    description="Content files are wrong; the release before stays in use.",
)
class ContentInvalid(Refusal):
    """Everything that is wrong with the content."""

    problems: list[ContentProblem] = strawberry.field(description="Every problem at once.")


@refusal(
    errors.GoldenCaseError,
    description="The content is well formed but answers golden cases differently; the release "
    "before stays in use.",
)
class GoldenCaseFailed(Refusal):
    """The cases that came out wrong."""

    failures: list[str] = strawberry.field(description="Each wrong answer, in words.")
