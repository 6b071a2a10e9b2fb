"""The documentation, served as pages beside the API that it describes.

The pages are the Markdown of `docs/`. Markup in them is shown as text, nothing is loaded from
other hosts, and a link that leads to no page is shown as text.
"""

from __future__ import annotations

import posixpath
import re
from functools import cache
from html import escape
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from graphql_schema.docs_folder import DOCS_FOLDER
from graphql_schema.web.pages import SECURITY_HEADERS

if TYPE_CHECKING:  # loaded for the first page
    from markdown_it.token import Token

_PACKAGE = Path(__file__).parents[1]
_FRAME = _PACKAGE / "web" / "html" / "docs.html"

START = "index"
_FIRST = (START, "tutorials/")
_DECISIONS = "adr/"


@cache
def page_names() -> tuple[str, ...]:
    """The pages, as in `tutorials/brands`: the start, the tutorials, and then by name."""
    names = [path.removesuffix(".md") for path in _files("*.md")]
    return tuple(sorted(names, key=lambda name: (*(not name.startswith(p) for p in _FIRST), name)))


@cache
def _files(pattern: str) -> frozenset[str]:
    return frozenset(
        path.relative_to(DOCS_FOLDER).as_posix() for path in DOCS_FOLDER.rglob(pattern)
    )


@cache
def _title(name: str) -> str:
    first = (DOCS_FOLDER / f"{name}.md").read_text(encoding="utf-8").partition("\n")[0]
    return first.removeprefix("#").strip()


@cache
def _page(name: str) -> str:
    """One page in its frame; addresses in it are relative to its own."""
    from markdown_it import MarkdownIt

    here = posixpath.dirname(name)
    root = "../" * (name.count("/") + 1)
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = markdown.parse((DOCS_FOLDER / f"{name}.md").read_text(encoding="utf-8"))
    for place, token in enumerate(tokens):
        if token.type == "heading_open":
            token.attrSet("id", _anchor(tokens[place + 1].content))
        elif token.type == "table_open":  # pushed sideways where it is too wide, by keyboard too
            token.attrSet("tabindex", "0")
        _follow(token.children or [], here)
    frame = Template(_FRAME.read_text(encoding="utf-8"))
    return frame.substitute(
        root=root,
        title=escape(_title(name)),
        pages=_links([each for each in page_names() if not each.startswith(_DECISIONS)], name),
        decisions=_links([each for each in page_names() if each.startswith(_DECISIONS)], name),
        content=markdown.renderer.render(tokens, markdown.options, {}),
    )


def _anchor(heading: str) -> str:
    return "-".join(re.findall(r"\w+", heading.casefold()))


def _links(names: list[str], current: str) -> str:
    here = posixpath.dirname(current) or "."
    entry = '<li><a href="{}"{}>{}</a></li>'
    return "\n".join(
        entry.format(
            posixpath.relpath(name, here),
            ' aria-current="page"' if name == current else "",
            escape(_title(name)),
        )
        for name in names
    )


def _follow(tokens: list[Token], here: str) -> None:
    """Have links between Markdown files lead to pages, and those that lead nowhere be text."""
    open_links: list[bool] = []
    for token in tokens:
        if token.type == "link_open":
            kept = _address(str(token.attrs["href"]), here)
            open_links.append(kept is not None)
            if kept is None:
                token.hidden, token.type, token.tag, token.nesting = True, "text", "", 0
            else:
                token.attrs["href"] = kept
        elif token.type == "link_close" and not open_links.pop():
            token.hidden, token.type, token.tag, token.nesting = True, "text", "", 0


def _address(target: str, here: str) -> str | None:
    """Where a link leads: another site, a page, a place on a page; None if nowhere."""
    parts = urlsplit(target)
    if parts.scheme or not parts.path:
        return target
    name, extension = posixpath.splitext(posixpath.normpath(posixpath.join(here, parts.path)))
    if extension != ".md" or name not in page_names():
        return None
    return parts._replace(path=posixpath.splitext(parts.path)[0]).geturl()


async def _to_start(_request: Request) -> Response:
    return RedirectResponse(f"docs/{START}")


async def _show(request: Request) -> Response:
    name = request.path_params["name"]
    if name in page_names():
        headers = {**SECURITY_HEADERS, "Cache-Control": "no-cache"}
        return HTMLResponse(_page(name), headers=headers)
    if name in _files("*.png"):
        headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-cache"}
        return FileResponse(DOCS_FOLDER / name, headers=headers)
    if not name:
        return RedirectResponse(START)
    raise HTTPException(404)


ROUTES = [Route("/docs", _to_start), Route("/docs/{name:path}", _show)]
"""The pages of the documentation and their pictures, under `/docs/`."""
