"""Personal data taken out of a question before it is kept for the learning loop."""

from __future__ import annotations

import re
from typing import Final

_PERSONAL: Final = (
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), "[e-mail]"),
    (re.compile(r"\b(?:https?://|www\.)\S+", re.IGNORECASE), "[address]"),
    (
        re.compile(r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b", re.IGNORECASE),
        "[id]",
    ),
    # Letters and digits mixed, five digits or more: Gateway, OS Hub and Better Work ids.
    (re.compile(r"\b(?=[\w-]*[A-Za-z])(?:[\w-]*\d){5,}[\w-]*"), "[id]"),
    (re.compile(r"\+?\(?\d(?:[ ().\-/]{0,2}\d){7,}"), "[phone]"),
    (re.compile(r"\d{5,}"), "[id]"),
)


def redacted(text: str) -> str:
    """The text with e-mail and web addresses, telephone numbers and ids replaced.

    Names of people cannot be told from other words and stay; see the retention setting.
    """
    for pattern, instead in _PERSONAL:
        text = pattern.sub(instead, text)
    return text
