"""The tools: read from files, with a JSON Schema of what they take made from the GraphQL schema."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from graphql import (
    ArgumentNode,
    DocumentNode,
    GraphQLEnumType,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    ObjectFieldNode,
    OperationDefinitionNode,
    OperationType,
    TypeInfo,
    TypeInfoVisitor,
    Undefined,
    VariableDefinitionNode,
    VariableNode,
    Visitor,
    get_named_type,
    get_operation_ast,
    is_input_type,
    parse,
    print_ast,
    separate_operations,
    type_from_ast,
    value_from_ast_untyped,
    visit,
)

from graphql_schema.docs_folder import DOCS_FOLDER

FRAGMENTS = "fragments.graphql"
"""File of what the operations share; it is no tool."""


_JSON_TYPES = {"Int": "integer", "Float": "number", "Boolean": "boolean"}


@dataclass(frozen=True)
class OperationTool:
    """A tool: its name is that of its file, `query` the operation with the fragments it needs.

    `takes` is the JSON Schema of an object with the variables of the operation.
    """

    name: str
    title: str
    description: str
    query: str
    operation_name: str
    takes: Mapping[str, Any]

    def unknown_in(self, arguments: Mapping[str, Any]) -> list[str]:
        """Names of arguments that the tool does not take."""
        return sorted(arguments.keys() - self.takes["properties"].keys())


@cache
def load_tools(schema: GraphQLSchema) -> Mapping[str, OperationTool]:
    """The tools by name. ValueError, naming the file, for one that is no query with a title."""
    folder = DOCS_FOLDER / "queries" / "tools"
    fragments = (folder / FRAGMENTS).read_text(encoding="utf-8")
    paths = sorted(path for path in folder.glob("*.graphql") if path.name != FRAGMENTS)
    return {path.stem: _read(path, fragments, schema) for path in paths}


def _read(path: Path, fragments: str, schema: GraphQLSchema) -> OperationTool:
    text = path.read_text(encoding="utf-8")
    comments = []
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        comments.append(line.removeprefix("#").strip())
    operations = separate_operations(parse(f"{text}\n{fragments}", no_location=True))
    ((name, document),) = operations.items()
    operation = get_operation_ast(document)
    assert operation is not None
    if len(comments) < 2 or not name or operation.operation is not OperationType.QUERY:
        raise ValueError(f"{path}: needs a title and a description as comments, and a named query")
    return OperationTool(
        name=path.stem,
        title=comments[0],
        description=" ".join(comments),
        query=print_ast(document),
        operation_name=name,
        takes=_taken(operation, document, schema),
    )


def _taken(
    operation: OperationDefinitionNode, document: DocumentNode, schema: GraphQLSchema
) -> dict[str, Any]:
    meanings = _meanings(document, schema)
    properties: dict[str, Any] = {}
    required = []
    for variable in operation.variable_definitions or ():
        name = variable.variable.name.value
        properties[name] = _of_variable(variable, schema)
        if meanings.get(name):
            properties[name] |= {"description": meanings[name]}
        if variable.type.kind == "non_null_type" and variable.default_value is None:
            required.append(name)
    return _object(properties, required)


def _of_variable(variable: VariableDefinitionNode, schema: GraphQLSchema) -> dict[str, Any]:
    kind: Any = type_from_ast(schema, variable.type)
    assert is_input_type(kind)
    shape = _shape(kind)
    if variable.default_value is not None:
        shape["default"] = value_from_ast_untyped(variable.default_value)
    return shape


def _shape(kind: GraphQLInputType) -> dict[str, Any]:
    """A GraphQL input type as JSON Schema."""
    match kind:
        case GraphQLNonNull():
            return _shape(kind.of_type)
        case GraphQLList():
            return {"type": "array", "items": _shape(kind.of_type)}
        case GraphQLEnumType():
            return {"type": "string", "enum": list(kind.values)}
        case GraphQLInputObjectType():
            fields = {name: _of_field(field) for name, field in kind.fields.items()}
            required = [name for name, field in kind.fields.items() if _is_required(field)]
            return _object(fields, required)
    if kind.name == "Date":
        return {"type": "string", "format": "date"}
    return {"type": _JSON_TYPES.get(kind.name, "string")}


def _of_field(field: GraphQLInputField) -> dict[str, Any]:
    shape = _shape(field.type)
    if field.description:
        shape["description"] = field.description
    if field.default_value is not Undefined and field.default_value is not None:
        shape["default"] = field.default_value
    return shape


def _is_required(field: GraphQLInputField) -> bool:
    return isinstance(field.type, GraphQLNonNull) and field.default_value is Undefined


def _object(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def _meanings(document: DocumentNode, schema: GraphQLSchema) -> dict[str, str]:
    """What each variable means: the description of the argument or field that it is given for."""
    info = TypeInfo(schema)
    meanings: dict[str, str] = {}

    class Uses(Visitor):
        def enter_argument(self, node: ArgumentNode, *_: Any) -> None:
            argument = info.get_argument()
            if isinstance(node.value, VariableNode) and argument and argument.description:
                meanings.setdefault(node.value.name.value, argument.description)

        def enter_object_field(self, node: ObjectFieldNode, *_: Any) -> None:
            outer = get_named_type(info.get_parent_input_type())
            if isinstance(node.value, VariableNode) and isinstance(outer, GraphQLInputObjectType):
                description = outer.fields[node.name.value].description
                meanings.setdefault(node.value.name.value, description or "")

    visit(document, TypeInfoVisitor(info, Uses()))
    return meanings
