"""Every problem of a content folder at once, and the records when there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from typing import Any

import faq_content
from kb.content.files import Raw, raw_records
from kb.content.kinds import KINDS
from kb.content.references import findings
from kb.content.schema import validated
from kb.content.shaping import Citable, shaped
from kb.errors import Problem


@dataclass(frozen=True, slots=True)
class Checked:
    """A content folder read and checked: its records (kind to key to record) and problems.

    With problems the records are incomplete: those that could not be read are left out.
    """

    records: Mapping[str, Mapping[str, Any]]
    problems: tuple[Problem, ...]


def check(folder: Traversable | None = None) -> list[Problem]:
    """All problems of a content folder, in the order of files and lines.

    Without a folder the content that comes with the program is checked.
    """
    return list(checked(folder).problems)


def checked(folder: Traversable | None = None) -> Checked:
    """Read and check a content folder; see `check`."""
    raws, problems = raw_records(faq_content.folder() if folder is None else folder)
    citable = Citable.of(raws)
    records: dict[str, dict[str, Any]] = {name: {} for name in KINDS}
    held: dict[tuple[str, str], Raw] = {}
    for unshaped in raws:
        raw, wrong_forms = shaped(unshaped, citable)
        record, wrong = validated(raw.kind, raw.key, raw.placed.plain())
        problems += wrong_forms
        problems += [raw.problem(*finding) for finding in wrong]
        held[raw.kind.name, raw.key] = raw
        if record is not None:
            records[raw.kind.name][raw.key] = record
    for kind, key, finding in findings(records):
        raw_or_none = held.get((kind, key))
        if raw_or_none is not None:
            problems.append(raw_or_none.problem(*finding))
        else:
            problems.append(Problem(KINDS[kind].place, None, "", finding[1], finding[2]))
    return Checked(records, _in_order(problems))


def _in_order(problems: list[Problem]) -> tuple[Problem, ...]:
    """Sorted by place, and only the first problem of each place: the rest follows from it."""
    first: dict[tuple[str, int | None, str], Problem] = {}
    for problem in problems:
        first.setdefault((problem.file, problem.line, problem.key or problem.wrong), problem)
    return tuple(sorted(first.values(), key=lambda one: (one.file, one.line or 0)))
