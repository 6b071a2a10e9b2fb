"""JSON that is kept in memory."""

from collections.abc import Callable
from typing import Any

import orjson


def kept_json(value: object, default: Callable[[Any], Any] | None = None) -> bytes:
    """A value as JSON, in the memory that it needs: what orjson makes takes four kilobytes or more,
    however short it is, for as long as it is there.
    """
    return bytes(memoryview(orjson.dumps(value, default)))
