"""Pictures of the rules, made from their data: the routes with their steps, and the tables.

A picture is lanes of boxes, each box leading to the next. For a facility, the boxes that its own
decision took are marked. It is written as Mermaid or as SVG; no text in it can become markup.
"""

from __future__ import annotations

import html
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from kb.rules.outcomes import Applicability, StepState
from kb.rules.rulebook import (
    AssessmentResult,
    Condition,
    FeesResult,
    LabelResult,
    Route,
    Rulebook,
    RuleRow,
    SharingResult,
    Table,
    ToolResult,
)


class DiagramOf(StrEnum):
    """What a picture shows."""

    WORKFLOW = "WORKFLOW"
    TABLE_A = "TABLE_A"
    TABLE_B = "TABLE_B"
    TABLE_C = "TABLE_C"
    TABLE_D = "TABLE_D"
    TABLE_E = "TABLE_E"


class DiagramFormat(StrEnum):
    """How a picture is written."""

    MERMAID = "MERMAID"
    SVG = "SVG"


class Mark(StrEnum):
    """How a box stands for the facility."""

    NONE = "none"
    OWN = "own"
    DONE = "done"
    NEXT = "next"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class Box:
    """One box: its lines of text, and how it stands for the facility."""

    text: str
    mark: Mark = Mark.NONE


@dataclass(frozen=True, slots=True)
class Lane:
    """Boxes in order, each leading to the next."""

    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class Diagram:
    """A picture."""

    title: str
    lanes: tuple[Lane, ...]


_MARKS = {
    StepState.DONE: Mark.DONE,
    StepState.NEXT: Mark.NEXT,
    StepState.MISSED: Mark.MISSED,
    StepState.NOT_THIS_CYCLE: Mark.MISSED,
}


def diagram(
    rulebook: Rulebook,
    what: DiagramOf,
    form: DiagramFormat,
    decision: Applicability | None = None,
) -> str:
    """A picture as text; with a decision, the facility's own way is marked."""
    if what is DiagramOf.WORKFLOW:
        made = _workflow(rulebook, decision)
    else:
        made = _table(_tables(rulebook)[what], decision)
    return _mermaid(made) if form is DiagramFormat.MERMAID else _svg(made)


def _tables(rulebook: Rulebook) -> Mapping[DiagramOf, Table[Any]]:
    return {
        DiagramOf.TABLE_A: rulebook.assessment,
        DiagramOf.TABLE_B: rulebook.sharing,
        DiagramOf.TABLE_C: rulebook.labels,
        DiagramOf.TABLE_D: rulebook.fees,
        DiagramOf.TABLE_E: rulebook.tool,
    }


def _workflow(rulebook: Rulebook, decision: Applicability | None) -> Diagram:
    lanes = tuple(_lane(code, route, rulebook, decision) for code, route in rulebook.routes.items())
    return Diagram("The routes and their steps", lanes)


def _lane(code: str, route: Route, rulebook: Rulebook, decision: Applicability | None) -> Lane:
    own = decision is not None and decision.workflow.route == code
    if decision is not None and own and decision.workflow.steps:
        boxes = [
            Box(_step(step.title, step.actor), _MARKS.get(step.state, Mark.OWN))
            for step in decision.workflow.steps
        ]
    else:
        steps = [rulebook.steps[step] for step in route.steps]
        boxes = [Box(_step(step.title, step.actor)) for step in steps]
    first = Box(route.title, Mark.OWN if own else Mark.NONE)
    return Lane((first, *boxes))


def _step(title: str, actor: str) -> str:
    return f"{title} ({actor.replace('_', ' ').lower()})"


def _table(table: Table[Any], decision: Applicability | None) -> Diagram:
    matched = {tried.row for tried in decision.trace if tried.matched} if decision else set()
    lanes = tuple(
        Lane((Box(_conditions(row), mark), Box(f"{row.id}: {_outcome(row.then)}", mark)))
        for row in table.rows
        for mark in [Mark.OWN if row.id in matched else Mark.NONE]
    )
    return Diagram(f"Table {table.id}: {table.title}", lanes)


def _outcome(then: LabelResult | FeesResult | AssessmentResult | SharingResult | ToolResult) -> str:
    """What a row decides: the statement that says it, or the labels or fees."""
    match then:
        case LabelResult():
            return ", ".join(then.labels)
        case FeesResult():
            return ", ".join(f"{fee.code} {fee.charge}" for fee in then.fees)
    return then.because


def _conditions(row: RuleRow[Any]) -> str:
    return " OR ".join(map(_condition, row.when)) or "always"


def _condition(condition: Condition) -> str:
    return ", ".join(f"{name}: {' or '.join(values)}" for name, values in condition.items())


_STYLES = {
    Mark.OWN: "fill:#e3eff4,stroke:#0b5c7a,stroke-width:3px,color:#16222a",
    Mark.DONE: "fill:#e1f2e8,stroke:#1c6b45,stroke-width:3px,color:#16222a",
    Mark.NEXT: "fill:#fbefd9,stroke:#855200,stroke-width:3px,color:#16222a",
    Mark.MISSED: "fill:#fbe6e3,stroke:#a52a22,stroke-width:3px,color:#16222a",
}


def _mermaid(made: Diagram) -> str:
    lines = ["flowchart LR", f"  accTitle: {_plain(made.title)}"]
    used = set()
    for number, lane in enumerate(made.lanes):
        names = [f"n{number}_{place}" for place in range(len(lane.boxes))]
        for name, box in zip(names, lane.boxes, strict=True):
            marked = "" if box.mark is Mark.NONE else f":::{box.mark}"
            lines.append(f'  {name}["{_quoted(box.text)}"]{marked}')
            used.add(box.mark)
        lines.append(f"  {' --> '.join(names)}")
    lines += [f"  classDef {mark} {style}" for mark, style in _STYLES.items() if mark in used]
    return "\n".join(lines) + "\n"


def _plain(text: str) -> str:
    return " ".join(text.split())


def _quoted(text: str) -> str:
    """A text between quotes; Mermaid writes what it would read as its own by number."""
    return "".join(f"#{ord(sign)};" if sign in '"#<>&`' else sign for sign in _plain(text))


_WIDE, _LINE, _EDGE, _GAP, _SIGNS, _A_ROW = 190, 16, 10, 36, 26, 5


def _svg(made: Diagram) -> str:
    """Lanes below each other, long ones in several rows; an image with a name."""
    parts: list[str] = []
    y, widest = 40, 0
    for lane in made.lanes:
        for row in _rows(lane.boxes):
            wrapped = [textwrap.wrap(box.text, _SIGNS) for _, box in row]
            high = max(map(len, wrapped)) * _LINE + 2 * _EDGE
            for place, ((first, box), lines) in enumerate(zip(row, wrapped, strict=True)):
                x = _EDGE + place * (_WIDE + _GAP)
                parts += _drawn(x, y, high, box.mark, lines)
                if not first:
                    parts.append(_arrow(x, y + high / 2))
                widest = max(widest, x + _WIDE + _EDGE)
            y += high + _EDGE
        y += _EDGE
    title = html.escape(made.title)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {widest} {y}" width="{widest}" '
            f'height="{y}" role="img" aria-label="{title}" font-family="sans-serif" '
            f'font-size="13">',
            f"<title>{title}</title>",
            f'<rect width="{widest}" height="{y}" fill="#ffffff"/>',
            f'<text x="{_EDGE}" y="24" font-size="16" font-weight="bold">{title}</text>',
            *parts,
            "</svg>",
            "",
        ]
    )


def _rows(boxes: tuple[Box, ...]) -> Iterator[list[tuple[bool, Box]]]:
    """Boxes by rows, each told whether it is the first of its lane."""
    marked = [(place == 0, box) for place, box in enumerate(boxes)]
    for start in range(0, len(marked), _A_ROW):
        yield marked[start : start + _A_ROW]


def _drawn(x: int, y: int, high: int, mark: Mark, lines: Iterable[str]) -> list[str]:
    style = dict(part.split(":") for part in _STYLES[mark].split(",")) if mark in _STYLES else {}
    fill, stroke = style.get("fill", "#f6f7f5"), style.get("stroke", "#7d8a8c")
    width = 3 if style else 1
    drawn = [
        f'<rect x="{x}" y="{y}" width="{_WIDE}" height="{high}" rx="6" fill="{fill}" '
        f'stroke="{stroke}" stroke-width="{width}"/>'
    ]
    for number, line in enumerate(lines, 1):
        base = y + _EDGE + number * _LINE - 4
        drawn.append(f'<text x="{x + 8}" y="{base}" fill="#16222a">{html.escape(line)}</text>')
    return drawn


def _arrow(x: int, y: float) -> str:
    """An arrow that ends at the left edge of a box."""
    return (
        f'<path d="M {x - _GAP + 4} {y} H {x - 8}" stroke="#4c5b63" fill="none"/>'
        f'<path d="M {x - 9} {y - 4} L {x - 2} {y} L {x - 9} {y + 4} z" fill="#4c5b63"/>'
    )
