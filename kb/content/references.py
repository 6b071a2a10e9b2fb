"""What the records say of each other and of themselves: ids, layers, dates, texts, numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from typing import Any, Final

from kb.content.catalogues import dated_facts, texts_of_decisions, wrong_in_catalogue
from kb.content.conditions import (
    INPUTS,
    OF_FACILITY,
    OF_GUARD,
    OF_PASSAGE,
    Finding,
    wrong_in_condition,
    wrong_in_table,
)
from kb.content.faq_checks import (
    FAQ_NUMBERS,
    few_phrasings,
    too_long,
    unknown_passages,
    wrong_in_faq,
    wrong_in_profile_fact,
    wrong_in_topic,
)
from kb.content.faq_records import Faq, Passage
from kb.content.files import nearest
from kb.content.kinds import TABLES
from kb.content.reading import Path
from kb.content.records import (
    Catalogue,
    Country,
    EventMessage,
    Fee,
    LaterFact,
    Source,
    field_names,
)
from kb.content.translations import wrong_in_handover, wrong_in_translation
from kb.rules.codes import BlockerCode, DataLabelCode, FactTopic, ProfileQuestion
from kb.rules.countries import country_names
from kb.rules.evidence import KnowledgeLayer
from kb.rules.facts import DatedFact
from kb.rules.missing import POSSIBLE_ANSWERS, answer_code
from kb.rules.rulebook import ConditionalStatement, RuleRow, Statement, StepRule, Table, WarningRule
from kb.rules.transitions import Guard

Records = Mapping[str, Mapping[str, Any]]
"""All records: kind to key to record."""

Look = Callable[[str, Any], Iterable[Finding]]
"""Finds what is wrong with a record, which comes with its key."""

PLACEHOLDERS: Final = ("{country}", "{first_day}")
"""What the rules fill into the texts of statements, warnings, steps and kinds of countries."""

MESSAGE_PLACEHOLDERS: Final = ("{facility}", "{gateway_id}", "{gateway_link}", "{platform_link}")
"""What is filled into the texts of messages."""

_FILLED_IN: Final[Mapping[type, tuple[str, ...]]] = {
    **dict.fromkeys((Statement, WarningRule, StepRule), PLACEHOLDERS),
    Country: ("{country}",),
    EventMessage: MESSAGE_PLACEHOLDERS,
}
_TEXTS: Final = (("text",), ("kinds", "text"), ("notes", "text"))
"""The fields in whose texts something is filled in."""

# What a condition may look at, where that is not a facility once the tables have decided.
_KNOWN_TO: Final = {Guard: OF_GUARD, Passage: OF_PASSAGE, ConditionalStatement: INPUTS}

# The rules find these statements by the code of the blocker, of the question, or by name, where
# no table may be asked.
_STATEMENTS_BY_CODE: Final = (
    *BlockerCode,
    *(f"MISSING_{question}" for question in ProfileQuestion),
    *{
        answer_code(question, answer): None
        for question, answers in POSSIBLE_ANSWERS.items()
        for answer in answers
    },
    "ANSWER_NOT_KNOWN",
    "DAY_NOT_COVERED",
    "RULES_NOT_IN_LAYERS",
    "SHARING_NEEDS_ASSESSOR",
)

# Warnings that are raised where a fact of a topic was last checked too long ago.
_LONG_UNCHECKED: Final = tuple(f"{topic}_LAST_CHECKED_LONG_AGO" for topic in FactTopic)
_INFERRED: Final = "ENROLMENT_FOLLOWS_FROM_ASSESSMENT"

# The routes of those for whom no table may be asked.
_UNDECIDED: Final = ("DAY_NOT_COVERED", "RULES_NOT_IN_LAYERS")

# Kinds whose dated facts an answer may say.
_WITH_FACTS: Final = ("tool_version", "host", "fee", "public_record")

# Fields that name other records, with the kind they name.
_NAMES: Final = {
    "because": "statement",
    "instead_of": "statement",
    "because_assessed": "statement",
    "sharing_because": "statement",
    "brand_may_not": "statement",
    "labels": "statement",
    "routes": "route",
    "warnings": "warning",
    "actions": "step",
    "asks_for": "step",
    "steps": "step",
    "next_cycle": "step",
    "alternatives": "step",
    "ambiguity": "ambiguity",
    "warning": "warning",
    "source": "source",
    "contact": "contact",
    "outside": "contact",
    "public_record": "public_record",
}


def findings(
    records: Records, known: Mapping[str, Set[str]], unreadable: Set[str]
) -> Iterator[tuple[str, str, Finding]]:
    """Everything wrong between the records, as kind, key and finding.

    `known` are the keys of each kind, including those of records that are left out for problems of
    their own; references to `unreadable` kinds are not checked. A finding with the key "" is about
    the kind as a whole: a record that must be there is missing.
    """
    named = set[str](_STATEMENTS_BY_CODE)
    names = {kind: keys for kind, keys in known.items() if kind not in unreadable}
    for kind, by_key in records.items():
        for key, record in by_key.items():
            filled_in = _FILLED_IN.get(type(record), ())
            for path, part in _parts(record):
                if isinstance(part, str) and not isinstance(record, Catalogue):
                    for finding in _placeholders(part, path, filled_in):
                        yield kind, key, finding
                for finding in _of_part(part, path, records, names, named):
                    yield kind, key, finding
    for kind, look in _looks(records, names):
        for key, record in records[kind].items():
            for finding in look(key, record):
                yield kind, key, finding
    yield from _row_ids(records["table"])
    # With a table or route left out, the statements that it names would seem unused.
    if _complete(records, names, "table", "route"):
        for code in known["statement"] - named:
            yield "statement", code, ((), "no table and no route names this statement", "")
    yield from _missing(names)


def _looks(records: Records, names: Mapping[str, Set[str]]) -> Iterator[tuple[str, Look]]:
    """What is looked for in each record of a kind, where what it speaks of is all there."""
    faqs = records["faq"]
    all_faqs = faqs if _complete(records, names, "faq") else None
    yield "faq", lambda _, faq: (*wrong_in_faq(faq, faqs), *too_long(faq))
    yield "not_covered", lambda _, topic: wrong_in_topic(topic, all_faqs)
    yield "warning", lambda _, rule: unknown_passages("said_with", rule.said_with, all_faqs)
    yield "intent", lambda _, intent: few_phrasings(intent.phrasings)
    yield "fee", lambda _, fee: _amounts(fee)
    yield "profile_fact", lambda _, fact: wrong_in_profile_fact(fact)
    yield "country", lambda code, _: _no_country(code)
    yield "table", lambda _, table: wrong_in_table(table)
    yield "translation", lambda _, translation: too_long(translation)
    if "faq" in names:
        yield "translation", lambda _, made: wrong_in_translation(made, faqs, names["faq"])
    if "not_covered" in names:
        topics, known = records["not_covered"], names["not_covered"]
        yield "handover_translation", lambda key, made: wrong_in_handover(key, made, topics, known)
    if _complete(records, names, *records):
        english = texts_of_decisions(records)
        yield "catalogue", lambda _, catalogue: wrong_in_catalogue(catalogue, english)
    if _complete(records, names, *_WITH_FACTS):
        yield "later_fact", lambda _, later: _without_facts(later, records)


def _complete(records: Records, names: Mapping[str, Set[str]], *kinds: str) -> bool:
    """Whether every record of these kinds could be read and has no problem of its own."""
    return all(names.get(kind) == records[kind].keys() for kind in kinds)


def _no_country(code: str) -> Iterator[Finding]:
    if code not in country_names():
        yield (), f"{code} is not an ISO country code", 'such as "VN"'


def _without_facts(later: LaterFact, records: Records) -> Iterator[Finding]:
    named = later.of.partition(".")[0] in _WITH_FACTS
    if not named or not dated_facts(records, later.of):
        wrong = f"there are no dated facts of {later.of}"
        yield ("of",), wrong, f"{' or '.join(_WITH_FACTS)}, and a key"


def _parts(record: Any) -> Iterator[tuple[Path, Any]]:
    """A record and everything within it, each with its path."""
    left: list[tuple[Path, Any]] = [((), record)]
    while left:
        path, value = left.pop()
        yield path, value
        names = field_names(value)
        if names is not None:
            below = [((*path, name), getattr(value, name)) for name in names]
        elif isinstance(value, tuple):
            below = [((*path, place), item) for place, item in enumerate(value)]
        elif isinstance(value, Mapping):
            below = [((*path, key), item) for key, item in value.items()]
        else:
            continue
        left += reversed(below)


def _placeholders(text: str, path: Path, filled_in: tuple[str, ...]) -> Iterator[Finding]:
    for written in re.findall(r"\{[^{}]*\}|[{}]", text):
        if _plain(path) not in _TEXTS or written not in filled_in:
            allowed = " and ".join(filled_in) + " in the text" if filled_in else "no braces"
            yield path, f"{written} is not filled in", allowed


def _plain(path: Path) -> Path:
    """A path without the places in lists."""
    return tuple(part for part in path if isinstance(part, str))


def _of_part(
    part: Any, path: Path, records: Records, names: Mapping[str, Set[str]], named: set[str]
) -> Iterator[Finding]:
    names_of_fields = field_names(part)
    if names_of_fields is None:
        return
    if isinstance(part, DatedFact | Faq | Source):
        yield from _days(part, path, records["source"])
    for field_name in names_of_fields:
        value = getattr(part, field_name)
        inner = (*path, field_name)
        if isinstance(value, str) and not value.strip():
            yield inner, "is empty", "some text"
        if field_name == "citations" and len({citation.layer for citation in value}) > 1:
            wrong = "one statement cites both layers"
            yield inner, wrong, "sources of one layer; a second record or fact for the other"
        if field_name == "when" or field_name.endswith("_when"):
            # Rows are checked with their table, whose inputs are fewer.
            if isinstance(value, tuple) and not isinstance(part, RuleRow):
                for place, condition in enumerate(value):
                    known = _KNOWN_TO.get(type(part), OF_FACILITY)
                    yield from wrong_in_condition(condition, (*inner, place), known)
        elif field_name in _NAMES:
            yield from _of_names(_NAMES[field_name], value, inner, names, named)
        elif isinstance(value, tuple) and value and isinstance(value[0], DatedFact):
            yield from _order(value, inner)
    tool = getattr(part, "tool_version", None)
    if tool is not None:
        versions = [version.version for version in records["tool_version"].values()]
        if tool not in versions and len(versions) == len(names["tool_version"]):
            yield (*path, "tool_version"), f"there is no Tool version {tool}", ", ".join(versions)
    for place, code in enumerate(getattr(part, "countries", ())):
        if code not in country_names():
            wrong = f"{code} is not an ISO country code"
            yield (*path, "countries", place), wrong, 'such as "VN"'


def _of_names(
    kind: str, value: Any, path: Path, names: Mapping[str, Set[str]], named: set[str]
) -> Iterator[Finding]:
    """Names of records that do not exist; names of statements are noted in `named`."""
    each: Iterator[tuple[Path, Any]] = iter([(path, value)])
    if isinstance(value, Mapping):
        each = (((*path, key), item) for key, item in value.items())
    elif isinstance(value, tuple):
        each = (((*path, place), item) for place, item in enumerate(value))
    for inner, name in each:
        if not isinstance(name, str):
            continue
        if kind == "statement":
            named.add(name)
        if kind in names and name not in names[kind]:
            yield inner, f"there is no {kind} {name}{nearest(name, sorted(names[kind]))}", ""


def _days(
    part: DatedFact[Any] | Faq | Source, path: Path, sources: Mapping[str, Source]
) -> Iterator[Finding]:
    """Days that lie before the source could have said so."""
    if isinstance(part, Source):
        if (part.dated is None) != (part.precision is None):
            yield (*path, "precision"), "a day and its precision go together", "both or neither"
        cited = {"itself": part}
    elif isinstance(part, Faq):
        cited = {part.source: sources[part.source]} if part.source in sources else {}
    else:
        names = [citation.source for citation in part.citations]
        cited = {name: sources[name] for name in names if name in sources}
    for name, source in cited.items():
        if source.dated and part.checked_on < source.dated:
            wrong = f"{part.checked_on} is before the source {name} is dated"
            yield (*path, "checked_on"), wrong, f"{source.dated} or later"
        if isinstance(part, DatedFact) and source.layer is KnowledgeLayer.PUBLIC_RECORD:
            first = source.dated or source.checked_on
            if part.valid_from < first:
                dated = "is dated" if source.dated else "was checked; it bears no date"
                wrong = f"{part.valid_from} is before the source {name} {dated}"
                yield (*path, "valid_from"), wrong, f"{first} or later"


def _order(facts: tuple[DatedFact[Any], ...], path: Path) -> Iterator[Finding]:
    last: dict[KnowledgeLayer, DatedFact[Any]] = {}
    for place, fact in enumerate(facts):
        before = last.get(fact.layer)
        if before is not None and fact.valid_from <= before.valid_from:
            wrong = f"{fact.valid_from} does not come after {before.valid_from} of the entry before"
            yield (*path, place, "valid_from"), wrong, "rising days within a layer"
        last[fact.layer] = fact


def _amounts(fee: Fee) -> Iterator[Finding]:
    """Amounts that no program could reckon with."""
    for place, fact in enumerate(fee.amounts):
        for name, form, allowed in (
            ("amount", r"[0-9]+(\.[0-9]+)?", 'a decimal number such as "120.00", or null'),
            ("currency", "[A-Z]{3}", "a code of ISO 4217 such as USD, or null"),
        ):
            text = getattr(fact.value, name, None)
            if text is not None and re.fullmatch(form, text) is None:
                yield ("amounts", place, "value", name), f"{text} is no {name}", allowed


def _row_ids(tables: Mapping[str, Table[Any]]) -> Iterator[tuple[str, str, Finding]]:
    ids = set[str]()
    for key, table in tables.items():
        for place, row in enumerate(table.rows):
            if row.id in ids:
                wrong = f"the row id {row.id} is already taken"
                yield "table", key, (("rows", place, "id"), wrong, "every row id once")
            ids.add(row.id)


def lacking(names: Mapping[str, Set[str]]) -> Sequence[str]:
    """What records of the kinds with these names lack that the program needs, each as a text."""
    return [problem for _, _, (_, problem, _) in _missing(names)]


def _missing(names: Mapping[str, Set[str]]) -> Iterator[tuple[str, str, Finding]]:
    """Records that must be there."""
    wanted: dict[str, tuple[Iterable[str], str]] = {
        "faq": (map(str, FAQ_NUMBERS), "FAQs 1 to 23, each once"),
        "table": (TABLES, f"tables {', '.join(TABLES)}"),
        "label": (DataLabelCode, "a definition of every label that a table can give"),
        "statement": (_STATEMENTS_BY_CODE, "a statement for every blocker, question and answer"),
        "warning": (
            (*_LONG_UNCHECKED, _INFERRED),
            "a warning for every topic of facts, and for what is inferred",
        ),
        "route": (_UNDECIDED, "a route for each reason why no table may be asked"),
        "step": (("CHECK_GATEWAY_COUNTRY_LIST",), "the action for when no table may be asked"),
    }
    for kind, (keys, allowed) in wanted.items():
        for key in keys:
            if kind in names and key not in names[kind]:
                yield kind, "", ((), f"{kind} {key} is missing", allowed)
