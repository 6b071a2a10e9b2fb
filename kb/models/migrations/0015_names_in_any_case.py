from tortoise import migrations
from tortoise.migrations import operations as ops

from kb.models.sql_steps import OnPostgreSQL

# Of each table: the columns by which its rows are found first.
TABLES = {"facility_projection": '"is_current"', "brand_projection": '"brand", "is_current"'}


def trigrams(table: str) -> str:
    """Index the parts of names where the server has trigrams, and lets its user have them."""
    return f"""
    DO $$ BEGIN
        CREATE EXTENSION IF NOT EXISTS pg_trgm;
        CREATE INDEX "idx_{table}_name_parts" ON "{table}"
            USING gin (LOWER("name") gin_trgm_ops) WHERE "is_current";
    EXCEPTION WHEN insufficient_privilege OR undefined_file OR undefined_object
            OR feature_not_supported THEN
        NULL;
    END $$"""


class Migration(migrations.Migration):
    """Find facilities by the beginning of their names, and on PostgreSQL by any part of them."""

    dependencies = [("kb", "0014_readings")]

    initial = False

    operations = [
        *(
            ops.RunSQL(
                f'CREATE INDEX "idx_{table}_lower_name" ON "{table}" '
                f'({first}, LOWER("name"), "facility_id")',
                f'DROP INDEX "idx_{table}_lower_name"',
            )
            for table, first in TABLES.items()
        ),
        OnPostgreSQL(
            [trigrams(table) for table in TABLES],
            [f'DROP INDEX IF EXISTS "idx_{table}_name_parts"' for table in TABLES],
        ),
    ]
