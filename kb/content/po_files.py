"""Gettext catalogues, each text with its line; what babel would read wrongly is a problem."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import StringIO
from typing import Final

from babel.messages.pofile import PoFileError, denormalize, read_po

from kb.content.reading import Placed, unfit
from kb.errors import Problem

_QUOTED: Final = r'"(?:[^"\\]|\\.)*"'
_LINE_OF_CATALOGUE: Final = re.compile(
    rf"\s*(?:#.*|(?:(?:msgctxt|msgid|msgid_plural|msgstr(?:\[\d\])?)\s+)?{_QUOTED}\s*)?"
)
_MSGID: Final = re.compile(rf"^msgid\s+{_QUOTED}(?:\s+{_QUOTED})*", re.MULTILINE)


def read_catalogue(file: str, text: str) -> tuple[Placed | None, list[Problem]]:
    """A catalogue as the body of a record, with the lines of its texts; None if it has no form."""
    problems = unfit(file, text) or list(_wrong_in_lines(file, text))
    if problems:
        return None, problems
    try:
        catalogue = read_po(StringIO(text), abort_invalid=True)
    except PoFileError as error:
        wrong = f"the file is no gettext catalogue: {error}"
        return None, [Problem(file, error.lineno + 1, "", wrong, "msgid and msgstr")]
    texts: dict[str, Placed] = {}
    unreviewed: list[Placed] = []
    for message in catalogue:
        if message.id and message.string:
            line = message.lineno or 1
            texts[str(message.id)] = Placed(str(message.string), line)
            if message.fuzzy:
                unreviewed.append(Placed(str(message.id), line))
    return Placed({"texts": Placed(texts, 1), "unreviewed": Placed(unreviewed, 1)}, 1), []


def _wrong_in_lines(file: str, text: str) -> Iterator[Problem]:
    """What babel would read all the same: as less than was written, or as one text of two."""
    for number, line in enumerate(text.splitlines(), 1):
        if not _LINE_OF_CATALOGUE.fullmatch(line):
            wrong = "the line is not of a gettext catalogue"
            allowed = 'msgid "text", msgstr "text", or more "text", where \\" stands for a quote'
            yield Problem(file, number, "", wrong, allowed)
    first: dict[str, int] = {}
    for found in _MSGID.finditer(text):
        number = text.count("\n", 0, found.start()) + 1
        msgid = denormalize(found[0].removeprefix("msgid").strip())
        if first.setdefault(msgid, number) != number:
            wrong = f"the msgid is written twice, first in line {first[msgid]}"
            yield Problem(file, number, msgid, wrong, "every msgid once")
