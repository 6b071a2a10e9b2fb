"""How commands speak: results on standard output, everything else on standard error.

Names and questions come from others: no word of them is taken for markup, an emoji or an order to
the terminal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from kb.progress import ProgressReport

UNBROKEN = 240  # characters in a line that is read by another program

_FOR_TERMINALS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""What moves the cursor, changes colours, or has others read in another order."""


class _Console(Console):
    """Shows all texts as they are, and what is for terminals as JSON writes it: \\u001b."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(markup=False, emoji=False, highlight=False, **attributes)

    def render_str(self, text: str, **options: Any) -> Text:
        return super().render_str(_harmless(text), **options)


out = _Console()
err = _Console(stderr=True)


def say(text: str) -> None:
    """Print a line of the result as it is."""
    out.print(text, soft_wrap=True)


def tell(text: str) -> None:
    """Print a remark or an error, which is no part of the result."""
    err.print(text, soft_wrap=True)


def show_text(text: str) -> None:
    """Print Markdown, laid out on a terminal; as it is to be pasted, or read by another program."""
    if not out.is_terminal:
        say(text)
        return
    from rich.markdown import Markdown  # takes long to load

    out.print(Markdown(_harmless(text)))


def table(*columns: str) -> Table:
    """A table whose first column is never broken and whose values are never cut short."""
    made = Table()
    for place, column in enumerate(columns):
        made.add_column(column, overflow="fold", no_wrap=place == 0)
    return made


def show(made: Table) -> None:
    """Print a table as wide as the terminal, or as wide as it needs where there is none."""
    (out if out.is_terminal else _Console(width=UNBROKEN)).print(made)


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


def _harmless(text: str) -> str:
    return _FOR_TERMINALS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
