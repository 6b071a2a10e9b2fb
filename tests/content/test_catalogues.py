"""Catalogues hold what answers say in other languages; a text without translation is a problem."""

from __future__ import annotations

from datetime import date

import pytest

from kb.content.catalogues import brought_up_to_date, texts_of_decisions
from kb.content.checking import checked
from kb.content.library import library_from, read_content
from kb.errors import ContentError
from kb.rules.decide import decide
from kb.rules.evidence import Sentence
from kb.rules.facts import ALL_LAYERS
from kb.rules.inputs import FacilityProfile, Ternary
from kb.rules.letter_phrases import UNREVIEWED
from kb.rules.wording import in_words
from tests.content.conftest import SMALL
from tests.rules.shipped import shipped_library

HEAD = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'


def catalogue(folder, changes=None):
    """A whole catalogue for the small content, with some translations changed (None: left out)."""
    english = texts_of_decisions(checked(folder).records)
    said = {text: f"vi {text}" for text in english} | (changes or {})
    return HEAD + "\n\n".join(
        f'#, fuzzy\nmsgid "{text}"\nmsgstr "{translated or ""}"'
        for text, translated in said.items()
    )


def test_a_whole_catalogue_is_no_problem(small_content, problems_of):
    whole = catalogue(small_content({}))
    assert problems_of({"translations/vi/decisions.po": whole}) == []


def test_that_a_translation_is_unreviewed_is_said_as_long_as_part_of_it_is(small_content):
    folder = small_content({})
    whole = catalogue(folder)
    for text, is_said in (
        (whole, True),
        (whole.replace("#, fuzzy\n", "", 1), True),
        (whole.replace("#, fuzzy\n", ""), False),
    ):
        files = read_content(small_content({"translations/vi/decisions.po": text}))
        assert (UNREVIEWED in library_from(files).words["vi"]) is is_said


def test_a_text_without_translation_is_a_problem(small_content, problems_of):
    lacking = catalogue(small_content({}), {"Look it up": None})
    (problem,) = problems_of({"translations/vi/decisions.po": lacking})
    assert problem == (
        'translations/vi/decisions.po:1: vi.texts: there is no translation of "Look it up" '
        "(step CHECK_GATEWAY_COUNTRY_LIST, title). Allowed: run `kb content catalogues`, and "
        "translate what has no msgstr"
    )


def test_other_names_in_braces_than_in_english_are_a_problem(small_content, problems_of):
    statements = SMALL["rules/statements/all.yaml"].replace(
        "COUNTRY_UNKNOWN: {text: A sentence.", 'COUNTRY_UNKNOWN: {text: "In {country}."'
    )
    changed = {"rules/statements/all.yaml": statements}
    wrong = catalogue(small_content(changed), {"In {country}.": "Ở {nước}."})
    (problem,) = problems_of({**changed, "translations/vi/decisions.po": wrong})
    assert problem.endswith("the names in braces are not those of the English. Allowed: {country}")


def test_a_text_that_no_answer_says_is_a_problem(small_content, problems_of):
    more = catalogue(small_content({}), {"Gone": "Mất"})
    (problem,) = problems_of({"translations/vi/decisions.po": more})
    assert "no answer says this text" in problem


def test_a_file_that_is_no_catalogue_is_a_problem(problems_of):
    assert problems_of({"translations/vi/decisions.po": 'msgid "Look it up"\n'}) == [
        "translations/vi/decisions.po:1: the file is no gettext catalogue: missing msgstr for msgid"
        " 'Look it up' on 0. Allowed: msgid and msgstr"
    ]


@pytest.mark.parametrize(
    "line",
    [
        "msgstr Tra cứu",
        'msgstr "Tra cứu',
        'msgstr "Tra "cứu"',
        "Look it up: Tra cứu",
        'msgstr"A" "B"',
    ],
)
def test_a_line_that_would_be_read_as_less_than_was_written_is_a_problem(
    small_content, problems_of, line
):
    whole = catalogue(small_content({})).replace('msgstr "vi Look it up"', line)
    number = whole.partition(line)[0].count("\n") + 1
    (problem,) = problems_of({"translations/vi/decisions.po": whole})
    assert problem.startswith(
        f"translations/vi/decisions.po:{number}: the line is not of a gettext catalogue. Allowed:"
    )


def test_a_text_that_is_translated_twice_is_a_problem(small_content, problems_of):
    whole = catalogue(small_content({})) + '\n\nmsgid ""\n"Look "\n"it up"\nmsgstr "Tra cứu"\n'
    (problem,) = problems_of({"translations/vi/decisions.po": whole})
    assert "Look it up: the msgid is written twice, first in line " in problem


@pytest.mark.parametrize("locale", ["xx", "VI", "pt-BR", "pt_BR"])
def test_a_folder_of_no_language_is_a_problem(small_content, problems_of, locale):
    name = f"translations/{locale}"
    assert problems_of({f"{name}/decisions.po": catalogue(small_content({}))}) == [
        f"{name}/: {locale} is not a known locale. Allowed: such as vi"
    ]


def test_a_catalogue_that_cannot_be_read_is_not_brought_up_to_date():
    with pytest.raises(ContentError, match=r"vi/decisions\.po:2: the line is not of a gettext"):
        brought_up_to_date('msgid "Kept"\nmsgstr "Giữ\n', "vi", {"Kept": "step A, title"})


def test_a_catalogue_is_brought_up_to_date_and_keeps_what_was_translated():
    before = brought_up_to_date(
        HEAD + '# As in law.\n#, fuzzy\nmsgid "Kept"\nmsgstr "Giữ"\n\nmsgid "Gone"\nmsgstr "Mất"\n',
        "vi",
        {"Kept": "step A, title", "New": "step B, title"},
    )
    assert '# As in law.\n#. step A, title\n#, fuzzy\nmsgid "Kept"\nmsgstr "Giữ"' in before
    assert '#. step B, title\nmsgid "New"\nmsgstr ""' in before
    assert "Gone" not in before


def test_a_sentence_is_said_in_other_words_only_where_they_have_it():
    sentence = Sentence("Open in {country}.", {"country": "Vietnam"})
    assert sentence.in_words({}) == "Open in Vietnam."
    assert sentence.in_words({"Vietnam": "Việt Nam"}) == "Open in Vietnam."
    words = {"Open in {country}.": "Mở tại {country}.", "Vietnam": "Việt Nam"}
    assert sentence.in_words(words) == "Mở tại Việt Nam."


@pytest.mark.slow
def test_an_answer_is_put_in_other_words_throughout_and_keeps_its_codes():
    library = shipped_library()
    profile = FacilityProfile(country="VN", enrolled=Ternary.YES)
    english = decide(profile, library.rulebook, date(2021, 10, 31), ALL_LAYERS)
    words = {text: f"vi {text}" for text in texts_of_decisions(checked().records)} | {
        "Vietnam": "Việt Nam"
    }
    said = in_words(english, words)
    assert said.workflow.title == f"vi {english.workflow.title}"
    action, in_english = said.workflow.next_actions[0], english.workflow.next_actions[0]
    assert action.title == f"vi {in_english.title}"
    assert action.asks == tuple(f"vi {text}" for text in in_english.asks)
    assert said.assessment.text == f"vi {english.assessment.text}"
    assert (said.country.name, said.country.text[:14]) == ("Việt Nam", "vi Việt Nam is")
    assert all(blocker.text.startswith("vi ") for blocker in said.workflow.blockers)
    assert all(warning.text.startswith("vi ") for warning in said.warnings)
    assert [step.code for step in said.workflow.steps] == [
        step.code for step in english.workflow.steps
    ]
    assert said.trace == english.trace
    assert said.citations == english.citations
