"""The registry of kinds: what each kind of content is called, where it lies, what it holds.

A kind lies at a place: `place.yaml`, or any number of files `place/*.yaml` that are read as one.
Translations lie in a folder for each locale, those of hand-overs in one file there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from kb.content.asking import (
    Contact,
    Courtesies,
    HandoverTranslation,
    Intent,
    NotCovered,
    ProfileFact,
    Synonym,
)
from kb.content.faq_records import Faq, Translation
from kb.content.golden import GoldenCase
from kb.content.records import (
    AccreditedHost,
    ActorEntry,
    Ambiguity,
    Catalogue,
    Country,
    Entry,
    EventMessage,
    Fee,
    GlossaryEntry,
    LabelDefinition,
    LaterFact,
    LawOverlay,
    Source,
    ToolVersion,
)
from kb.rules.events import EventKind
from kb.rules.rulebook import (
    AssessmentResult,
    FeesResult,
    LabelResult,
    Route,
    SharingResult,
    Statement,
    StepRule,
    Table,
    ToolResult,
    WarningRule,
)
from kb.rules.transitions import Transition

_EVENTS: Final = "|".join(EventKind)
AN_ID: Final = r"[A-Za-z0-9][A-Za-z0-9._-]*"

TABLES: Final[Mapping[str, Any]] = {
    "A": Table[AssessmentResult],
    "B": Table[SharingResult],
    "C": Table[LabelResult],
    "D": Table[FeesResult],
    "E": Table[ToolResult],
}


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of content. `record` is None for tables: there the key decides (`TABLES`).

    `key_pattern` is the form of its keys, `key_form` the same in words. Kinds that are not
    `released` are read and checked with the rest but are no part of a release.
    """

    name: str
    place: str
    record: Any
    key_pattern: str = AN_ID
    key_form: str = "letters, digits, dots, hyphens and underscores"
    suffix: str = ".yaml"
    released: bool = True

    def record_type(self, key: str) -> Any:
        """The type of the record filed under a key; None where no record may have that key."""
        return TABLES.get(key) if self.record is None else self.record


KINDS: Final[Mapping[str, Kind]] = {
    kind.name: kind
    for kind in (
        Kind("source", "sources", Source),
        Kind("faq", "faqs", Faq, suffix=".md"),
        Kind("country", "countries", Country),
        Kind("tool_version", "tool-versions", ToolVersion),
        Kind("law_overlay", "law-overlay", LawOverlay),
        Kind("fee", "fees", Fee),
        Kind("host", "hosts", AccreditedHost),
        Kind("system", "systems", Entry),
        Kind("actor", "actors", ActorEntry),
        Kind("artefact", "artefacts", Entry),
        Kind("label", "labels", LabelDefinition),
        Kind("ambiguity", "ambiguities", Ambiguity, r"Q[1-9][0-9]*", "Q1, Q2, and so on"),
        Kind("glossary", "glossary", GlossaryEntry),
        Kind("public_record", "public-record", Entry),
        Kind("statement", "rules/statements", Statement),
        Kind("warning", "rules/warnings", WarningRule),
        Kind("later_fact", "rules/later-facts", LaterFact),
        Kind("step", "workflow/steps", StepRule),
        Kind("route", "workflow/routes", Route),
        Kind("transition", "workflow/transitions", Transition, _EVENTS, "the kind of an event"),
        Kind("message", "messages", EventMessage, _EVENTS, "the kind of an event"),
        Kind("table", "rules/tables", None, "[A-E]", "A, B, C, D or E"),
        Kind("contact", "contacts", Contact),
        Kind("not_covered", "not-covered", NotCovered),
        Kind("courtesy", "courtesies", Courtesies, "[a-z]{2,3}", "a locale such as en"),
        Kind("intent", "intents", Intent),
        Kind("profile_fact", "profile-facts", ProfileFact),
        Kind("synonym", "synonyms", Synonym, r"\S.*", "a word or several"),
        Kind(
            "translation",
            "translations",
            Translation,
            r"[a-z]{2,3}\.[1-9][0-9]*",
            "the folder's locale and the number of the FAQ",
            suffix=".md",
        ),
        Kind(
            "handover_translation",
            "translations/*/handovers",
            HandoverTranslation,
            rf"[a-z]{{2,3}}\.{AN_ID}",
            "the name of a topic in not-covered/",
        ),
        Kind(
            "catalogue",
            "translations/*/decisions",
            Catalogue,
            "[a-z]{2,3}",
            "the folder's locale",
            suffix=".po",
        ),
        Kind("golden", "golden", GoldenCase, r"\S.*", "a sentence", released=False),
    )
}
