"""The tables of the reference handler, in a schema of their own: `reference`.

They hold what a strong hand-written handler would keep: decisions by key, whatever of them is the
same for all facilities with that key as ready JSON, and normalised tables for the rest.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from typing import Any

import asyncpg

from graphql_schema.types.faq import render
from kb.content.faq_records import Faq
from kb.content.records import Library
from kb.rules.countries import country_names
from kb.rules.facts import ALL_LAYERS, fact_on
from kb.rules.inputs import FacilityProfile
from kb.rules.outcomes import Applicability
from kb.services.access.opaque_ids import OpaqueIds
from kb.services.knowledge.holder import Knowledge

TABLES = """
DROP SCHEMA IF EXISTS reference CASCADE;
CREATE SCHEMA reference;
CREATE TABLE reference.release (number int);
CREATE TABLE reference.global_id (facility int PRIMARY KEY, id text);
CREATE TABLE reference.country (code text PRIMARY KEY, name text, kind text, text text);
CREATE TABLE reference.kind (country text, valid_from date, value text, text text);
CREATE INDEX ON reference.kind (country, valid_from);
CREATE TABLE reference.decision (
    id int PRIMARY KEY, key text UNIQUE, portfolio json, assessment json, sharing json,
    route text, title text, state text, because text, text text, next_actions json, blockers json,
    data_labels json, missing json, warnings json, citations json
);
CREATE TABLE reference.step (
    decision int, position int, code text, title text, actor text, state text, deadline text,
    PRIMARY KEY (decision, position)
);
CREATE TABLE reference.decided_fee (
    decision int, position int, code text, charge text, payer text, because text, text text,
    PRIMARY KEY (decision, position)
);
CREATE TABLE reference.fee (position int PRIMARY KEY, key text, code text);
CREATE TABLE reference.fee_amount (fee int, valid_from date, amount text, currency text);
CREATE TABLE reference.decided_faq (
    decision int, rank int, number int, because text, text text, PRIMARY KEY (decision, rank)
);
CREATE TABLE reference.faq (number int PRIMARY KEY, question text, answer text);
"""

VIEWS = """
CREATE VIEW reference.facility AS
  SELECT f.id, i.id AS key, f.name, f.os_id, f.gateway_id, f.better_work_id, f.country,
    d.id AS decision, p.state -> 'step_dates' AS step_dates
  FROM facility f
  JOIN facility_projection p ON p.facility_id = f.id AND p.is_current
  JOIN reference.global_id i ON i.facility = f.id
  JOIN reference.decision d ON d.key = p.decision_key;
CREATE VIEW reference.event AS
  SELECT id, facility_id AS facility, sequence, kind, occurred_on, actor_role FROM workflow_event;
CREATE VIEW reference.charge AS SELECT DISTINCT code FROM reference.fee;
COMMENT ON VIEW reference.facility IS '@primaryKey id
@foreignKey (country) references reference.country (code)
@foreignKey (decision) references reference.decision (id)';
COMMENT ON VIEW reference.event IS '@primaryKey id
@foreignKey (facility) references reference.facility (id)';
COMMENT ON VIEW reference.charge IS '@primaryKey code';
COMMENT ON TABLE reference.kind IS '@foreignKey (country) references reference.country (code)';
COMMENT ON TABLE reference.step IS '@foreignKey (decision) references reference.decision (id)';
COMMENT ON TABLE reference.decided_fee IS
  '@foreignKey (decision) references reference.decision (id)
@foreignKey (code) references reference.charge (code)';
COMMENT ON TABLE reference.fee IS '@foreignKey (code) references reference.charge (code)';
COMMENT ON TABLE reference.fee_amount IS '@primaryKey fee
@foreignKey (fee) references reference.fee (position)';
COMMENT ON TABLE reference.decided_faq IS
  '@foreignKey (decision) references reference.decision (id)
@foreignKey (number) references reference.faq (number)';
"""
"""What PostGraphile sees besides, and how all of it hangs together."""


async def fill(
    database: asyncpg.Connection, knowledge: Knowledge, today: date, ids: OpaqueIds
) -> int:
    """Make the tables anew, for what holds today; returns how many decisions they hold."""
    library = knowledge.library
    await database.execute(TABLES + VIEWS)

    async def copy(table: str, rows: Iterable[tuple[Any, ...]]) -> None:
        await database.copy_records_to_table(table, records=list(rows), schema_name="reference")

    await copy("release", [(knowledge.release.number,)])
    numbers = [row["id"] for row in await database.fetch("SELECT id FROM facility")]
    await copy("global_id", [(number, ids.global_id(number)) for number in numbers])
    keys = [
        row["decision_key"]
        for row in await database.fetch(
            "SELECT DISTINCT decision_key FROM facility_projection WHERE is_current ORDER BY 1"
        )
    ]
    decisions = [knowledge.decisions.on(key, today, ALL_LAYERS) for key in keys]
    # As of a facility of which nothing else is known: what is said of a country is not about it.
    countries = {
        code: knowledge.decisions.on(FacilityProfile(country=code), today, ALL_LAYERS).country
        for code in {decision.profile.country for decision in decisions}
    }
    await copy(
        "country",
        [
            (code, _name(library, code), status.kind, status.text)
            for code, status in countries.items()
        ],
    )
    await copy(
        "kind",
        [
            (code, fact.valid_from, fact.value, fact.text)
            for code in countries
            if code in library.countries
            for fact in sorted(library.countries[code].kinds, key=lambda fact: fact.valid_from)
            if fact.valid_from <= today
        ],
    )
    await copy("decision", [_decision(id_, key, d) for id_, key, d in _numbered(keys, decisions)])
    await copy(
        "step",
        [
            (id_, s.order, s.code, s.title, s.actor, s.state, s.deadline)
            for id_, _, d in _numbered(keys, decisions)
            for s in d.workflow.steps
        ],
    )
    await copy(
        "decided_fee",
        [
            (id_, position, fee.code, fee.charge, fee.payer, fee.because, fee.text)
            for id_, _, d in _numbered(keys, decisions)
            for position, fee in enumerate(d.fees)
        ],
    )
    await copy(
        "decided_faq",
        [
            (id_, faq.rank, faq.number, faq.because, faq.text)
            for id_, _, d in _numbered(keys, decisions)
            for faq in d.faqs
        ],
    )
    fees = list(enumerate(library.fees.items()))
    await copy("fee", [(position, key, fee.code) for position, (key, fee) in fees])
    amounts = [(at, fact_on(fee.amounts, today, ALL_LAYERS)) for at, (_, fee) in fees]
    await copy(
        "fee_amount",
        [
            (
                at,
                fact.valid_from,
                fact.value and fact.value.amount,
                fact.value and fact.value.currency,
            )
            for at, fact in amounts
            if fact is not None
        ],
    )
    await copy(
        "faq",
        [(faq.number, faq.question, _answer(faq)) for faq in library.faqs.values()],
    )
    for table in (
        "country",
        "kind",
        "decision",
        "step",
        "decided_fee",
        "fee",
        "decided_faq",
        "faq",
    ):
        await database.execute(f"ANALYZE reference.{table}")
    return len(decisions)


def _numbered(
    keys: list[str], decisions: list[Applicability]
) -> Iterable[tuple[int, str, Applicability]]:
    return zip(range(1, len(keys) + 1), keys, decisions, strict=True)


def _decision(id_: int, key: str, d: Applicability) -> tuple[Any, ...]:
    workflow = d.workflow
    portfolio = {
        "assessment": _only(d.assessment, "assessedBy provisional"),
        "sharing": _only(d.sharing, "status deadline"),
        "workflow": {
            "state": workflow.state,
            "blockers": _each(workflow.blockers, "code"),
            "nextActions": _each(workflow.next_actions, "order actor title deadline"),
        },
    }
    assessment = _only(
        d.assessment,
        "assessedBy provisional fallback verifierExcluded stepsAssessed lawOverlay because text",
    ) | {"citations": _cited(d.assessment)}
    sharing = _only(d.sharing, "status deadline channels whoDecides because text") | {
        "brandMay": _each(d.sharing.brand_may, "because text"),
        "brandMayNot": _each(d.sharing.brand_may_not, "because text"),
        "citations": _cited(d.sharing),
    }
    blockers = [
        _only(blocker, "code because text") | {"citations": _cited(blocker)}
        for blocker in workflow.blockers
    ]
    actions = _each(workflow.next_actions, "order code title actor deadline asks because text")
    ready = (
        blockers,
        _each(d.data_labels, "step scope code because text"),
        _each(d.missing, "input rank because text"),
        _each(d.warnings, "code because text"),
        _cited(d),
    )
    return (
        id_,
        key,
        json.dumps(portfolio),
        json.dumps(assessment),
        json.dumps(sharing),
        workflow.route,
        workflow.title,
        workflow.state,
        workflow.because,
        workflow.text,
        json.dumps(actions),
        *map(json.dumps, ready),
    )


def _name(library: Library, code: str) -> str:
    country = library.countries.get(code)
    return country.name if country else country_names()[code]


def _answer(faq: Faq) -> str:
    parts = []
    for passage in faq.passages:
        parts.append(passage.text)
        if faq.table is not None and faq.table.passage == passage.id:
            parts.append(render(faq.table))
    return "\n\n".join(parts)


def _cited(statement: Any) -> list[dict[str, Any]]:
    return _each(statement.citations, "faqNumber layer role")


def _each(records: Iterable[Any], names: str) -> list[dict[str, Any]]:
    return [_only(record, names) for record in records]


def _only(record: Any, names: str) -> dict[str, Any]:
    """Some attributes of a record, under their names in GraphQL."""
    return {name: getattr(record, _attribute(name)) for name in names.split()}


def _attribute(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
