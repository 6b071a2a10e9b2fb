"""The mapping file: how to read a list that has other columns or spellings than ours."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from kb.content.reading import Placed, read_yaml
from kb.errors import InvalidInputError, Problem
from kb.services.lists.columns import FACILITY_LIST, ListColumns, column_key, tidy

_KEYS = ("columns", "constants", "values", "date_format", "id_widths", "encoding")
DATE_PARTS = {"YYYY": "%Y", "MM": "%m", "DD": "%d"}


@dataclass(frozen=True, slots=True)
class ListMapping:
    """How to read a list.

    `columns` gives for a column of ours the header of theirs; `constants` a value for all rows;
    `values` for a column of ours what each of their values (in small letters) means; `date_format`
    is as for strptime, None for YYYY-MM-DD; `id_widths` how many digits an id has, so that zeros
    that a spreadsheet dropped can be put back.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    date_format: str | None = None
    id_widths: Mapping[str, int] = field(default_factory=dict)
    encoding: str = "utf-8"


OURS = ListMapping()


def read_mapping(path: Path, columns: ListColumns = FACILITY_LIST) -> ListMapping:
    """Read a mapping file, or raise InvalidInputError with everything that is wrong with it."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InvalidInputError("--mapping", path, "a file that can be read") from error
    except UnicodeDecodeError:
        raise InvalidInputError("--mapping", path, "a text file in UTF-8") from None
    placed, problems = read_yaml(path.name, text)
    reading = _Reading(path.name, placed, problems, columns)
    read = reading.mapping()
    if reading.problems:
        listed = "; ".join(map(str, reading.problems))
        raise InvalidInputError("--mapping", path, f"a mapping file without problems: {listed}")
    return read


class _Reading:
    """A mapping file being read; what is wrong with it gathers in `problems`."""

    def __init__(
        self,
        file: str,
        placed: Mapping[str, Placed],
        problems: list[Problem],
        columns: ListColumns,
    ) -> None:
        self.file = file
        self.placed = placed
        self.problems = problems
        self.columns = columns

    def mapping(self) -> ListMapping:
        for key in self.placed.keys() - set(_KEYS):
            self._report(self.placed[key], key, "is not known", _KEYS)
        read, ids = self.columns.read, self.columns.ids
        return ListMapping(
            columns={ours: self._text(placed) for ours, placed in self._entries("columns", read)},
            constants={
                ours: self._text(placed) for ours, placed in self._entries("constants", read)
            },
            values={
                ours: {tidy(theirs).casefold(): self._text(placed) for theirs, placed in values}
                for ours, values in self._values()
            },
            date_format=self._date_format(),
            id_widths={
                ours: self._width(placed) for ours, placed in self._entries("id_widths", ids)
            },
            encoding=self._encoding(),
        )

    def _entries(self, key: str, allowed: Iterable[str]) -> list[tuple[str, Placed]]:
        """The entries under a key, which must be names of our columns."""
        entry = self.placed.get(key)
        if entry is None:
            return []
        if not isinstance(entry.value, dict):
            self._report(entry, key, "is not a list of `column: value`", ("column: value",))
            return []
        for name in entry.value.keys() - set(allowed):
            in_order = dict.fromkeys((*self.columns.ordered, *sorted(allowed)))
            wanted = [name for name in in_order if name in set(allowed)]
            self._report(entry.value[name], f"{key}.{name}", "is not a column", wanted)
        return [(name, placed) for name, placed in entry.value.items() if name in set(allowed)]

    def _values(self) -> list[tuple[str, list[tuple[str, Placed]]]]:
        entries = []
        for ours, placed in self._entries("values", self.columns.read):
            if isinstance(placed.value, dict):
                entries.append((ours, list(placed.value.items())))
            else:
                self._report(placed, f"values.{ours}", "is not `their value: ours`", ("a mapping",))
        return entries

    def _text(self, placed: Placed) -> str:
        if isinstance(placed.value, (dict, list)) or placed.value is None:
            self._report(placed, "", "is not a text", ("one text",))
            return ""
        return str(placed.value)

    def _width(self, placed: Placed) -> int:
        if not isinstance(placed.value, int) or not 1 <= placed.value <= 50:
            self._report(placed, "id_widths", "is not a number of digits", ("1 to 50",))
            return 0
        return placed.value

    def _date_format(self) -> str | None:
        entry = self.placed.get("date_format")
        if entry is None:
            return None
        text = self._text(entry)
        codes = text
        for part, code in DATE_PARTS.items():
            if text.count(part) != 1:
                allowed = ("YYYY, MM and DD once each, such as DD/MM/YYYY",)
                self._report(entry, "date_format", f"{text!r} is no way to write a day", allowed)
                return None
            codes = codes.replace(part, code)
        return codes

    def _encoding(self) -> str:
        entry = self.placed.get("encoding")
        if entry is None:
            return "utf-8"
        name = self._text(entry)
        try:
            codecs.lookup(name)
            fits = 'a,;\t"\n'.encode(name) == b'a,;\t"\n'
        except (LookupError, UnicodeError):
            fits = False
        if not fits:
            allowed = ("utf-8, cp1252, or another one in which letters are as in ASCII",)
            self._report(entry, "encoding", f"{name!r} cannot be used", allowed)
        return name

    def _report(self, at: Placed, key: str, wrong: str, allowed: Iterable[str]) -> None:
        self.problems.append(Problem(self.file, at.line, key, wrong, ", ".join(allowed)))


def header_key(header: str) -> str:
    """A header of theirs as it is compared with the mapping: it may be in any script."""
    return column_key(header) or tidy(header)
