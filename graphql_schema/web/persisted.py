"""Documents that are asked for by their hash: automatic persisted queries and trusted documents.

A client sends the SHA-256 of a document in `extensions.persistedQuery`, as Apollo's links do. The
documents of `docs/queries` are known from the start; others are once a client has sent text and
hash together, in each process for itself.
"""

import hashlib
import re
import sys
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import Any

from graphql import get_operation_ast, parse

from graphql_schema.web.graphiql import Tab
from graphql_schema.web.refusals import PERSISTED_QUERY_NOT_FOUND, RequestError

BYTES_REMEMBERED = 4_000_000
LONGEST_REMEMBERED = 20_000
"""Characters of the longest document that is remembered."""

_OVERHEAD = 300
"""Bytes that remembering a document takes besides its text, about."""

_COMMENTS = re.compile(r"(?:\s*#[^\r\n]*[\r\n])+")
"""Comments at the beginning; GraphQL ends one at a lone carriage return, too."""


def sha256(text: str) -> str:
    """The hash under which a document is asked for."""
    return hashlib.sha256(text.encode()).hexdigest()


def manifest(tabs: Iterable[Tab]) -> dict[str, Any]:
    """The trusted documents, in the form of Apollo's persisted query manifest."""
    operations = []
    for tab in tabs:
        operation = get_operation_ast(parse(tab.document))
        assert operation is not None
        assert operation.name is not None
        operations.append(
            {
                "id": sha256(tab.document),
                "name": operation.name.value,
                "type": operation.operation.value,
                "body": tab.document,
            }
        )
    return {
        "format": "apollo-persisted-query-manifest",
        "version": 1,
        "operations": operations,
    }


class PersistedDocuments:
    """Documents by hash. With `only_trusted`, nothing else is executed for anonymous callers."""

    def __init__(self, trusted: Iterable[str], *, only_trusted: bool) -> None:
        self.trusted = {sha256(text): text for text in trusted}
        self.only_trusted = only_trusted
        self._seen: OrderedDict[str, str] = OrderedDict()
        self._room = BYTES_REMEMBERED

    def text_of(self, body: Mapping[str, Any], *, anonymous: bool) -> str | None:
        """The document that a request asks for; RequestError where it may not, or names none."""
        text: str | None = body.get("query")
        hashed = self._hash(body)
        if hashed is not None:
            text = self._by_hash(hashed, text)
        if self.only_trusted and anonymous and text and not self._is_trusted(text):
            raise RequestError(
                403,
                "DOCUMENT_NOT_TRUSTED",
                "Without a token only the published documents are answered; see `kb documents`.",
            )
        return text

    def _is_trusted(self, text: str) -> bool:
        """Whether it is a trusted document, whatever comments stand before it."""
        comments = _COMMENTS.match(text)
        return sha256(text[comments.end() :] if comments else text) in self.trusted

    def _hash(self, body: Mapping[str, Any]) -> str | None:
        persisted = (body.get("extensions") or {}).get("persistedQuery")
        if persisted is None:
            return None
        hashed = persisted.get("sha256Hash") if isinstance(persisted, dict) else None
        if not isinstance(hashed, str):
            raise RequestError(
                400, "BAD_REQUEST", "extensions.persistedQuery needs sha256Hash, a text."
            )
        return hashed.lower()

    def _by_hash(self, hashed: str, text: str | None) -> str:
        if text is None:
            known = self.trusted.get(hashed) or self._seen.get(hashed)
            if known is None:
                # Apollo's link looks for this very message, and then sends the document.
                raise RequestError(200, PERSISTED_QUERY_NOT_FOUND, "PersistedQueryNotFound")
            return known
        if sha256(text) != hashed:
            raise RequestError(
                400, "BAD_REQUEST", "The hash in extensions.persistedQuery is not of this query."
            )
        if hashed not in self._seen and len(text) <= LONGEST_REMEMBERED:
            self._seen[hashed] = text
            self._room -= _bytes_of(text)
            while self._room < 0:
                self._room += _bytes_of(self._seen.popitem(last=False)[1])
        return text


def _bytes_of(text: str) -> int:
    return sys.getsizeof(text) + _OVERHEAD
