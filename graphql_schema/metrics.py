"""What the server does: in numbers for Prometheus at `/metrics`, and a record for each operation.

Labels come from short fixed lists or are names that cannot hold an id or a token, and there is a
bounded number of them. Each process has its own numbers.
"""

import logging
import re
import time
from collections.abc import Iterator
from functools import lru_cache

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    generate_latest,
)
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from strawberry.extensions import SchemaExtension
from strawberry.types.execution import PreExecutionError
from strawberry.types.graphql import OperationType

from graphql_schema.error_codes import code_of
from graphql_schema.tallies import Count, Counts, Distribution, Distributions
from graphql_schema.tracing import trace_operation, tracing
from kb.heartbeats import Heartbeats
from kb.rules.roles import Role
from kb.services.knowledge.holder import KnowledgeHolder
from kb.services.live.bus import Bus

NAMES_KEPT = 100
"""How many operation names have a label of their own; all others count as OTHER."""

UNNAMED, OTHER = "(unnamed)", "(other)"

# Without digits, so that no id of a facility and no token fits.
_PLAIN_NAME = re.compile(r"[A-Za-z_]{1,40}")

REGISTRY = CollectorRegistry()
REQUESTS = Counts(
    "kb_operations",
    "Operations, by name and by OK or the code of the first error.",
    ("operation", "outcome"),
    registry=REGISTRY,
)
SECONDS = Distributions(
    "kb_operation_seconds",
    "Seconds that an operation took; of a subscription, how long it was followed.",
    ("operation", "type"),
    bounds=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15),
    registry=REGISTRY,
)
COSTS = Distributions(
    "kb_operation_cost",
    "Cost of an operation, also of one that was refused for it.",
    (),
    bounds=(10, 100, 1_000, 5_000, 10_000, 25_000, 50_000, 100_000, 1_000_000),
    registry=REGISTRY,
).labels()
PLANS = Counts(
    "kb_operation_plans",
    "Queries that came again: answered by a plan, or not, as there is none or it stepped aside.",
    ("outcome",),
    registry=REGISTRY,
)
SUBSCRIPTION_ANSWERS = Counter(
    "kb_subscription_answers",
    "Events told to subscriptions: answered, or with the answer made for another that asks alike.",
    ("outcome",),
    registry=REGISTRY,
)
DECISIONS = Gauge("kb_decisions_kept", "Decisions kept in memory.", registry=REGISTRY)
RELEASE = Gauge("kb_knowledge_release", "Number of the release in use.", registry=REGISTRY)
LISTENERS = Gauge("kb_listeners", "Subscriptions that listen now.", registry=REGISTRY)
LOOPS = Gauge(
    "kb_loop_last_worked_timestamp_seconds",
    "When a loop that runs beside the requests last worked.",
    ("loop",),
    registry=REGISTRY,
)

logger = logging.getLogger("graphql_schema.operations")

_names: set[str] = set()


class Metrics(SchemaExtension):
    """Counts and logs each operation, with its outcome and its time."""

    def on_operation(self) -> Iterator[None]:
        """Measure from before it is parsed until it is answered."""
        started, outcome = time.perf_counter(), "CANCELLED"
        try:
            yield
            result = self.execution_context.result
            errors = getattr(result, "errors", None)
            outcome = code_of(errors[0]) if errors else "OK"
        except GeneratorExit:  # a WebSocket reads no further than why nothing was executed
            result = self.execution_context.result
            if isinstance(result, PreExecutionError) and result.errors:
                outcome = code_of(result.errors[0])
            raise
        except Exception as error:
            outcome = code_of(error)
            raise
        finally:
            name, type_ = self._operation(outcome)
            execution = self.execution_context
            note_operation(
                name,
                type_,
                outcome,
                time.perf_counter() - started,
                # A command of this machine is not logged.
                role=execution.context.viewer.role if execution.context.request else None,
                cost=execution.extensions_results.get("cost", {}).get("requested"),
            )

    def _operation(self, outcome: str) -> tuple[str, str]:
        execution = self.execution_context
        try:
            type_: OperationType = execution.operation_type
        except Exception:  # it could not be parsed, or names an operation that is not there
            return OTHER, "unknown"
        # Only what works takes a place among the names.
        return name_of(execution.operation_name, take=outcome == "OK"), type_.value


def note_operation(
    name: str, type_: str, outcome: str, seconds: float, *, role: Role | None, cost: int | None
) -> None:
    """Count an operation; log and trace it where there is a role that asked for it."""
    counted, timed = _labelled(name, type_, outcome)
    counted.inc()
    timed.observe(seconds)
    if role is None:
        return
    if logger.isEnabledFor(logging.INFO):
        logger.handle(_record_like(_log_record(name, type_, outcome, role, cost), seconds))
    if tracing():
        trace_operation(seconds, _attributes(name, type_, outcome, role, cost))


@lru_cache(maxsize=1_000)
def _log_record(
    name: str, type_: str, outcome: str, role: Role, cost: int | None
) -> logging.LogRecord:
    """What the log says of operations of a kind; nobody asks from which line it is said."""
    attributes = _attributes(name, type_, outcome, role, cost)
    return logger.makeRecord(
        logger.name, logging.INFO, __file__, 0, "operation", (), None, extra=attributes
    )


def _attributes(
    name: str, type_: str, outcome: str, role: Role, cost: int | None
) -> dict[str, str | int | None]:
    return {
        "operation": name,
        "operation_type": type_,
        "role": role.value,
        "cost": cost,
        "outcome": outcome,
    }


def _record_like(record: logging.LogRecord, seconds: float) -> logging.LogRecord:
    """A record of now that says the same, for an operation that took so long.

    To make one from the beginning takes as long as all other counting.
    """
    made = object.__new__(type(record))
    made.__dict__ = dict(vars(record))
    made.created = time.time()
    made.msecs = made.created % 1 * 1_000
    made.relativeCreated = record.relativeCreated + (made.created - record.created) * 1_000
    made.duration_ms = round(seconds * 1_000, 1)
    return made


@lru_cache(maxsize=1_000)
def _labelled(name: str, type_: str, outcome: str) -> tuple[Count, Distribution]:
    return REQUESTS.labels(name, outcome), SECONDS.labels(name, type_)


def name_of(operation_name: str | None, *, take: bool = True) -> str:
    """The label of an operation; `take` gives it one of its own while there are any left."""
    if operation_name is None:
        return UNNAMED
    if operation_name not in _names:
        room = take and len(_names) < NAMES_KEPT and _PLAIN_NAME.fullmatch(operation_name)
        if not room:
            return OTHER
        _names.add(operation_name)
    return operation_name


async def metrics(request: Request) -> Response:
    """The numbers, for callers on this machine unless KB_METRICS_OPEN is set; else 404."""
    if not (request.app.state.metrics_open or request.state.on_this_machine):
        raise HTTPException(404)
    knowledge: KnowledgeHolder = request.app.state.knowledge
    RELEASE.set(knowledge.current.release.number)
    DECISIONS.set(len(knowledge.current.decisions))
    bus: Bus = request.app.state.live_bus
    LISTENERS.set(len(bus.listeners))
    heartbeats: Heartbeats = request.app.state.heartbeats
    for loop, age in heartbeats.ages().items():
        LOOPS.labels(loop).set(time.time() - age)
    return Response(generate_latest(REGISTRY), media_type=CONTENT_TYPE_LATEST)
