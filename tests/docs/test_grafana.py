"""The ready board for Grafana shows the numbers that the server has."""

import json
import re
from pathlib import Path
from typing import Any

from graphql_schema.metrics import REGISTRY, note_operation

BOARD: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "deploy" / "grafana" / "board.json").read_text(encoding="utf-8")
)
ASKED = [target["expr"] for panel in BOARD["panels"] for target in panel["targets"]]


def test_the_board_asks_for_every_number_and_for_no_other():
    families = {metric.name: metric for metric in REGISTRY.collect()}
    shown = set()
    for name in {name for expression in ASKED for name in re.findall(r"\bkb_\w+", expression)}:
        family = re.sub(r"_(total|bucket|sum|count)$", "", name)
        assert family in families, name
        shown.add(family)
    assert shown == set(families)


def test_the_board_sorts_by_labels_that_there_are():
    note_operation("Any", "query", "OK", 0.1, role=None, cost=None)
    samples = [sample for family in REGISTRY.collect() for sample in family.samples]
    labels = {label for sample in samples for label in sample.labels}
    for expression in ASKED:
        for group in re.findall(r"by \(([^)]*)\)", expression):
            assert set(group.split(", ")) <= labels | {"le"}, expression
        assert set(re.findall(r'(\w+)!?="', expression)) <= labels, expression
