"""Facts are read in each way to say them: every subject, with every no, in every order."""

from __future__ import annotations

from itertools import product

import pytest

from kb.search.fact_phrases import compared_words, needed, pattern
from kb.search.normalise import cleaned, words

# Language, then the fact that all sentences tell which are made of one part of each row.
NO = {
    "en": {
        "not-enrolled": [
            "We|Our factory and I|My supplier|Unit B|Those plants",
            "are not|aren't|were never|are no longer|are not yet|haven't been",
            "part of|enrolled in|registered with|members of|a participant in",
            "Better Work|the Better Work programme|BW",
        ],
        "no-gateway-profile": [
            "We|Our factory|I",
            "do not have|don't have|never made|haven't opened|have not yet created",
            "a Gateway profile|an account on the Gateway|any SLCP profile",
        ],
        "no-wish-to-share": [
            "We|The factory|Our owner",
            "do not want|doesn't wish|never intended|are not willing|won't agree",
            "to share|to have the data shared|to have our results sent",
        ],
    },
    "vi": {
        "not-enrolled": [
            "Nhà máy tôi|Chúng tôi|Bên em|xuong minh",
            "không|chưa|ko|không còn|chưa từng|chẳng",
            "tham gia|là thành viên|thuộc|nằm trong|đăng ký",
            "Better Work|chương trình Better Work|BW",
        ],
        "no-gateway-profile": [
            "Nhà máy|Chúng tôi",
            "chưa|không|ko",
            "có hồ sơ|tạo tài khoản|có mã",
            "Gateway|trên Gateway",
        ],
        "no-wish-to-share": [
            "Chúng tôi|Nhà máy|Sếp em",
            "không muốn|không đồng ý|chẳng muốn|không định",
            "chia sẻ dữ liệu|gửi kết quả",
        ],
    },
    "id": {
        "not-enrolled": [
            "Kami|Pabrik saya|Pemasok itu",
            "bukan|tidak lagi jadi|belum menjadi|gak jadi",
            "anggota|peserta|bagian dari|member",
            "Better Work|program Better Work|BW",
        ],
        "no-gateway-profile": [
            "Kami|Pabrik kami",
            "belum punya|tidak memiliki|ga punya|belum membuat",
            "profil Gateway|akun di Gateway",
        ],
        "no-wish-to-share": [
            "Kami|Pabrik",
            "tidak mau|tidak ingin|gak mau|menolak",
            "berbagi data|membagikan hasil",
        ],
    },
    "bn": {
        "not-enrolled": [
            "আমরা|আমাদের কারখানা|amra|amader factory",
            "Better Work-এর|বেটার ওয়ার্কের|BW er",
            "সদস্য|মেম্বার|member|অংশ|অন্তর্ভুক্ত|ontorvukto",
            "নই|না|নয়|noi|na|nai",
        ],
        "no-gateway-profile": [
            "আমাদের|amader",
            "Gateway প্রোফাইল|গেটওয়ে অ্যাকাউন্ট|gateway te profile|gateway account",
            "নেই|নাই|nai|খোলা হয়নি|kholi nai",
        ],
        "no-wish-to-share": [
            "আমরা|মালিক|amra",
            "শেয়ার করতে|ডেটা দিতে|share korte|ভাগ করতে",
            "চাই না|চান না|raji na|রাজি নই|chai na",
        ],
    },
}


@pytest.mark.parametrize("locale", NO)
def test_a_fact_is_read_with_every_no(fact_reader, locale):
    reader = fact_reader(locale)
    for name, rows in NO[locale].items():
        sentences = [" ".join(parts) for parts in product(*(row.split("|") for row in rows))]
        questions = [f"{text}, SLCP?" for text in sentences]
        names = {text: {fact.name for fact in reader.read(text)} for text in questions}
        missed = [text for text in questions if name not in names[text]]
        assert missed == []


# Language, sentences with what they tell, and nothing else.
TOLD = {
    "en": [
        ("as a Better Work participant, what do we do first?", ["enrolled"]),
        ("our membership of Better Work ran out in June", ["not-enrolled"]),
        ("never registered on the SLCP Gateway before", ["no-gateway-profile"]),
        ("we registered on the gateway two years ago, how to link it", ["gateway-profile"]),
    ],
    "vi": [
        ("mới vào Better Work tháng trước, làm gì tiếp", ["enrolled"]),
        ("hết hạn tham gia Better Work rồi", ["not-enrolled"]),
        ("xưởng em ở ngoài Better Work", ["not-enrolled"]),
        ("ai đứng đầu Better Work", []),
        ("quên báo Better Work là muốn chia sẻ", ["interest-not-told"]),
        ("muốn giữ kín số liệu", ["no-wish-to-share"]),
    ],
    "id": [
        ("kami baru saja bergabung dengan Better Work", ["enrolled"]),
        ("keanggotaan Better Work kami sudah habis", ["not-enrolled"]),
        ("belum pernah daftar di gateway", ["no-gateway-profile"]),
        ("dulu sudah registrasi di gateway, bagaimana menyambungkannya", ["gateway-profile"]),
        ("kami lebih suka datanya disimpan sendiri", ["no-wish-to-share"]),
    ],
    "bn": [
        ("notun better work e join korechi, ekhon ki korbo", ["enrolled"]),
        ("amra better work e join korte chai", []),
        ("আমরা বেটার ওয়ার্কের সাথে কাজ করি", ["enrolled"]),
        ("আমরা Better Work করি না, ভেরিফায়ার ডাকতে হবে?", ["not-enrolled"]),
        ("factory ta better work er under e na, audit ke korbe", ["not-enrolled"]),
        ("Better Work আমাদের আবেদন ফিরিয়ে দিয়েছে", ["not-enrolled"]),
        ("amra gateway te age register korechilam", ["gateway-profile"]),
        ("গেটওয়ে নিবন্ধন খরচ", []),
        ("data nijeder kachei rakhte chai", ["no-wish-to-share"]),
    ],
}


@pytest.mark.parametrize("locale", TOLD)
def test_a_sentence_tells_its_facts_and_no_others(fact_reader, locale):
    reader = fact_reader(locale)
    read = [(text, [fact.name for fact in reader.read(text)]) for text, _ in TOLD[locale]]
    assert read == TOLD[locale]


def test_what_stands_in_another_sentence_tells_nothing(fact_reader):
    reader = fact_reader("en")
    assert reader.read("It is not. In Better Work we trust.") == ()
    assert reader.read("Is it Better Work or a verifier that comes to a factory?") == ()


def test_the_signs_of_a_phrase():
    def is_found(phrase: str, said: str, locale: str = "en") -> bool:
        return pattern(phrase, locale).search(f" {said} ") is not None

    assert is_found("! * member", "!not yet a member")
    assert not is_found("! * member", "!not sure whether a member")
    assert is_found("(a/) member", "member")
    assert is_found("!join", "!join")
    assert not is_found("!join", "join")
    assert is_found("join~ work", "joining work")
    assert needed("! (a/) (yet/still) part of * (better work/program)", "en") == (
        {"yet", "still"},
        {"part"},
        {"of"},
        {"betterwork", "program"},
    )
    said = " ".join(compared_words(words(cleaned("amader sodosso")), "bn"))
    assert is_found("সদস্য", said, "bn")


@pytest.mark.parametrize(
    ("locale", "text", "facts"),
    [
        # Data that is not on the Gateway is not a facility without a profile.
        ("en", "The report is not on the Gateway", []),
        ("en", "Our data is not yet on the gateway", []),
        ("en", "Our factory is not yet on the gateway", ["no-gateway-profile"]),
        ("en", "Our report says that we have no Gateway profile", ["no-gateway-profile"]),
        ("vi", "Dữ liệu của chúng tôi chưa có trên gateway", []),
        ("vi", "chúng tôi chưa có hồ sơ gateway", ["no-gateway-profile"]),
        ("id", "laporan kami belum ada di gateway", []),
        ("id", "kami belum punya profil gateway", ["no-gateway-profile"]),
        ("bn", "amader report gateway te nai", []),
        ("bn", "gateway তে আমাদের প্রোফাইল নেই", ["no-gateway-profile"]),
        # Leaving that is still to come.
        ("en", "Do I have to leave Better Work to get SLCP verified data?", []),
        ("en", "We want to leave Better Work", []),
        ("en", "We left Better Work last year", ["not-enrolled"]),
        ("vi", "có phải rời khỏi better work không", []),
        ("vi", "chúng tôi đã rời khỏi better work", ["not-enrolled"]),
        ("id", "Apakah harus keluar dari better work", []),
        ("id", "kami sudah keluar dari better work", ["not-enrolled"]),
        # What would be, and what is supposed.
        ("en", "Would we have to pay if we were not enrolled?", []),
        ("en", "If we were not enrolled, would we have to pay?", []),
        ("en", "If we are not enrolled, who assesses us?", ["not-enrolled"]),
        # What a brand does to factories of no one.
        ("en", "Is a brand allowed to send SLCP verifiers to factories outside Better Work?", []),
        ("en", "Can a brand come to our factory outside Better Work?", ["not-enrolled"]),
    ],
)
def test_only_what_a_facility_is_tells_a_fact(fact_reader, locale, text, facts):
    assert [fact.name for fact in fact_reader(locale).read(text)] == facts
