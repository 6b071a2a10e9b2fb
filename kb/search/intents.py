"""Which part of what applies to a facility a question about it asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from kb.content.asking import DecidedPart, Intent
from kb.search.building import Builder
from kb.search.index import IndexEntry, Unit, UnitKind

_ALIKE_FROM: Final = 0.62


class Intents:
    """The questions of one language about one's own facility; English ones are known as well."""

    def __init__(self, intents: Mapping[str, Intent], locale: str) -> None:
        self._parts = {name: intent.decision for name, intent in intents.items()}
        self._index = Builder().index(
            locale,
            [
                IndexEntry(
                    name,
                    tuple(
                        Unit(text, UnitKind.PHRASING)
                        for text in (*intent.phrasings_in.get(locale, ()), *intent.phrasings)
                    ),
                )
                for name, intent in intents.items()
            ],
            {},
        )

    def part_for(self, text: str) -> tuple[DecidedPart, float] | None:
        """The part asked for, with how alike the question is to one of that part, 0 to 1."""
        query = self._index.read(text)
        best = max(
            self._index.rank(query),
            key=lambda ranked: ranked.words + ranked.letters,
            default=None,
        )
        if best is None:
            return None
        alike = max(best.letters, (best.words + best.letters) / 2)
        return (self._parts[str(best.key)], alike) if alike >= _ALIKE_FROM else None
