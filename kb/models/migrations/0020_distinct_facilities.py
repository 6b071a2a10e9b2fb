from tortoise import migrations

from kb.models.sql_steps import OnPostgreSQL

TABLES = ("facility_projection", "brand_projection")


class Migration(migrations.Migration):
    """Have PostgreSQL know that it does not meet the same facility twice.

    All that is asked for are current rows, of one brand or of all; of these there is one for each
    facility. Seeing several in the table, it kept what it had found of each, in case it came again.
    """

    dependencies = [("kb", "0019_latest_events")]

    initial = False

    operations = [
        OnPostgreSQL(
            [f'ALTER TABLE "{table}" ALTER "facility_id" SET (n_distinct = -1)'],
            [f'ALTER TABLE "{table}" ALTER "facility_id" RESET (n_distinct)'],
        )
        for table in TABLES
    ]
