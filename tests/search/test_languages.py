"""Which languages are served, which one a question is in, and how it names countries."""

from __future__ import annotations

import pytest

from kb.search import AnswerOutcome
from kb.search.locales import is_served
from kb.search.places import Places


@pytest.mark.parametrize(
    ("question", "served"),
    [
        ("combien coûte l'inscription au Gateway ?", False),
        ("quanto custa o registro no Gateway?", False),
        ("Was kostet die Registrierung im Gateway?", False),
        ("¿Cuánto cuesta la verificación?", False),
        ("Gateway ID kaise milega?", False),
        ("как поделиться данными", False),
        ("数据怎么共享", False),
        ("注册Gateway要多少钱", False),
        ("Gateway ücreti ne kadar?", False),
        ("kim değerlendirir", False),
        ("Kaç gün sürer?", False),
        ("Vous êtes un organisme de vérification?", False),
        ("Better Work SLCP données partager", False),
        ("factory ka audit kon karta hai", False),
        ("Namaste, humein bataiye ki deadline kya hai", False),
        ("registration ki fees kya hai bhai", False),
        ("hamro karkhana kasle assessment garcha", False),
        ("gateway register wenne kohomada", False),
        ("Kiyès ki evalye faktori nou an?", False),
        ("Necesitamos ayuda para registrar la planta", False),
        ("আমাৰ কাৰখানা কোনে মূল্যায়ন কৰে", False),
        ("what does registration cost", True),
        ("VCC", True),
        ("biaya daftar gateway", True),
        ("phí gateway bao nhiêu", True),
        ("gateway ke chalay, ITC naki slcp", True),
        ("nuoc nao duoc chia se", True),
        ("tar por ki hobe", True),
        ("What is a Überprüfung in SLCP?", True),
        ("Does TÜV Rheinland count?", True),
        ("Our supplier 深圳市 in China: who assesses it?", True),
        ("What does it cost, por favor?", True),
        ("Costa Rica covered?", True),
        ("Is Türkiye covered?", True),
        ("merci! how much is registration?", True),
        ("গেটওয়ে কে চালায়", True),
    ],
)
def test_a_language_that_is_not_served_is_told_from_those_that_are(index, question, served):
    assert is_served(question) is served
    if not served:
        handover = index.ask(question).handover
        assert handover.topic is None
        assert handover.ask_text == "Ask again in বাংলা, English, Bahasa Indonesia or Tiếng Việt."


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Is my factory in São Paulo covered?", "en"),
        ("Can Ha Noi Garment share?", "en"),
        ("Facility name: Công ty TNHH May Hưng Yên. Who assesses us?", "en"),
        ("Better Work có ở Việt Nam không", "vi"),
        ("oke sip", "id"),
        ("kpn paling lambat", "id"),
    ],
)
def test_names_do_not_show_a_language(index, question, language):
    assert index.ask(question).why.read_in == language


@pytest.mark.parametrize(
    ("question", "telling"),
    [
        ("Việt Nam có được chia sẻ dữ liệu chưa?", ["viet", "nam", "chia", "du", "lieu"]),
        ("chi phí bao nhiêu", ["chi", "phi"]),
        ("berapa biaya daftar", ["biaya", "daftar"]),
    ],
)
def test_words_of_a_language_that_say_what_is_asked_are_telling(index, question, telling):
    assert index.look_up(question).question.telling_words == telling
    assert index.ask("Việt Nam có được chia sẻ dữ liệu chưa?").outcome is AnswerOutcome.ANSWERED


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("and in Cambodia?", ["KH"]),
        ("ở Việt Nam và Campuchia", ["VN", "KH"]),
        ("kapan di Kamboja", ["KH"]),
        ("কম্বোডিয়ায় কবে", ["KH"]),
        ("from the United States", ["US"]),
        ("my oman and chad", []),
        ("is Chad covered", ["TD"]),
        ("Bỉ có thuộc Better Work không?", ["BE"]),
        ("khách hàng ở Đức, còn Nga?", ["DE", "RU"]),
        ("nhà máy tại Mỹ", ["US"]),
        ("Anh có thể giúp không? Pháp luật nói gì", []),
        ("chị Nga hỏi bằng tiếng Anh", []),
        ("জর্ডান কি অন্তর্ভুক্ত?", ["JO"]),
        ("জর্ডানের কারখানা, শ্রীলঙ্কায়ও", ["JO", "LK"]),
        ("চিন্তা করবেন না", []),
        ("nhà máy ở Băng-la-đét, In-đô-nê-xi-a", ["BD", "ID"]),
        ("Can Cambodian factories share? Thai ones?", ["KH"]),
        ("Are Turkish suppliers covered", ["TR"]),
        ("is the Tool in Vietnamese", []),
        ("combodia te, srilonkay, vietname, indiar", ["KH", "LK", "VN", "IN"]),
        ("banglades, mianmar, pakisthan", ["BD", "MM", "PK"]),
        ("চীনা কারখানা, ভারতীয় কারখানা", ["CN", "IN"]),
        ("siapa yang meriksa, desher talika, tool e bangla", []),
    ],
)
def test_countries_are_found_by_their_names_in_all_languages(text, codes):
    assert list(Places(("en", "vi", "id", "bn")).named(text)) == codes


@pytest.mark.parametrize(
    "question",
    [
        "Thái Lan có được chia sẻ chưa?",
        "Ấn Độ có được chia sẻ chưa",
        "nhà máy ở Băng-la-đét có chia sẻ được không?",
        "Mesir gimana, bisa share?",
        "মিশরে কি শেয়ার করা যায়",
        "Can Cambodian factories share?",
    ],
)
def test_what_is_asked_of_a_country_is_found_under_each_of_its_names(index, question):
    answer = index.ask(question)
    assert answer.outcome is AnswerOutcome.ANSWERED
    assert answer.hits[0].passage_id == "2.rollout-countries"


def test_every_country_that_is_known_is_found_by_its_name(library):
    places = Places(("en", "vi", "id", "bn"))
    for code, country in library.countries.items():
        assert list(places.named(f"is {country.name} covered?")) == [code]
