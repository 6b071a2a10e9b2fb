from tortoise import migrations

from kb.models.counting import counting_events
from kb.models.sql_steps import OnPostgreSQL


class Migration(migrations.Migration):
    """Have PostgreSQL count a new event without reading all facilities."""

    dependencies = [("kb", "0020_distinct_facilities")]

    initial = False

    operations = [OnPostgreSQL([counting_events()], [])]
