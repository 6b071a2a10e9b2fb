"""What a request asks for: the answer's media type, and the operation in its body or address."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import orjson
from graphql import GraphQLError, OperationType, get_operation_ast, parse
from starlette.requests import Request

from graphql_schema.documents import PARSE_LIMITS
from graphql_schema.schema import documents
from graphql_schema.web.refusals import RequestError

JSON = "application/json"
GRAPHQL_RESPONSE = "application/graphql-response+json"
EVENT_STREAM = "text/event-stream"

NEVER = (0.0, 0)
"""The place of what is not taken at all."""
_RANGES = (
    *(
        (a_range, (JSON, GRAPHQL_RESPONSE))
        for a_range in ("application/graphql+json", "application/*", "*/*", "*")
    ),
    ("text/*", (EVENT_STREAM,)),
)
"""Ranges of media types, and an old name of JSON, with what they stand for."""


@lru_cache(maxsize=64)
def media_types(accept: str | None) -> Sequence[str]:
    """Those that we can answer in and the caller takes, the preferred first.

    By q-value, then by order; `q=0` is never. A range such as `*/*` stands for JSON, or for its
    newer form where JSON itself is refused; what is named counts before any range.
    """
    if not accept or not accept.strip(" ,"):
        return (JSON,)
    places = dict(preferences(accept))
    for a_range, stands_for in _RANGES:
        place = places.get(a_range)
        kind = next((kind for kind in stands_for if places.get(kind) != NEVER), None)
        if place is not None and kind is not None:
            places.setdefault(kind, place)
    offered = (JSON, GRAPHQL_RESPONSE, EVENT_STREAM)
    taken = [kind for kind in offered if places.get(kind, NEVER) != NEVER]
    return tuple(sorted(taken, key=lambda kind: places[kind]))


def prefers_html(accept: str) -> bool:
    """Whether a page is wanted before anything that programs read, as browsers want it."""
    places = preferences(accept)
    page = places.get("text/html", NEVER)
    programs = (places.get(kind, NEVER) for kind in (JSON, GRAPHQL_RESPONSE, EVENT_STREAM))
    return page != NEVER and page < min(programs)


def preferences(accept: str) -> Mapping[str, tuple[float, int]]:
    """The place of each type, coding or range that is named: the lower, the more it is wanted."""
    places: dict[str, tuple[float, int]] = {}
    for order, part in enumerate(accept.split(",")):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = _quality(parameters)
        place = (-quality, order) if quality else NEVER
        places[name] = min(place, places.get(name, place))
    return places


def _quality(parameters: Sequence[str]) -> float:
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return min(1.0, max(0.0, float(parameter[2:])))
            except ValueError:
                return 1.0
    return 1.0


def is_subscription(query: str | None, operation_name: str | None) -> bool:
    """Whether the operation is a subscription; False for what cannot be parsed."""
    return _is(OperationType.SUBSCRIPTION, query, operation_name)


def is_mutation(query: str, operation_name: str | None) -> bool:
    """Whether the operation is a mutation; False for what cannot be parsed."""
    return _is(OperationType.MUTATION, query, operation_name)


def _is(kind: OperationType, query: str | None, operation_name: str | None) -> bool:
    if not query or kind.value not in query:
        return False
    try:
        document = documents.find(query) or parse(query, **PARSE_LIMITS)
        operation = get_operation_ast(document, operation_name)
    except GraphQLError:
        return False
    return operation is not None and operation.operation is kind


def accepted(request: Request) -> str | None:
    """What the caller accepts, from all lines of the header; None without one."""
    return ",".join(request.headers.getlist("accept")) or None


async def read_operation(request: Request) -> dict[str, Any]:
    """Query, variables, operation name and extensions as given; RequestError for anything else."""
    if request.method == "GET":
        parts: dict[str, Any] = dict(request.query_params)
        for name in ("variables", "extensions"):
            if parts.get(name):
                parts[name] = _json(parts[name].encode(), name)
            else:
                parts.pop(name, None)
    else:
        require_json(request)
        parts = _json(await request.body(), "request body")
    return checked(parts)


_KINDS = {"query": str, "variables": dict, "operationName": str, "extensions": dict}


def checked(parts: Any) -> dict[str, Any]:
    """The parts of a request, if they are what they should be; RequestError for anything else."""
    if isinstance(parts, list):
        raise RequestError(
            400, "BATCHING_NOT_SUPPORTED", "Send each operation in a request of its own."
        )
    if not isinstance(parts, dict):
        raise RequestError(400, "BAD_REQUEST", 'The request body must be {"query": "…"}.')
    for name, kind in _KINDS.items():
        part = parts.get(name)
        if part is not None and not isinstance(part, kind):
            a_text = "a text" if kind is str else "an object"
            raise RequestError(400, "BAD_REQUEST", f"{name} must be {a_text}, or left out.")
    return parts


def require_json(request: Request) -> None:
    """RequestError for a body that is no plain JSON in UTF-8, as far as its headers tell."""
    kind, *parameters = (
        part.strip().lower()
        for part in ",".join(request.headers.getlist("content-type")).split(";")
    )
    charsets = {part[8:].strip('"') for part in parameters if part.startswith("charset=")}
    if kind != JSON or not charsets <= {"utf-8", "utf8"}:
        raise RequestError(
            415, "UNSUPPORTED_MEDIA_TYPE", "Send the body as application/json, in UTF-8."
        )
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise RequestError(
            415,
            "UNSUPPORTED_MEDIA_TYPE",
            "Send the body as it is, not compressed.",
            {"Accept-Encoding": "identity"},
        )


def _json(text: bytes, what: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise RequestError(400, "BAD_JSON", f"The {what} is not JSON: {error}.") from None
