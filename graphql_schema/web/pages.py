"""The pages for people: each is one HTML file of `html/` in the frame of all, and its files lie in
`static/pages`.

They use the public API alone. Nothing in them is inline and nothing comes from other hosts, so
their content security policy allows neither; addresses in them are relative, so they work behind a
proxy that adds a prefix.
"""

from functools import cache
from pathlib import Path
from string import Template

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from graphql_schema.schema import sdl
from kb.settings.access import Introspection

_PACKAGE = Path(__file__).parents[1]
_HTML = _PACKAGE / "web" / "html"
_FILES = _PACKAGE / "static" / "pages"

PAGES = {
    "/": ("home", "Better Work × SLCP knowledge and status"),  # noqa: RUF001 - the sign is meant
    "/dashboard": ("dashboard", "Dashboard · Better Work × SLCP"),  # noqa: RUF001 - as above
    "/helpdesk": ("helpdesk", "Helpdesk · Better Work × SLCP"),  # noqa: RUF001 - as above
}
"""Address to the name and title of the page that is served there; its files have that name."""

SECURITY_HEADERS = {
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            "connect-src 'self'",
            "manifest-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",  # no text becomes HTML or a script
        )
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}


FOR_OTHER_SITES = {
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
}
"""Headers of files that any site may load; whom the API answers is another matter."""


def page_documents() -> tuple[str, ...]:
    """The GraphQL documents that the pages send."""
    return tuple(path.read_text(encoding="utf-8") for path in sorted(_FILES.glob("*.graphql")))


def page_at(path: str, name: str, title: str) -> Route:
    """The route of a page, with the headers that keep it closed to anything else."""
    frame = Template((_HTML / "frame.html").read_text(encoding="utf-8"))
    content = (_HTML / f"{name}.html").read_text(encoding="utf-8")
    current = {
        f"at_{page}": ' aria-current="page"' if page == name else "" for page, _ in PAGES.values()
    }
    text = frame.substitute(current, name=name, title=title, content=content)

    async def page(_request: Request) -> Response:
        return HTMLResponse(text, headers={**SECURITY_HEADERS, "Cache-Control": "no-cache"})

    return Route(path, page, name=name)


async def _widget(_request: Request) -> Response:
    text = (_HTML / "widget.js").read_text(encoding="utf-8")
    headers = {**FOR_OTHER_SITES, "Cache-Control": "public, max-age=3600"}
    return Response(text, media_type="text/javascript", headers=headers)


async def _icon(_request: Request) -> Response:
    return RedirectResponse("static/pages/favicon.svg")


async def _schema(request: Request) -> Response:
    if request.app.state.introspection is not Introspection.ALL:
        raise HTTPException(404)
    return PlainTextResponse(_schema_text(), headers={"X-Content-Type-Options": "nosniff"})


_schema_text = cache(sdl)

ROUTES = [
    *(page_at(path, name, title) for path, (name, title) in PAGES.items()),
    Route("/widget.js", _widget),
    Route("/favicon.ico", _icon),
    Route("/schema.graphql", _schema),
]
"""The pages, the script of the chat for other sites, and the schema as a document."""
