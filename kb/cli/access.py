"""The command access: who may see and do what."""

from __future__ import annotations

import typer


def access() -> None:
    """Print who may see and do what, as Markdown; docs/access.md holds it."""
    from kb.services.access.page import access_page

    typer.echo(access_page(), nl=False)
