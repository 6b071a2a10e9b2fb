from tortoise import migrations
from tortoise.migrations import operations as ops

# Of each table: the columns by which its rows are found first, and those that hold ids.
TABLES = {
    "facility": ("", ("os_id", "gateway_id", "better_work_id")),
    "supplier": ('"brand", ', ("reference", "os_id", "gateway_id")),
}


class Migration(migrations.Migration):
    """Find facilities and suppliers by their ids, whatever is a capital letter in them."""

    dependencies = [("kb", "0015_names_in_any_case")]

    initial = False

    operations = [
        ops.RunSQL(
            f'CREATE INDEX "idx_{table}_lower_{column}" ON "{table}" ({first}LOWER("{column}"))',
            f'DROP INDEX "idx_{table}_lower_{column}"',
        )
        for table, (first, columns) in TABLES.items()
        for column in columns
    ]
