"""Texts that are written into documents, taken out of them as variables.

Some clients write ids and questions into the document itself, so that it is another one each time.
Documents that differ in nothing but such texts share one with variables, and so its plan.
"""

import re
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import orjson
from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    NameNode,
    OperationDefinitionNode,
    OperationType,
    StringValueNode,
    TypeInfo,
    TypeInfoVisitor,
    VariableDefinitionNode,
    VariableNode,
    Visitor,
    get_named_type,
    get_nullable_type,
    is_enum_type,
    parse,
    print_ast,
    visit,
)
from graphql.language import parse_type

from graphql_schema.documents import PARSE_LIMITS, ValidDocuments
from graphql_schema.garbage_budget import garbage_budget
from graphql_schema.plan.plans import LONGEST_KEPT, Operation, Plans
from graphql_schema.plan.selecting import DeclinedError

KEPT_BYTES: Final = 4_000_000
"""Of all shapes that one process knows, about."""

MOST_TEXTS: Final = 100
"""Texts in one document that are taken out of it."""

_OVERHEAD = 500
_VARIABLE = "written_text_"
_COMMENT_OR_TEXT = re.compile(r'#[^\n\r]*|"""|"((?:[^"\\\n\r]|\\.)*)"')
_ONCE = ""


class Found(NamedTuple):
    """An operation that stands for others, its document, and what is written in the one asked."""

    operation: Operation
    document: str
    texts: Mapping[str, str]


class WrittenTexts:
    """Finds the operation that a document shares with others of the same shape.

    A shape that comes a second time gets one. Those asked for last are kept.
    """

    def __init__(self, schema: GraphQLSchema, documents: ValidDocuments, plans: Plans) -> None:
        self._schema = schema
        self._documents = documents
        self._plans = plans
        self._room = KEPT_BYTES
        self._known: OrderedDict[str, str | None] = OrderedDict()

    def find(self, text: str, name: str | None, *, helped: bool) -> Found | None:
        """The operation for a document; None where it shares none, or not yet."""
        split = _split(text) if len(text) <= LONGEST_KEPT else None
        if split is None:
            return None
        shape, texts = split
        if shape not in self._known:
            self._keep(shape, _ONCE)
            return None
        document = self._known[shape]
        if document == _ONCE:
            document = self._made(text, [*texts.values()], helped=helped)
            self._keep(shape, document)
        else:
            self._known.move_to_end(shape)
        if document is None:
            return None
        operation = self._plans.operation(document, name)
        if operation is None:  # it was forgotten
            self._keep(shape, _ONCE)
            return None
        return Found(operation, document, texts)

    def _made(self, text: str, texts: list[str], *, helped: bool) -> str | None:
        """The document with variables for texts, if it is a valid one."""
        try:
            made = print_ast(_with_variables(self._schema, parse(text, **PARSE_LIMITS), texts))
            errors = self._documents.check(made, parse(made, **PARSE_LIMITS), helped=helped)
        except (GraphQLError, DeclinedError):
            return None
        return None if errors else made

    def _keep(self, shape: str, document: str | None) -> None:
        self._room += _size(shape, self._known.pop(shape)) if shape in self._known else 0
        self._known[shape] = document
        self._room -= _size(shape, document)
        while self._room < 0:
            freed = _size(*self._known.popitem(last=False))
            self._room += freed
            garbage_budget.note(freed)


def _size(shape: str, document: str | None) -> int:
    return _OVERHEAD + len(shape) + len(document or "")


def _split(text: str) -> tuple[str, Mapping[str, str]] | None:
    """A document without its texts, and these by the variables for them; None where none can be."""
    if '"' not in text or _VARIABLE in text:
        return None
    parts: list[str] = []
    texts: dict[str, str] = {}
    end = 0
    for match in _COMMENT_OR_TEXT.finditer(text):
        written, value = match[0], match[1]
        if written[0] == "#":
            continue
        if value is None or "\\u" in value:  # a text of several lines, or rare escapes
            return None
        if "\\" in value:
            try:
                value = orjson.loads(written)  # which has the same escapes
            except orjson.JSONDecodeError:
                return None
        parts.append(text[end : match.start() + 1])
        end = match.end() - 1
        texts[f"{_VARIABLE}{len(texts)}"] = value
    return ("".join([*parts, text[end:]]), texts) if 0 < len(texts) <= MOST_TEXTS else None


class _TakingTexts(Visitor):
    """Puts a variable in the place of each text."""

    def __init__(self, info: TypeInfo) -> None:
        super().__init__()
        self.info = info
        self.texts: list[str] = []
        self.declared: list[VariableDefinitionNode] = []

    def enter_string_value(self, node: StringValueNode, *_: Any) -> VariableNode:
        """Take one text."""
        type_ = self.info.get_input_type()
        if type_ is None or is_enum_type(get_named_type(type_)):
            # A variable may have the name of an enum's value as a text, and a document may not.
            raise DeclinedError("a text where none is taken")
        variable = VariableNode(name=NameNode(value=f"{_VARIABLE}{len(self.texts)}"))
        self.texts.append(node.value)
        of_type = parse_type(f"{get_nullable_type(type_)}!")
        self.declared.append(VariableDefinitionNode(variable=variable, type=of_type, directives=()))
        return variable


def _with_variables(
    schema: GraphQLSchema, document: DocumentNode, texts: list[str]
) -> DocumentNode:
    """The document with variables for its texts, in order; DeclinedError where that cannot be."""
    info = TypeInfo(schema)
    taking = _TakingTexts(info)
    changed = visit(document, TypeInfoVisitor(info, taking))
    operations = [each for each in changed.definitions if isinstance(each, OperationDefinitionNode)]
    if len(operations) != 1 or taking.texts != texts:
        raise DeclinedError("several operations, or texts elsewhere")
    (operation,) = operations
    if operation.operation is not OperationType.QUERY:
        raise DeclinedError(f"a {operation.operation.value}")
    declared = (*(operation.variable_definitions or ()), *taking.declared)
    parts = {name: getattr(operation, name) for name in operation.keys}
    of_all = OperationDefinitionNode(
        **parts | {"operation": operation.operation, "variable_definitions": declared}
    )
    return DocumentNode(
        definitions=tuple(of_all if each is operation else each for each in changed.definitions)
    )
