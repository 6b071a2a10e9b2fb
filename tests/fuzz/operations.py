"""Operations made at random from the schema, with ids, days and numbers that may be there."""

from __future__ import annotations

import base64
import json
import re
from datetime import date

from hypothesis import strategies as st
from hypothesis_graphql import Mode, from_schema, nodes

from graphql_schema.schema import schema, sdl
from tests.access.people import EVERYBODY
from tests.global_ids import global_id

who = st.sampled_from(sorted(EVERYBODY))
numbers = st.one_of(st.integers(), st.sampled_from([2**31, 2**63 - 1, 2**63, 10**40]))
ids = st.one_of(
    st.integers(1, 30).map(global_id),
    st.tuples(st.sampled_from(["Facility", "Faq", "Country", "Query", ""]), numbers | st.text())
    .map(lambda parts: f"{parts[0]}:{parts[1]}".encode("utf-8", "replace"))
    .map(lambda plain: base64.b64encode(plain).decode()),
    st.binary().map(lambda plain: base64.b64encode(plain).decode()),
    st.text(),
)
days = st.one_of(
    st.dates().map(str),
    st.tuples(numbers, numbers, numbers).map(lambda parts: "-".join(map(str, parts))),
    st.text(),
)
SCALARS = {
    "Date": (st.dates(date(2021, 10, 1), date(2026, 12, 1)) | st.dates()).map(
        lambda day: nodes.String(str(day))
    ),
    "DateTime": st.datetimes().map(lambda moment: nodes.String(f"{moment.isoformat()}Z")),
    "CountryCode": st.sampled_from(["VN", "BD", "KH", "XX"]).map(nodes.String),
    "Markdown": st.text().map(nodes.String),
}
SCHEMA = sdl()
# The ignores: the schema has both.
MUTATIONS = sorted(schema._schema.mutation_type.fields)
QUERIES = sorted(schema._schema.query_type.fields)

_ID = re.compile(r'\b((?:facilityId|id): )(?:"(?:[^"\\]|\\.)*"|-?\d+)')
_VERSION = re.compile(r"\b(expectedVersion: )-?\d+")


@st.composite
def operations(draw: st.DrawFn, fields: list[str] | None, mode: Mode = Mode.POSITIVE) -> str:
    """Operations with one root field, or any, and with ids and versions that may be there."""
    chosen = [draw(st.sampled_from(fields))] if fields else None
    text = draw(from_schema(SCHEMA, fields=chosen, custom_scalars=SCALARS, mode=mode))
    text = _ID.sub(lambda match: match[1] + json.dumps(draw(ids), ensure_ascii=False), str(text))
    return _VERSION.sub(lambda match: f"{match[1]}{draw(st.integers(0, 30))}", text)
