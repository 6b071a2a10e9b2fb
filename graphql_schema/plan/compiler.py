"""Compiling an operation: one Python function for each set of fields that it selects.

The document was found valid, and was measured, so it is neither wrong nor too large. What the
compiler does not know it declines.
"""

import itertools
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, get_args, get_origin

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLUnionType,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
)
from graphql.execution.values import VariableValues
from strawberry import Schema
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.field import StrawberryField

from graphql_schema.plan.arguments import arguments_of
from graphql_schema.plan.lists import ObjectLines, info, lines_of_each
from graphql_schema.plan.parts import Ready
from graphql_schema.plan.running import (
    InfoOf,
    LastingField,
    LastingSelection,
    LooksBelow,
    OnlyField,
    State,
    StepAsideError,
    items,
    listed,
    whole_answer,
)
from graphql_schema.plan.selecting import DeclinedError, Selections, inner_sets
from graphql_schema.plan.values import ValuesSource
from graphql_schema.presenter import (
    LASTING,
    LOOKS_BELOW,
    Lasting,
    plain_path,
    presented_classes,
)

MOST_FIELDS = 2_000
"""Fields that one plan answers; larger operations are left to graphql-core."""


_NUMBERS = itertools.count()
"""Numbers for what is kept of selections: no two selections of one process have the same."""


@dataclass(slots=True)
class Plan:
    """A compiled operation. `start` answers the root; `size` is about how many bytes it takes.

    `whole` is all of its data, until it shows that that does not follow from the knowledge alone.
    """

    start: Callable[[None, State], dict[str, Any]]
    alone: OnlyField | None
    whole: LastingSelection | None
    infos_of: Sequence[InfoOf]
    size: int


def compile_plan(
    schema: Schema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: VariableValues,
) -> Plan:
    """A plan for an operation, for variables by which the same parts are included and skipped.

    DeclinedError where there can be none.
    """
    if operation.operation is not OperationType.QUERY:
        raise DeclinedError(f"a {operation.operation.value}")
    if operation.directives:
        raise DeclinedError("a directive on the operation")
    return _Compiler(schema, document, variables).plan(operation)


class _Compiler(ValuesSource):
    def __init__(
        self,
        schema: Schema,
        document: DocumentNode,
        variables: VariableValues,
    ) -> None:
        super().__init__(
            date=date,
            listed=listed,
            items=items,
            StepAsideError=StepAsideError,
        )
        self.schema = schema
        self.core = schema._schema
        self.variables = variables
        self.selections = Selections(self.core, document, variables)
        self.infos: list[InfoOf] = []
        self.functions: dict[tuple[object, ...], str] = {}
        self.lasting: list[
            tuple[str, int, Lasting[Any], list[str], list[tuple[str, str, bool]], tuple[str, ...]]
        ] = []
        self.fields = 0

    def plan(self, operation: OperationDefinitionNode) -> Plan:
        """Compile everything that the operation selects."""
        root = self.core.query_type
        assert root is not None
        start = self._selection(root, (operation.selection_set,))
        roots = self.selections.of(root, (operation.selection_set,))
        size = self._run()
        for name, number, lasting, names, fields, variables in self.lasting:
            of = [LastingField(key, self.bound[made], composed) for key, made, composed in fields]
            unready = Ready(
                [None] * len(fields),
                answer=dict.fromkeys(names),
                others=[field.answer for field in of if field.is_composed],
            )
            self.bound[name] = LastingSelection(number, lasting, names, of, variables, unready)
        answer = self.bound[start]
        declared = [
            definition.variable.name.value for definition in operation.variable_definitions or ()
        ]
        waits = [self._waits(root, nodes[0]) for nodes in roots.values()]
        whole = None if any(waits) else whole_answer(next(_NUMBERS), answer, declared)
        alone = None
        if waits == [True]:
            key, nodes = next(iter(roots.items()))
            required = isinstance(root.fields[nodes[0].name.value].type, GraphQLNonNull)
            alone = None if required else OnlyField(key, nodes)
        return Plan(answer, alone, whole, self.infos, size=8 * size)

    def _waits(self, root: GraphQLObjectType, node: FieldNode) -> bool:
        """Whether a field of the root has to be waited for."""
        field = root.fields.get(node.name.value)
        return field is not None and self._definition(root, field).is_async

    # What is selected.

    def _selection(self, type_: Any, sets: tuple[SelectionSetNode, ...]) -> str:
        """The function that answers what is selected of an object, by its name."""
        key = ("select", type_.name, *map(id, sets))
        if key not in self.functions:
            made = self.functions[key] = self._name("select")
            if is_abstract_type(type_):
                lines = self._abstract(type_, sets)
            else:
                shared, own = self._object(type_, sets)
                lines = [*shared, *own, "return answer"]
            self._function(f"{made}(source, state)", lines)
        return self.functions[key]

    def _selection_of_each(
        self, type_: GraphQLObjectType, sets: tuple[SelectionSetNode, ...]
    ) -> str:
        """The function that answers what is selected of each object in a list, by its name.

        What the objects share it looks up once.
        """
        key = ("select of each", type_.name, *map(id, sets))
        if key not in self.functions:
            made = self.functions[key] = self._name("select_each")
            lines = lines_of_each(self._object(type_, sets), made)
            self._function(f"{made}(sources, state)", lines)
        return self.functions[key]

    def _object(self, type_: GraphQLObjectType, sets: tuple[SelectionSetNode, ...]) -> ObjectLines:
        fields = self.selections.of(type_, sets)
        self.fields += len(fields)
        if self.fields > MOST_FIELDS:
            raise DeclinedError("too many fields")
        if type_ is self.core.query_type:
            lines = []
        elif type_.is_type_of:
            lines = [f"if not ({self._is_of(type_)}): raise StepAsideError"]
        else:
            lines = ["if source is None: raise StepAsideError"]
        lasting = self._lasting(type_)
        kept: list[tuple[str, str, bool]] = []
        variables: dict[str, None] = {}
        selection = self._name("lasting")
        body: list[str] = []
        for key, nodes in fields.items():
            answered = self._field(type_, key, nodes)
            if lasting is None or not self._may_last(type_, nodes[0]):
                body += answered
                continue
            function = f"{selection}_{len(kept)}"
            self._function(f"{function}(source, state, answer)", answered)
            is_composed = bool(nodes[0].selection_set)
            if not is_composed:  # mostly a value of the object's own: no call is spent on it
                body += [f"if parts[{len(kept)}] is None:", *(f"    {line}" for line in answered)]
            kept.append((key, function, is_composed))
            variables.update(dict.fromkeys(self.selections.variables_below(nodes)))
        if lasting is None or not kept:
            return ObjectLines([], [*lines, "answer = {}", *body])
        number = next(_NUMBERS)
        self.lasting.append((selection, number, lasting, [*fields], kept, tuple(variables)))
        shared = [f"table = state.tables.get({number}) or state.table({selection})"]
        own_lines = [
            *lines,
            f"key = {self._bind('key', lasting.key)}(source)",
            "ready = table.get(key)",
            "if ready is None or ready.minute is not state.minute:",
            f"    ready = state.ready({selection}, source, key)",
            f"    table = state.table({selection})",
            "parts = ready.parts",
            "answer = ready.answer.copy()",
            "for other in ready.others: other(source, state, answer)",
            *body,
        ]
        return ObjectLines(shared, own_lines)

    def _is_of(self, type_: GraphQLObjectType) -> str:
        """The expression of whether an object is of a type, as its `is_type_of` finds it."""
        classes = _classes(type_)
        if classes is None:
            return f"{self._bind('is_type', type_.is_type_of)}(source, None)"
        presenter, record = classes
        condition = f"isinstance(source, {self._bind('presenter', presenter)})"
        if record is not None:
            condition = f"{condition} and isinstance(source.record, {self._bind('record', record)})"
        return condition

    def _abstract(
        self, type_: GraphQLInterfaceType | GraphQLUnionType, sets: tuple[SelectionSetNode, ...]
    ) -> list[str]:
        members = self.core.get_possible_types(type_)
        possible = {member.name: self._selection(member, sets) for member in members}
        if all(map(_classes, members)):
            return [
                *(
                    f"if {self._is_of(member)}: return {possible[member.name]}(source, state)"
                    for member in members
                ),
                "raise StepAsideError",
            ]
        table = ", ".join(f"{name!r}: {function}" for name, function in possible.items())
        resolve = self._bind("resolve_type", type_.resolve_type)
        abstract = self._bind("abstract", type_)
        info = self._info(type_, "")
        return [
            f"name = {resolve}(source, state.type_info({info}), {abstract})",
            f"return {{{table}}}[name](source, state)",
        ]

    # What answers one field.

    def _field(self, type_: GraphQLObjectType, key: str, nodes: Sequence[FieldNode]) -> list[str]:
        """The lines that put the answer of a field into `answer`."""
        node = nodes[0]
        name = node.name.value
        if name == "__typename":
            return [f"answer[{key!r}] = {type_.name!r}"]
        field = type_.fields.get(name)
        if field is None:
            raise DeclinedError(f"the field {name}")
        definition = self._definition(type_, field)
        sets = inner_sets(nodes)
        resolver = definition.base_resolver
        if resolver is None:
            owner = type_.extensions[GraphQLCoreConverter.DEFINITION_BACKREF].origin
            path = plain_path(owner, definition.python_name)
            return self._put(key, f"source.{path}", field.type, sets)
        value = self._call(type_, field, definition, nodes)
        if not _may_wait(definition) and is_leaf_type(get_named_type(field.type)):
            return self._put(key, value, field.type, sets)
        completed = self._completed(field.type, "value", sets)
        complete = self._bind_function(f"(value, state): return {completed}")
        later = f"state.wait(value, {complete}, answer, {key!r})"
        if definition.is_async:
            return [f"answer[{key!r}] = None", f"value = {value}", later]
        return [
            f"value = {value}",
            f"if hasattr(value, '__await__'): answer[{key!r}] = None; {later}",
            f"else: answer[{key!r}] = {completed}",
        ]

    def _put(
        self, key: str, value: str, type_: GraphQLOutputType, sets: tuple[SelectionSetNode, ...]
    ) -> list[str]:
        return [f"value = {value}", f"answer[{key!r}] = {self._completed(type_, 'value', sets)}"]

    def _definition(self, type_: GraphQLObjectType, field: GraphQLField) -> StrawberryField:
        """The definition of a field that nothing but its resolver or attribute answers."""
        definition = field.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
        owner = type_.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
        if not isinstance(definition, StrawberryField) or owner is None:
            raise DeclinedError("a field that Strawberry does not know")
        if definition.extensions:
            raise DeclinedError("a field with extensions")
        return definition

    def _call(
        self,
        type_: GraphQLObjectType,
        field: GraphQLField,
        definition: StrawberryField,
        nodes: Sequence[FieldNode],
    ) -> str:
        """The call of a resolver, with what it asks for."""
        node = nodes[0]
        resolver = definition.base_resolver
        assert resolver is not None
        parents = (resolver.self_parameter, resolver.parent_parameter, resolver.root_parameter)
        known = {parameter.name: "source" for parameter in parents if parameter is not None}
        if resolver.info_parameter is not None:
            number = self._info(type_, node.name.value, self._below(field, definition, nodes))
            known[resolver.info_parameter.name] = info(number)
        # By place a value is handed over faster than by name, and these mostly come first.
        names = resolver.signature.parameters
        arguments = [known.pop(name) for name in itertools.takewhile(known.__contains__, names)]
        arguments += [f"{name}={value}" for name, value in known.items()]
        constants, compute = arguments_of(self.schema, field, definition, node)
        for name, value in constants.items():
            arguments.append(f"{name}={self._bind('argument', value)}")
        if compute is not None:
            arguments.append(f"**{self._bind('arguments', compute)}(state.variables)")
        return f"{self._bind('resolve', resolver.wrapped_func)}({', '.join(arguments)})"

    def _below(
        self, field: GraphQLField, definition: StrawberryField, nodes: Sequence[FieldNode]
    ) -> LooksBelow | None:
        """What a resolver wants to know of the fields below its own."""
        wanted = definition.metadata.get(LOOKS_BELOW)
        if not wanted:
            return None
        fields = []
        for type_, node in self.selections.below(field.type, inner_sets(nodes)):
            inner = type_.fields.get(node.name.value)
            if type_.name in wanted and inner is not None:
                of_inner = self._definition(type_, inner)
                constants, compute = arguments_of(self.schema, inner, of_inner, node)
                fields.append((type_.name, of_inner.python_name, constants, compute))
        return LooksBelow(fields)

    # What may be kept.

    def _lasting(self, type_: GraphQLObjectType) -> Lasting[Any] | None:
        definition = type_.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
        lasting: Lasting[Any] | None = getattr(definition and definition.origin, LASTING, None)
        return lasting

    def _may_last(self, type_: GraphQLObjectType, node: FieldNode) -> bool:
        """Whether keeping the answer of a field saves work: not for what is but read."""
        field = type_.fields.get(node.name.value)
        if field is None:
            return False
        definition = self._definition(type_, field)
        return not definition.is_async and bool(node.selection_set or definition.base_resolver)

    def _info(
        self,
        type_: Any,
        field_name: str,
        below: LooksBelow | None = None,
    ) -> int:
        """The number of an info."""
        of = InfoOf(type_, field_name, self.core, below)
        if of not in self.infos:
            self.infos.append(of)
        return self.infos.index(of)


def _may_wait(definition: StrawberryField) -> bool:
    """Whether what the resolver of a field gives may have to be waited for."""
    resolver = definition.base_resolver
    assert resolver is not None
    returned = get_args(resolver.signature.return_annotation)
    return definition.is_async or any(get_origin(each) is Awaitable for each in returned)


def _classes(type_: GraphQLObjectType) -> tuple[type[Any], type[Any] | None] | None:
    """The Python classes by which the objects of a type are known; None where there are none."""
    owner = type_.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    return None if owner is None else presented_classes(owner.origin)
