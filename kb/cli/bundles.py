"""The command bundle: the knowledge in one signed file, which answers without a server."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer

from kb.cli.applies_query import PROFILE_QUERY
from kb.cli.operations import data_of, json_text
from kb.cli.output import say, tell
from kb.cli.profiles import profile_from, profile_variables
from kb.errors import KbError
from kb.settings import Settings

app = typer.Typer(
    help="The knowledge in one signed file, which answers without a server.", no_args_is_help=True
)

PATIENCE = 120.0
"""Seconds for an answer, as the search is built first."""

Bundle = Annotated[Path, typer.Argument(metavar="BUNDLE", exists=True, dir_okay=False)]
PublicKey = Annotated[
    Path | None,
    typer.Option(
        "--key", exists=True, dir_okay=False, help="The public key of whoever made the bundle."
    ),
]
Locale = Annotated[str | None, typer.Option(help="en, vi, id or bn.")]
AsJson = Annotated[bool, typer.Option("--json", help="The data of the GraphQL query, as JSON.")]

_ASK = """query Ask($question: String!, $locale: String) {
  ask(input: {question: $question, locale: $locale}) {
    outcome text hits { faq { number question } } handover { notStated askText }
    citations { faqNumber passage { id } } } }"""
_FAQ = """query Faq($number: Int!, $locale: String) {
  faq(number: $number, locale: $locale) { number question answer source { title } } }"""


@app.command("key")
def key(
    file: Annotated[Path, typer.Argument(help="Where the private key goes; .pub is added.")],
) -> None:
    """Make a pair of keys: the private one signs, the public one verifies."""
    from kb.services.bundles import new_key

    public = Path(f"{file}.pub")
    for written in (file, public):
        if written.exists():
            raise KbError(f"{written} exists already, and is not overwritten.")
    new_key(file, public)
    say(f"{file} signs bundles; keep it to yourself. {public} verifies them; give it to readers.")


@app.command("make")
def make(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help="The file to write.")],
    key_file: Annotated[
        Path,
        typer.Option("--key", exists=True, dir_okay=False, help="The private key to sign with."),
    ],
) -> None:
    """Write the current release to one signed file. Nothing of any facility is in it."""
    from kb.services.bundles import copy_release, pack

    with tempfile.TemporaryDirectory(prefix="kb-bundle-") as folder:
        database = Path(folder) / "knowledge.sqlite3"
        release = asyncio.run(copy_release(Settings(), database))
        pack(database, release, key_file, bundle)
    say(f"Release {release.number} is in {bundle}, signed.")


@app.command("verify")
def verify(
    bundle: Bundle,
    key_file: Annotated[
        Path,
        typer.Option("--key", exists=True, dir_okay=False, help="The public key to verify with."),
    ],
) -> None:
    """Say whether a bundle was signed with a key and is unchanged."""
    from kb.services.bundles import opened

    with opened(bundle, key_file) as (manifest, database):
        data = _answer(database, "{ knowledge { contentHash } }", {})
        if data["knowledge"]["contentHash"] != manifest.content_hash:
            raise KbError("The bundle holds another release than it names.")
    day = manifest.published_at[:10]
    say(f"Its contents are signed with this key and unchanged: release of {day}.")


@app.command("ask")
def ask(
    bundle: Bundle,
    question: str,
    key_file: PublicKey = None,
    locale: Locale = None,
    as_json: AsJson = False,
) -> None:
    """Answer a question from a bundle."""
    variables = {"question": question, "locale": locale}
    answer = _query_bundle(bundle, key_file, _ASK, variables)["ask"]
    handover = answer["handover"] or {}
    not_stated = [handover.get("notStated"), handover.get("askText")]
    texts = [answer["text"]] if answer["text"] else not_stated
    suggested = [
        f"FAQ {hit['faq']['number']}: {hit['faq']['question']}"
        for hit in answer["hits"]
        if answer["outcome"] == "SUGGESTIONS"
    ]
    cited = ", ".join(each["passage"]["id"] for each in answer["citations"] if each["passage"])
    lines = [*filter(None, texts), *suggested, *([f"Passages: {cited}"] if cited else [])]
    say(json_text(answer) if as_json else "\n\n".join(lines))


@app.command("what-if")
def what_if(
    bundle: Bundle,
    profile: Annotated[str, typer.Option(metavar="KEY=VALUE,…", help="Such as country=VN.")],
    key_file: PublicKey = None,
    as_json: AsJson = False,
) -> None:
    """Say from a bundle what would apply to a facility."""
    variables = {"profile": profile_variables(profile_from(profile))}
    answer = _query_bundle(bundle, key_file, PROFILE_QUERY, variables)["whatIf"]
    say(json_text(answer) if as_json else answer["summary"])


@app.command("faq")
def faq(
    bundle: Bundle,
    number: int,
    key_file: PublicKey = None,
    locale: Locale = None,
    as_json: AsJson = False,
) -> None:
    """Show a FAQ from a bundle."""
    answer = _query_bundle(bundle, key_file, _FAQ, {"number": number, "locale": locale})["faq"]
    if answer is None:
        raise KbError(f"There is no FAQ {number} in the bundle.")
    text = f"FAQ {number}: {answer['question']}\n\n{answer['answer']}"
    say(json_text(answer) if as_json else text)


def _query_bundle(
    bundle: Path, key_file: Path | None, query: str, variables: dict[str, Any]
) -> dict[str, Any]:
    from kb.services.bundles import opened

    if key_file is None:
        tell("Who made the bundle is not verified; --key does it.")
    with opened(bundle, key_file) as (_, database):
        return _answer(database, query, variables)


def _answer(database: Path, query: str, variables: dict[str, Any]) -> dict[str, Any]:
    from kb.services.database import migrate

    alone = Settings(database_url=f"sqlite://{database}", request_timeout=PATIENCE)
    asyncio.run(migrate(alone))  # a bundle may be older than this program
    return asyncio.run(data_of(query, variables, anonymous=True, settings=alone))
