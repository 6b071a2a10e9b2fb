# ruff: noqa: D106 - Meta is Tortoise's, and says nothing of its own
"""What all tables have in common."""

from __future__ import annotations

from typing import Any

from tortoise.models import Model, ModelMeta


class _WithoutComments(ModelMeta):
    """Makes tables without looking for comments on their columns.

    Tortoise reads and parses the source of every class for them, and there are none: half a second
    of every start.
    """

    def __new__(cls, name: str, bases: tuple[type, ...], attributes: dict[str, Any]) -> Any:
        return super().__new__(cls, name, bases, attributes | {"_no_comments": True})


class DatabaseRow(Model, metaclass=_WithoutComments):
    """A row of any table."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        # Else the docstring becomes the table's comment, and rewording it needs a migration.
        cls._meta.table_description = f"{cls.__name__} in kb.models"

    class Meta:
        abstract = True
