from tortoise import fields, migrations
from tortoise.migrations import operations as ops

from kb.models.sql_steps import OnPostgreSQL


class Widen(OnPostgreSQL, ops.AlterField):
    """Let the ids of a table go beyond 32 bits, as they do on SQLite."""

    def __init__(self, model_name: str, table: str) -> None:
        ops.AlterField.__init__(
            self,
            model_name,
            "id",
            fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True),
        )
        OnPostgreSQL.__init__(self, _with(table, "BIGINT"), _with(table, "INTEGER"))


def _with(table: str, kind: str) -> list[str]:
    return [
        f"ALTER TABLE {table} ALTER COLUMN id TYPE {kind}",
        f"ALTER SEQUENCE {table}_id_seq AS {kind}",
    ]


class Migration(migrations.Migration):
    """Let tables be written to for ever, whose rows are put in place of others.

    On PostgreSQL each of these takes an id that it then does not use. What callers have taken is
    known by the caller alone; it is forgotten here, as in a minute anyway.
    """

    dependencies = [("kb", "0022_latest_kinds")]

    initial = False

    operations = [
        Widen("FacilityProjection", "facility_projection"),
        Widen("BrandProjection", "brand_projection"),
        ops.DeleteModel(name="TakenAllowance"),
        ops.CreateModel(
            name="TakenAllowance",
            fields=[
                (
                    "client",
                    fields.CharField(primary_key=True, max_length=64, unique=True, db_index=True),
                ),
                ("filled_until", fields.FloatField(db_index=True)),
            ],
            options={
                "table": "taken_allowance",
                "app": "kb",
                "pk_attr": "client",
                "table_description": "TakenAllowance in kb.models",
            },
            bases=["Row"],
        ),
    ]
