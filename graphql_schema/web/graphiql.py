"""GraphiQL for browsers that open the GraphQL endpoint: the page, its files and its example tabs.

The page loads nothing from other hosts. Its files are built from ``graphiql/`` and lie in
``static/graphiql``; the strict content security policy below goes with every one of them, because a
web worker obeys the policy of its own file and not that of the page.
"""

import html
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from graphql_schema.docs_folder import DOCS_FOLDER
from graphql_schema.web.compression import Compression
from graphql_schema.web.pages import FOR_OTHER_SITES
from graphql_schema.web.requests import accepted, prefers_html

TITLE = "Better Work × SLCP knowledge API"  # noqa: RUF001 - the sign is meant

HINT = "Each tab is an example: press the run button. An access token goes under Headers."

DEFAULT_HEADERS = '{"Authorization": "Bearer "}'
"""What the header editor holds at first. Empty headers and a bare "Bearer" are not sent."""

USER_GROUPS = {"helpdesk": "Helpdesk", "brand": "Brand", "chatbot": "Chatbot"}
"""Folder of the example operations of each user group, and what the page calls it, in tab order."""

_PACKAGE = Path(__file__).parents[1]
_STATIC_FOLDER = _PACKAGE / "static"
_BUILT = _STATIC_FOLDER / "graphiql"

SECURITY_HEADERS = {
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self' 'unsafe-inline'",  # the Monaco editor positions text by inline style
            "img-src 'self' data:",
            "font-src 'self'",
            "worker-src 'self'",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


@dataclass(frozen=True)
class Tab:
    """One example operation, for a user group.

    ``query`` begins with the line ``# title``, by which GraphiQL names the tab; ``variables`` is
    the text of a JSON object, or empty.
    """

    group: str
    title: str
    query: str
    variables: str = ""

    @property
    def document(self) -> str:
        """The operation without its title."""
        return self.query.partition("\n")[2]


@cache
def load_tabs(folder: Path | None = None) -> tuple[Tab, ...]:
    """Read the example operations, ordered by user group and then by file name.

    ``folder`` has one sub-folder per user group with ``*.graphql`` files, each beginning with the
    comment ``# Title``; a ``.json`` file of the same name holds its variables. Without ``folder``
    the examples of this project are read.

    Raises ValueError, naming the file, when a title is missing or variables are not a JSON object.
    """
    return tuple(_read_tabs(folder or DOCS_FOLDER / "queries"))


def _read_tabs(folder: Path) -> Iterator[Tab]:
    for group in USER_GROUPS:
        for path in sorted((folder / group).glob("*.graphql")):
            first_line, _, operation = path.read_text(encoding="utf-8").partition("\n")
            title = first_line.removeprefix("#").strip()
            if not first_line.startswith("#") or not title:
                raise ValueError(f"{path}: the first line must be the title, as in '# Fees'")
            variables = _read_variables(path.with_suffix(".json"))
            yield Tab(group, title, f"# {title}\n{operation}", variables)


def _read_variables(path: Path) -> str:
    if not path.exists():
        return ""
    text = path.read_text(encoding="utf-8")
    try:
        variables = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"{path}: not JSON: {error}") from error
    if not isinstance(variables, dict):
        raise ValueError(f"{path}: variables must be a JSON object")
    return text.strip()


def wants_graphiql(request: Request) -> bool:
    """Whether a request to the endpoint comes from a browser that opens it as a page."""
    return request.method in ("GET", "HEAD") and prefers_html(accepted(request) or "")


def examples_of(tabs: Sequence[Tab], group: str) -> tuple[Tab, ...]:
    """The tabs of one user group."""
    return tuple(tab for tab in tabs if tab.group == group)


def group_links(current: str, **kept: str) -> str:
    """Links to the examples of each user group, with what else the address has to keep."""
    made = []
    for group, label in USER_GROUPS.items():
        address = html.escape(f"?{urlencode({'for': group, **kept})}")
        mark = ' aria-current="page"' if group == current else ""
        made.append(f'<a href="{address}"{mark}>{label}</a>')
    return f'<nav aria-label="Examples">{" ".join(made)}</nav>\n'


def graphiql_page(
    tabs: Sequence[Tab],
    *,
    endpoint: str = "/graphql",
    static: str = "/static",
    default_headers: str = DEFAULT_HEADERS,
    group: str = "",
    others: str = "",
) -> HTMLResponse:
    """Answer with the page.

    ``endpoint`` is the path of the API, for HTTP and for WebSocket, and ``static`` the path at
    which ``STATIC`` is mounted; behind a proxy that adds a prefix, both carry it.
    ``group`` is the user group whose examples the tabs are, ``others`` what leads to the others.
    ``default_headers`` is a JSON object as text. All of it reaches the script in an attribute: no
    inline script is allowed.
    """
    config = {
        "endpoint": endpoint,
        "tabs": [asdict(tab) for tab in tabs],
        "defaultHeaders": default_headers,
        "group": group,
    }
    built = f"{html.escape(static)}/graphiql"
    script, styles = _entry()
    links = "".join(f'<link rel="stylesheet" href="{built}/{style}">\n' for style in styles)
    page = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{TITLE}</title>
<link rel="icon" type="image/svg+xml" href="{built}/favicon.svg">
{links}<script type="module" src="{built}/{script}"></script>
</head>
<body>
<header class="page-header">
<img src="{built}/favicon.svg" alt="">
<h1>{TITLE}</h1>
{others}<button type="button" id="copy-link">Copy link</button>
<p>{HINT}</p>
</header>
<div id="graphiql" data-config="{html.escape(json.dumps(config))}">
<noscript>This page needs JavaScript; the API at {html.escape(endpoint)} does not.</noscript>
</div>
</body>
</html>
"""
    # The same address answers programs with JSON, so a cache must keep the two apart.
    return HTMLResponse(
        page, headers={**SECURITY_HEADERS, "Cache-Control": "no-cache", "Vary": "Accept"}
    )


@cache
def _entry() -> tuple[str, tuple[str, ...]]:
    """Script and style sheets that the page starts with, as the build named them."""
    entry = json.loads((_BUILT / "manifest.json").read_text(encoding="utf-8"))["src/main.js"]
    return entry["file"], tuple(entry["css"])


_KEPT_FOR = {
    "graphiql/assets/": "public, max-age=31536000, immutable",  # a hash of the content in the name
    "vendored/uplot/": "no-cache",
    "pages/": "no-cache",  # they belong together, so a browser asks each time whether one changed
}


class _BuiltFiles(StaticFiles):
    """Files of the pages, kept by a browser for as long as they may be."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers.update(SECURITY_HEADERS)
        folder = path.removesuffix(path.rpartition("/")[2])
        response.headers["Cache-Control"] = _KEPT_FOR.get(folder, "public, max-age=3600")
        if folder == "pages/":  # the chat of other sites is made of them
            response.headers.update(FOR_OTHER_SITES)
        return response


STATIC = Mount("/static", Compression(_BuiltFiles(directory=_STATIC_FOLDER), level=6))
"""Route of the built files, compressed on the way to about a quarter of their 6 MB."""
