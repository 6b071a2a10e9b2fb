"""Messages as callers of the schema read them: fields are named as the schema names them."""

import re

from strawberry.utils.str_converters import to_camel_case

from kb.errors import InvalidFieldsError, InvalidInputError, KbError

WHOLE_LISTS = frozenset({"csv"})
"""Fields of inputs that hold a whole list: only the size of a request bounds them."""

_SNAKE_CASE = re.compile(r"\b[a-z]+(?:_[a-z]+)+\b")


def message_of(error: KbError) -> str:
    """What an expected error says; the value that was given stays as it is."""
    if isinstance(error, InvalidFieldsError):
        return " ".join(message_of(problem) for problem in error.problems)
    if isinstance(error, InvalidInputError):
        return str(InvalidInputError(to_camel_case(error.field), error.value, allowed_by(error)))
    return str(error)


def allowed_by(error: InvalidInputError) -> str:
    """What may be given instead; columns of a list keep the names that they have there."""
    if error.field in WHOLE_LISTS:
        return error.allowed
    return _SNAKE_CASE.sub(lambda name: to_camel_case(name[0]), error.allowed)
