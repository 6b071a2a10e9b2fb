"""One list of countries, and the ways in which people write their names."""

from __future__ import annotations

import pycountry
import pytest

from kb.errors import InvalidInputError
from kb.rules.countries import (
    LONGEST_NAME,
    country_names,
    country_of,
    problem_of_country,
    read_country,
)

IN_ISO = [country.alpha_2 for country in pycountry.countries]


def test_the_countries_are_those_to_which_iso_gives_a_code_and_kosovo() -> None:
    assert list(country_names()) == sorted([*IN_ISO, "XK"])
    assert len(country_names()) == 250
    assert not country_names().keys() & {"EU", "UN", "AC", "IC", "ZZ"}


def test_every_country_is_known_by_its_codes_and_the_names_of_iso_and_cldr() -> None:
    for code in IN_ISO:
        country, name = pycountry.countries.get(alpha_2=code), country_names()[code]
        written = [code, country.alpha_3, country.numeric, country.name, name]
        written += [getattr(country, field, name) for field in ("official_name", "common_name")]
        written += [f"{code} - {country.name}", f"{country.name} ({code})", f"{country.name} (the)"]
        for text in written:
            for spelt in (text, text.upper(), f" {text.lower()}\u200b."):
                assert country_of(spelt) == code, spelt


@pytest.mark.parametrize(
    ("code", "written"),
    [
        ("AE", "UAE|U.A.E.|Emirates"),
        ("BA", "Bosnia|Bosnia-Herzegovina|Bosnia & Herzegovina"),
        ("BD", "Peoples Republic of Bangladesh|Bangla Desh|B'desh|বাংলাদেশ"),
        ("BS", "The Bahamas|Bahamas, The|Bahamas (the)"),
        ("CD", "DRC|D.R. Congo|Congo, Dem. Rep.|Democratic Republic of the Congo|Congo-Kinshasa"),
        ("CG", "Congo|Republic of the Congo|Congo, Rep.|Congo (Brazzaville)"),
        ("CI", "Cote D`Ivoire|Cote d\u2019Ivoire|Côte d'Ivoire|Ivory Coast"),
        (
            "CN",
            "PRC|P.R. China|PR China|People's Republic of China|China (PRC)|中国|Mainland China",
        ),
        ("CY", "C Y|Republic of Cyprus"),
        ("IS", "IS|Iceland (IS)|I.S."),
        ("ST", "ST|st|Sao Tome"),
        ("DE", "Federal Republic of Germany|Fed. Rep. of Germany|Deutschland|Allemagne"),
        ("DO", "Dominican Republic (the)|Dominican Rep."),
        ("EG", "Arab Republic of Egypt|Egypt, Arab Rep."),
        ("GB", "U.K.|UK|U K|The UK|Great Britain|England|Scotland"),
        ("GM", "The Gambia|Gambia, The"),
        ("HK", "Hong Kong|HongKong|Hong Kong SAR|Hong Kong, China|Hong Kong S.A.R.|Hong-Kong"),
        ("ID", "Republic of Indonesia|Republik Indonesia|Indonésie|インドネシア"),
        ("IN", "Republic of India|Bharat|Ấn Độ|India\u200b|\u00a0India"),
        ("JO", "Hashemite Kingdom of Jordan|الأردن"),
        ("KH", "Kingdom of Cambodia|Kampuchea|កម្ពុជា|Campuchia"),
        ("KP", "DPRK|Korea, North|Korea, Dem. People's Rep."),
        (
            "KR",
            "Korea (Republic of)|Korea, South|Korea, Rep.|ROK|South-Korea"
            "|Korea, South / South Korea|South Korea / Korea, South",
        ),
        ("LA", "Laos|Lao PDR|Laos PDR|Lao People's Dem. Rep."),
        ("LK", "Srilanka|Sri-Lanka|SRI  LANKA|Democratic Socialist Republic of Sri Lanka"),
        ("MK", "Macedonia|Republic of North Macedonia|FYROM"),
        ("MM", "Burma|Myanmar (Burma)|Burma/Myanmar"),
        ("MO", "Macau SAR|Macao, China"),
        ("NZ", "Kingdom of New Zealand"),
        ("PG", "Guinea New Papua"),
        ("SA", "SaudiArabia"),
        ("ZW", "Zim Babwe"),
        ("NL", "Holland|The Netherlands|Nederland"),
        ("PK", "Islamic Republic of Pakistan|پاکستان"),
        ("SK", "Slovak Republic"),
        ("SZ", "Eswatini (Swaziland)|Swaziland"),
        ("TL", "Timor Leste|East Timor"),
        ("TR", "Turkey|TÜRKİYE|Turkiye|Tür kei|Republic of Türkiye"),
        ("TW", "Taiwan (ROC)|Taiwan, China|Republic of China|China (Taiwan)"),
        ("TZ", "Tanzania (United Republic of)"),
        ("US", "U.S.A.|USA|U.S.|United States (USA)|America|Estados Unidos"),
        (
            "VN",
            "Socialist Republic of Viet Nam|Vietnam (Viet Nam)|SRVN|Việt Nam|VIỆT NAM|越南"
            "|Vietnam (SRV)|SRV|S.R. Vietnam|S.R. of Viet Nam|Viet-Nam|Vietnam, S.R.|Vietnam_VN"
            "|Cộng hòa Xã hội Chủ nghĩa Việt Nam|CHXHCN Việt Nam|VN Vietnam|704 Viet Nam",
        ),
        ("XK", "XK|xkx|Kosovo|Kosova|Republic of Kosovo|Косово"),
    ],
)
def test_everyday_forms_of_a_name_are_known(code: str, written: str) -> None:
    assert {text: country_of(text) for text in written.split("|")} == dict.fromkeys(
        written.split("|"), code
    )


def test_a_country_is_known_by_its_name_beside_a_code_or_the_form_of_its_state() -> None:
    for code in IN_ISO:
        country, name = pycountry.countries.get(alpha_2=code), country_names()[code]
        written = [f"{country.alpha_3} {name}", f"{name} {code}", f"{name}_{country.numeric}"]
        official = getattr(country, "official_name", "")
        if name.isalpha() and official in (f"Republic of {name}", f"Kingdom of {name}"):
            form = official[0]
            written += [f"{form}. {name}", f"{form}. of {name}", f"{name} ({form}O{name[0]})"]
            written += [f"{name}, {form}.", f"{name} ({form}{name[0]})"]
        for text in written:
            assert country_of(text) == code, text


@pytest.mark.parametrize(
    ("code", "written"),
    [
        ("AT", "Áo|ÁO|áo"),  # its code in plain letters, AO, is Angola's
        ("AO", "AO|ao|Ao (Angola)"),
        ("RU", "Nga|Russian Fed.|Russian Fed"),
        ("NG", "NGA|nga"),
        ("BD", "P.R. Bangladesh|Bangladesh (PRB)|গণপ্রজাতন্ত্রী বাংলাদেশ|Bangladesh, People's Rep."),
        ("DO", "Dom. Rep.|Dominican Republic (DR)|Rep. Dominicana"),
        ("ID", "Indonesia (RI)|Negara Kesatuan Republik Indonesia"),
        ("JO", "H.K. of Jordan|Hashemite Kingdom of Jordan (HKJ)"),
        ("KP", "N. Korea|Korea (DPRK)"),
        ("KR", "S. Korea|R.O. Korea|Korea (ROK)|R. South Korea"),
        ("NL", "Nether lands|Nether\nlands"),
        ("PK", "I.R. Pakistan|Pakistan (Islamic Rep.)"),
        ("SG", "R. Singa pore"),
        ("SV", "El Salvador (ES)|República de El Salvador"),
        ("TZ", "Tanzania, U.R.|Tanzania (URT)"),
        ("ZA", "S. Africa"),
    ],
)
def test_short_and_official_forms_of_a_name_are_known(code: str, written: str) -> None:
    assert {text: country_of(text) for text in written.split("|")} == dict.fromkeys(
        written.split("|"), code
    )


@pytest.mark.parametrize(
    "text",
    ["", " ", ".", "XA", "EU", "Korea", "Democratic Congo", "Serbia and Montenegro",
     "Vietnam or China", "VN - Bangladesh", "USA/Mexico", "1 Any Street, Vietnam", "Asia", "50",
     "Republic of", "The Vietnam" * 20, "Y C", "VN Bangladesh", "Republik Tiongkok", "R. Congo R.",
     "Vietnam (PRC)", "O Greenland", "Greenland (G)"],
)  # fmt: skip
def test_what_names_no_country_or_two_is_not_guessed(text: str) -> None:
    assert country_of(text) is None


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("Vietnm", "Vietnam (VN)"),
        ("Việt Nm", "Vietnam (VN)"),
        ("Bangla", "Bangladesh (BD), Angola (AO)"),
        ("Korea", "South Korea (KR), North Korea (KP)"),
        ("Cambodai", "Cambodia (KH)"),
        ("Dhaka, Bangladesh", "Bangladesh (BD)"),
        ("Factory near Hanoi Vietnam", "Vietnam (VN)"),
        ("Phillipines", "Philippines (PH)"),
        ("বাংলাদে", "Bangladesh (BD)"),
    ],
)
def test_the_nearest_names_are_told_with_a_refusal(text: str, near: str) -> None:
    wrong, allowed = problem_of_country(text)
    assert wrong == f"{text!r} is no country"
    assert allowed == (
        "the name of a country or its ISO 3166-1 code, such as Vietnam, VN or VNM; "
        f"the nearest: {near}"
    )


@pytest.mark.parametrize("text", ["XA", "Factory Street 5", "中", "x" * 5000])
def test_nothing_is_near_what_is_like_no_name_and_long_texts_are_cut(text: str) -> None:
    wrong, allowed = problem_of_country(text)
    assert allowed.endswith("such as Vietnam, VN or VNM")
    assert len(wrong) < 150


def test_a_text_is_shown_whole_as_long_as_a_name_may_be() -> None:
    longest = "x" * LONGEST_NAME
    assert problem_of_country(longest)[0] == f"'{longest}' is no country"
    assert problem_of_country(f"{longest}x")[0] == f"'{longest}…' is no country"


def test_a_name_that_means_two_countries_in_two_languages_is_not_taken() -> None:
    assert country_of("Kongo") is None  # CG in Polish, CD in Norwegian


def test_a_command_reads_a_code_or_a_name() -> None:
    assert read_country("--country", "viet nam") == "VN"
    with pytest.raises(
        InvalidInputError, match=r"--country: 'Vietnm' is not valid\. .*Vietnam \(VN\)"
    ):
        read_country("--country", "Vietnm")
