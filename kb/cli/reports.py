"""The commands report and rules: answers that travel, for a facility, a profile or a portfolio."""

from __future__ import annotations

import asyncio
import csv
import io
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from kb.cli.operations import data_of, global_id_of
from kb.cli.output import say, tell
from kb.cli.paper import pdf
from kb.cli.profiles import profile_from, profile_variables
from kb.errors import InvalidInputError
from kb.rules.diagrams import DiagramFormat, DiagramOf
from kb.services.lists.columns import escaped

rules = typer.Typer(help="Pictures of the rules.", no_args_is_help=True)

_LETTER = """
query Letter($by: FacilityLocator!, $locale: String) {
  facility(by: $by) {
    name osId gatewayId betterWorkId country { name }
    whatApplies {
      asOf summary(locale: $locale) servedLocale(locale: $locale) diagram(format: SVG)
      assessment { assessedBy } sharing { status }
      workflow { state blockers { code } nextActions { actor title } }
    }
  }
}
"""
_PORTFOLIO = """
query PortfolioReport($after: String) {
  facilities(first: 50, after: $after, orderBy: NAME) {
    nodes {
      name osId gatewayId betterWorkId country { name }
      whatApplies {
        asOf assessment { assessedBy } sharing { status }
        workflow { state blockers { code } nextActions { actor title } }
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}
"""
_OWN_WAY = {
    "facility": """query($by: FacilityLocator!, $of: DiagramOf!, $format: DiagramFormat!) {
      facility(by: $by) { whatApplies { diagram(of: $of, format: $format) } } }""",
    "whatIf": """query($profile: FacilityProfileInput!, $of: DiagramOf!, $format: DiagramFormat!) {
      whatIf(profile: $profile) { diagram(of: $of, format: $format) } }""",
    "": """query($of: DiagramOf!, $format: DiagramFormat!) {
      diagram(of: $of, format: $format) }""",
}


class ReportFormat(StrEnum):
    """How a report is written."""

    MD = "md"
    HTML = "html"
    CSV = "csv"
    PDF = "pdf"


def report(
    facility: Annotated[
        str | None,
        typer.Argument(metavar="FACILITY", help="Its OS ID, Gateway ID, Better Work ID or number."),
    ] = None,
    portfolio: Annotated[
        bool, typer.Option("--portfolio", help="All facilities that may be seen, as a table.")
    ] = False,
    form: Annotated[
        ReportFormat,
        typer.Option("--format", help="HTML is laid out for paper; PDF is made of it by Chromium."),
    ] = ReportFormat.MD,
    locale: Annotated[str | None, typer.Option(help="en, vi, id or bn.")] = None,
    file: Annotated[
        Path | None, typer.Option("--out", help="File to write to; standard output if not given.")
    ] = None,
) -> None:
    """Write a report on a facility, or on all that may be seen."""
    if (facility is None) is not portfolio:
        raise InvalidInputError("FACILITY", facility or "", "either FACILITY or --portfolio")
    if form is ReportFormat.PDF and file is None:
        raise InvalidInputError("--format", form, "pdf only with --out FILE")
    if facility is None:
        language = "en"
        text = _table(asyncio.run(_all_rows()), form)
    else:
        answer = asyncio.run(_letter(facility, locale))
        language = answer["whatApplies"]["servedLocale"]
        text = _report(answer, form)
    _write(pdf(text, language) if form is ReportFormat.PDF else text, file)


@rules.callback()
def _rules() -> None:
    """Pictures of the rules."""


@rules.command("diagram")
def diagram(
    what: Annotated[
        DiagramOf, typer.Argument(case_sensitive=False, help="What it shows.")
    ] = DiagramOf.WORKFLOW,
    form: Annotated[
        DiagramFormat, typer.Option("--format", case_sensitive=False, help="How it is written.")
    ] = DiagramFormat.MERMAID,
    facility: Annotated[
        str | None, typer.Option(help="A facility whose own way is marked: one of its ids.")
    ] = None,
    profile: Annotated[
        str | None,
        typer.Option(metavar="KEY=VALUE,…", help="The same for a profile, as country=VN."),
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--out", help="File to write to; standard output if not given.")
    ] = None,
) -> None:
    """Draw the routes with their steps, or a table of the rules."""
    if facility and profile:
        raise InvalidInputError("--facility", facility, "either --facility or --profile")
    _write(asyncio.run(_drawn(what, form, facility, profile)), file)


async def _drawn(
    what: DiagramOf, form: DiagramFormat, facility: str | None, profile: str | None
) -> str:
    variables: dict[str, Any] = {"of": what, "format": form}
    root = "facility" if facility else "whatIf" if profile else ""
    if facility:
        variables["by"] = {"id": await global_id_of(facility)}
    if profile:
        variables["profile"] = profile_variables(profile_from(profile))
    data = await data_of(_OWN_WAY[root], variables, anonymous=not facility)
    for name in (root, "whatApplies" if facility else ""):
        data = data[name] if name else data
    return str(data["diagram"])


async def _letter(facility: str, locale: str | None) -> dict[str, Any]:
    variables = {"by": {"id": await global_id_of(facility)}, "locale": locale}
    answer: dict[str, Any] = (await data_of(_LETTER, variables, anonymous=False))["facility"]
    return answer


async def _all_rows() -> list[dict[str, str]]:
    rows = []
    after: str | None = None
    while True:
        page = (await data_of(_PORTFOLIO, {"after": after}, anonymous=False))["facilities"]
        rows += [_row(facility) for facility in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            return rows
        after = page["pageInfo"]["endCursor"]


def _row(facility: dict[str, Any]) -> dict[str, str]:
    applies = facility["whatApplies"]
    workflow = applies["workflow"]
    first = workflow["nextActions"][0] if workflow["nextActions"] else {"actor": "", "title": ""}
    return {
        "name": facility["name"],
        "country": facility["country"]["name"],
        "os_id": facility["osId"] or "",
        "gateway_id": facility["gatewayId"] or "",
        "better_work_id": facility["betterWorkId"] or "",
        "as_of": str(applies["asOf"]),
        "assessed_by": applies["assessment"]["assessedBy"],
        "sharing": applies["sharing"]["status"],
        "workflow_state": workflow["state"],
        "blockers": " ".join(blocker["code"] for blocker in workflow["blockers"]),
        "next_actor": first["actor"],
        "next_action": first["title"],
    }


def _report(facility: dict[str, Any], form: ReportFormat) -> str:
    applies = facility["whatApplies"]
    if form is ReportFormat.CSV:
        return _csv([_row(facility)])
    if form is ReportFormat.MD:
        return str(applies["summary"])
    body = f"{_html(applies['summary'])}\n<figure>{applies['diagram']}</figure>"
    return _page(facility["name"], body, applies["servedLocale"])


def _table(rows: list[dict[str, str]], form: ReportFormat) -> str:
    if form is ReportFormat.CSV:
        return _csv(rows)
    names = list(rows[0]) if rows else ["name"]
    lines = [_markdown_row(names), _markdown_row(["---"] * len(names))]
    lines += [_markdown_row(list(row.values())) for row in rows]
    text = "\n".join([f"# {len(rows)} facilities", "", *lines])
    return text if form is ReportFormat.MD else _page("Portfolio", _html(text), "en")


def _markdown_row(cells: list[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _csv(rows: list[dict[str, str]]) -> str:
    file = io.StringIO()
    writer = csv.DictWriter(file, rows[0] if rows else ["name"], lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: escaped(cell) for name, cell in row.items()} for row in rows)
    return file.getvalue()


def _html(text: str) -> str:
    from markdown_it import MarkdownIt

    return str(MarkdownIt("commonmark", {"html": False}).enable("table").render(text))


def _page(title: str, body: str, language: str) -> str:
    """A page that needs nothing else, for screen and paper."""
    import html

    return f"""<!doctype html>
<html lang="{html.escape(language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{html.escape(title)}</title>
<style>
body {{ max-width: 48rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.5 sans-serif; }}
table {{ border-collapse: collapse; font-size: 0.8rem; }}
td, th {{ padding: 0.2rem 0.4rem; border: 1px solid #bbb; text-align: left; vertical-align: top; }}
svg {{ max-width: 100%; height: auto; }}
@page {{ margin: 18mm; }}
@media print {{ body {{ margin: 0; max-width: none; font-size: 10pt; }} }}
@media print {{ li, tr {{ break-inside: avoid; }} }}
</style>
</head>
<body>
{body}
</body>
</html>
"""


def _write(written: str | bytes, file: Path | None) -> None:
    if file is None:
        say(str(written).rstrip("\n"))
        return
    file.write_bytes(written if isinstance(written, bytes) else written.encode())
    tell(f"Written to {file}.")
