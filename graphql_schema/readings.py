"""The audit of readings, whatever the transport."""

from collections.abc import AsyncIterator

from strawberry.extensions import SchemaExtension


class NotedReadings(SchemaExtension):
    """Notes which facilities an operation read before it is answered; what cannot be is not shown.

    Every way of graphql-core ends here; a plan does the same. What a subscription tells is noted
    event by event, by `kb.services.live.following`.
    """

    async def on_execute(self) -> AsyncIterator[None]:
        """Note what was read, once all of it was."""
        yield
        await self.execution_context.context.note_reading()
