"""Runs migrations without making the classes of models that no operation looks at.

Tortoise makes all of them anew before each operation, to have the state before it: two thirds of
the time that a new database takes.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from tortoise.migrations.executor import MigrationExecutor
from tortoise.migrations.graph import MigrationKey
from tortoise.migrations.schema_generator.state import State
from tortoise.migrations.schema_generator.state_apps import StateApps


class StateOnDemand(State):
    """A state of the models whose classes are made when an operation asks for them."""

    def __init__(self, state: State, make_classes: Callable[[], StateApps]) -> None:
        self.models = state.models
        self._make_classes = make_classes

    @cached_property
    def apps(self) -> StateApps:  # type: ignore[override]  # an attribute there
        """The classes of the models by app."""
        return self._make_classes()

    def clone(self) -> State:
        """The state as it is now, whatever becomes of this one."""
        models = {key: model.clone() for key, model in self.models.items()}
        empty = StateApps(self.apps._default_connections, self.apps._connections)
        return StateOnDemand(State(models, empty), lambda: empty.clone(models))


class Migrator(MigrationExecutor):
    """Applies migrations to states on demand."""

    async def _project_state(
        self, applied: set[MigrationKey], *, upto: MigrationKey | None = None
    ) -> State:
        state = await super()._project_state(applied, upto=upto)
        return StateOnDemand(state, lambda: state.apps)
