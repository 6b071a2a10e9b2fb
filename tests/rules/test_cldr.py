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
