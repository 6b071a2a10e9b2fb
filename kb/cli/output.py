"""How commands speak: results on standard output, everything else on standard error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from kb.progress import ProgressReport

out = Console()
err = Console(stderr=True)

UNBROKEN = 240  # characters in a line that is read by another program


def say(text: str) -> None:
    """Print a line of the result as it is."""
    out.print(text, markup=False, highlight=False, soft_wrap=True)


def tell(text: str) -> None:
    """Print a remark or an error, which is no part of the result."""
    err.print(text, markup=False, highlight=False, soft_wrap=True)


def table(*columns: str) -> Table:
    """A table whose first column is never broken and whose values are never cut short."""
    made = Table()
    for place, column in enumerate(columns):
        made.add_column(column, overflow="fold", no_wrap=place == 0)
    return made


def show(made: Table) -> None:
    """Print a table as wide as the terminal, or as wide as it needs where there is none."""
    (out if out.is_terminal else Console(width=UNBROKEN)).print(made)


@contextmanager
def progress_bar(title: str) -> Iterator[ProgressReport]:
    """Show how far something long has come, on a terminal only; call it with done and total."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    shown = Progress(
        *columns, TimeRemainingColumn(), console=err, transient=True, disable=not err.is_terminal
    )
    with shown:
        task = shown.add_task(title, total=None)
        yield lambda done, total: shown.update(task, completed=done, total=total)
