"""Names and addresses that mean the same however they are spelt."""

from __future__ import annotations

import pytest

from kb.rules.spelling import (
    AddressMatch,
    are_names_alike,
    compare_addresses,
    full_name_key,
    in_any_case,
    may_be_one_address,
    name_key,
    place_key,
    place_keys,
    plain_id,
    plain_words,
    without_traces,
)


@pytest.mark.parametrize(
    "text",
    ["EXAMPLE SHOE LTD.", "Example Shoe Ltd", "Example Shoe Ltd.\u200b", "Example  Shoe Ltd.",
     "Exámple Shoe Limited", "example shoe, ltd.", "Example-Shoe Ltd", "Example\u00a0Shoe Ltd.",
     "\ufeffExample Shoe LTD", "ExampleShoe Ltd", "\uff25xample Shoe Ltd"],
)  # fmt: skip
def test_spelling_does_not_change_the_full_name(text: str) -> None:
    assert full_name_key(text) == full_name_key("Example Shoe Ltd.")


@pytest.mark.parametrize(
    "text",
    ["Example Shoe", "Example Shoe Co., Ltd.", "Example Shoe Company Limited", "PT. Example Shoe",
     "PT Example Shoe Tbk", "Example Shoe (Pvt) Ltd", "Example Shoe Private Limited",
     "Công ty TNHH Example Shoe", "Example Shoe JSC", "Example Shoe Joint Stock Company",
     "M/s Example Shoe", "Example Shoe Co.Ltd", "Example Shoe L.L.C.", "Example Shoe Inc."],
)  # fmt: skip
def test_a_name_is_compared_without_its_legal_form(text: str) -> None:
    assert name_key(text) == "exampleshoe"


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Example Shoe 1", "Example Shoe 2"),
        ("Example Shoe Unit A", "Example Shoe Unit B"),
        ("Example Shoe", "Example Shoes"),
        ("May Mot", "May Hai"),
        ("Unit 1 12", "Unit 11 2"),
        ("\u2605", "\u2665"),
    ],
)
def test_other_words_and_numbers_make_other_names(name: str, other: str) -> None:
    assert name_key(name) != name_key(other)


@pytest.mark.parametrize(
    ("pasted", "text"),
    [
        ("'007", "007"),
        ("\u2018\u2019`007", "007"),
        ("  a \u00a0 b\t", "a b"),
        ("\ufeffGW\u200b-1", "GW-1"),
        ("\uff27\uff37-1", "GW-1"),
        ("it's", "it's"),
        ('"007"', "007"),
        ('="007"', "007"),
        ("\u201c 007 \u201d", "007"),
        ("\u201e007\u201c", "007"),
        ("\u00ab007\u00bb", "007"),
        ('\'"007"', "007"),
        ('"A" Ltd', '"A" Ltd'),
        ('"A" and "B"', '"A" and "B"'),
        ('"', '"'),
        ("=7", "=7"),
        ("' 7", "7"),
    ],
)
def test_what_pasting_leaves_in_a_text_is_taken_out(pasted: str, text: str) -> None:
    assert without_traces(pasted) == text


def test_an_id_is_looked_for_in_small_letters_whatever_was_pasted() -> None:
    assert plain_id(" Gw- 1\u200b") == "Gw-1"
    assert plain_id('"Gw-1",') == plain_id("Gw-1;") == "Gw-1"
    assert plain_id("GW-X,") == "GW-X"
    for hyphen in "\u2010\u2011\u2013\uff0d":
        assert plain_id(f"GW{hyphen}1") == "GW-1"
    assert in_any_case("Gw-1") == in_any_case("gW-1") == ("gw-1",)
    # SQLite leaves the case of other letters, PostgreSQL does not.
    assert in_any_case("\u00c9a") == ("\u00c9a", "\u00e9a")


def test_a_name_of_legal_forms_only_stays_as_it_is() -> None:
    assert name_key("Co. Ltd.") == "coltd"


@pytest.mark.parametrize(
    ("address", "other", "match"),
    [
        ("1 Any Street", "1 ANY ST.", AddressMatch.SAME),
        ("1 Any Street", "1, Any  Street", AddressMatch.SAME),
        ("1 Any Street", "1 Any Street, Hanoi", AddressMatch.SAME),
        ("1 Any Street", "2 Any Street", AddressMatch.DIFFERENT),
        ("1 12 Any Street", "11 2 Any Street", AddressMatch.DIFFERENT),
        ("Any Street", "12 Any Street", AddressMatch.ALIKE),
        ("12 Ring Road, Dhaka", "12 Rnig Road, Dhaka", AddressMatch.ALIKE),
        ("Lot 5, Tan Binh IP", "Lot 5, Tan Binh Industrial Park", AddressMatch.ALIKE),
        ("Plot 3 Adamjee EPZ", "Plot 3, Adamjee Export Processing Zone", AddressMatch.ALIKE),
        ("Số 12, Đường Lê Lợi, Hà Nội", "12 Le Loi Street, Hanoi", AddressMatch.ALIKE),
        ("Jl. Merdeka No. 7, Bogor", "7 Merdeka Street, Bogor", AddressMatch.SAME),
        ("Lô 5, KCN Tân Bình", "Lot 5, Tan Binh IP", AddressMatch.SAME),
        ("Lot 5, Tan Binh IP", "Lot 5, Tan Tao Industrial Park", AddressMatch.DIFFERENT),
        ("Lot 5, Tan Binh IP", "Lot 5, Song Than IP", AddressMatch.DIFFERENT),
        ("Road to the port building 4", "Free zone building DF", AddressMatch.DIFFERENT),
        ("12 Ring Road, Dhaka", "12 Harbour View, Chittagong", AddressMatch.DIFFERENT),
        ("4 B Lane", "4 Banani Lane", AddressMatch.DIFFERENT),
        ("Plot 3/7 Adamjee EPZ", "Plot 3, Adamjee Export Processing Zone", AddressMatch.ALIKE),
    ],
)
def test_addresses_are_compared_by_words_and_numbers(
    address: str, other: str, match: AddressMatch
) -> None:
    assert compare_addresses(address, other) == compare_addresses(other, address) == match


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("A & B Co.", ["a", "and", "b", "co"]),
        ("Exam\u200bple\u00adShoe", ["exampleshoe"]),
        ("Đường Số 12/3", ["duong", "so", "12", "3"]),
    ],
)
def test_words_are_plain_small_letters_and_digits(text: str, words: list[str]) -> None:
    assert plain_words(text) == words


def test_an_and_or_an_ampersand_makes_no_other_name() -> None:
    assert full_name_key("Shoe and Bag Ltd") == full_name_key("Shoe & Bag Ltd") == "shoebagltd"


def test_only_marks_of_quoting_are_taken_from_the_front() -> None:
    assert without_traces("'X1") == "X1"


def test_addresses_are_alike_from_four_fifths_on() -> None:
    assert compare_addresses("ab cd", "ab cx") is AddressMatch.ALIKE
    assert compare_addresses("a bc", "a bx") is AddressMatch.DIFFERENT
    assert compare_addresses("12 Main.Street", "12 Main Street") is AddressMatch.SAME


def test_more_than_24_words_are_not_compared_each_with_each() -> None:
    words = [f"{first}{second}{first}{second}" for first in "abcde" for second in "klmno"]
    name = " ".join(words[:24])
    misspelt = " ".join(f"{word}x" for word in reversed(words[:24]))
    assert are_names_alike(name, misspelt)
    assert not are_names_alike(f"{name} {words[24]}", f"{misspelt} {words[24]}")
    assert not are_names_alike(name, f"{misspelt} {words[24]}")


def test_addresses_with_numbers_of_which_neither_has_all_of_the_other_are_not_one() -> None:
    assert may_be_one_address("Plot 12", "Plot12")
    assert may_be_one_address("Road 1", "Street 1 2")
    assert may_be_one_address("Street 1 2", "Road 1")
    assert may_be_one_address("Road", "Street 7")
    assert not may_be_one_address("Road 1 2", "Road 2 3")


@pytest.mark.parametrize(
    "other",
    ["Sunrse Garments", "Sunrise Garment Co., Ltd", "Garments Sunrise Ltd", "SUNRISE GARMETS LTD.",
     "Sun Rise Garmnts", "Sunrise Gmts", "Sunrise Garmenting", "Sunrise", "SG Ltd",
     "Sünrise Garment Factory", "Sunrise Garments Unit 2", "PT Sunirse Garment Tbk",
     "Sunri Segarmets"],
)  # fmt: skip
def test_a_name_that_is_misspelt_shortened_or_in_another_order_is_alike(other: str) -> None:
    assert are_names_alike("Sunrise Garments Ltd.", other)
    assert are_names_alike(other, "Sunrise Garments Ltd.")


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("12", "12 Ltd"),
        ("Long Garments", "Garments Lang"),
        ("Sunrise Spinner", "Sunrise Spinning"),
        ("Sunrise Producers", "Sunrise Productive"),
        ("Sunrise Garments Unit 2", "Sunrise Garments (Unit-II)"),
        *(
            (f"Sunrise Garments {number}", f"Sunrise Garments {roman}")
            for number, roman in enumerate(["I", "II", "III", "IV", "V", "VI", "VII", "VIII"], 1)
        ),
    ],
)
def test_a_number_a_short_word_or_an_ending_is_enough_to_be_alike(name: str, other: str) -> None:
    assert are_names_alike(name, other)
    assert are_names_alike(other, name)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Sunrise Garments", "Sunset Garments"),
        ("SG Textiles", "Sunrise Garments"),
        ("Sunrise Garments", "Sunrise Textiles"),
        ("East Garments", "West Garments"),
        ("North Garments", "South Garments"),
        ("Sunrise Garments Unit 1", "Sunrise Garments Unit 2"),
        ("Sunrise Garments A", "Sunrise Garments B"),
        ("Sunrise Garments II", "Sunrise Garments III"),
        ("Sunrise Garments II", "Sunrise Garments 3"),
        ("May Mot", "May Hai"),
        ("Trial Factory 1", "Trial Factory 11"),
        ("12", "34"),
        ("12", "Sunrise 12"),
        ("Kim Garments", "Garments Tim"),
        ("Sunrise Interlining", "Sunrise Interwoven"),
        ("Sunrise Sunrise", "Sunrise Harvest"),
    ],
)
def test_a_name_with_another_word_or_number_is_not_alike(name: str, other: str) -> None:
    assert not are_names_alike(name, other)
    assert not are_names_alike(other, name)


@pytest.mark.parametrize(
    ("address", "key", "keys"),
    [
        (None, None, ()),
        ("★", None, ()),
        ("Plot 12, Sector 4", "12", ("12", "4", "plotsector")),
        ("12", "12", ("12",)),
        ("Free zone, building DF", "freezone", ("freezone",)),
        ("1 2 3 4 5 6 7 8 9 Lot", "1", ("1", "2", "3", "4", "5", "6", "7", "8", "lot")),
    ],
)
def test_an_address_is_kept_by_its_first_number_or_words_and_looked_for_by_all(
    address: str | None, key: str | None, keys: tuple[str, ...]
) -> None:
    assert place_key(address) == key
    assert place_keys(address) == keys


def test_letters_beyond_ascii_keep_their_case_in_what_a_database_makes_of_a_text() -> None:
    assert in_any_case("Gw-aB1") == ("gw-ab1",)
    assert in_any_case("\u00e9\u00c9X") == ("\u00e9\u00c9x", "\u00c9\u00c9x", "\u00e9\u00e9x")
