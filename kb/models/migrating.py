"""Runs migrations without making what no operation looks at.

Tortoise makes the classes of all models anew before each operation, to have the state before it,
and finishes all of them again after it: four fifths of the time that a new database takes.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

from tortoise.migrations.executor import MigrationExecutor
from tortoise.migrations.graph import MigrationKey
from tortoise.migrations.schema_generator.state import State
from tortoise.migrations.schema_generator.state_apps import StateApps
from tortoise.models import Model


class ChangedApps(StateApps):
    """Classes of models, of which only those are finished that have other fields than before."""

    def __init__(self, *arguments: Any, **by_name: Any) -> None:
        super().__init__(*arguments, **by_name)
        self._finished: dict[type[Model], tuple[str, ...]] = {}

    def _build_initial_querysets(self) -> None:
        every = self.apps
        fields = {
            model: tuple(model._meta.fields_map)
            for app in every.values()
            for model in app.values()
            if model._meta._inited
        }
        self.apps = {
            label: {
                name: model
                for name, model in app.items()
                if fields.get(model) != self._finished.get(model)
            }
            for label, app in every.items()
        }
        try:
            super()._build_initial_querysets()
        finally:
            self.apps = every
        self._finished = fields


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
        empty = ChangedApps(self.apps._default_connections, self.apps._connections)
        return StateOnDemand(State(models, empty), lambda: empty.clone(models))


class Migrator(MigrationExecutor):
    """Applies migrations to states on demand."""

    async def _project_state(
        self, applied: set[MigrationKey], *, upto: MigrationKey | None = None
    ) -> State:
        state = await super()._project_state(applied, upto=upto)
        empty = ChangedApps(state.apps._default_connections, state.apps._connections)
        return StateOnDemand(state, lambda: empty.clone(state.models))
