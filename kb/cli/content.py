"""Commands on the content files: check, publish, diff."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from kb.cli.output import out, say, tell
from kb.cli.running import database, publish_shown
from kb.errors import ContentError, GoldenCaseError
from kb.settings import Settings

app = typer.Typer(help="The content files: check, publish, compare.", no_args_is_help=True)

Folder = Annotated[
    Path | None,
    typer.Option(
        "--dir",
        exists=True,
        file_okay=False,
        help="Content folder; KB_CONTENT_DIR or else the content that was installed.",
    ),
]

_SIGNS = {"added": ("+", "green"), "removed": ("-", "red")}


@app.command()
def check(folder: Folder = None) -> None:
    """Tell everything that is wrong with the content files, and try the golden cases."""
    from kb.content.translations import outdated
    from kb.services.knowledge.publishing import publishable

    try:
        with _problems_listed():
            records, library = publishable(folder or Settings().content_dir)
    except GoldenCaseError as error:
        for failure in error.failures:
            say(failure)
        say(f"{_counted(len(error.failures), 'golden case')} failed.")
        raise typer.Exit(1) from None
    say(f"No problem found in {_counted(len(records), 'record')}; the golden cases come out right.")
    for part in outdated(library):
        where = f"FAQ {part.of}" if isinstance(part.of, int) else part.of
        tell(
            f"Translate again, as the English has changed: {part.locale}, {where}, {part.part}. "
            f'When that is done, what it is made_from is "{part.made_from}".'
        )


@app.command()
def publish(
    folder: Folder = None,
    note: Annotated[str | None, typer.Option(help="What changed, for the record.")] = None,
) -> None:
    """Publish the content as a new knowledge release, if it differs from the last one.

    One problem or one wrong golden case, and nothing is published.
    """
    release = asyncio.run(_publish(folder, note))
    if release.created:
        say(f"Knowledge release {release.number} is published.")
    elif release.vectors:
        say(
            f"Release {release.number} has the same content; "
            "it got vectors for likeness of meaning."
        )
    else:
        say(f"Nothing to publish: release {release.number} has the same content.")


async def _publish(folder: Path | None, note: str | None) -> Any:
    from kb.services.access.callers import maintainer
    from kb.services.access.matrix import Capability

    settings = Settings()
    async with database(settings):
        by = await maintainer(settings, Capability.PUBLISH_KNOWLEDGE)
        return await publish_shown(settings, folder or settings.content_dir, by, note)


@app.command()
def diff(folder: Folder = None) -> None:
    """Show what publishing would change; exits with 1 when there is a difference."""
    with _problems_listed():
        number, differences = asyncio.run(_diff(folder))
    since = f"release {number}" if number else "nothing, as no release is published yet"
    for change in differences:
        sign, style = _SIGNS.get(change.what, ("~", "cyan"))
        out.print(f"{sign} {change.kind} {change.key}", style=style, soft_wrap=True)
        for path, (old, new) in change.fields.items():
            say(f"    {path}: {_as_written(old)} -> {_as_written(new)}")
    if differences:
        say(f"{_counted(len(differences), 'record')} would change against {since}.")
        raise typer.Exit(1)
    say(f"No difference to {since}.")


async def _diff(folder: Path | None) -> tuple[int | None, Any]:
    from kb.content.diff import changes
    from kb.content.library import read_content
    from kb.services.knowledge.releases import current_release, load_release

    settings = Settings()
    async with database(settings):
        new = read_content(folder or settings.content_dir)
        release = await current_release()
        old = await load_release(release.number) if release else ()
        return release.number if release else None, changes(old, new)


@app.command()
def stale(
    folder: Folder = None,
    days: Annotated[
        int, typer.Option(min=0, help="Only what was checked more than so many days ago.")
    ] = 0,
) -> None:
    """List facts, FAQs and sources by the age of their last check, the oldest first."""
    from kb.content.ages import last_checks
    from kb.content.library import library_from, read_content

    today = datetime.now(UTC).date()
    with _problems_listed():
        checks = last_checks(library_from(read_content(folder or Settings().content_dir)))
    old = [check for check in checks if (today - check.checked_on).days > days or not days]
    for check in old:
        age = _counted((today - check.checked_on).days, "day")
        since = f" from {check.valid_from}" if check.valid_from else ""
        say(f"{check.checked_on} ({age}) {check.kind} {check.key}{since}: {check.text}")
    say(f"{_counted(len(old), 'entry', 'entries')} of {len(checks)}.")


@app.command()
def catalogues(folder: Folder = None) -> None:
    """Bring the catalogues of what answers say up to date with the English, for translators."""
    import faq_content
    from kb.content.catalogues import brought_up_to_date, texts_of_decisions
    from kb.content.checking import checked
    from kb.content.files import CATALOGUE
    from kb.services.whole_files import whole_file

    folder = folder or Settings().content_dir or Path(str(faq_content.folder()))
    content = checked(folder)
    texts: dict[Path, str] = {}
    with _problems_listed():
        # Texts of what cannot be read would seem to be gone, and with them their translations.
        elsewhere = [wrong for wrong in content.problems if not wrong.file.endswith(CATALOGUE)]
        if elsewhere:
            raise ContentError(elsewhere)
        english = texts_of_decisions(content.records)
        for locale in sorted(path for path in (folder / "translations").iterdir() if path.is_dir()):
            file = locale / CATALOGUE
            text = file.read_text("utf-8-sig") if file.exists() else ""
            texts[file] = brought_up_to_date(text, locale.name, english)
    for file, text in texts.items():
        with whole_file(file, "--dir") as written:
            written.write_text(text, "utf-8")
        say(f"{file}: {_counted(len(english), 'text')}.")


@contextmanager
def _problems_listed() -> Iterator[None]:
    """Print what is wrong with the content, if anything, and end the command with 1."""
    try:
        yield
    except ContentError as error:
        for problem in error.problems:
            say(str(problem))
        say(f"{_counted(len(error.problems), 'problem')} found.")
        raise typer.Exit(1) from None


def _as_written(value: Any) -> str:
    """A value as content files have it."""
    return json.dumps(value, ensure_ascii=False)


def _counted(number: int, what: str, several: str | None = None) -> str:
    return f"{number} {what if number == 1 else several or f'{what}s'}"
