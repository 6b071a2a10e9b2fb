"""YAML and front matter are read with their lines, and nothing is guessed."""

from __future__ import annotations

import pytest

from kb.content.checking import check
from kb.content.reading import read_faq, read_yaml

TERM = "g:\n  term: {}\n  text: A text.\n  cites: [{{passage: 1.first}}]\n"


@pytest.mark.parametrize(
    ("word", "meaning"),
    [
        ("yes", "true"),
        ("no", "false"),
        ("on", "true"),
        ("Off", "false"),
        ("NO", "false"),
        ("True", "true"),
        ("010", "the number 8"),
        ("12:30", "the number 750"),
        ("1.4", "the number 1.4"),
        ("1.10", "the number 1.1"),
        ("0x1F", "the number 31"),
        ("1_000", "the number 1000"),
        (".inf", "the number inf"),
        ("2021-10-01 10:00:00", "the day 2021-10-01 10:00:00"),
    ],
)
def test_an_unquoted_word_that_yaml_reads_otherwise_is_named(problems_of, word, meaning):
    assert problems_of({"glossary.yaml": TERM.format(word)}) == [
        f"glossary.yaml:2: g.term: {word} without quotes is read as {meaning}."
        f' Allowed: "{word}" in quotes if text is meant'
    ]


@pytest.mark.parametrize("word", ['"yes"', "'010'", '"1.4"', "2021-10-01", "NOT_DECLARED"])
def test_quoted_words_and_plain_days_are_text(problems_of, word):
    assert problems_of({"glossary.yaml": TERM.format(word)}) == []


@pytest.mark.parametrize("word", ["5", "true", "null"])
def test_a_number_or_null_is_no_text(problems_of, word):
    assert problems_of({"glossary.yaml": TERM.format(word)}) == [
        f"glossary.yaml:2: g.term: {word} is not text."
        " Allowed: text; a number or true/false in quotes"
    ]


@pytest.mark.parametrize("word", ["<<", "="])
def test_a_sign_with_a_meaning_of_its_own_is_no_text(problems_of, word):
    assert problems_of({"glossary.yaml": TERM.format(word)}) == [
        f"glossary.yaml:2: g.term: {word} without quotes is not read as text."
        f' Allowed: "{word}" in quotes if text is meant'
    ]


@pytest.mark.parametrize(
    ("key", "meaning"),
    [("NO", "false"), ("null", "nothing (null)"), ("~", "nothing (null)"), ("010", "the number 8")],
)
def test_an_unquoted_key_that_yaml_reads_otherwise_is_named(key, meaning):
    entries, problems = read_yaml("countries.yaml", f"{key}: {{name: Norway}}\n")
    assert list(entries) == [key]
    assert [str(problem) for problem in problems] == [
        f"countries.yaml:1: {key}: {key} without quotes is read as {meaning}"
        f'. Allowed: "{key}" in quotes as the key'
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("g: {a: 1}\ng: {b: 2}\n", "2: g: the key is written twice, first in line 1"),
        ("g:\n  a: 1\n  a: 2\n", "3: g.a: the key is written twice, first in line 2"),
        ("g:\n\tterm: x\n", "2: a tab stands before the text"),
        (
            "g:\n\xa0\xa0a: x\n  b: y\n",
            "3: `: ` stands in text without quotes, or the line before has no `:`",
        ),
        ("g:\n  - a: x\n\xa0 b: y: z\n", "3: a no-break space stands before the text"),
        (
            "g:\n  term: a: b\n",
            "2: `: ` stands in text without quotes, or the line before has no `:`",
        ),
        (
            "g:\n  a: [b, c\n  d: e\n",
            "3: a list in `[ ]` is not closed, or lacks a comma; look from line 2 on",
        ),
        ("g: {a: [b}\n", "1: a list in `[ ]` is not closed, or lacks a comma"),
        (
            "g: {a: b\nh: c\n",
            "2: a mapping in `{ }` is not closed, or lacks a comma; look from line 1 on",
        ),
        ('g: "a\nh: b\n', "3: a quote is not closed; look from line 1 on"),
        (
            "g: 'it's'\n",
            "1: the line is not indented like those it belongs to, or goes on behind a"
            " closing quote",
        ),
        (
            "g:\n  - a: b\n   c: d\n",
            "3: the line is not indented like those it belongs to, or goes"
            " on behind a closing quote; look from line 2 on",
        ),
        ("g: h\ni j\n", "3: the line has no `:`; look from line 2 on"),
        ("g: @h\n", "1: text begins with a sign that YAML keeps"),
        ("g: *h\n", "1: text begins with `*`"),
        ("g: & h\n", "1: text begins with `&`"),
        ("g: &h i\n", "1: g: an anchor (`&name`) is used"),
        ('g: "a\\d"\n', "1: a backslash stands in double quotes"),
        ("g: |h\n", "1: text stands behind `|` or `>`"),
        ("g:\n  - our #1 question\n", "2: g[1]: text without quotes ends before `#1 question`"),
        ("g: a # a remark\n", "1: g: text without quotes ends before `# a remark`"),
        (f"g: {'9' * 5000}\n", f"1: g: {'9' * 5000} without quotes is not read as text"),
        ('a: b\nc: "d\x07"\n', "2: a control character is used"),
        (
            "a:\n<<<<<<< HEAD\n  b: c\n=======\n  b: d\n>>>>>>> other\n",
            "2: two versions are not merged",
        ),
        ("- a\n- b\n", "1: the file is not a mapping"),
        ("a: 1\n---\nb: 2\n", "2: the file holds several documents"),
        ("a: &x {b: 1}\nc: *x\n", "2: c: an alias (`*name`) is used"),
        ("a: !set {b: 1}\n", "1: a: the tag !set is used"),
        ("a: !date x\n", "1: a: the tag !date is used"),
        ("[a, b]: 1\n", "1: a key is a list or a mapping"),
    ],
)
def test_a_text_with_the_wrong_form_is_named_with_its_line(text, problem):
    _, problems = read_yaml("f.yaml", text)
    problems_found = [
        f"f.yaml:{problem.line}:{f' {problem.key}:' if problem.key else ''} {problem.wrong}"
        for problem in problems
    ]
    assert problems_found == [f"f.yaml:{problem}"]


@pytest.mark.parametrize("text", ["", "# only a comment\n"])
def test_an_empty_file_is_a_problem(problems_of, text):
    assert problems_of({"glossary.yaml": text}) == [
        "glossary.yaml: the file is empty. Allowed: at least one `key: record`"
    ]


def test_a_file_that_is_not_utf_8_is_a_problem(small_content):
    folder = small_content()
    (folder / "glossary.yaml").write_bytes(b"g: {term: \xff}\n")
    assert [str(problem) for problem in check(folder)] == [
        "glossary.yaml: the file is not UTF-8. Allowed: plain UTF-8 text"
    ]


@pytest.mark.parametrize(
    "name", ["glossary.yaml", "faqs/07-faq-7.md", "translations/vi/decisions.po"]
)
def test_the_mark_that_some_editors_put_first_makes_no_difference(small_content, name):
    folder = small_content({"glossary.yaml": TERM.format("A")})
    path = folder / name
    if name.endswith(".po"):
        path.parent.mkdir(parents=True)
        path.write_text('msgid "A"\nmsgstr "B"\n')
    before = check(folder)
    path.write_text("\ufeff" + path.read_text())
    assert check(folder) == before


def test_every_value_keeps_its_line():
    entries, _ = read_yaml("f.yaml", "a:\n  b:\n    - c: 1\n    - d: 2\n")
    assert entries["a"].at(("b", 1, "d")).line == 4
    assert entries["a"].at(("b", 1, "missing")).line == 4
    assert entries["a"].at(("b", 7)).line == 2
    assert read_yaml("f.yaml", "a: b\nc:\n")[0]["c"].plain() is None
    assert entries["a"].plain() == {"b": [{"c": 1}, {"d": 2}]}


def test_passages_are_the_texts_under_their_headings():
    faq, problems = read_faq("f.md", "---\nnumber: 7\n---\n\n## one\nA\n\n- b\n\n## two\nC\n")
    assert problems == []
    assert faq is not None
    assert {slug: text.plain() for slug, text in faq.passages.items()} == {
        "one": "A\n\n- b",
        "two": "C",
    }
    assert faq.front["number"].line == 2
    assert faq.passages["two"].line == 10


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("---\nnumber", "number", ":1: the file does not start with front matter."),
        ("## second", "## first", ":20: 7.first: the passage is written twice, first in line 17."),
        ("The second passage.", "", ":20: 7.second.text: is empty."),
        ("The second passage.", "A sign: \0", ":21: a control character is used."),
        ("The second passage.", "<<<<<<< HEAD\nA.\n", ":21: two versions are not merged."),
        ("audience: [", "audience:\n\t[", ":6: a tab stands before the text."),
        ("number: 7\n", "", ":1: 7.number: is missing."),
        ("number: 7", "number: 07", ":2: 7.number: 07 without quotes is read as the number 7."),
        ("\n## first", "\nHello.\n\n## first", ":17: 7: text stands before the first passage."),
        ("## second", "### second", ":20: 7.### second: the heading is no passage slug."),
        ("## second", "## Second One", ":20: 7.Second One: the heading is no passage slug."),
        ("links: []", "passages: []", ":17: 7.passages: passages are not front matter."),
        (
            "section: 1",
            "section: 010",
            ":4: 7.section: 010 without quotes is read as the number 8.",
        ),
    ],
)
def test_what_is_wrong_with_the_form_of_a_faq_is_named(problems_of, changed_faq, old, new, problem):
    problems = problems_of(changed_faq(old, new))
    assert [problem.partition(" Allowed")[0] for problem in problems] == [
        f"faqs/07-faq-7.md{problem}"
    ]


def test_a_faq_without_passages_is_a_problem(problems_of, changed_faq):
    passages = "## first\nThe first passage.\n\n## second\nThe second passage.\n"
    problems = problems_of(changed_faq(passages, ""))
    assert "faqs/07-faq-7.md: 7: the file has no passage. Allowed: a heading `## slug`" in problems


def test_an_empty_faq_is_a_problem(problems_of):
    assert problems_of({"faqs/07-faq-7.md": ""}) == [
        "faqs/07-faq-7.md: the file is empty. Allowed: front matter and passages"
    ]
