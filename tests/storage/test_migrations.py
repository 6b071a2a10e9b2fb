import asyncio
import json
import os
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from tortoise.context import TortoiseContext, require_context
from tortoise.migrations.autodetector import MigrationAutodetector
from tortoise.migrations.executor import MigrationTarget

from kb.errors import NewerTablesError, PendingMigrationError, StorageError
from kb.models import BrandProjection, Facility, FacilityCount, FacilityProjection
from kb.models.migrating import Migrator
from kb.rules.inputs import FacilityProfile, Publication, ServiceCycle
from kb.services.database import connect, connect_migrated, migrate
from kb.services.recording.recount import wrong_counts
from kb.settings import Settings
from tests.live.serving import command_process
from tests.storage.stored import CHANGEABLE, MODELS, indexes, query, row_counts, tables

ALL = [
    *("0001_initial", "0002_refusals", "0003_recording", "0004_live", "0005_learning"),
    *("0006_vectors", "0007_brand_projections", "0008_names_and_addresses"),
    *("0009_requested_gateway_ids", "0010_suppliers", "0011_prepared", "0012_status_only"),
    *("0013_taken_allowances", "0014_readings", "0015_names_in_any_case"),
    *("0016_ids_in_any_case", "0017_places", "0018_counts"),
    *("0019_latest_events", "0020_distinct_facilities", "0021_events_counted_at_once"),
    *("0022_latest_kinds", "0023_wider_ids", "0024_reasons_without_addresses"),
    "0025_whole_pages",
]

# One row for each table of the first migration that others refer to, in words that stay true
# whatever columns later migrations add.
ROWS = (
    "INSERT INTO knowledge_release VALUES (1, 'aa', '2021-10-04 09:30:00+00', '0.1', NULL, 1)",
    "INSERT INTO country (release_id, position, key, body, name) VALUES (1, 0, 'VN', '{}', 'V')",
    "INSERT INTO faq VALUES (7, 'who-assesses')",
    "INSERT INTO faq_revision (id, faq_id, content_hash, section, question, body) "
    "VALUES (1, 7, 'aa', 1, 'Who?', '{}')",
    "INSERT INTO passage (revision_id, key, position, text) VALUES (1, '7.a', 0, 'They do.')",
    "INSERT INTO release_faq (release_id, position, revision_id) VALUES (1, 0, 1)",
    "INSERT INTO facility (id, name, country, created_at, version) "
    "VALUES (1, 'Example Garments', 'VN', '2021-10-04 09:30:00+00', 1)",
    "INSERT INTO service_cycle (id, facility_id, number, opened_on) VALUES (1, 1, 1, '2021-10-04')",
    "INSERT INTO workflow_event (facility_id, cycle_id, sequence, kind, occurred_on, recorded_at, "
    "actor_role, payload) "
    "VALUES (1, 1, 1, 'K', '2021-10-04', '2021-10-04 09:30:00+00', 'FACILITY', '{}')",
    "INSERT INTO sharing_grant (facility_id, grantee_kind, grantee, channel, granted_on) "
    "VALUES (1, 'BRAND', 'example', 'EMAIL_LINK', '2021-10-04')",
)


async def migrate_to(settings: Settings, name: str) -> None:
    config = settings.tortoise()
    async with TortoiseContext() as context:
        await context.init(config=config)
        executor = Migrator(context.db(), config["apps"])
        await executor.migrate([MigrationTarget("kb", name)])


@pytest.mark.slow
async def test_migrating_an_empty_database_makes_every_table(blank_settings: Settings) -> None:
    assert await migrate(blank_settings) == ALL
    async with connect(blank_settings, everywhere=False):
        expected = {model._meta.db_table for model in MODELS} | {"tortoise_migrations"}
        assert await tables() == expected


async def test_migrating_again_does_nothing(database_settings: Settings) -> None:
    assert await migrate(database_settings) == []


@pytest.mark.slow
async def test_migrating_a_database_with_rows_keeps_every_one_and_new_rows_are_whole(
    blank_settings: Settings,
) -> None:
    await migrate_to(blank_settings, "0001_initial")
    async with connect(blank_settings, everywhere=False):
        for row in ROWS:
            await query(row)
        before = await row_counts()
        assert sum(count > 0 for count in before.values()) == len(ROWS) + 1
    await migrate_to(blank_settings, "0016_ids_in_any_case")
    async with connect(blank_settings, everywhere=False):
        await query("UPDATE facility SET address = '12 Any Street'")
    assert await migrate(blank_settings) == [
        *("0017_places", "0018_counts", "0019_latest_events", "0020_distinct_facilities"),
        *("0021_events_counted_at_once", "0022_latest_kinds", "0023_wider_ids"),
        *("0024_reasons_without_addresses", "0025_whole_pages"),
    ]
    async with connect(blank_settings, everywhere=False):
        after = await row_counts()
        assert await query("SELECT place_key FROM facility") == [{"place_key": "12"}]
        assert await query("SELECT name_key FROM facility") == [{"name_key": "examplegarments"}]
        made = {"name": "B", "country": "VN", "created_at": datetime.now(UTC)}
        await Facility.create(id=2, address="Here", **made)
        assert await Facility.filter(address="Here").count() == 1
    empty = ("api_token", "audit_entry", "idempotency_key", "outbox_message", "unplaced_event")
    empty += ("asked_question", "answer_rating", "release_vectors", "brand_projection", "supplier")
    empty += ("prepared", "taken_allowance", "facility_count", "last_change_count", "event_count")
    added = {**dict.fromkeys(empty, 0), "event_position": 1}
    migrations = before["tortoise_migrations"] + len(ALL) - 1
    assert after == {**before, **added, "tortoise_migrations": migrations}


@pytest.mark.slow
async def test_a_brand_sees_after_migrating_what_was_shared_with_it_before(
    blank_settings: Settings,
) -> None:
    await migrate_to(blank_settings, "0006_vectors")
    shared = '{"channel": "EMAIL_LINK", "grantee_kind": "BRAND", "grantee": "%s"}'
    async with connect(blank_settings, everywhere=False):
        await query(ROWS[6])
        events = (
            ("FACILITY_REGISTERED", "{}"),
            ("CYCLE_OPENED", "{}"),
            ("SHARED", shared % "Other"),
            ("CYCLE_CLOSED", "{}"),
            ("CYCLE_OPENED", "{}"),
            ("SHARED", shared % "Example"),
            ("SHARED", shared % "Other"),
        )
        for place, (kind, payload) in enumerate(events, start=1):
            await query(
                "INSERT INTO workflow_event (facility_id, sequence, kind, occurred_on, recorded_at,"
                f" actor_role, payload) VALUES (1, {place}, '{kind}', '2021-10-0{place}', "
                f"'2021-10-0{place} 09:30:00+00', 'FACILITY', '{payload}')"
            )
        await query(
            "INSERT INTO sharing_grant (facility_id, grantee_kind, grantee, channel, granted_on) "
            "VALUES (1, 'BRAND', 'Example', 'EMAIL_LINK', '2021-10-06')"
        )
    await migrate(blank_settings)
    async with connect(blank_settings, everywhere=False):
        rows = await BrandProjection.all().order_by("cycle_number")
        seen = [(row.brand, row.cycle_number, row.is_current, row.state) for row in rows]
        assert seen == [
            (
                *("Example", 1, False),
                {"opened_on": "2021-10-02", "closed_on": "2021-10-04", "step_dates": {}},
            ),
            (
                *("Example", 2, True),
                {
                    "opened_on": "2021-10-05",
                    "closed_on": None,
                    "step_dates": {"SHARE": "2021-10-06"},
                },
            ),
        ]
        profiles = [FacilityProfile.from_key(row.decision_key) for row in rows]
        assert [(profile.publication, profile.service_cycle) for profile in profiles] == [
            (Publication.NONE, ServiceCycle.CLOSED),
            (Publication.SHARED, ServiceCycle.OPEN),
        ]
        # It is not told of events that name somebody, itself included.
        assert {row.changed_on for row in rows} == {date(2021, 10, 5)}
        assert {row.latest_kind for row in rows} == {"CYCLE_OPENED"}
        counts = await FacilityCount.filter(brand="Example")
        assert [(count.country, count.number) for count in counts] == [("VN", 1)]
        assert await wrong_counts() == []


async def test_reasons_that_name_somebody_are_gone_after_migrating(
    blank_settings: Settings,
) -> None:
    await migrate_to(blank_settings, "0023_wider_ids")
    async with connect(blank_settings, everywhere=False):
        for row in (ROWS[6], ROWS[7], ROWS[8]):
            await query(row)
        for number, (outcome, reason) in enumerate(
            (("NULL", "550 somebody@f.example"), ("NULL", "busy"), ("'DELIVERED'", "busy")), start=1
        ):
            if number > 1:
                await query(ROWS[8].replace("(1, 1, 1,", f"(1, 1, {number},"))
            await query(
                "INSERT INTO outbox_message (event_id, kind, created_at, due_at, attempts, "
                f"last_error, outcome) SELECT MAX(id), 'K', '2021-10-04 09:30:00+00', "
                f"'2021-10-04 09:30:00+00', 1, '{reason}', {outcome} FROM workflow_event"
            )
    await migrate(blank_settings)
    async with connect(blank_settings, everywhere=False):
        rows = await query("SELECT last_error FROM outbox_message ORDER BY id")
    assert [row["last_error"] for row in rows] == [None, "busy", None]


async def test_projections_have_ids_and_contested_events_of_their_own_after_migrating(
    blank_settings: Settings,
) -> None:
    await migrate_to(blank_settings, "0024_reasons_without_addresses")
    state = '{"opened_on":null,"closed_on":null,"step_dates":{"ENROL":"2021-10-04"}%s}'
    async with connect(blank_settings, everywhere=False):
        await query(
            "INSERT INTO facility (id, name, country, created_at, version, os_id, better_work_id) "
            "VALUES (1, 'A', 'VN', '2021-10-04 09:30:00+00', 1, 'VN1', 'BW1')"
        )
        for cycle, contested in enumerate(("", ',"contested":[3,12]')):
            for table, column, brand in (("facility", "", ""), ("brand", ", brand", ", 'B'")):
                await query(
                    f"INSERT INTO {table}_projection (facility_id, cycle_number, is_current, name, "
                    f"country, decision_key, last_event_sequence, state, updated_at{column}) "
                    f"VALUES (1, {cycle}, {cycle} = 1, 'A', 'VN', 'VN|YES', 12, "
                    f"'{state % contested}', '2021-10-04 09:30:00+00'{brand})"
                )
    await migrate(blank_settings)
    async with connect(blank_settings, everywhere=False):
        for model in (FacilityProjection, BrandProjection):
            rows = await model.all().order_by("cycle_number")
            assert {(row.os_id, row.gateway_id, row.better_work_id) for row in rows} == {
                ("VN1", None, "BW1")
            }
            assert [row.contested for row in rows] == [None, [3, 12]]
            assert [row.state for row in rows] == [json.loads(state % "")] * 2


async def test_the_database_has_just_the_indexes_that_the_models_have(database: Settings) -> None:
    expected = {
        ("facility_projection", ("facility_id",), True),  # where is_current
        (
            "sharing_grant",
            ("facility_id", "grantee_kind", "grantee", "channel"),
            True,
        ),  # not revoked
        ("tortoise_migrations", ("app", "name"), True),
        # Between these columns, the name in lower case.
        ("facility_projection", ("is_current", "facility_id"), False),
        ("brand_projection", ("brand", "is_current", "facility_id"), False),
        ("supplier", ("brand",), False),  # after it, ids in small letters
    }
    if not database.sqlite_file:
        expected.add(("audit_entry", ("facility_ids",), False))  # by what is in it
    for model in MODELS:
        meta = model._meta
        columns = meta.fields_db_projection
        for name, field in meta.fields_map.items():
            if not field.pk and name in columns and (field.unique or field.index):
                expected.add((meta.db_table, (columns[name],), field.unique))
        for together, unique in ((meta.unique_together, True), (meta.indexes, False)):
            for names in together:
                named = (columns.get(name) or columns[f"{name}_id"] for name in names)
                expected.add((meta.db_table, tuple(named), unique))
    assert await indexes() == expected


async def test_each_table_that_is_not_meant_to_change_has_its_triggers(database: Settings) -> None:
    if database.sqlite_file:
        rows = await query("SELECT tbl_name AS name FROM sqlite_master WHERE type = 'trigger'")
    else:
        rows = await query(
            "SELECT tgrelid::regclass::text AS name FROM pg_trigger WHERE NOT tgisinternal"
        )
    triggers = [row["name"] for row in rows]
    kept = {model._meta.db_table for model in MODELS} - CHANGEABLE
    announced = (
        ["workflow_event"] if database.sqlite_file else ["workflow_event", "knowledge_release"]
    )
    counted = ["workflow_event", *("facility_projection", "brand_projection") * 3]
    assert sorted(triggers) == sorted([*kept, *kept, *announced, *counted])


async def test_the_models_have_no_change_without_a_migration(database: Settings) -> None:
    apps = require_context().apps
    assert apps is not None
    changes = await MigrationAutodetector(apps, database.tortoise()["apps"]).changes()
    assert [writer.as_string() for writer in changes] == []


async def test_pending_migrations_are_named_until_they_are_applied(
    blank_settings: Settings, database_settings: Settings
) -> None:
    if blank_settings.sqlite_file:
        blank_settings.sqlite_file.touch()
    with pytest.raises(PendingMigrationError) as caught:
        async with connect_migrated(blank_settings, everywhere=False):
            pass
    assert str(caught.value).endswith(
        f"are older than this program: {', '.join(ALL)} are still to be applied. Run: kb migrate"
    )
    async with connect_migrated(database_settings, everywhere=False):
        pass


async def test_an_older_program_does_not_use_newer_tables(database_settings: Settings) -> None:
    async with connect(database_settings, everywhere=False):
        await (
            require_context()
            .db()
            .execute_query(
                "INSERT INTO tortoise_migrations (app, name, applied_at) "
                "VALUES ('kb', '9999_from_the_future', '2031-01-01 00:00:00')"
            )
        )
    with pytest.raises(NewerTablesError, match="it does not know 9999_from_the_future"):
        async with connect_migrated(database_settings, everywhere=False):
            pass


async def test_looking_for_pending_migrations_changes_nothing(blank_settings: Settings) -> None:
    if blank_settings.sqlite_file:
        blank_settings.sqlite_file.touch()
    with pytest.raises(PendingMigrationError):
        async with connect_migrated(blank_settings, everywhere=False):
            pass
    async with connect(blank_settings, everywhere=False):
        assert await tables() == set()


@pytest.mark.served
async def test_of_processes_that_migrate_at_once_one_does_the_work(
    blank_settings: Settings, tmp_path: Path
) -> None:
    environment = {**os.environ, "KB_DATABASE_URL": blank_settings.database_url}
    environment["KB_DATABASE_TIMEOUT"] = "60"
    logs = [tmp_path / f"{number}" for number in range(3)]
    processes = [command_process(["migrate"], environment, log) for log in logs]
    for process in processes:
        await asyncio.to_thread(process.join)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    applied, *others = sorted(log.read_text() for log in logs)
    assert applied.startswith("Applied to ")
    assert applied.endswith(f": {', '.join(ALL)}\n")
    assert all(text.startswith("Up to date: ") for text in others)


async def test_a_migration_that_fails_leaves_nothing_behind(blank_settings: Settings) -> None:
    if blank_settings.sqlite_file:
        blank_settings.sqlite_file.touch()
    async with connect(blank_settings, everywhere=False):
        await query("CREATE TABLE sharing_grant (id INTEGER)")
    with pytest.raises(StorageError, match=r"sharing_grant.* already exists"):
        await migrate(blank_settings)
    async with connect(blank_settings, everywhere=False):
        assert await tables() == {"sharing_grant"}
