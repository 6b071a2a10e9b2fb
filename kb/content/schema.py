"""Strict validation of records straight into their frozen types, told in plain words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from kb.content.files import nearest
from kb.content.kinds import Kind
from kb.content.reading import Path
from kb.content.shaping import BY_PASSAGE
from kb.errors import InvalidInputError

# What a wrong value is told, by pydantic's name of the error: (what is wrong, what is allowed).
_PYDANTIC_ERRORS = {
    "missing": ("is missing", ""),
    "string_type": ("{value} is not text", "text; a number or true/false in quotes"),
    "bool_type": ("{quoted} is not true or false", "true or false"),
    "int_type": ("{quoted} is not a whole number", "a whole number without quotes"),
    "date_parsing": ("{value} is not a day", "a day as 2021-10-01"),
    "date_from_datetime_parsing": ("{value} is not a day", "a day as 2021-10-01"),
    "date_type": ("{value} is not a day", "a day as 2021-10-01"),
    "tuple_type": ("{value} is not a list", "a list"),
    "mapping_type": ("{value} is not a mapping", "a mapping of `key: value`"),
    "dict_type": ("{value} is not a mapping", "a mapping of `key: value`"),
    "dataclass_type": ("{value} is not a mapping", "a mapping of `key: value`"),
}


@cache
def _adapter(record_type: Any) -> TypeAdapter[Any]:
    """A strict reader of one record type, which forbids unknown keys.

    The tuple around it is there because pydantic takes this configuration for anything but a
    dataclass itself, and hands it down to the dataclasses within.
    """
    return TypeAdapter(tuple[record_type], config=ConfigDict(extra="forbid", strict=True))


def validated(kind: Kind, key: str, body: Any) -> tuple[Any, list[tuple[Path, str, str]]]:
    """The record made from a body (JSON values), or None and its problems.

    A problem is a path within the record, what is wrong, and what is allowed.
    """
    record_type = kind.record_type(key)
    if record_type is None:
        return None, []
    reader = _adapter(record_type)
    try:
        return reader.validate_json(json.dumps([body]))[0], []
    except ValidationError as error:
        details = error.errors(include_url=False)
    except InvalidInputError as error:
        # What a record refuses by itself, as a facility profile does.
        return None, [((), str(error).removesuffix("."), "")]
    return None, [_problem(detail, _schema(record_type)) for detail in details]


def body_of(kind: Kind, key: str, record: Any) -> dict[str, Any]:
    """The canonical body of a record: JSON values, every field spelled out."""
    dumped: dict[str, Any] = _adapter(kind.record_type(key)).dump_python((record,), mode="json")[0]
    return dumped


@cache
def _schema(record_type: Any) -> dict[str, Any]:
    return _adapter(record_type).json_schema()


def _problem(detail: ErrorDetails, schema: Mapping[str, Any]) -> tuple[Path, str, str]:
    path: Path = detail["loc"][1:]
    value = _shown(detail["input"])
    quoted = f'"{value}"' if isinstance(detail["input"], str) else value
    match detail["type"]:
        case "unexpected_keyword_argument" | "extra_forbidden":
            known = _keys(schema, detail["loc"][:-1])
            name = str(path[-1])
            return path, f"{name} is not a known key{nearest(name, known)}", ", ".join(known)
        case "enum" | "literal_error":
            known = _values(detail)
            path = path[:-1] if path[-1:] == ("[key]",) else path
            hint = nearest(str(detail["input"]), known)
            return path, f"{value} is not a known value{hint}", ", ".join(known)
        case kind if kind in _PYDANTIC_ERRORS:
            wrong, allowed = _PYDANTIC_ERRORS[kind]
            return path, wrong.format(value=value, quoted=quoted), allowed
    return path, f"{value}: {detail['msg']}", ""


def _shown(value: object) -> str:
    """A value as an editor wrote it, shortened."""
    if isinstance(value, dict | list | tuple):
        return "a mapping" if isinstance(value, dict) else "a list"
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    return text if len(text) <= 60 else text[:57] + "..."


def _values(detail: ErrorDetails) -> list[str]:
    expected = str(detail["ctx"]["expected"])
    return expected.replace(" or ", ", ").replace("'", "").split(", ")


def _keys(schema: Mapping[str, Any], path: Path) -> list[str]:
    """The keys that the schema allows at a path, as editors write them."""
    node: Any = schema
    for part in path:
        node = _resolved(node, schema)
        if isinstance(part, int):
            node = node["prefixItems"][part] if "prefixItems" in node else node["items"]
        else:
            node = node["properties"].get(part) or node["additionalProperties"]
    keys = list(_resolved(node, schema)["properties"])
    if "passages" in keys:  # of a FAQ: what is theirs is filed under their names
        keys = [key for key in keys if key not in ("passages", "short", "button")]
        keys += [key for key in BY_PASSAGE if key not in keys]
    return ["cites" if key == "citations" else key for key in keys]


def _resolved(node: Any, schema: Mapping[str, Any]) -> Any:
    """The schema behind references, and behind "or null"."""
    while "$ref" in node or "anyOf" in node:
        if "anyOf" in node:
            node = next(option for option in node["anyOf"] if option.get("type") != "null")
        else:
            node = schema["$defs"][node["$ref"].rpartition("/")[2]]
    return node
