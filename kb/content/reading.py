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
from typing import Any, Final

import yaml

from kb.errors import Problem

Path = tuple[str | int, ...]
Scalar = str | int | bool | None

# The loader written in C is about ten times faster; PyYAML wheels bring it, some builds do not.
_Loader: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_TAG: Final = "tag:yaml.org,2002:"
DAY: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_WHOLE_NUMBER: Final = re.compile(r"-?(0|[1-9]\d{0,17})")
_BEGINS_BLOCK: Final = re.compile(r"\s*(?:[-*+] |\d+[.)] |[|>#])")
_SLUG: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
# What YAML takes for no text, and neither does a database; and what git leaves of two versions.
_NO_TEXT: Final = re.compile(
    "[^\\t\\n\\r\\x20-\\x7e\\x85\\xa0-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]"
)
_MERGING: Final = re.compile("^(?:<{7}|>{7}) ", re.MULTILINE)

# What is wrong, and what is allowed, by words that PyYAML says; either of its loaders says them.
_SYNTAX: Final = {
    "mapping values are not allowed": (
        "`: ` stands in text without quotes, or the line before has no `:`",
        "`key: value`, and text that holds `: ` in quotes",
    ),
    "unknown escape": (
        "a backslash stands in double quotes",
        "the text in single quotes, or two backslashes",
    ),
    "scanning a quoted": ("a quote is not closed", "the same quote at the end of the text"),
    "flow sequence": (
        "a list in `[ ]` is not closed, or lacks a comma",
        "`[one, two]`, and text that holds one of , : [ ] { } in quotes",
    ),
    "flow mapping": (
        "a mapping in `{ }` is not closed, or lacks a comma",
        "`{one: 1, two: 2}`, and text that holds one of , : [ ] { } in quotes",
    ),
    "block scalar": (
        "text stands behind `|` or `>`",
        "text from the next line on, or text in quotes",
    ),
    "block": (
        "the line is not indented like those it belongs to, or goes on behind a closing quote",
        "entries of one list or mapping right below each other",
    ),
    "could not find expected ':'": (
        "the line has no `:`",
        "`key: value`, or `- text` with a blank behind the hyphen",
    ),
    "cannot start any token": ("text begins with a sign that YAML keeps", "such text in quotes"),
    "alias": ("text begins with `*`", "such text in quotes"),
    "anchor": ("text begins with `&`", "such text in quotes"),
    "expected a single document": (
        "the file holds several documents",
        "one mapping, without `---`",
    ),
}


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
        self._lines = text.splitlines()
        self.problems: list[Problem] = []
        self._seen: set[int] = set()

    def mapping(self) -> dict[str, Placed]:
        """The mapping the file consists of; empty when it is not one."""
        try:
            node = yaml.compose(self.text, Loader=_Loader)
        except yaml.MarkedYAMLError as error:
            self._syntax(error)
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
        mark, begun = error.problem_mark or error.context_mark, error.context_mark
        number = mark.line if mark is not None else 0
        line = "".join(self._lines[number : number + 1])
        before = line[: len(line) - len(line.lstrip())]
        said_by_yaml = f"{error.context} {error.problem}"
        wrong, allowed = next(
            (said for words, said in _SYNTAX.items() if words in said_by_yaml),
            (f"is not YAML: {error.problem or error.context}", "such text in quotes"),
        )
        for sign, name in (("\t", "a tab"), ("\xa0", "a no-break space")):
            if sign in before:
                wrong, allowed, begun = f"{name} stands before the text", "spaces", None
        if begun is not None and begun.line < number and "document" not in said_by_yaml:
            wrong += f"; look from line {begun.line + 1 + self.lines_before} on"
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
        begins = self._from(node.start_mark)
        if begins.startswith("!"):
            self._report(line, path, f"the tag {node.tag} is used", "no tags")
            return text
        if begins.startswith("&"):
            self._report(line, path, "an anchor (`&name`) is used", "text in quotes")
        if tag == "str":
            if _is_plain(node):
                self._not_cut_short(node, line, path)
            return text
        if tag == "null":
            return None
        if tag == "bool" and text in ("true", "false"):
            return text == "true"
        if tag == "int" and _WHOLE_NUMBER.fullmatch(text):
            return int(text)
        if tag == "timestamp" and DAY.fullmatch(text):
            return text
        self._report(line, path, _misread(text), f'"{text}" in quotes if text is meant')
        return text

    def _from(self, mark: Any) -> str:
        """What stands in a line from a place on; nothing behind the last line."""
        lines = self._lines[mark.line : mark.line + 1]
        return lines[0][mark.column :] if lines else ""

    def _not_cut_short(self, node: yaml.ScalarNode, line: int, path: Path) -> None:
        behind = self._from(node.end_mark).strip()
        if behind.startswith("#"):
            self._report(
                line,
                path,
                f"text without quotes ends before `{behind}`",
                "text that holds ` #` in quotes; remarks on lines of their own",
            )


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
    problems = unfit(file, text)
    if problems:
        return {}, problems
    reading = YamlFile(file, text)
    return reading.mapping(), reading.problems


def unfit(file: str, text: str) -> list[Problem]:
    """What no file may hold, whatever its form."""
    return [
        Problem(file, text.count("\n", 0, found.start()) + 1, "", wrong, allowed)
        for form, wrong, allowed in (
            (_NO_TEXT, "a control character is used", "plain text"),
            (_MERGING, "two versions are not merged", "one of them, without the marks of git"),
        )
        if (found := form.search(text)) is not None
    ]


def read_faq(file: str, text: str) -> tuple[FaqFile | None, list[Problem]]:
    """The front matter and passages of a FAQ text, with everything wrong with its form."""
    problems = unfit(file, text)
    if problems:
        return None, problems
    lines = text.splitlines()
    if not text.strip():
        return None, [Problem(file, None, "", "the file is empty", "front matter and passages")]
    ends = [number for number, line in enumerate(lines) if line.rstrip() == "---"]
    if len(ends) < 2 or ends[0] != 0:
        wrong = "the file does not start with front matter"
        return None, [Problem(file, 1, "", wrong, "YAML between two lines `---`")]
    reading = YamlFile(file, "\n".join(lines[1 : ends[1]]), lines_before=1)
    front = reading.mapping()
    problems = reading.problems
    if not front:
        return None, problems
    passages: dict[str, Placed] = {}
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
