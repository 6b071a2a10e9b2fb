from collections.abc import Iterator

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

from kb.models.sql_steps import OnPostgreSQL, SqlStep

TABLES = {"FacilityProjection": "facility_projection", "BrandProjection": "brand_projection"}
IDS = ("os_id", "gateway_id", "better_work_id")
COLUMNS = {
    **{name: fields.CharField(max_length=50, null=True) for name in IDS},
    "contested": fields.JSONField(null=True),
}


# Of each table: by what its current rows are found, in its indexes. Those by names in lower case
# stay as they are: PostgreSQL knows from them how often a name has a part, if they have all rows.
INDEXES = {
    "facility_projection": {
        "idx_facility_pr_is_curr_094031": '"is_current", "name", "facility_id"',
        "idx_facility_pr_is_curr_683149": '"is_current", "country", "facility_id"',
        "idx_facility_pr_is_curr_c70112": '"is_current", "decision_key", "facility_id"',
        "idx_facility_pr_is_curr_6ed636": '"is_current", "changed_on", "facility_id"',
    },
    "brand_projection": {
        "idx_brand_proje_brand_527e74": '"brand", "is_current", "name", "facility_id"',
        "idx_brand_proje_brand_aede71": '"brand", "is_current", "country", "facility_id"',
        "idx_brand_proje_brand_a37667": '"brand", "is_current", "decision_key", "facility_id"',
        "idx_brand_proje_brand_e50f9e": '"brand", "is_current", "changed_on", "facility_id"',
    },
}
SHOWN = '"country", "decision_key", "changed_on", "latest_kind", "contested", ' + ", ".join(
    f'"{name}"' for name in IDS
)
# The indexes by name lead to pages, and hold what they show.
HOLDING = {
    "idx_facility_pr_is_curr_094031": SHOWN,
    "idx_brand_proje_brand_527e74": f'{SHOWN}, "status_only"',
}
DROPPED = [f'DROP INDEX "{index}"' for indexes in INDEXES.values() for index in indexes]
AS_BEFORE = [
    f'CREATE INDEX "{index}" ON "{table}" ({found_by})'
    for table, indexes in INDEXES.items()
    for index, found_by in indexes.items()
]
OF_CURRENT_ROWS = [
    f'CREATE INDEX "{index}" ON "{table}" ({found_by})'
    f'{f" INCLUDE ({HOLDING[index]})" if index in HOLDING else ""} WHERE "is_current"'
    for table, indexes in INDEXES.items()
    for index, found_by in indexes.items()
]
# Rows that have changed since are read from the table until it is vacuumed.
VACUUMED = [
    f'ALTER TABLE "{table}" SET (autovacuum_vacuum_scale_factor = 0.02)' for table in INDEXES
]
NOT_VACUUMED = [
    f'ALTER TABLE "{table}" RESET (autovacuum_vacuum_scale_factor)' for table in INDEXES
]


class Fill(SqlStep):
    """Fill the new columns of a table from what is there, and take `contested` out of `state`."""

    def __init__(self, table: str) -> None:
        self.table = table

    def describe(self) -> str:
        """Say what the step does, for the migration tool."""
        return f"Fill the new columns of {self.table}"

    def forward(self, sqlite: bool) -> Iterator[str]:
        """The statements of the step."""
        yield (
            f"UPDATE {self.table} SET ({', '.join(IDS)}) = (SELECT {', '.join(IDS)} "
            f"FROM facility f WHERE f.id = {self.table}.facility_id)"
        )
        contested, rest = (
            ("json_extract(state, '$.contested')", "json_remove(state, '$.contested')")
            if sqlite
            else (
                "CAST(state -> 'contested' AS JSONB)",
                # Comes last; JSON, unlike JSONB, keeps the order of keys, and takes none away.
                "CAST(regexp_replace(CAST(state AS TEXT), "
                "', *\"contested\": *\\[[^]]*\\]', '') AS JSON)",
            )
        )
        yield (
            f"UPDATE {self.table} SET contested = {contested}, state = {rest} "
            "WHERE CAST(state AS TEXT) LIKE '%\"contested\"%'"
        )

    def backward(self, sqlite: bool) -> Iterator[str]:
        """The columns go; `kb facilities rebuild` puts `contested` back where it was."""
        return iter(())


class Migration(migrations.Migration):
    """Keep all that a page of facilities shows with where they stand.

    On PostgreSQL such a page is read from an index alone, and its indexes hold current rows alone.
    """

    dependencies = [("kb", "0024_reasons_without_addresses")]

    initial = False

    operations = [
        OnPostgreSQL(DROPPED, AS_BEFORE),
        *(
            ops.AddField(model_name=model, name=name, field=field)
            for model in TABLES
            for name, field in COLUMNS.items()
        ),
        *map(Fill, TABLES.values()),
        OnPostgreSQL([*OF_CURRENT_ROWS, *VACUUMED], [*DROPPED, *NOT_VACUUMED]),
    ]
