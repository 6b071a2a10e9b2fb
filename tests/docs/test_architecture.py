"""docs/architecture.md shows the imports that there are."""

import re
from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import Path

import grimp
import pytest

PAGE = (Path(__file__).parents[2] / "docs" / "architecture.md").read_text(encoding="utf-8")
PICTURES = re.findall(r"```mermaid\n(.*?)```", PAGE, re.DOTALL)
PACKAGES, SERVICES, *JOURNEYS = PICTURES
NODE = re.compile(r'(\w+)\["([\w.]+)')
ARROW = re.compile(r'(\w+)(?:[\[(].*?[\])])? -->(?:\|"[^"]*"\|)? (\w+)')

Edges = set[tuple[str, str]]


@pytest.fixture(scope="module")
def imports() -> grimp.ImportGraph:
    return grimp.build_graph("kb", "graphql_schema", "faq_content", cache_dir=None)


def arrows(picture: str) -> Edges:
    """The solid arrows of a picture, between modules."""
    modules = dict(NODE.findall(picture))
    return {(modules[tail], modules[head]) for tail, head in ARROW.findall(picture)}


def between(imports: grimp.ImportGraph, package_of: Callable[[str], str | None]) -> Edges:
    """The imports between packages."""
    edges = {
        (package_of(module), package_of(imported))
        for module in imports.modules
        for imported in imports.find_modules_directly_imported_by(module)
    }
    return {(tail, head) for tail, head in edges if tail and head and tail != head}


def without_what_follows(edges: Edges) -> Edges:
    """The edges that are no shortcut for several others."""

    def reached(start: str, left_out: tuple[str, str]) -> set[str]:
        found: set[str] = set()
        todo = [start]
        while todo:
            node = todo.pop()
            heads = {head for tail, head in edges if tail == node and (tail, head) != left_out}
            todo += heads - found
            found |= heads
        return found

    return {edge for edge in edges if edge[1] not in reached(edge[0], edge)}


def package(module: str) -> str | None:
    name = ".".join(module.split(".")[:2])
    return {"kb": None}.get(name, name if name.startswith("kb.") else module.split(".")[0])


def room(module: str) -> str | None:
    parts = module.split(".")
    return ".".join(parts[:3]) if parts[:2] == ["kb", "services"] and len(parts) > 2 else None


def described(edges: Iterable[tuple[str, str]]) -> list[str]:
    return sorted(f"{tail} -> {head}" for tail, head in edges)


def test_the_packages_import_as_the_picture_shows(imports: grimp.ImportGraph) -> None:
    assert described(arrows(PACKAGES)) == described(without_what_follows(between(imports, package)))


def test_the_services_import_as_the_picture_shows(imports: grimp.ImportGraph) -> None:
    assert described(arrows(SERVICES)) == described(without_what_follows(between(imports, room)))
    rooms = {room(module) for module in imports.modules} - {None}
    assert {name for _, name in NODE.findall(SERVICES)} == rooms


@pytest.mark.parametrize(
    "picture", JOURNEYS, ids=["query", "change", "question", "publish", "event"]
)
def test_every_step_of_a_journey_is_an_import(picture: str, imports: grimp.ImportGraph) -> None:
    steps = arrows(picture)
    assert len(steps) >= 5
    assert [
        step
        for step in described(steps)
        if not imports.direct_import_exists(
            importer=step.split(" -> ")[0], imported=step.split(" -> ")[1]
        )
    ] == []


def test_everything_that_the_page_names_exists() -> None:
    for name in re.findall(r"`((?:kb|graphql_schema)\.[\w.]+)`", PAGE):
        module, _, attribute = name.rpartition(".")
        try:
            import_module(name)
        except ModuleNotFoundError:
            assert hasattr(import_module(module), attribute), name
