"""Names of countries and languages, as CLDR has them."""

from __future__ import annotations

from kb.rules.cldr import language_name, territories


def test_a_country_is_called_as_in_the_language_of_a_locale_or_where_it_differs_of_the_locale() -> (
    None
):
    assert territories("bn")["JO"] == "জর্ডন"
    assert territories("pt")["VN"] == territories("pt_BR")["VN"] == "Vietnã"
    assert territories("pt_PT")["VN"] == "Vietname"


def test_a_language_is_called_by_its_name_and_that_of_a_country_by_that_or_the_language() -> None:
    assert language_name("vi", "vi") == "Tiếng Việt"
    assert language_name("vi", "en") == "Vietnamese"
    assert language_name("pt_BR", "en") == "Brazilian Portuguese"
    assert language_name("bn_IN", "en") == "Bangla"


def test_names_that_a_locale_lacks_are_those_of_the_one_that_cldr_puts_above_it() -> None:
    assert language_name("nb", "nb") == "norsk bokmål"
    assert language_name("nn", "nn") == "norsk nynorsk"
    assert territories("es_HN")["014"] == "África del Este"
    assert territories("en_IN")["LC"] == "St Lucia"


def test_a_language_that_cldr_has_no_name_for_is_called_by_its_code() -> None:
    assert language_name("ary", "ary") == "ary"
