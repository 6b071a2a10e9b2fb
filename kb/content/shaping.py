"""The short forms that editors write, spelled out as the record types want them.

`cites` becomes citations with source and layer, a single condition a list of alternatives, a
single accepted value a list, a bare code of a blocker or of what a brand may do a mapping; a FAQ's
links, remarks and table name their passage by its full id, and what is filed under its passages
goes into them; tables and labels take their id or code from their key.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, replace

from kb.content.files import Raw, nearest
from kb.content.reading import DAY, Path, Placed
from kb.errors import Problem
from kb.rules.evidence import KnowledgeLayer

_BARE = {"blockers": "code", "brand_may": "because"}
"""Lists of mappings in which a bare code may stand for the field."""

# Pydantic would take "2021" for seconds since 1970.
_DAYS = ("valid_from", "checked_on", "dated")

_KEY_AGAIN = {"table": "id", "label": "code"}

# Front matter of a FAQ that is filed under the names of its passages, with the field of a passage.
BY_PASSAGE = {
    "phrasings": "phrasings",
    "leads": "leads",
    "holds": "holds",
    "not_for": "unless_when",
    "brief": "",
}
_ENTRY = "faq"

_OF_CITATION = {"passage", "source", "role"}


@dataclass(frozen=True, slots=True)
class Citable:
    """What can be cited: passage id to source id, and source id to layer.

    Citations of `unreadable` kinds are not judged.
    """

    passages: Mapping[str, str]
    layers: Mapping[str, str]
    unreadable: Set[str]

    @classmethod
    def of(cls, raws: Iterable[Raw], unreadable: Set[str]) -> Citable:
        """What the raw records of all kinds offer for citing."""
        passages: dict[str, str] = {}
        layers: dict[str, str] = {}
        for raw in raws:
            if raw.kind.name not in ("faq", "source"):
                continue
            record = raw.placed.plain()
            if raw.kind.name == "faq":
                source = str(record.get("source"))
                passages |= {passage["id"]: source for passage in record["passages"]}
            elif isinstance(record, dict):
                layers[raw.key] = str(record.get("layer"))
        return cls(passages, layers, unreadable)


def shaped(raw: Raw, citable: Citable) -> tuple[Raw, list[Problem], bool]:
    """The record with every short form spelled out, and the short forms that are wrong.

    Last comes whether it has all its citations: those that cannot be judged are left out.
    """
    if not isinstance(raw.placed.value, dict) or raw.kind.name == "golden":
        return raw, [], True
    shaping = _Shaping(raw, citable)
    fields = dict(shaping.spelled_out(raw.placed, ()).entries)
    line = raw.placed.line
    again = _KEY_AGAIN.get(raw.kind.name)
    if again:
        first = fields.setdefault(again, Placed(raw.key, line))
        if first.value != raw.key:
            shaping.report((again,), f"is {first.value!r}", f"{raw.key}, as the key, or leave out")
    if raw.kind.name == "faq":
        _name_passages_fully(raw.key, fields)
    if raw.kind.name in ("faq", "translation"):
        shaping.hand_to_passages(fields)
    return replace(raw, placed=Placed(fields, line)), shaping.problems, shaping.cites_all


def _name_passages_fully(number: str, fields: dict[str, Placed]) -> None:
    lists = [fields[name].value for name in ("links", "remarks") if name in fields]
    several = [entry for entries in lists if isinstance(entries, list) for entry in entries]
    for holder in [*([fields["table"]] if "table" in fields else []), *several]:
        if isinstance(holder.value, dict) and isinstance(holder.value.get("passage"), Placed):
            slug = holder.value["passage"]
            holder.value["passage"] = Placed(f"{number}.{slug.value}", slug.line)


class _Shaping:
    """One record being spelled out."""

    def __init__(self, raw: Raw, citable: Citable) -> None:
        self.raw = raw
        self.citable = citable
        self.problems: list[Problem] = []
        self.cites_all = True

    def report(self, path: Path, wrong: str, allowed: str) -> None:
        self.problems.append(self.raw.problem(path, wrong, allowed))

    def spelled_out(self, placed: Placed, path: Path) -> Placed:
        """The value with the short forms in it spelled out."""
        if isinstance(placed.value, list):
            entries = enumerate(placed.value)
            spelled_out = [self.spelled_out(entry, (*path, at)) for at, entry in entries]
            return Placed(spelled_out, placed.line)
        if not isinstance(placed.value, dict):
            return placed
        fields: dict[str, Placed] = {}
        for key, below in placed.value.items():
            if key == "cites":
                fields["citations"] = self._citations(below, (*path, key))
            elif key == "citations":
                self.report((*path, key), "citations is not a key to write", "cites")
            elif key == "when" or key.endswith("_when"):
                fields[key] = _alternatives(below)
            elif key in _DAYS and isinstance(below.value, str) and not DAY.fullmatch(below.value):
                self.report((*path, key), f"{below.value} is not a day", "a day as 2021-10-01")
                fields[key] = below
            elif key in _BARE:
                fields[key] = _spelled_out(self.spelled_out(below, (*path, key)), _BARE[key])
            else:
                fields[key] = self.spelled_out(below, (*path, key))
        return Placed(fields, placed.line)

    def hand_to_passages(self, fields: dict[str, Placed]) -> None:
        """Put what is filed under the names of passages into the passages."""
        passages: dict[str, dict[str, Placed]] = {}
        for passage in fields["passages"].elements:
            body = passage.entries
            passages[str(body["id"].value).partition(".")[2]] = body
        for key, field in BY_PASSAGE.items():
            placed = fields.get(key)
            if placed is None or not isinstance(placed.value, dict):
                continue
            del fields[key]
            for name, below in placed.value.items():
                brief = below.value if key == "brief" and isinstance(below.value, dict) else {}
                into = fields if key == "brief" and name == _ENTRY else passages.get(name)
                if into is None:
                    allowed = ", ".join(passages)
                    self.report((key, name), f"there is no passage {name}", allowed)
                elif key != "brief":
                    into[field] = _alternatives(below) if field == "unless_when" else below
                elif brief.keys() - {"short", "button"} or not brief:
                    self.report((key, name), "is not what a passage has in brief", "short, button")
                else:
                    into |= brief

    def _citations(self, cites: Placed, path: Path) -> Placed:
        form = "a list such as `[{passage: 7.replaces}]` or `[{source: howtohigg-vfslm}]`"
        if not isinstance(cites.value, list):
            self.report(path, "is not a list", form)
        elif not cites.value:
            self.report(path, "nothing is cited; every statement has a source", form)
        citations = [
            self._citation(citation, (*path, at))
            for at, citation in enumerate(cites.value if isinstance(cites.value, list) else ())
        ]
        if not citations or None in citations:
            self.cites_all = False
        return replace(cites, value=[citation for citation in citations if citation is not None])

    def _citation(self, cited: Placed, path: Path) -> Placed | None:
        entries = cited.value if isinstance(cited.value, dict) else {}
        named = [entries[key].value for key in ("passage", "source") if key in entries]
        if len(named) != 1 or not isinstance(named[0], str) or entries.keys() - _OF_CITATION:
            allowed = "`passage` or `source`, and `role` if it is not STATED"
            self.report(path, "is no citation", allowed)
            return None
        passage, source = entries.get("passage"), entries.get("source")
        if passage is not None:
            source = self._source_of(passage, path)
        elif source is not None and source.value not in self.citable.layers:
            known = sorted(self.citable.layers)
            if "source" not in self.citable.unreadable:
                hint = nearest(named[0], known)
                wrong = f"there is no source {source.value}{hint}"
                self.report((*path, "source"), wrong, ", ".join(known))
            source = None
        layer = None if source is None else self.citable.layers[str(source.value)]
        # A layer that is misspelt is reported where the source is described, not at every citation.
        if source is None or layer not in list(KnowledgeLayer):
            return None
        fields = {"source": source, "layer": Placed(layer, cited.line), "passage": passage}
        if "role" in entries:
            fields["role"] = entries["role"]
        return replace(
            cited, value={key: placed for key, placed in fields.items() if placed is not None}
        )

    def _source_of(self, passage: Placed, path: Path) -> Placed | None:
        """The source of a passage; None, and a problem if it is not told elsewhere, without one."""
        name = str(passage.value)
        source = self.citable.passages.get(name)
        if source is None and "faq" not in self.citable.unreadable:
            hint = nearest(name, sorted(self.citable.passages))
            self.report((*path, "passage"), f"there is no passage {name}{hint}", "")
        # A FAQ that names an unknown source is told so itself.
        known = source is not None and source in self.citable.layers
        return Placed(source, passage.line) if known else None


def _alternatives(condition: Placed) -> Placed:
    """A list of alternatives, each input with a list of values; a text stays a text."""
    if isinstance(condition.value, dict):
        return _alternatives(replace(condition, value=[condition]))
    if not isinstance(condition.value, list):
        return condition
    alternatives = [
        replace(value, value={name: _several(values) for name, values in value.value.items()})
        if isinstance(value.value, dict)
        else value
        for value in condition.value
    ]
    return replace(condition, value=alternatives)


def _several(values: Placed) -> Placed:
    return values if isinstance(values.value, list) else replace(values, value=[values])


def _spelled_out(entries: Placed, field: str) -> Placed:
    """A list of mappings, where an entry that is a bare code is its field."""
    if not isinstance(entries.value, list):
        return entries
    spelled_out = [
        replace(entry, value={field: entry}) if isinstance(entry.value, str) else entry
        for entry in entries.value
    ]
    return replace(entries, value=spelled_out)
