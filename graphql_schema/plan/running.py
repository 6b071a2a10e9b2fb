"""Running a plan: what its functions share, and waiting for what has to be waited for."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLNamedOutputType,
    GraphQLSchema,
    located_error,
)
from graphql.execution.values import VariableValues
from graphql.pyutils import is_awaitable
from orjson import Fragment

from graphql_schema.context import KnowledgeContext
from graphql_schema.kept_json import kept_json
from graphql_schema.plan.arguments import Compute
from graphql_schema.plan.parts import (
    Answering,
    Part,
    Parts,
    Ready,
    Table,
    Template,
    part_of,
)
from graphql_schema.presenter import Below, Lasting
from kb.errors import InvalidInputError, KbError, NotFoundError, NotPermittedError
from kb.rules.roles import Role

Complete = Callable[[Any, "State"], Any]


class StepAsideError(Exception):
    """What a plan cannot answer, or not without an error; graphql-core is to answer instead."""


class LooksBelow:
    """The fields below one, by types and Python names, with arguments and what computes others."""

    def __init__(
        self, fields: Sequence[tuple[str, str, Mapping[str, Any], Compute | None]]
    ) -> None:
        self.fields = fields
        same = [each[:3] for each in fields if each[3] is None]
        self.always = Below(same) if len(same) == len(fields) else None

    def with_values(self, values: VariableValues) -> Below:
        """What is asked for with these variables."""
        return self.always or Below(
            [
                (type_, name, {**constants, **compute(values)} if compute else constants)
                for type_, name, constants, compute in self.fields
            ]
        )


class InfoOf(NamedTuple):
    """For which field a resolver is given an info; it has no name where a type is looked for."""

    parent_type: GraphQLNamedOutputType
    field_name: str
    schema: GraphQLSchema
    below: LooksBelow | None


class FieldInfo:
    """As much of Strawberry's and graphql-core's info of a field as resolvers here read.

    Whoever reads more makes the plan step aside.
    """

    __slots__ = ("below", "context", "field_name", "parent_type")

    def __init__(self, of: InfoOf, context: KnowledgeContext, variables: VariableValues) -> None:
        self.parent_type, self.field_name = of.parent_type, of.field_name
        self.context = context
        self.below = of.below and of.below.with_values(variables)

    @property
    def _raw_info(self) -> "FieldInfo":
        """It is graphql-core's info, too; one that held itself would wait for the collector."""
        return self


class TypeInfo:
    """As much of graphql-core's info as it takes to find the type of an object."""

    __slots__ = ("context", "field_name", "parent_type", "schema")

    is_awaitable = staticmethod(is_awaitable)

    def __init__(self, of: InfoOf, context: KnowledgeContext) -> None:
        self.parent_type, self.field_name, self.schema = of.parent_type, of.field_name, of.schema
        self.context = context


class Waiting(NamedTuple):
    """A value that comes later, how it is completed, and where it is put."""

    value: Awaitable[Any]
    complete: Complete
    place: Any
    key: Any


class State:
    """What the functions of a plan share while it runs once.

    `parts` are the ready parts of the release in use; None while one of them is being made.
    """

    __slots__ = (
        *("context", "infos", "infos_of", "minute", "parts", "tables"),
        *("variables", "waiting"),
    )

    def __init__(
        self,
        context: KnowledgeContext,
        infos_of: Sequence[InfoOf],
        variables: VariableValues,
        parts: Parts | None,
    ) -> None:
        self.context = context
        self.infos_of = infos_of
        self.infos: list[FieldInfo | None] = [None] * len(infos_of)
        self.variables = variables
        self.parts = parts
        self.tables: dict[int, Table] = {}
        self.minute = None if parts is None else context.local_days
        self.waiting: list[Waiting] = []

    def type_info(self, number: int) -> TypeInfo:
        """The info with which the type of an object is found."""
        return TypeInfo(self.infos_of[number], self.context)

    def info(self, number: int) -> FieldInfo:
        """The info of a field, made when it is first needed."""
        made = self.infos[number] = FieldInfo(self.infos_of[number], self.context, self.variables)
        return made

    def wait(self, value: Awaitable[Any], complete: Complete, place: Any, key: Any) -> None:
        """Have a value put in its place when it is there."""
        self.waiting.append(Waiting(value, complete, place, key))

    def table(self, selection: "LastingSelection") -> Table:
        """The ready parts of a selection by the keys of objects; some may be found elsewhere."""
        if self.parts is None:
            return {}
        table = self.tables[selection.number] = self.parts.table(self._place(selection))
        return table

    def ready(self, selection: "LastingSelection", source: Any, key: object) -> Ready:
        """The ready parts of what is selected of an object; made when there are none yet.

        There are none while parts are being made, as they are not put together from smaller ones.
        """
        if self.parts is None:
            return selection.unready
        place = self._place(selection)
        ready = self.parts.find(place, key)
        if ready is None or not ready.hold(self.context):
            ready = self._make(selection, source, len(place[-1]))
            self.parts.keep(place, key, ready)
        ready.minute = self.minute
        return ready

    def _place(self, selection: "LastingSelection") -> tuple[int, date, Role, bytes]:
        values = b""
        if selection.variables:
            coerced = self.variables.coerced
            values = kept_json([coerced.get(name, ...) for name in selection.variables], str)
        return selection.number, self.context.today, self.context.viewer.role, values

    def _make(self, selection: "LastingSelection", source: Any, size: int) -> Ready:
        """Ready parts, which take `size` bytes beside their own."""
        context = self.context.alone()
        made: list[Part] = []
        ready: dict[str, Part] = dict.fromkeys(selection.names)
        others: list[Answering] = []
        alone = selection.lasting.alone(source)
        for name, answer, is_composed in selection.fields:
            state = State(context, self.infos_of, self.variables, None)
            place: dict[str, Any] = {}
            try:
                answer(alone, state, place)
                state.settle()
                part, length = (None, 0) if state.waiting else part_of(place[name])
            except KbError:  # the caller's fault: it fails again, unless it was all that is asked
                if selection.whole:
                    raise
                part, length = None, 0
            except Exception:  # it needs more than the knowledge
                part, length = None, 0
            finally:
                state.forget()
            if type(part) is Fragment:
                ready[name] = part
            elif type(part) is Template:
                others.append(part.answering(name, selection.lasting.own))
            elif is_composed:
                others.append(answer)
            made.append(part)
            size += length
        return Ready(made, size, alone, context.days, answer=ready, others=others)

    def settle(self) -> None:
        """Put what comes later in its place where it comes without being waited for."""
        while self.waiting:
            value, complete, place, key = self.waiting[-1]
            if not isinstance(value, Coroutine):
                return
            try:
                value.send(None)
                return  # it has begun to wait
            except StopIteration as came:
                self.waiting.pop()
                place[key] = complete(came.value, self)

    def forget(self) -> None:
        """Close what was never waited for."""
        for waiting in self.waiting:
            if isinstance(waiting.value, Coroutine):
                waiting.value.close()
        self.waiting.clear()


class LastingField(NamedTuple):
    """A field whose answer may be kept, under its name, with the function that answers it.

    It `is_composed` where fields are selected below it.
    """

    name: str
    answer: Answering
    is_composed: bool


class LastingSelection(NamedTuple):
    """What a plan selects of objects that follow from the knowledge alone, at least in part.

    `names` are those of all that is selected, `fields` what of it may be kept. `variables` are
    named below those. `whole` says that it is all that an operation answers.
    """

    number: int
    lasting: Lasting[Any]
    names: Sequence[str]
    fields: Sequence[LastingField]
    variables: Sequence[str]
    unready: Ready
    whole: bool = False


_OF_NOTHING: Lasting[None] = Lasting(key=lambda _: None, alone=lambda _: None, own=lambda _: {})
_DATA = "data"


def whole_answer(
    number: int, start: Callable[[None, State], dict[str, Any]], variables: Sequence[str]
) -> LastingSelection:
    """All that an operation answers, as one part that may be kept."""

    def answer(source: None, state: State, place: dict[str, Any]) -> None:
        place[_DATA] = start(source, state)

    fields = [LastingField(_DATA, answer, is_composed=True)]
    return LastingSelection(
        number, _OF_NOTHING, (_DATA,), fields, variables, Ready([None]), whole=True
    )


class OnlyField(NamedTuple):
    """The only field of the root, which comes later and may be null, by the name of its answer."""

    key: str
    nodes: Sequence[FieldNode]


_FAULTS_OF_CALLERS = (NotFoundError, NotPermittedError, InvalidInputError)


async def run(
    start: Callable[[None, State], dict[str, Any]],
    alone: OnlyField | None,
    state: State,
    limit: asyncio.Timeout,
) -> tuple[dict[str, Any], GraphQLError | None]:
    """The data that a plan answers with; raises whatever stops it.

    With the error of the field that is alone, where that is refused and nothing else is answered.
    What waits does so within the limit.
    """
    try:
        data, error = start(None, state), None
        if state.waiting:
            async with limit:
                error = await _wait(state, alone)
        return data, error
    finally:
        state.forget()


async def _wait(state: State, alone: OnlyField | None) -> GraphQLError | None:
    """Wait for all that comes later, and for what comes later of that."""
    while state.waiting:
        wave, state.waiting = state.waiting, []
        try:
            values = await _all(wave)
        except _FAULTS_OF_CALLERS as error:
            if alone is None:
                raise
            return located_error(error, alone.nodes, [alone.key])
        alone = None  # what is refused below is null somewhere else
        for waiting, value in zip(wave, values, strict=True):
            waiting.place[waiting.key] = waiting.complete(value, state)
    return None


async def _all(wave: Sequence[Waiting]) -> Sequence[Any]:
    if len(wave) == 1:
        return [await wave[0].value]
    futures = [asyncio.ensure_future(waiting.value) for waiting in wave]
    try:
        return await asyncio.gather(*futures)
    except BaseException:
        for future in futures:
            future.cancel()
        await asyncio.gather(*futures, return_exceptions=True)
        raise


def items(values: Sequence[Any], state: State, complete: Complete, nullable: bool) -> list[Any]:
    """The entries of a list of objects, some of which may come later."""
    if not nullable and not (values and hasattr(values[0], "__await__")):
        return [complete(value, state) for value in values]
    made: list[Any] = []
    for value in values:
        if hasattr(value, "__await__"):
            made.append(None)
            state.wait(value, _nullable(complete) if nullable else complete, made, len(made) - 1)
        elif value is None and nullable:
            made.append(None)
        else:
            made.append(complete(value, state))
    return made


def _nullable(complete: Complete) -> Complete:
    return lambda value, state: None if value is None else complete(value, state)


def listed(values: Any) -> Any:
    """A list as it is; whatever else can be gone through is left to graphql-core."""
    if type(values) is list or type(values) is tuple:
        return values
    raise StepAsideError
