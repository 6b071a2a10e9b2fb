"""Every problem of a content folder at once, and the records when there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
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

    With problems the records are incomplete: those that could not be read, or cite what is not
    known, are left out.
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
    content = raw_records(faq_content.folder() if folder is None else folder)
    citable = Citable.of(content.raws, content.unreadable)
    records: dict[str, dict[str, Any]] = {name: {} for name in KINDS}
    raws: dict[str, dict[str, Raw]] = {name: {} for name in KINDS}
    problems = content.problems
    misfits: list[Problem] = []
    for unshaped in content.raws:
        raw, wrong_forms, cites_all = shaped(unshaped, citable)
        record, wrong = validated(raw.kind, raw.key, raw.placed.plain())
        problems += wrong_forms
        misfits += [raw.problem(*finding) for finding in wrong]
        raws[raw.kind.name][raw.key] = raw
        if record is not None and cites_all:
            records[raw.kind.name][raw.key] = record
    # A value that was misread is no further problem for not fitting either.
    misread = {(problem.file, problem.line, problem.key) for problem in problems}
    problems += [
        problem for problem in misfits if (problem.file, problem.line, problem.key) not in misread
    ]
    known = {name: by_key.keys() for name, by_key in raws.items()}
    for kind, key, (path, wrong_there, allowed) in findings(records, known, content.unreadable):
        if key:
            problems.append(raws[kind][key].problem(path, wrong_there, allowed))
        else:
            problems.append(Problem(KINDS[kind].place, None, "", wrong_there, allowed))
    sentences = [replace(problem, wrong=f"{problem.wrong}.") for problem in problems]
    return Checked(
        records,
        tuple(
            sorted(sentences, key=lambda problem: (problem.file, problem.line or 0, problem.key))
        ),
    )
