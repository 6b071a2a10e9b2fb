"""Every problem of the content is told with its file, line and key, and all at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.content.checking import check
from tests.content.conftest import ROUTE

COUNTRY = """\
"VN":
  name: Vietnam
  kinds:
"""
FACT = (
    "    - {{valid_from: {day}, precision: DAY, value: {value}, text: A fact.,"
    " cites: [{cites}], checked_on: {checked}}}\n"
)


def fact(day: str, cites: str = "{source: page}", value: str = "NON_BW", checked="2026-11-23"):
    return FACT.format(day=day, cites=cites, value=value, checked=checked)


def entry(fields: str) -> dict[str, str | None]:
    return {"systems.yaml": f"gateway: {{{fields}}}\n"}


def test_a_tree_without_problems_has_none(problems_of):
    assert problems_of({}) == []


def test_all_problems_are_told_at_once_in_the_order_of_files_and_lines(problems_of):
    problems = problems_of(
        {
            "glossary.yaml": "g: {trem: A, text: A text., cites: [{passage: 1.fist}]}\n"
            "h: {term: yes, text: A text., cites: []}\n",
            "fees.yaml": "f: {code: HOSTS}\n",
        }
    )
    assert [problem.partition(".yaml")[0] for problem in problems] == ["fees"] * 7 + [
        "glossary"
    ] * 5


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("README.md", "README.md"),
        ("glossary.yml", "glossary.yml"),
        ("rules/other.yaml", "rules/other.yaml"),
        ("faqs/notes.txt", "faqs/notes.txt"),
        ("countries/asia/vn.yaml", "countries/asia/"),
        ("notes/a.yaml", "notes/"),
    ],
)
def test_a_file_or_folder_that_no_kind_claims_is_a_problem(problems_of, name, shown):
    (problem,) = problems_of({name: "x"})
    assert problem.startswith(
        f"{shown}: no kind of content lies here. Allowed: faqs/*.md, and `place"
    )


def test_samples_python_files_and_hidden_files_are_no_content(problems_of):
    assert problems_of({"samples/fee.yaml": "-", "__init__.py": "", ".DS_Store": ""}) == []


def test_a_missing_folder_is_a_problem(tmp_path: Path):
    (problem,) = check(tmp_path / "nowhere")
    assert problem.wrong == "there is no such folder."


def test_an_unknown_key_is_told_with_the_nearest_and_all_allowed(problems_of):
    problems = problems_of(
        entry("title: A, text: A text., cites: [{passage: 1.first}], alias: [B]")
    )
    assert problems == [
        "systems.yaml:1: gateway.alias: alias is not a known key (did you mean aliases?)."
        " Allowed: title, aliases, text, cites, facts"
    ]


def test_an_unknown_key_deep_in_a_record_is_told_with_what_is_allowed_there(problems_of):
    problems = problems_of(
        {"countries/some.yaml": COUNTRY + fact("2022-05-01").replace("text", "txt")}
    )
    assert problems == [
        "countries/some.yaml:4: VN.kinds[1].text: is missing.",
        "countries/some.yaml:4: VN.kinds[1].txt: txt is not a known key (did you mean text?)."
        " Allowed: valid_from, precision, value, text, cites, checked_on",
    ]


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ("text: A text., cites: [{passage: 1.first}]", ".title: is missing."),
        ("title: '', text: A, cites: [{passage: 1.first}]", ".title: is empty. Allowed: some text"),
        (
            "title: A, text: A, cites: [{passage: 1.first}], aliases: B",
            ".aliases: B is not a list. Allowed: a list",
        ),
        ("title: A, text: A", ".cites: is missing."),
        (
            "title: A, text: A, cites: []",
            ".cites: nothing is cited; every statement has a source. Allowed: a list such as"
            " `[{passage: 7.replaces}]` or `[{source: howtohigg-vfslm}]`",
        ),
        (
            "title: A, text: A, cites: 1.first",
            ".cites: is not a list. Allowed: a list such as `[{passage: 7.replaces}]` or"
            " `[{source: howtohigg-vfslm}]`",
        ),
        (
            "title: A, text: A, citations: [{passage: 1.first}]",
            ".cites: citations is not a key to write. Allowed: cites",
        ),
        (
            "title: A, text: A, cites: [{passage: 1.frist}]",
            ".cites[1].passage: there is no passage 1.frist (did you mean 1.first?).",
        ),
        (
            "title: A, text: A, cites: [{source: pages}]",
            ".cites[1].source: there is no source pages (did you mean page?)."
            " Allowed: faqs-2021, page, undated",
        ),
        (
            "title: A, text: A, cites: [1.first]",
            ".cites[1]: is no citation."
            " Allowed: `passage` or `source`, and `role` if it is not STATED",
        ),
        (
            "title: A, text: A, cites: [{passage: 1.first, source: page}]",
            ".cites[1]: is no citation."
            " Allowed: `passage` or `source`, and `role` if it is not STATED",
        ),
        (
            "title: A, text: A, cites: [{passage: 1.first, role: DERVIED}]",
            ".cites[1].role: DERVIED is not a known value (did you mean DERIVED?)."
            " Allowed: STATED, COMBINED, DERIVED",
        ),
        (
            "title: A, text: A, cites: [{passage: 1.first}, {source: page}]",
            ".cites: one statement cites both layers."
            " Allowed: sources of one layer; a second record or fact for the other",
        ),
        (
            "title: A, text: Ask {country}., cites: [{passage: 1.first}]",
            ".text: {country} is not filled in. Allowed: no braces",
        ),
    ],
)
def test_what_is_wrong_within_a_record_is_named(problems_of, fields, problem):
    quoted = fields.replace("Ask {country}.", '"Ask {country}."')
    assert problems_of(entry(quoted)) == [f"systems.yaml:1: gateway{problem}"]


def test_a_record_that_is_no_mapping_is_a_problem(problems_of):
    assert problems_of({"systems.yaml": "gateway: A text\n"}) == [
        "systems.yaml:1: gateway: A text is not a mapping. Allowed: a mapping of `key: value`"
    ]


def test_a_key_of_the_wrong_form_is_a_problem(problems_of):
    problems = problems_of(
        {"systems.yaml": "a b: {title: A, text: A, cites: [{passage: 1.first}]}\n"}
    )
    assert problems == [
        "systems.yaml:1: a b: the key has the wrong form."
        " Allowed: letters, digits, dots, hyphens and underscores"
    ]


def test_a_key_twice_over_the_files_of_a_kind_is_a_problem(problems_of):
    text = "gateway: {title: A, text: A, cites: [{passage: 1.first}]}\n"
    assert problems_of({"systems/a.yaml": text, "systems/b.yaml": f"# Again.\n{text}"}) == [
        "systems/b.yaml:2: gateway: the system is already in systems/a.yaml:1."
        " Allowed: every key once over all files of a kind"
    ]


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        (
            "code: HOST_SHARE, charge: NONE",
            ".code: HOST_SHARE is not a known value (did you mean HOST_SHARING?). Allowed:"
            " GATEWAY_REGISTRATION, BETTER_WORK_SERVICE, HOST_SHARING, VERIFICATION",
        ),
        (
            "code: VERIFICATION, charge: FREE",
            ".charge: FREE is not a known value. Allowed:"
            " NONE, CONTINUES, STARTS_WITH_ENROLMENT, POSSIBLE, NOT_STATED, NOT_APPLICABLE",
        ),
    ],
)
def test_a_value_outside_its_vocabulary_is_told_with_what_is_allowed(problems_of, fields, problem):
    rest = "title: A, payer: null, payee: null, text: A, cites: [{passage: 14.first}]"
    assert problems_of({"fees.yaml": f"f: {{{fields}, {rest}}}\n"}) == [f"fees.yaml:1: f{problem}"]


def test_a_whole_number_in_quotes_and_a_word_for_true_are_not_taken(problems_of):
    problems = problems_of(
        {
            "tool-versions.yaml": 'caf-1.4: {version: "1.4", planned: "no"}\n',
            "law-overlay.yaml": 'o: {title: A, steps: ["1"], text: A, cites: [{passage: 4.first}]}'
            "\n",
        }
    )
    assert problems == [
        'law-overlay.yaml:1: o.steps[1]: "1" is not a whole number.'
        " Allowed: a whole number without quotes",
        'tool-versions.yaml:1: caf-1.4.planned: "no" is not true or false. Allowed: true or false',
    ]


def test_a_country_that_is_no_country_is_a_problem(problems_of):
    text = COUNTRY.replace("VN", "VT") + fact("2022-05-01")
    overlay = "o: {title: A, countries: [BD, XX], text: A, cites: [{passage: 4.first}]}\n"
    assert problems_of({"countries/some.yaml": text, "law-overlay.yaml": overlay}) == [
        'countries/some.yaml:1: VT: VT is not an ISO country code. Allowed: such as "VN"',
        'law-overlay.yaml:1: o.countries[2]: XX is not an ISO country code. Allowed: such as "VN"',
    ]


def test_a_label_says_its_code_only_by_its_key(problems_of, small_content):
    text = (small_content() / "labels.yaml").read_text()
    problems = problems_of(
        {"labels.yaml": text.replace("NO_DATA: {", "NO_DATA: {code: SELF_STEP1, ")}
    )
    assert problems == [
        "labels.yaml:11: NO_DATA.code: is 'SELF_STEP1'. Allowed: NO_DATA, as the key, or leave out"
    ]


# Days ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "problem"),
    [
        (
            fact("2022-05-01") + fact("2022-05-01"),
            "5: VN.kinds[2].valid_from: 2022-05-01 does not come after 2022-05-01 of the entry"
            " before. Allowed: rising days within a layer",
        ),
        (
            fact("2023-01-01") + fact("2022-12-31"),
            "5: VN.kinds[2].valid_from: 2022-12-31 does not come after 2023-01-01 of the entry"
            " before. Allowed: rising days within a layer",
        ),
        (
            fact("2022-04-30"),
            "4: VN.kinds[1].valid_from: 2022-04-30 is before the source page is dated."
            " Allowed: 2022-05-01 or later",
        ),
        (
            fact("2026-11-22", "{source: undated}"),
            "4: VN.kinds[1].valid_from: 2026-11-22 is before the source undated was checked; it"
            " bears no date. Allowed: 2026-11-23 or later",
        ),
        (
            fact("2022-05-01", checked="2022-04-30"),
            "4: VN.kinds[1].checked_on: 2022-04-30 is before the source page is dated."
            " Allowed: 2022-05-01 or later",
        ),
        (
            fact("2022-02-30"),
            "4: VN.kinds[1].valid_from: 2022-02-30 is not a day. Allowed: a day as 2021-10-01",
        ),
        (
            fact("2022-05-01", cites="{passage: 2.first}, {source: page}"),
            "4: VN.kinds[1].cites: one statement cites both layers."
            " Allowed: sources of one layer; a second record or fact for the other",
        ),
    ],
)
def test_a_day_that_cannot_be_right_is_a_problem(problems_of, facts, problem):
    assert problems_of({"countries/some.yaml": COUNTRY + facts}) == [
        f"countries/some.yaml:{problem}"
    ]


@pytest.mark.parametrize(
    "facts",
    [
        fact("2022-05-01") + fact("2022-05-02"),
        fact("2026-11-23", "{source: undated}"),
        # The source document may tell what was before it.
        fact("2021-03-31", "{passage: 3.first}"),
        # Each layer has its own order.
        fact("2022-05-01") + fact("2021-10-01", "{passage: 2.first}"),
    ],
)
def test_days_in_order_are_no_problem(problems_of, facts):
    assert problems_of({"countries/some.yaml": COUNTRY + facts}) == []


def test_a_source_is_checked_after_its_day_and_has_its_precision(problems_of, small_content):
    text = (small_content() / "sources.yaml").read_text()
    changed = text.replace("2022-05-01\n  precision: DAY", "2027-01-01")
    assert problems_of({"sources.yaml": changed}) == [
        "sources.yaml:9: page.precision: a day and its precision go together."
        " Allowed: both or neither",
        "sources.yaml:15: page.checked_on: 2026-11-23 is before the source itself is dated."
        " Allowed: 2027-01-01 or later",
    ]


def test_what_only_follows_from_an_unreadable_file_is_not_told(problems_of):
    assert problems_of({"sources.yaml": "page: a: b\n"}) == [
        "sources.yaml:1: `: ` stands in text without quotes, or the line before has no `:`."
        " Allowed: `key: value`, and text that holds `: ` in quotes"
    ]
    assert len(problems_of({"faqs/07-faq-7.md": "", "sources.yaml": None})) > 1


def test_a_file_of_sources_that_is_missing_is_told_by_those_who_cite_them(small_content):
    folder = small_content()
    (folder / "sources.yaml").unlink()
    assert {problem.wrong for problem in check(folder)} == {"there is no source faqs-2021."}


def test_a_layer_that_is_misspelt_is_told_once(problems_of, small_content):
    sources = (small_content() / "sources.yaml").read_text().replace("PUBLIC_RECORD", "PUBLIC", 1)
    country = COUNTRY + fact("2022-05-01", "{source: page}, {source: undated}")
    assert problems_of({"sources.yaml": sources, "countries/some.yaml": country}) == [
        "sources.yaml:12: page.layer: PUBLIC is not a known value (did you mean PUBLIC_RECORD?)."
        " Allowed: SHARED_FAQS_2021, PUBLIC_RECORD"
    ]


@pytest.mark.parametrize(
    ("cites", "problem"),
    [
        ("2.first", "cites: is not a list."),
        ("[2.first]", "cites[1]: is no citation."),
        ("[{source: [page]}]", "cites[1]: is no citation."),
        ("[{passage: {number: 2}}]", "cites[1]: is no citation."),
        ("[{passage: 2.first, source: page}]", "cites[1]: is no citation."),
        ("[{passage: 2.first, rule: STATED}]", "cites[1]: is no citation."),
    ],
)
def test_a_fact_that_cites_in_a_form_of_its_own_is_a_problem(problems_of, cites, problem):
    country = COUNTRY + fact("2021-10-01", "").replace("[]", cites)
    [told] = problems_of({"countries/some.yaml": country})
    assert told.startswith(f"countries/some.yaml:4: VN.kinds[1].{problem} Allowed: ")


@pytest.mark.parametrize("day", ["2021", "1633046400", "2021-10", "2021-10-01T00:00:00"])
def test_a_day_in_quotes_is_a_whole_day(problems_of, day):
    country = COUNTRY + fact(f'"{day}"', "{passage: 2.first}")
    assert problems_of({"countries/some.yaml": country}) == [
        f"countries/some.yaml:4: VN.kinds[1].valid_from: {day} is not a day."
        " Allowed: a day as 2021-10-01"
    ]


@pytest.mark.parametrize(
    ("amount", "currency", "problem"),
    [
        ("120.00", "USD", None),
        ("1,200", "USD", 'amount: 1,200 is no amount. Allowed: a decimal number such as "120.00"'),
        ("some", "USD", 'amount: some is no amount. Allowed: a decimal number such as "120.00"'),
        (
            "0",
            "dollars",
            "currency: dollars is no currency. Allowed: a code of ISO 4217 such as USD",
        ),
    ],
)
def test_an_amount_is_a_number_in_a_currency(problems_of, amount, currency, problem):
    value = f'{{amount: "{amount}", currency: {currency}}}'
    fee = (
        "f:\n  {code: VERIFICATION, title: A, payer: null, payee: null, charge: NONE, text: A.,"
        f" cites: [{{source: page}}], amounts:\n{fact('2022-05-01', '{source: page}', value)}  }}\n"
    )
    fee = fee.replace("amounts:\n    - ", "amounts: [").replace("\n  }", "]}")
    told = [] if problem is None else [f"fees.yaml:2: f.amounts[1].value.{problem}, or null"]
    assert problems_of({"fees.yaml": fee}) == told


def test_what_only_follows_from_a_record_with_problems_is_not_told(problems_of):
    routes = ROUTE.replace("{title: Nothing yet,", "{titel: A,")
    assert problems_of({"workflow/routes.yaml": routes}) == [
        "workflow/routes.yaml:1: UNDETERMINED.titel: titel is not a known key (did you mean"
        " title?). Allowed: title, because, steps, next_cycle, alternatives, when,"
        " brand_may, brand_may_not",
        "workflow/routes.yaml:1: UNDETERMINED.title: is missing.",
    ]
