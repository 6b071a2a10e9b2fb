"""Records and rows for the storage tests, and a look at what a database really holds."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from tortoise.connection import get_connection
from tortoise.models import Model

import kb.models
from kb.content.library import Record
from kb.models import (
    AuditEntry,
    Facility,
    FacilityProjection,
    ServiceCycle,
    SharingGrant,
    WorkflowEvent,
)

MORNING = datetime(2021, 10, 4, 9, 30, tzinfo=UTC)
TODAY = date(2021, 10, 4)

MODELS: list[type[Model]] = [getattr(kb.models, name) for name in kb.models.__all__]
CHANGEABLE = {
    *("faq", "facility", "service_cycle", "facility_projection", "brand_projection"),
    "sharing_grant",
    *("api_token", "idempotency_key", "outbox_message"),
    *("event_position", "unplaced_event"),
    *("asked_question", "answer_rating", "supplier", "prepared", "taken_allowance"),
    *("facility_count", "last_change_count", "event_count"),
}


def fact(value: object, valid_from: str = "2021-10-01") -> dict[str, Any]:
    return {
        "valid_from": valid_from,
        "precision": "MONTH",
        "value": value,
        "text": "A sentence about it.",
        "citations": [
            {
                "source": "the-source",
                "layer": "SHARED_FAQS_2021",
                "role": "STATED",
                "passage": "7.b",
            }
        ],
        "checked_on": "2026-11-23",
    }


def faq(number: int, answer: str, slug: str = "") -> Record:
    body = {
        "number": number,
        "slug": slug or f"entry-{number}",
        "section": 1,
        "question": f"Question {number}?",
        "passages": [
            {"id": f"{number}.b", "text": answer},
            {"id": f"{number}.a", "text": "Ünïcode, “quoted”, 1.40 and \\ "},
        ],
    }
    return Record("faq", str(number), body)


def one_of_each(answer: str = "An answer.") -> tuple[Record, ...]:
    """A record for each table of a release, in an order and with keys that no sorting gives."""
    return (
        Record(
            "source",
            "the-source",
            {
                "title": "The source",
                "layer": "SHARED_FAQS_2021",
                "dated": "2021-10-01",
                "checked_on": "2026-11-23",
                "publisher": "Somebody",
            },
        ),
        faq(7, answer),
        faq(2, "Another answer."),
        Record("country", "VN", {"name": "Vietnam", "notes": [], "kinds": [fact("ROLLOUT")]}),
        Record("country", "BD", {"name": "Bangladesh", "kinds": [fact("ROLLOUT"), fact(None)]}),
        Record("tool_version", "caf-1.4", {"version": "1.4", "planned": False}),
        Record("law_overlay", "vn", {"title": "Vietnam", "availability": [fact(True)]}),
        Record(
            "fee",
            "host-sharing",
            {
                "code": "HOST_SHARING",
                "title": "Sharing",
                "payer": None,
                "charge": "POSSIBLE",
                "amounts": [fact({"currency": "USD", "amount": "199.00"})],
            },
        ),
        Record("host", "higg", {"name": "Higg"}),
        Record("statement", "enrolled", {"text": "It is enrolled in {country}."}),
        Record("glossary", "facility", {"term": "facility", "text": "A factory."}),
        Record("ambiguity", "Q10", {"title": "Steps 2 and 3", "ask": "COUNTRY_PROGRAMME"}),
        Record(
            "table",
            "C",
            {
                "title": "Labels",
                "inputs": {"route": ["b", "a"], "assessment": ["VCC", "NONE"]},
                "rows": [{"id": "C2", "when": [{}], "then": {"z": 1, "a": 2}}, {"id": "C1"}],
            },
        ),
        Record("step", "declare-interest", {"title": "Declare interest", "asks": []}),
    )


async def add_facility() -> Facility:
    """A facility with a row in every table of its own."""
    facility = await Facility.create(
        name="Example Garments", country="VN", os_id="VN2021277ABCDEN", created_at=MORNING
    )
    cycle = await ServiceCycle.create(facility=facility, number=1, opened_on=TODAY)
    await WorkflowEvent.create(
        facility=facility,
        cycle=cycle,
        sequence=1,
        kind="INTEREST_DECLARED",
        occurred_on=TODAY,
        recorded_at=MORNING,
        actor_role="FACILITY",
        payload={},
    )
    await FacilityProjection.create(
        facility=facility,
        cycle_number=1,
        is_current=True,
        name=facility.name,
        country=facility.country,
        decision_key="VN|YES",
        last_event_sequence=1,
        state={"enrolled": "YES"},
        updated_at=MORNING,
    )
    await SharingGrant.create(
        facility=facility,
        grantee_kind="BRAND",
        grantee="example-brand",
        channel="EMAIL_LINK",
        granted_on=TODAY,
    )
    await AuditEntry.create(
        at=MORNING, who="helpdesk", role="HELPDESK", what="READ", facility_id=facility.id
    )
    return facility


async def query(sql: str) -> list[dict[str, Any]]:
    return await get_connection("default").execute_query_dict(sql)


async def tables() -> set[str]:
    """The tables that the database has, by its own account."""
    if get_connection("default").capabilities.dialect == "sqlite":
        rows = await query(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name != 'sqlite_sequence'"
        )
    else:
        rows = await query(
            "SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema()"
        )
    return {row["name"] for row in rows}


async def row_counts() -> dict[str, int]:
    return {
        table: (await query(f'SELECT count(*) AS rows FROM "{table}"'))[0]["rows"]
        for table in sorted(await tables())
    }


async def indexes() -> set[tuple[str, tuple[str, ...], bool]]:
    """The indexes that the database has, but for primary keys: table, columns, unique.

    Without the columns that are in an index to be read from it, and find nothing.
    """
    if get_connection("default").capabilities.dialect == "sqlite":
        rows = await query(
            'SELECT t.name AS tab, i.name AS idx, c.name AS col, i."unique" AS one, c.seqno AS nth '
            "FROM sqlite_master t, pragma_index_list(t.name) i, pragma_index_info(i.name) c "
            "WHERE t.type = 'table' AND i.origin != 'pk' AND c.name IS NOT NULL"
        )
    else:
        rows = await query(
            "SELECT t.relname AS tab, i.relname AS idx, a.attname AS col, x.indisunique AS one, "
            "array_position(x.indkey, a.attnum) AS nth FROM pg_index x "
            "JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid "
            "JOIN pg_attribute a ON a.attrelid = t.oid "
            "AND a.attnum = ANY(x.indkey[:x.indnkeyatts - 1]) "  # counted from 0
            "WHERE NOT x.indisprimary AND t.relnamespace = current_schema()::regnamespace"
        )
    columns: dict[tuple[str, str, bool], list[str]] = {}
    for row in sorted(rows, key=lambda row: (row["idx"], row["nth"])):
        columns.setdefault((row["tab"], row["idx"], bool(row["one"])), []).append(row["col"])
    return {(table, tuple(columns), unique) for (table, _, unique), columns in columns.items()}
