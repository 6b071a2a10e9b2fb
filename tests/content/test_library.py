"""Files and database rows make the same frozen Library; golden cases guard it."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import FrozenInstanceError
from datetime import date
from pathlib import Path
from typing import Any, ClassVar

import pytest

import faq_content
from kb.content.checking import check
from kb.content.files import records_of
from kb.content.golden import failures
from kb.content.kinds import KINDS
from kb.content.library import Record, content_hash, library_from, read_content, read_golden_cases
from kb.content.schema import validated
from kb.content.shaping import Citable, shaped
from kb.errors import ContentError
from kb.rules.codes import DataLabelCode
from kb.rules.evidence import Citation, KnowledgeLayer
from kb.services.knowledge.publishing import publishable
from tests.rules.shipped import shipped_golden_cases, shipped_records


@pytest.fixture(scope="module")
def records():
    return shipped_records()


@pytest.fixture(scope="module")
def library(records):
    return library_from(records)


def through_a_database(records):
    """As a database may hand them back: any order of rows, and of the keys of a mapping."""
    rows = [
        json.dumps([record.kind, record.key, record.body], sort_keys=True)
        for record in reversed(records)
    ]
    return tuple(Record(*json.loads(row)) for row in rows)


@pytest.mark.slow
def test_the_real_content_has_no_problem():
    assert [str(problem) for problem in check()] == []


def test_files_and_database_rows_make_the_same_library(records, library):
    again = library_from(through_a_database(records))
    assert again == library
    # Not only equal, but in the same order throughout.
    assert repr(again) == repr(library)


def test_records_are_json_and_spell_out_every_field(records):
    faq = next(record for record in records if (record.kind, record.key) == ("faq", "7"))
    assert json.loads(json.dumps(faq.body)) == faq.body
    assert faq.body["passages"][0]["id"] == "7.no-verifiers"
    assert faq.body["table"]["passage"] == "7.assessed-by"
    table = next(record for record in records if (record.kind, record.key) == ("table", "A"))
    assert table.body["id"] == "A"
    assert table.body["rows"][0]["when"][0]["country_kind"] == ["ROLLOUT"]
    assert table.body["rows"][0]["then"]["fallback"] is None


@pytest.mark.slow
def test_golden_cases_are_no_part_of_a_release(records):
    released = {kind.name for kind in KINDS.values() if kind.released}
    assert {record.kind for record in records} == released
    assert shipped_golden_cases()


def test_keys_come_in_their_natural_order(library):
    assert list(library.faqs) == list(range(1, 24))
    assert list(library.ambiguities) == [f"Q{number}" for number in range(1, 22)]
    assert [rule.number for rule in library.rulebook.faqs] == list(range(1, 24))


def test_a_library_cannot_be_changed(library):
    with pytest.raises(TypeError, match="does not support item assignment"):
        library.faqs[24] = library.faqs[1]
    with pytest.raises(TypeError, match="does not support item assignment"):
        library.rulebook.assessment.rows[0].when[0]["enrolled"] = ("NO",)
    with pytest.raises(FrozenInstanceError):
        library.faqs[1].question = "Another?"


def test_conditions_and_labels_keep_the_order_in_which_they_are_declared(library):
    row = library.rulebook.assessment.rows[0]
    assert list(row.when[0]) == ["country_kind", "enrolled", "in_scope"]
    assert list(library.rulebook.labels.rows[0].then.labels) == [
        DataLabelCode.BW_ASSESSED_STEP1,
        DataLabelCode.SELF_STEP1,
        DataLabelCode.BW_ADVISORY_ONLY,
    ]


def test_a_faq_rule_cites_the_first_passage_of_its_faq(library):
    assert library.rulebook.faqs[6].citation == Citation(
        "shared-faqs-2021-10", KnowledgeLayer.SHARED_FAQS_2021, passage="7.no-verifiers"
    )


def test_short_forms_are_spelled_out(small_content):
    text = """\
A:
  title: A table
  inputs: {enrolled: ["YES", "NO", UNKNOWN]}
  rows:
    - id: A1
      when: {enrolled: UNKNOWN}
      then:
        because: SAID
        assessed_by: UNDETERMINED
        routes: [UNDETERMINED]
        state: UNKNOWN
        blockers: [NEEDS_ENROLMENT, {code: NEEDS_SCOPE, when: {enrolled: UNKNOWN}}]
    - id: A2
      when: [{enrolled: "YES"}, {enrolled: ["NO"]}]
      then: {because: SAID, assessed_by: UNDETERMINED, routes: [UNDETERMINED], state: UNKNOWN}
"""
    library = library_from(read_content(small_content({"rules/tables/a.yaml": text})))
    first, second = library.rulebook.assessment.rows
    assert [dict(condition) for condition in first.when] == [{"enrolled": ("UNKNOWN",)}]
    assert [dict(condition) for condition in second.when] == [
        {"enrolled": ("YES",)},
        {"enrolled": ("NO",)},
    ]
    assert [(blocker.code, len(blocker.when)) for blocker in first.then.blockers] == [
        ("NEEDS_ENROLMENT", 0),
        ("NEEDS_SCOPE", 1),
    ]
    assert library.rulebook.statements["SAID"].citations == (
        Citation("faqs-2021", KnowledgeLayer.SHARED_FAQS_2021, passage="7.first"),
    )
    assert library.countries["VN"].kinds[0].valid_from == date(2021, 10, 1)


def test_the_hash_looks_at_the_content_and_not_at_the_order(records):
    assert content_hash(records) == content_hash(through_a_database(records))
    changed = [*records[1:], Record(records[0].kind, records[0].key, {**records[0].body, "x": 1})]
    assert content_hash(changed) != content_hash(records)
    assert content_hash(records[1:]) != content_hash(records)


def test_content_with_problems_is_not_read(small_content):
    folder = small_content({"fees.yaml": "", "systems.yaml": "- a\n"})
    with pytest.raises(ContentError) as raised:
        read_content(folder)
    assert str(raised.value) == (
        "The content has 2 problems; nothing was published:\n"
        "  fees.yaml: the file is empty. Allowed: at least one `key: record`\n"
        "  systems.yaml:1: the file is not a mapping. Allowed: a file of `key: record`"
    )
    with pytest.raises(ContentError):
        read_golden_cases(folder)


def test_a_text_that_no_column_can_hold_is_told_before_publishing(small_content):
    table = (small_content() / "rules/tables/e.yaml").read_text()
    folder = small_content(
        {
            "rules/tables/e.yaml": table.replace("id: E1", f"id: E{20 * '1'}"),
            "hosts.yaml": f"h: {{name: {201 * 'n'}, charges: None., law_overlay: false,"
            " text: A text., cites: [{passage: 1.first}]}\n",
            "faqs/07-faq-7.md": None,
            f"faqs/07-{201 * 's'}.md": (small_content() / "faqs/07-faq-7.md")
            .read_text()
            .replace("slug: faq-7", f"slug: {201 * 's'}")
            .replace("## second", f"## {199 * 'p'}"),
        }
    )
    (folder / "faqs/07-faq-7.md").unlink()
    with pytest.raises(ContentError) as raised:
        publishable(folder)
    assert [str(problem) for problem in raised.value.problems] == [
        f"faq 7: {60 * 's'}: has 201 characters. Allowed: at most 200",
        f"faq 7: 7.{58 * 'p'}: has 201 characters. Allowed: at most 200",
        f"host h: {60 * 'n'}: has 201 characters. Allowed: at most 200",
        f"table E: E{20 * '1'}: has 21 characters. Allowed: at most 20",
    ]


def test_records_that_do_not_fit_make_no_library(records):
    rest = [
        record
        for record in records
        if (record.kind, record.key) not in {("table", "C"), ("host", "ffc")}
    ]
    broken = [
        *rest,
        Record("host", "ffc", {"name": 5}),
        Record("golden", "A case", {}),
        Record("rumour", "x", {}),
    ]
    with pytest.raises(ContentError) as raised:
        library_from(broken)
    problems = [str(problem) for problem in raised.value.problems]
    assert (
        "host ffc: name: 5 is not text. Allowed: text; a number or true/false in quotes" in problems
    )
    assert "host ffc: charges: is missing." in problems
    assert "golden A case: no release holds this kind." in problems
    assert "rumour x: no release holds this kind." in problems
    assert problems[-1] == "table C: the table is missing. Allowed: tables A, B, C, D, E"


def test_a_faq_without_its_source_makes_no_library(records):
    rest = [record for record in records if record.key != "shared-faqs-2021-10"]
    with pytest.raises(ContentError) as raised:
        library_from(rest)
    assert len(raised.value.problems) == 23
    assert str(raised.value.problems[0]) == "faq 1: source: there is no source shared-faqs-2021-10."


def with_passages_front_matter(small_content, front):
    text = (small_content() / "faqs/07-faq-7.md").read_text()
    text = text.replace("phrasings: [one, two, three, four, five]", front)
    return library_from(read_content(small_content({"faqs/07-faq-7.md": text}))).faqs[7]


def test_what_is_filed_under_passages_goes_into_them(small_content):
    faq = with_passages_front_matter(
        small_content,
        """\
phrasings: {second: [one, two, three]}
leads: {second: [{text: Yes. It is so., phrasings: [four, five]}]}
holds: {first: [DURATION]}
brief: {faq: {short: All of it., button: All}, second: {short: Second.}}""",
    )
    first, second = faq.passages
    assert (first.phrasings, first.holds, first.short) == ((), ("DURATION",), None)
    assert second.questions == ("one", "two", "three", "four", "five")
    assert (second.leads[0].text, second.short, second.button) == (
        "Yes. It is so.",
        "Second.",
        None,
    )
    assert (faq.short, faq.button) == ("All of it.", "All")
    assert faq.every_phrasing == second.questions


def test_phrasings_of_no_passage_in_particular_are_kept(small_content):
    faq = with_passages_front_matter(small_content, "phrasings: [a, b, c, d, e]")
    assert faq.every_phrasing == faq.phrasings == ("a", "b", "c", "d", "e")


def samples():
    return sorted((faq_content.folder() / "samples").iterdir(), key=lambda path: path.name)


def test_there_is_a_sample_of_every_kind():
    assert {sample.name.partition(".")[0] for sample in samples()} == set(KINDS)


@pytest.mark.parametrize("sample", samples(), ids=lambda path: path.name)
def test_a_sample_fits_its_kind_and_explains_its_fields(sample, records):
    kind = KINDS[sample.name.partition(".")[0]]
    sources = {record.key: record.body["layer"] for record in records if record.kind == "source"}
    faqs = [record.body for record in records if record.kind == "faq"]
    passages = {passage["id"]: faq["source"] for faq in faqs for passage in faq["passages"]}
    text = sample.read_text(encoding="utf-8")
    # The sample of a FAQ bears its own name, not that of a number.
    in_locale_folder = kind.name in ("handover_translation", "catalogue")
    folder = "translations/vi" if in_locale_folder else "samples"
    raws, problems = records_of(kind, f"{folder}/{sample.name}", text)
    problems = [problem for problem in problems if "not named after" not in problem.wrong]
    assert raws
    for raw in raws:
        spelled_out, wrong_forms, _ = shaped(raw, Citable(passages, sources, set()))
        _, wrong = validated(kind, raw.key, spelled_out.placed.plain())
        problems += wrong_forms + [spelled_out.problem(*misfit) for misfit in wrong]
    assert [str(problem) for problem in problems] == []
    assert text.count("#") > 3


def test_the_real_golden_cases_come_out_as_written(library):
    assert failures(shipped_golden_cases(), library) == []


# What an editor knows of the original belongs into the fields for it, not into an answer.
EDITORIAL = (
    r"\b(in|of) the (source|original)\b|\bthe source\b|\blost its\b|\bgraphic\b|\bdocument\b"
    r"|tài liệu nguồn|bản gốc|dokumen (sumber|asli)|উৎস দলিল|মূল দলিল"
)


def test_no_answer_holds_a_remark_on_the_original(library):
    texts = [p.text for faq in library.faqs.values() for p in faq.passages]
    texts += [p.text for translation in library.translations.values() for p in translation.passages]
    assert [text for text in texts if re.search(EDITORIAL, text, re.IGNORECASE)] == []


def test_titles_and_remarks_of_the_original_are_fields(library):
    assert {n: faq.contents_title for n, faq in library.faqs.items() if faq.contents_title} == {
        11: "How can I as a Better Work factory share data from the Better Work assessment with "
        "other business partners via SLCP?",
        12: "How can I as a buying brand encourage a Better Work factory to share their "
        "assessment data via SLCP?",
    }
    assert [(n, remark.passage) for n, faq in library.faqs.items() for remark in faq.remarks] == [
        (9, None),
        (14, "14.host-fee"),
    ]


class CountedPath(type(Path())):
    """A path that counts how often each file is opened."""

    opened: ClassVar[Counter[str]] = Counter()

    def open(self, *options: Any, **more: Any) -> Any:
        self.opened[str(self)] += 1
        return super().open(*options, **more)


@pytest.mark.slow
def test_checking_content_reads_each_file_once() -> None:
    CountedPath.opened.clear()
    records, library = publishable(CountedPath(faq_content.__file__).parent)
    assert len(CountedPath.opened) > 100
    assert set(CountedPath.opened.values()) == {1}
    assert len(library.faqs) == 23
    assert len(records) > 1000
