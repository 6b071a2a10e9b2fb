"""The search over a release in a prepared form: bytes from which it is ready in a moment.

Making it takes seconds, and loading it milliseconds. It holds arrays of numbers and texts only, so
reading it runs nothing. It belongs to one content and one state of the code: any other, and bytes
that are damaged, are refused, and the search is prepared anew.
"""

from __future__ import annotations

import json
import zlib
from collections import defaultdict
from collections.abc import Mapping, Set
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from io import BytesIO
from typing import Final

import numpy

from kb.content.records import Library
from kb.search.building import Builder, text_array
from kb.search.head import Head
from kb.search.index import Parts
from kb.search.locales import ENGLISH
from kb.search.postings import Array
from kb.search.shipped import code_version, shipped
from kb.search.texts import entries_of, examples_of, hash_of, labels_of, own_words_of

SHIPPED_HEAD: Final = "head.bin"
"""The head trained on the content that comes with the program."""

_HEAD: Final = "head"
_OWN_WORDS: Final = "own words"


class NotPreparedError(ValueError):
    """These bytes are not the prepared form of that content by this code."""


@dataclass(frozen=True, slots=True)
class PreparedSearch:
    """What the search over a content is made of. `languages` gives the parts of each index.

    `own_words` gives, for every locale but English, the words that only its texts use. `head` is
    None where the one that comes with the program serves.
    """

    content_hash: str
    languages: Mapping[str, Parts]
    own_words: Mapping[str, Set[str]]
    head: bytes | None

    @classmethod
    def of(cls, library: Library) -> PreparedSearch:
        """Prepare the search over a library."""
        locales = {ENGLISH, *(locale for locale, _ in library.translations)}
        synonyms = {word: synonym.also for word, synonym in library.synonyms.items()}
        builder = Builder()
        languages = {
            locale: builder.parts(locale, entries_of(library, locale), synonyms)
            for locale in sorted(locales)
        }
        return cls(
            library.content_hash,
            languages,
            own_words_of(library, builder.raw_words),
            _head_for(library),
        )

    def to_bytes(self) -> bytes:
        """A line of JSON with what it belongs to and a SHA-256, then compressed arrays."""
        arrays = {
            f"{locale}/{name}": array
            for locale, parts in self.languages.items()
            for name, array in parts.items()
        }
        for locale, used in self.own_words.items():
            arrays[f"{locale}/{_OWN_WORDS}"] = text_array(" ".join(sorted(used)))
        if self.head is not None:
            arrays[_HEAD] = numpy.frombuffer(self.head, dtype="u1")
        packed = BytesIO()
        numpy.savez(packed, allow_pickle=False, **arrays)
        body = zlib.compress(packed.getbuffer(), level=1)
        begins = {
            "content": self.content_hash,
            "code": code_version(),
            "sha256": sha256(body).hexdigest(),
        }
        return json.dumps(begins).encode() + b"\n" + body

    def trained_head(self) -> Head:
        """The head for this content. The one that comes with the program is read once."""
        head = _shipped_head() if self.head is None else Head.from_bytes(self.head)
        assert head is not None
        return head

    @classmethod
    def from_bytes(cls, kept: bytes, content_hash: str) -> PreparedSearch:
        """What was kept for a content. Raises NotPreparedError for anything else."""
        line, _, body = kept.partition(b"\n")
        expected = {
            "content": content_hash,
            "code": code_version(),
            "sha256": sha256(body).hexdigest(),
        }
        try:
            begins = json.loads(line)
        except ValueError as error:
            raise NotPreparedError("the first line is no JSON") from error
        for name, value in expected.items():
            if not isinstance(begins, dict) or begins.get(name) != value:
                raise NotPreparedError(f"the {name} is another")
        languages: dict[str, dict[str, Array]] = defaultdict(dict)
        own_words: dict[str, Set[str]] = {}
        head = None
        for name, array in _arrays(body).items():
            locale, _, part = name.partition("/")
            if name == _HEAD:
                head = array.tobytes()
            elif part == _OWN_WORDS:
                own_words[locale] = frozenset(array.tobytes().decode().split())
            else:
                languages[locale][part] = array
        return cls(content_hash, dict(languages), own_words, head)


def _arrays(body: bytes) -> dict[str, Array]:
    try:
        with numpy.load(BytesIO(zlib.decompress(body)), allow_pickle=False) as arrays:
            return dict(arrays)
    except (ValueError, zlib.error) as error:
        raise NotPreparedError("it holds more than numbers") from error


def _head_for(library: Library) -> bytes | None:
    """A head trained anew, where the one that comes with the program does not serve.

    That one knows every passage and topic by its name, so it serves as long as those are the same;
    a text that has changed since is found by the index all the same.
    """
    shipped = _shipped_head()
    if shipped is not None and labels_of(library) <= {*shipped.labels}:
        return None
    examples = examples_of(library)
    return Head.trained(examples, hash_of(examples)).to_bytes()


@cache
def _shipped_head() -> Head | None:
    kept = shipped(SHIPPED_HEAD)
    return None if kept is None else Head.from_bytes(kept)
