"""Migrations, oldest first. `kb migrate` applies them.

After the first release a migration only adds: new tables, columns that are nullable or have a
`db_default`, and indexes. SQLite rebuilds a table for anything else and loses its indexes.
"""
