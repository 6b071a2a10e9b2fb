"""The command line, `kb`: what the program does, without a browser.

Exit codes: 0 all well; 1 a problem was found, or something differs; 2 the caller asked for
something that does not exist or is not allowed; 3 the database cannot be used.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from kb.cli import (
    access,
    applies,
    ask,
    bundles,
    content,
    doctor,
    facilities,
    messages,
    questions,
    reports,
    running,
    suppliers,
    tokens,
)
from kb.cli.output import tell
from kb.errors import ContentError, GoldenCaseError, KbError, StorageError

COLLECT_AFTER = (10_000, 20, 50)
"""When Python looks for unused objects: seldom, as what is loaded at a start stays."""

app = typer.Typer(
    name="kb",
    help="What the shared FAQs of SLCP and Better Work mean for one facility.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("serve")(running.serve)
app.command("migrate")(running.migrate)
app.command("what-applies")(applies.what_applies)
app.command("ask")(ask.ask)
app.command("report")(reports.report)
app.command("schema")(running.schema)
app.command("settings")(running.settings)
app.command("doctor")(doctor.doctor)
app.command("mcp")(running.mcp)
app.command("documents")(running.documents)
app.command("access")(access.access)
app.add_typer(bundles.app, name="bundle")
app.add_typer(content.app, name="content")
app.add_typer(facilities.app, name="facilities")
app.add_typer(messages.app, name="messages")
app.add_typer(questions.app, name="questions")
app.add_typer(suppliers.app, name="suppliers")
app.add_typer(reports.rules, name="rules")
app.add_typer(tokens.app, name="token")


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
    gc.set_threshold(*COLLECT_AFTER)
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
