"""Errors as callers see them: expected ones with a stable code, all others masked.

What a mutation may be refused for is a member of its union instead of an error.
"""

import logging
import re
from dataclasses import dataclass
from datetime import date
from uuid import uuid4

from graphql import GraphQLEnumType, GraphQLError, GraphQLSchema
from strawberry.utils.str_converters import to_camel_case

from graphql_schema.error_codes import NO_OPERATION, code_of, is_of_storage
from graphql_schema.mutations.refusals import REFUSALS, Refused
from graphql_schema.wording import allowed_by, message_of
from kb.errors import InvalidInputError, KbError
from kb.logs import REQUEST_ID

logger = logging.getLogger("graphql_schema")

UNEXPECTED = "Unexpected error."
STORAGE_FAILED = "The database does not answer at the moment. Try again later."

LONGEST_MESSAGE = 1_000

_UNKNOWN_ENUM_VALUE = re.compile(r"does not exist in '(\w+)' enum")
_NEAREST = re.compile(r" Did you mean .{1,200}\?\Z", re.DOTALL)
_DETAILS = ("field", "what", "value", "allowed", "as_of", "first")


def public_error(
    error: GraphQLError, schema: GraphQLSchema, *, helped: bool = True
) -> GraphQLError:
    """The error as the caller may see it; only who is helped is told the names near a wrong one.

    `extensions.code` is always there, and `requestId` wherever a request is answered. What was not
    expected is logged with its traceback under the id that the caller gets.
    """
    cause, code = error.original_error, code_of(error)
    if isinstance(cause, KbError):
        return _with(error, message_of(cause), {"code": code, **_details(cause)})
    if cause is None or isinstance(cause, GraphQLError):
        extensions = {"code": code, **(error.extensions or {})}
        message = _NEAREST.sub("", error.message)
        if helped:
            message = error.message + _allowed_values(error.message, schema)
        return _with(error, message, extensions)
    if isinstance(cause, NO_OPERATION):
        return _with(error, no_operation(error.message), {"code": code})
    incident = uuid4().hex
    if is_of_storage(cause):
        logger.warning("incident %s at %s: %r", incident, error.path, cause)
        return _with(error, STORAGE_FAILED, {"code": code, "id": incident})
    logger.error("incident %s at %s", incident, error.path, exc_info=cause)
    return _with(error, UNEXPECTED, {"code": code, "id": incident})


def no_operation(reason: str) -> str:
    """Why there is no operation to execute; Strawberry does not say it of fragments alone."""
    fragments_alone = reason == "Can't get GraphQL operation type"
    return "The document has no operation, but fragments alone." if fragments_alone else reason


@dataclass(frozen=True, slots=True)
class RefusalHandler:
    """Answers an expected error as a member of the field's union, where it is one."""

    exception_type: type[KbError]
    error_type: type

    def handle(self, exception: KbError, **_: object) -> Refused[KbError]:
        """The error as an answer."""
        return Refused(exception)


REFUSAL_HANDLERS = [
    RefusalHandler(error, graphql_class) for error, graphql_class in REFUSALS.items()
]
"""One handler for each type of refusal; what a union does not name stays an error."""


def _allowed_values(message: str, schema: GraphQLSchema) -> str:
    """The values of an enum; graphql-core names them only for a near miss."""
    enum = _UNKNOWN_ENUM_VALUE.search(message)
    type_ = schema.get_type(enum[1]) if enum else None
    if not isinstance(type_, GraphQLEnumType):
        return ""
    return f" Allowed: {', '.join(type_.values)}."


def _details(cause: KbError) -> dict[str, object]:
    values = ((name, getattr(cause, name, None)) for name in _DETAILS)
    details = {
        "asOf" if name == "as_of" else name: _plain(value)
        for name, value in values
        if value not in (None, (), "")
    }
    if isinstance(cause, InvalidInputError):
        details |= {"field": to_camel_case(cause.field), "allowed": allowed_by(cause)}
    return details


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def _with(error: GraphQLError, message: str, extensions: dict[str, object]) -> GraphQLError:
    if len(message) > LONGEST_MESSAGE:  # it repeats what was sent
        message = f"{message[:LONGEST_MESSAGE]}…"
    if request_id := REQUEST_ID.get():
        extensions = {**extensions, "requestId": request_id}
    return GraphQLError(
        message,
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        extensions=extensions,
    )
