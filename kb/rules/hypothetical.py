"""The rulebook as it would be if something outside a facility changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from kb.rules.evidence import Citation, CitationRole, KnowledgeLayer
from kb.rules.facts import DatedFact, DatePrecision
from kb.rules.inputs import CountryKind
from kb.rules.rulebook import Rulebook

SUPPOSED = Citation("supposed", KnowledgeLayer.SHARED_FAQS_2021, CitationRole.DERIVED)
"""What stands where a source would; no reader is shown it."""


def signed_off(rulebook: Rulebook, countries: Iterable[str], as_of: date) -> Rulebook:
    """If the Tool were signed off in these countries on a day (FAQ 2), and known to be."""
    supposed = DatedFact(
        valid_from=as_of,
        precision=DatePrecision.DAY,
        value=CountryKind.ROLLOUT,
        text="",
        citations=(SUPPOSED,),
        checked_on=as_of,
    )
    facts = {code: (*rulebook.countries.get(code, ()), supposed) for code in countries}
    return replace(rulebook, countries={**rulebook.countries, **facts})


def with_tool_version(rulebook: Rulebook, version: str) -> Rulebook:
    """If a version of the Tool took the place of the one that is in use, wherever one is."""
    rows = tuple(
        replace(row, then=replace(row.then, tool_version=version)) if row.then.tool_version else row
        for row in rulebook.tool.rows
    )
    return replace(rulebook, tool=replace(rulebook.tool, rows=rows))
