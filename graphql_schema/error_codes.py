"""The codes of errors, for callers, the log and the metrics alike."""

from graphql import GraphQLError, GraphQLSyntaxError
from strawberry.exceptions import MissingQueryError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from tortoise.exceptions import IntegrityError, NotExistOrMultiple

from kb.errors import KbError, StorageError
from kb.services.database import FAILURES

NO_OPERATION = (MissingQueryError, CannotGetOperationTypeError, InvalidOperationTypeError)
"""What is raised where there is no operation that was meant, or none of its kind."""


def code_of(error: BaseException) -> str:
    """The code that the caller gets for an error; INTERNAL_ERROR for an unexpected one."""
    cause = error.original_error if isinstance(error, GraphQLError) else error
    if isinstance(cause, KbError):
        return cause.code
    if isinstance(cause, NO_OPERATION):
        return "BAD_REQUEST"
    if is_of_storage(cause):
        return StorageError.code
    if not isinstance(error, GraphQLError) or not isinstance(cause, GraphQLError | None):
        return "INTERNAL_ERROR"
    syntax = isinstance(error, GraphQLSyntaxError)
    usual = "GRAPHQL_PARSE_FAILED" if syntax else "GRAPHQL_VALIDATION_FAILED"
    return str((error.extensions or {}).get("code", usual))


def is_of_storage(cause: BaseException | None) -> bool:
    """Whether an error is one of the database, and not of what it was asked."""
    wrong_values = isinstance(cause, IntegrityError | NotExistOrMultiple)
    return isinstance(cause, FAILURES) and not wrong_values
