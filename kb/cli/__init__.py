"""The command line, `kb`: what the program does, without a browser.

Exit codes: 0 all well; 1 a problem was found, or something differs; 2 the caller asked for
something that does not exist or is not allowed; 3 the database cannot be used.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_group

from kb.cli.output import tell
from kb.collecting import collect_seldom
from kb.errors import ContentError, GoldenCaseError, KbError, StorageError

# Command to the module and the name there of its function, or of the app of its commands.
_COMMANDS = {
    "serve": ("running", "serve"),
    "migrate": ("running", "migrate"),
    "what-applies": ("applies", "what_applies"),
    "ask": ("ask", "ask"),
    "report": ("reports", "report"),
    "schema": ("running", "schema"),
    "settings": ("running", "settings"),
    "doctor": ("doctor", "doctor"),
    "mcp": ("running", "mcp"),
    "documents": ("running", "documents"),
    "access": ("access", "access"),
    "bundle": ("bundles", "app"),
    "content": ("content", "app"),
    "facilities": ("facilities", "app"),
    "messages": ("messages", "app"),
    "questions": ("questions", "app"),
    "suppliers": ("suppliers", "app"),
    "rules": ("reports", "rules"),
    "token": ("tokens", "app"),
}


class _Commands(Mapping[str, Any]):
    """All commands by name; the module of one is loaded when it is looked up."""

    def __getitem__(self, name: str) -> Any:
        return _command(name)

    def __iter__(self) -> Iterator[str]:
        return iter(_COMMANDS)

    def __len__(self) -> int:
        return len(_COMMANDS)


@cache
def _command(name: str) -> Any:
    module, name_there = _COMMANDS[name]
    found = getattr(import_module(f"kb.cli.{module}"), name_there)
    alone = typer.Typer()
    if isinstance(found, typer.Typer):
        alone.add_typer(found, name=name)
    else:
        alone.command(name)(found)
    return get_group(alone).commands[name]


class _Group(TyperGroup):
    """The commands, none of which is loaded before it is run or explained."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes | {"commands": _Commands()})


app = typer.Typer(
    cls=_Group,
    name="kb",
    help="What the shared FAQs of SLCP and Better Work mean for one facility.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def whoever(
    token: Annotated[
        str | None,
        typer.Option(help="In whose name to act: an API key or JWT; KB_TOKEN if not given."),
    ] = None,
) -> None:
    """What the shared FAQs of SLCP and Better Work mean for one facility."""
    if token is not None:
        os.environ["KB_TOKEN"] = token


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and exit with its code; an expected error is one message, no traceback."""
    collect_seldom()
    try:
        app(args=arguments, prog_name="kb")
    except KbError as error:
        tell(str(error))
        sys.exit(_code_of(error))
    except BrokenPipeError:  # whoever read the output has seen enough
        sys.stderr.close()
        sys.exit(0)
    except OSError as error:
        if error.filename is None:
            raise
        tell(f"{error.filename} cannot be used: {error.strerror}.")
        sys.exit(2)


def _code_of(error: KbError) -> int:
    match error:
        case StorageError():
            return 3
        case ContentError() | GoldenCaseError():
            return 1
    return 2
