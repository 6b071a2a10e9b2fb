"""The command access: who may see and do what."""

from __future__ import annotations

import typer

from kb.services.access.page import access_page


def access() -> None:
    """Print who may see and do what, as Markdown; docs/access.md holds it."""
    typer.echo(access_page(), nl=False)
