"""One answer for all who follow the same.

An event reaches thousands of subscriptions at once, most of which ask alike. What they are answered
follows from the document, the variables, the reach of the viewer, the release and the event; where
all of these are equal, it is executed and encoded once. Whether a token still holds is looked at
for each subscription, before it gets here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Hashable, Sequence
from inspect import isawaitable
from typing import Any

import orjson
from graphql import (
    ArgumentNode,
    ExecutionResult,
    FieldNode,
    Node,
    VariableNode,
    Visitor,
    visit,
)

from graphql_schema.execution import StraightExecution
from graphql_schema.kept_json import kept_json
from graphql_schema.metrics import SUBSCRIPTION_ANSWERS
from kb.services.knowledge.releases import ReleaseInfo
from kb.services.live.following import Appeared, Happened, Vanished

KEPT_SECONDS = 1.0
"""How long an answer is there for others; whoever takes longer is answered from later state."""

_answers: dict[Hashable, tuple[asyncio.Task[ExecutionResult], object]] = {}
"""Answers, with what is named by its id in their keys, which no other then has."""


NAMES_KEPT = 100
"""Operations of which it is remembered on which variables their answers depend."""

_names: dict[int, tuple[object, Sequence[str]]] = {}


class SharingExecution(StraightExecution):
    """Execution in which the events of equal subscriptions are answered once."""

    def build_per_event_executor(self, payload: Any) -> Any:
        """What answers one event of a subscription."""
        return _EventAnswer(self, payload)

    async def answered(self, event: Any) -> ExecutionResult:
        """The answer to an event from the knowledge and the state of this moment.

        Its data is encoded already, unless there are errors.
        """
        self.context_value.renew()
        executing = super().build_per_event_executor(event).execute_operation()
        result: Any = await executing if isawaitable(executing) else executing
        if not result.errors:
            result.data = orjson.Fragment(kept_json(result.data))
        answer: ExecutionResult = result
        return answer


class _EventAnswer:
    """Makes the answer to one event, or takes the one that is made for another subscription."""

    __slots__ = ("_event", "_executor")

    def __init__(self, executor: SharingExecution, event: Any) -> None:
        self._executor = executor
        self._event = event

    def execute_operation(self, _serially: bool) -> Coroutine[Any, Any, ExecutionResult]:
        """The answer, as graphql-core asks for it."""
        event = self._event
        match event:
            case Happened() | Appeared():
                shared: object = event.facility
                return self._shared((type(event), event.cursor, id(shared)), shared)
            case Vanished():
                return self._shared((Vanished, event.cursor), None)
            case ReleaseInfo():
                return self._shared((ReleaseInfo, id(event)), event)
        return self._executor.answered(event)

    async def _shared(self, what: Hashable, shared: object) -> ExecutionResult:
        """The answer to an event that is `what`, of which `shared` is the same for all."""
        executor = self._executor
        context, values = executor.context_value, executor.variable_values.coerced
        knowledge = context.request.app.state.knowledge.current
        names = _variables_of_answers(executor)
        key = (
            what,
            id(executor.operation),
            repr([values.get(name, ...) for name in names]),
            context.viewer.reach,
            id(knowledge),
        )
        SUBSCRIPTION_ANSWERS.labels("shared" if key in _answers else "made").inc()
        if key not in _answers:
            task = asyncio.create_task(executor.answered(self._event))
            _answers[key] = task, (executor.operation, shared, knowledge)
            asyncio.get_running_loop().call_later(KEPT_SECONDS, _answers.pop, key, None)
        making = _answers[key][0]
        result = making.result() if making.done() else await asyncio.shield(making)
        if result.errors:  # they are logged for each
            return await executor.answered(self._event)
        return ExecutionResult(result.data, None)


def _variables_of_answers(executor: StraightExecution) -> Sequence[str]:
    """The variables on which an answer depends, beside the event.

    The arguments of the root field, such as the cursor from which to go on, say which events.
    """
    operation, names = executor.operation, set[str]()
    if id(operation) in _names:
        return _names[id(operation)][1]
    visit(operation.selection_set, _Names(names, at_root=True))
    root = executor.schema.subscription_type
    for fragment in executor.fragment_definitions.values():
        at_root = root is not None and fragment.type_condition.name.value == root.name
        visit(fragment.selection_set, _Names(names, at_root=at_root))
    while len(_names) >= NAMES_KEPT:
        del _names[next(iter(_names))]
    _names[id(operation)] = operation, sorted(names)
    return _names[id(operation)][1]


class _Names(Visitor):
    """Gathers the names of variables, without those in arguments of fields of the root."""

    def __init__(self, names: set[str], *, at_root: bool) -> None:
        super().__init__()
        self._names = names
        self._at_root = at_root

    def enter_argument(self, _node: ArgumentNode, *place: Any) -> Any:
        nodes = [node for node in place[-1] if isinstance(node, Node)]
        within = [node for node in nodes if isinstance(node, FieldNode)]
        of_root_field = self._at_root and len(within) == 1 and nodes[-1] is within[0]
        return self.SKIP if of_root_field else None

    def enter_variable(self, node: VariableNode, *_place: Any) -> None:
        self._names.add(node.name.value)
