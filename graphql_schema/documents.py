"""Documents: parsed within limits, validated in bounded time, and remembered."""

import re
import sys
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from typing import Any

import graphql.validation.rules.overlapping_fields_can_be_merged as overlapping_fields
from graphql import (
    DocumentNode,
    FloatValueNode,
    GraphQLError,
    GraphQLSchema,
    IntValueNode,
    NoSchemaIntrospectionCustomRule,
    StringValueNode,
    ValidationRule,
    specified_rules,
    validate,
)
from strawberry.extensions import SchemaExtension
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from graphql_schema.garbage_budget import garbage_budget
from graphql_schema.wording import WHOLE_LISTS
from kb.errors import InvalidInputError

MAX_TOKENS = 3_000
MAX_DOCUMENT = 100_000
"""Characters of a document."""

MAX_TEXT = 20_000
"""Characters of one text in a document or among variables; many fields allow less."""

MAX_VALUES = 10_000
MAX_OBJECTS = 1_000
"""Values and objects among the variables of an operation, at any depth: converting takes time."""

MAX_NUMBER = 400
"""Characters of one number in a document; Python takes no whole number of more than 4,300."""

MAX_ERRORS = 5
"""Errors that are told of one document, as finding them takes time too."""

MAX_COMPARISONS = 10_000
"""Comparisons of fields that may overlap; everyday operations need a few hundred."""

BYTES_REMEMBERED = 6_000_000
"""Memory that all remembered documents may take."""

LONGEST_REMEMBERED = 20_000
"""Characters of the longest document that is remembered."""

TOKEN_BYTES = 800
"""What a token of a document takes of it, beside the text."""

# Strawberry names but one of the options that graphql-core takes.
PARSE_LIMITS: Any = {"max_tokens": MAX_TOKENS, "max_source_length": MAX_DOCUMENT}

# graphql-core has no other way to say so; its own budget takes seconds.
overlapping_fields.MAX_COMPLEXITY_BUDGET = MAX_COMPARISONS


class ShortTexts(ValidationRule):
    """Refuses texts longer than `MAX_TEXT`."""

    def enter_string_value(self, node: StringValueNode, *_: Any) -> None:
        """Look at one text."""
        if len(node.value) > MAX_TEXT:
            self.report_error(too_long(node.value, node))


class ShortNumbers(ValidationRule):
    """Refuses numbers longer than `MAX_NUMBER`, before other rules convert them."""

    def enter_int_value(self, node: IntValueNode | FloatValueNode, *_: Any) -> None:
        """Look at one number."""
        if len(node.value) > MAX_NUMBER:
            cause = InvalidInputError(
                "number", f"{node.value[:40]}…", f"at most {MAX_NUMBER} characters"
            )
            self.report_error(GraphQLError(str(cause), node, original_error=cause))

    enter_float_value = enter_int_value


_LONG_NUMBER = re.compile(rf"\d{{{MAX_NUMBER}}}")
"""What every document with a number that is too long holds; texts may hold it too."""

_ASKS_FOR_SCHEMA = re.compile(r"__(schema|type)\b")

_GIVEN_UP = "Validation aborted."
"""What graphql-core says of a document that would take too long or too much of the stack."""

_RULES = (*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule, ShortTexts)


class ValidDocuments:
    """Remembers documents that were found valid, those asked for last, up to so many bytes."""

    def __init__(self, schema: GraphQLSchema, room: int = BYTES_REMEMBERED) -> None:
        self._schema = schema
        self._room = room
        self._known: OrderedDict[str, DocumentNode] = OrderedDict()

    def find(self, text: str) -> DocumentNode | None:
        """The document with this text, if it is remembered."""
        document = self._known.get(text)
        if document is not None:
            self._known.move_to_end(text)
        return document

    def check(self, text: str, document: DocumentNode, *, helped: bool) -> list[GraphQLError]:
        """What is wrong with a document; it is remembered if nothing is.

        Only who is helped may ask for the schema, and is told the nearest name for a wrong one.
        """
        if not helped and _ASKS_FOR_SCHEMA.search(text):
            refused = validate(self._schema, document, [NoSchemaIntrospectionCustomRule], 1)
            if refused:
                return [_no_introspection()]
        if text in self._known:
            return []
        if _LONG_NUMBER.search(text) and (
            errors := validate(self._schema, document, [ShortNumbers], MAX_ERRORS)
        ):
            return errors
        errors = validate(
            self._schema, document, _RULES, max_errors=MAX_ERRORS, hide_suggestions=not helped
        )
        if any(error.message == _GIVEN_UP for error in errors):
            return [_too_complex()]
        if not errors and len(text) <= LONGEST_REMEMBERED:
            self._known[text] = document
            self._room -= _bytes_of(text, document)
            while self._room < 0:
                size = _bytes_of(*self._known.popitem(last=False))
                self._room += size
                garbage_budget.note(size)
        return errors[:MAX_ERRORS]


def _bytes_of(text: str, document: DocumentNode) -> int:
    return sys.getsizeof(text) + TOKEN_BYTES * document.token_count


class Documents(SchemaExtension):
    """Parses and validates each document once."""

    def __init__(self, known: ValidDocuments) -> None:
        self._known = known

    def on_operation(self) -> Iterator[None]:
        """Bound what is parsed."""
        self.execution_context.parse_options |= PARSE_LIMITS
        yield

    def on_parse(self) -> Iterator[None]:
        """Take the document from memory; what is not there is parsed by Strawberry."""
        self.execution_context.graphql_document = self._known.find(
            self.execution_context.query or ""
        )
        yield

    def on_validate(self) -> Iterator[None]:
        """Validate the document, and look whether its variables hold too much."""
        context = self.execution_context
        assert context.graphql_document is not None
        errors = self._known.check(
            context.query or "", context.graphql_document, helped=context.context.may_introspect
        )
        refused = None if errors else refused_variables(context.variables or {})
        context.pre_execution_errors = errors if refused is None else [refused]
        yield


def _no_introspection() -> GraphQLError:
    return GraphQLError(
        "This server does not tell you its schema; ask whoever runs it.",
        extensions={"code": "INTROSPECTION_DISABLED"},
    )


def _too_complex() -> GraphQLError:
    return GraphQLError(
        "The document repeats or nests its fields and fragments too often to be checked. Ask for "
        "each field once, and spread each fragment where it is needed.",
        extensions={"code": "DOCUMENT_TOO_COMPLEX"},
    )


def too_long(text: str, node: StringValueNode | None = None) -> GraphQLError:
    """The error for a text that is too long."""
    cause = InvalidInputError("text", f"{text[:40]}…", f"at most {MAX_TEXT} characters")
    return GraphQLError(str(cause), node, original_error=cause)


def refused_variables(variables: Mapping[str, object]) -> GraphQLError | None:
    """The error for variables that hold too much, before anything converts them."""
    waiting = [*variables.values()]
    values = objects = 0
    while waiting:
        value = waiting.pop()
        values += 1
        if isinstance(value, str):
            if len(value) > MAX_TEXT:
                return too_long(value)
        elif isinstance(value, dict):
            objects += 1
            waiting += (inner for name, inner in value.items() if name not in WHOLE_LISTS)
        elif isinstance(value, list):
            waiting += value
        if values + len(waiting) > MAX_VALUES or objects > MAX_OBJECTS:
            allowed = f"at most {MAX_VALUES} values, {MAX_OBJECTS} of them objects"
            cause = InvalidInputError("variables", "more than that", allowed)
            return GraphQLError(str(cause), original_error=cause)
    return None
