"""Lists of others, read by a mapping file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kb.errors import InvalidInputError
from kb.models import Facility
from kb.services.lists.mapping import ListMapping, read_mapping
from tests.lists.stored import Take, events_of

MAPPING = """
columns:
  name: Nombre de la fábrica
  better_work_id: BW no.
  assessed_on: Audit date
  assessment_kind: Audit type
  cycle_opened_on: Von
constants:
  country: Nicaragua
  enrolled: "yes"
values:
  assessment_kind: {Physical: onsite, REMOTE: vcc}
date_format: DD/MM/YYYY
id_widths: {better_work_id: 6}
encoding: cp1252
"""


Mapped = Callable[[str], ListMapping]


@pytest.fixture
def mapped(tmp_path: Path) -> Mapped:
    def read(text: str) -> ListMapping:
        file = tmp_path / "mapping.yaml"
        file.write_text(text, encoding="utf-8")
        return read_mapping(file)

    return read


async def test_a_list_of_others_is_read_by_its_mapping(
    database: object, take: Take, mapped: Mapped
) -> None:
    content = (
        "Nombre de la fábrica;BW no.;Von;Audit date;Audit type;name\n"
        "Peñas;77;01/02/2024;3/4/2024;remote;ignored\n"
    )
    taken = await take(content.encode("cp1252"), mapping=mapped(MAPPING))
    assert (taken.rows, taken.problems, taken.unknown) == ("1 created", [], ("name",))
    facility = await Facility.get()
    assert (facility.name, facility.country, facility.better_work_id) == ("Peñas", "NI", "000077")
    assert ("ASSESSED", "2024-04-03", {"kind": "VCC"}) in await events_of("Peñas")


async def test_problems_are_told_under_the_header_of_the_list(
    database: object, take: Take, mapped: Mapped
) -> None:
    content = "Nombre de la fábrica;BW no.;Von;Audit date;Audit type\nA;1;32/01/2024;;\n"
    taken = await take(content.encode("cp1252"), mapping=mapped(MAPPING))
    assert taken.problems == [
        "list.csv:2: Von: '32/01/2024' is no day. Allowed: a day of the calendar as YYYY-MM-DD or "
        "as date_format in the mapping file says"
    ]


async def test_a_column_that_the_file_lacks_is_named(
    database: object, take: Take, mapped: Mapped
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        await take("name,country\nA,VN\n", mapping=mapped("columns: {name: Factory}\n"))
    assert str(caught.value) == (
        "--mapping: 'name: Factory' is not valid. Allowed: a header of the file, which are: name, "
        "country."
    )
    both = mapped("columns: {name: Factory, country: factory}\n")
    with pytest.raises(InvalidInputError) as caught:
        await take("Factory\nA\n", mapping=both)
    assert caught.value.allowed == "another header than country has"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("colums: {name: A}\n", "mapping.yaml:1: colums: is not known"),
        ("columns: {nom: A}\n", "mapping.yaml:1: columns.nom: is not a column"),
        ("columns: [name]\n", "columns: is not a list of `column: value`"),
        ("constants: {enrolled: yes}\n", "yes without quotes is read as true"),
        ("date_format: DD.MM.YY\n", "'DD.MM.YY' is no way to write a day"),
        ("id_widths: {better_work_id: 0}\n", "is not a number of digits"),
        ("id_widths: {name: 3}\n", "Allowed: os_id, gateway_id, better_work_id."),
        ("encoding: utf-16\n", "'utf-16' cannot be used"),
        ("encoding: klingon\n", "'klingon' cannot be used"),
        ("name: A\nname: B\n", "the key is written twice"),
    ],
)
def test_a_wrong_mapping_file_is_refused_with_line_and_key(
    mapped: Mapped, text: str, message: str
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        mapped(text)
    assert message in str(caught.value)
