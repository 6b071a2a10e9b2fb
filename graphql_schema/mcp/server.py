"""The server of the tools, whatever the transport."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from importlib.metadata import version
from typing import Any

from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel.server import Server
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    PaginatedRequestParams,
    TextContent,
    Tool,
    ToolAnnotations,
)

from graphql_schema.context import Context
from graphql_schema.mcp.tools import OperationTool, load_tools
from graphql_schema.schema import schema
from kb.errors import InvalidInputError, KbError

INSTRUCTIONS = """\
What the shared FAQs of SLCP and Better Work mean for one facility. Answers are curated: give their
text as it is, with its citations. Never call Better Work data verified; use its labels. Where the
outcome is HANDOVER, or something is not stated, say so and name whom to ask."""

_READ_ONLY = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)

ContextOf = Callable[[ServerRequestContext[Any, Any]], Awaitable[Context]]
"""Who asks, and with which knowledge: the context of the operation that a call executes."""


def make_server(context_of: ContextOf) -> Server[Any]:
    """A server of all tools. What is refused is the data of a call, as errors with their codes."""
    tools = load_tools(schema._schema)
    listed = ListToolsResult(tools=[_listed(tool) for tool in tools.values()])

    async def list_tools(_: Any, __: PaginatedRequestParams | None) -> ListToolsResult:
        return listed

    async def call_tool(
        request_context: ServerRequestContext[Any, Any], call: CallToolRequestParams
    ) -> CallToolResult:
        tool = tools.get(call.name)
        if tool is None:
            raise MCPError(
                INVALID_PARAMS, f"There is no tool {call.name!r}, but {', '.join(tools)}."
            )
        arguments = call.arguments or {}
        try:
            if unknown := tool.unknown_in(arguments):
                taken = ", ".join(tool.takes["properties"])
                raise InvalidInputError("arguments", ", ".join(unknown), taken)
            context = await context_of(request_context)
        except KbError as error:
            refusal = {"message": str(error), "extensions": {"code": error.code}}
            return _result({"errors": [refusal]})
        answer = await schema.execute(
            tool.query,
            variable_values=arguments,
            context_value=context,
            operation_name=tool.operation_name,
        )
        body: dict[str, Any] = {} if answer.data is None else {"data": answer.data}
        if answer.errors:
            body["errors"] = [error.formatted for error in answer.errors]
        return _result(body, answer.extensions)

    return Server(
        "kb-status-api",
        version=version("kb-status-api"),
        title="What applies to a facility",
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


def _listed(tool: OperationTool) -> Tool:
    return Tool(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        input_schema=dict(tool.takes),
        annotations=_READ_ONLY,
    )


def _result(body: dict[str, Any], extensions: dict[str, Any] | None = None) -> CallToolResult:
    """A result as data, and the same as text for clients that read only that."""
    plain = json.loads(json.dumps(body, ensure_ascii=False, default=str))
    return CallToolResult(
        content=[TextContent(type="text", text=json.dumps(plain, ensure_ascii=False))],
        structured_content=plain,
        is_error="errors" in body,
        _meta=extensions or None,
    )
