"""YAML and front matter with places: every value keeps its line, and nothing is guessed.

YAML turns some unquoted words into something else (`no` into false, `010` into 8, `12:30` into
750, `1.4` into a number). Here such a word is a problem that names the file and the line. Plain
whole numbers, true, false, null and days such as 2021-10-01 are what they look like.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from io import StringIO
from typing import Any, Final

import yaml
from babel.messages.pofile import PoFileError, read_po

from kb.errors import Problem

Path = tuple[str | int, ...]
Scalar = str | int | bool | None

# The loader written in C is about ten times faster; PyYAML wheels bring it, some builds do not.
_Loader: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_TAG: Final = "tag:yaml.org,2002:"
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_WHOLE_NUMBER: Final = re.compile(r"-?(0|[1-9]\d*)")
_BEGINS_BLOCK: Final = re.compile(r"\s*(?:[-*+] |\d+[.)] |[|>#])")
_SLUG: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Placed:
    """A value of a file with its line (from 1); below a key, the line of the key."""

    value: dict[str, Placed] | list[Placed] | Scalar
    line: int

    @property
    def entries(self) -> dict[str, Placed]:
        """What a mapping holds, by key; only of a mapping."""
        assert isinstance(self.value, dict)
        return self.value

    @property
    def elements(self) -> list[Placed]:
        """What a list holds; only of a list."""
        assert isinstance(self.value, list)
        return self.value

    def at(self, path: Path) -> Placed:
        """The value at a path, or the nearest one above it that the file has."""
        node = self
        for part in path:
            below: Placed | None = None
            if isinstance(node.value, dict):
                below = node.value.get(str(part))
            elif isinstance(node.value, list) and isinstance(part, int):
                below = node.value[part] if part < len(node.value) else None
            if below is None:
                return node
            node = below
        return node

    def plain(self) -> Any:
        """The value without lines, as JSON has it."""
        if isinstance(self.value, dict):
            return {key: below.plain() for key, below in self.value.items()}
        if isinstance(self.value, list):
            return [below.plain() for below in self.value]
        return self.value


def dotted(path: Path) -> str:
    """A path for people, entries of lists counted from 1: `VN.kinds[1].valid_from`."""
    text = "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


class YamlFile:
    """One YAML text being read; what is wrong with it gathers in `problems`."""

    def __init__(self, file: str, text: str, lines_before: int = 0) -> None:
        self.file = file
        self.text = text
        self.lines_before = lines_before
        self.problems: list[Problem] = []
        self._seen: set[int] = set()

    def mapping(self) -> dict[str, Placed]:
        """The mapping the file consists of; empty when it is not one."""
        try:
            node = yaml.compose(self.text, Loader=_Loader)
        except yaml.MarkedYAMLError as error:
            self._syntax(error)
            return {}
        except yaml.reader.ReaderError as error:
            line = self.text.count("\n", 0, error.position) + 1 + self.lines_before
            self._report(line, (), "a control character is used", "plain text")
            return {}
        if node is None:
            self._report(None, (), "the file is empty", "at least one `key: record`")
            return {}
        if not isinstance(node, yaml.MappingNode):
            self._report(
                self._line(node), (), "the file is not a mapping", "a file of `key: record`"
            )
            return {}
        return self._entries(node, ())

    def _report(self, line: int | None, path: Path, wrong: str, allowed: str) -> None:
        self.problems.append(Problem(self.file, line, dotted(path), wrong, allowed))

    def _line(self, node: Any) -> int:
        return int(node.start_mark.line) + 1 + self.lines_before

    def _syntax(self, error: yaml.MarkedYAMLError) -> None:
        mark = error.problem_mark or error.context_mark
        number = mark.line if mark is not None else 0
        lines = self.text.splitlines()
        line = lines[number] if number < len(lines) else ""
        if "\t" in line[: len(line) - len(line.lstrip())]:
            wrong, allowed = "a tab stands before the text", "spaces"
        elif error.problem and "expected a single document" in (error.context or ""):
            wrong, allowed = "the file holds several documents", "one mapping, without `---`"
        else:
            wrong = f"is not YAML: {error.problem or error.context}"
            allowed = "text that holds `: ` or ` #`, or starts with a special sign, in quotes"
        self._report(number + 1 + self.lines_before, (), wrong, allowed)

    def _entries(self, node: yaml.MappingNode, path: Path) -> dict[str, Placed]:
        entries: dict[str, Placed] = {}
        for key_node, value_node in node.value:
            line = self._line(key_node)
            key = self._key(key_node, path)
            if key is None:
                continue
            below = self._placed(value_node, line, (*path, key))
            if key in entries:
                self._report(
                    line,
                    (*path, key),
                    f"the key is written twice, first in line {entries[key].line}",
                    "every key once",
                )
                continue
            entries[key] = below
        return entries

    def _key(self, node: Any, path: Path) -> str | None:
        line = self._line(node)
        if not isinstance(node, yaml.ScalarNode):
            self._report(line, path, "a key is a list or a mapping", "keys of text")
            return None
        text = str(node.value)
        if _is_plain(node) and node.tag != _TAG + "str":
            self._report(line, (*path, text), _misread(text), f'"{text}" in quotes as the key')
        return text

    def _placed(self, node: Any, line: int, path: Path) -> Placed:
        if isinstance(node, yaml.ScalarNode):
            return Placed(self._scalar(node, line, path), line)
        if id(node) in self._seen:
            self._report(line, path, "an alias (`*name`) is used", "the value written out")
            return Placed(None, line)
        self._seen.add(id(node))
        if node.tag not in (_TAG + "map", _TAG + "seq"):
            self._report(line, path, f"the tag {node.tag} is used", "no tags")
        if isinstance(node, yaml.MappingNode):
            return Placed(self._entries(node, path), line)
        return Placed(
            [
                self._placed(below, self._line(below), (*path, place))
                for place, below in enumerate(node.value)
            ],
            line,
        )

    def _scalar(self, node: yaml.ScalarNode, line: int, path: Path) -> Scalar:
        text = str(node.value)
        tag = node.tag.removeprefix(_TAG)
        if tag == "str":
            return text
        if not _is_plain(node) or not node.tag.startswith(_TAG):
            self._report(line, path, f"the tag {node.tag} is used", "no tags")
            return text
        if tag == "null":
            return None
        if tag == "bool" and text in ("true", "false"):
            return text == "true"
        if tag == "int" and _WHOLE_NUMBER.fullmatch(text):
            return int(text)
        if tag == "timestamp" and _DAY.fullmatch(text):
            return text
        self._report(line, path, _misread(text), f'"{text}" in quotes if text is meant')
        return text


def _is_plain(node: yaml.ScalarNode) -> bool:
    return not node.style


def _misread(text: str) -> str:
    try:
        value = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError):
        return f"{text} without quotes is not read as text"
    match value:
        case None:
            meaning = "nothing (null)"
        case bool():
            meaning = "true" if value else "false"
        case int() | float():
            meaning = f"the number {value}"
        case date():
            meaning = f"the day {value}"
        case _:
            meaning = "something else than text"
    return f"{text or 'a key'} without quotes is read as {meaning}"


@dataclass(frozen=True, slots=True)
class FaqFile:
    """A FAQ file read: the front matter, and the passages (slug to text) in order."""

    front: dict[str, Placed]
    passages: dict[str, Placed]


def read_yaml(file: str, text: str) -> tuple[dict[str, Placed], list[Problem]]:
    """The mapping in a YAML text, with everything that is wrong with its form."""
    reading = YamlFile(file, text)
    return reading.mapping(), reading.problems


def read_faq(file: str, text: str) -> tuple[FaqFile | None, list[Problem]]:
    """The front matter and passages of a FAQ text, with everything wrong with its form."""
    lines = text.splitlines()
    if not text.strip():
        return None, [Problem(file, None, "", "the file is empty", "front matter and passages")]
    ends = [number for number, line in enumerate(lines) if line.rstrip() == "---"]
    if len(ends) < 2 or ends[0] != 0:
        wrong = "the file does not start with front matter"
        return None, [Problem(file, 1, "", wrong, "YAML between two lines `---`")]
    reading = YamlFile(file, "\n".join(lines[1 : ends[1]]), lines_before=1)
    front = reading.mapping()
    passages: dict[str, Placed] = {}
    problems = reading.problems
    for slug, line, passage in _sections(lines, ends[1] + 1):
        if not slug:
            if passage:
                wrong = "text stands before the first passage"
                problems.append(Problem(file, line, "", wrong, "text under a heading `## slug`"))
            continue
        if not _SLUG.fullmatch(slug):
            wrong = "the heading is no passage slug"
            allowed = "small letters, digits and single hyphens, such as `## assessed-by`"
            problems.append(Problem(file, line, slug, wrong, allowed))
        if slug in passages:
            wrong = f"the passage is written twice, first in line {passages[slug].line}"
            problems.append(Problem(file, line, slug, wrong, "every passage once"))
            continue
        passages[slug] = Placed(_unwrapped(passage), line)
    if not passages:
        problems.append(Problem(file, None, "", "the file has no passage", "a heading `## slug`"))
    return FaqFile(front, passages), problems


def _unwrapped(text: str) -> str:
    """Markdown with every paragraph and list entry on one line; tables keep their lines."""
    lines: list[str] = []
    for line in text.split("\n"):
        goes_on = lines and lines[-1] and line and not _BEGINS_BLOCK.match(line)
        if goes_on and not lines[-1].lstrip().startswith("|"):
            lines[-1] = f"{lines[-1].rstrip()} {line.strip()}"
        else:
            lines.append(line)
    return "\n".join(lines)


def _sections(lines: list[str], start: int) -> Iterator[tuple[str, int, str]]:
    """Each passage as slug, line and text; what stands before the first has the slug ""."""
    slug, line, body = "", 0, list[str]()
    for number, text in enumerate(lines[start:], start + 1):
        if re.match(r"#{1,6}\s", text):
            yield slug, line, "\n".join(body).strip()
            slug, line, body = text.removeprefix("## ").strip(), number, []
            continue
        if not line and text.strip():
            line = number
        body.append(text)
    yield slug, line, "\n".join(body).strip()


def read_catalogue(file: str, text: str) -> tuple[Placed | None, list[Problem]]:
    """A catalogue as the body of a record, with the lines of its texts; None if it has no form."""
    try:
        catalogue = read_po(StringIO(text), abort_invalid=True)
    except PoFileError as error:
        wrong = f"the file is no gettext catalogue: {error}"
        return None, [Problem(file, None, "", wrong, "msgid and msgstr")]
    texts: dict[str, Placed] = {}
    unreviewed: list[Placed] = []
    for message in catalogue:
        if message.id and message.string:
            line = message.lineno or 1
            texts[str(message.id)] = Placed(str(message.string), line)
            if message.fuzzy:
                unreviewed.append(Placed(str(message.id), line))
    return Placed({"texts": Placed(texts, 1), "unreviewed": Placed(unreviewed, 1)}, 1), []
