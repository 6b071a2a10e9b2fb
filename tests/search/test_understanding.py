"""What a question tells by the way, what it follows on, and which details it wants."""

from __future__ import annotations

import pytest

from kb.content.asking import Detail
from kb.content.conditions import INPUTS
from kb.search import AnswerOutcome
from kb.search.confidence import ConfidenceBand
from kb.search.details import wanted
from kb.search.reading import asks_yes_or_no


@pytest.mark.parametrize(
    ("locale", "question", "facts"),
    [
        ("en", "Our factory is not in Better Work, who assesses us?", ["not-enrolled"]),
        ("en", "We aren't enrolled in BW yet. Who verifies us?", ["not-enrolled"]),
        ("en", "our supplier does not belong to Better Work", ["not-enrolled"]),
        ("en", "How do non-Better Work facilities share?", ["not-enrolled"]),
        ("en", "How does a plant outside Better Work get assessed?", ["not-enrolled"]),
        ("en", "we aren't an enrolled factory", ["not-enrolled"]),
        ("en", "our buyer's unit is not a Better Work factory", ["not-enrolled"]),
        ("en", "Nobody from Better Work told us", []),
        ("en", "Our mill quit the programme", ["not-enrolled"]),
        ("en", "We, a mill in Dhaka, are not in Better Work", ["not-enrolled"]),
        ("id", "kami belum pernah terdaftar", ["not-enrolled"]),
        ("id", "kalau gak dikirim, laporannya masuk portal better work?", []),
        ("id", "gak tau pabrik ini ikut better work apa nggak, tanya siapa", []),
        ("id", "tidak tahu apakah pabrik kami ikut better work", []),
        ("id", "kami bukan anggota better work, gak tau harus gimana", ["not-enrolled"]),
        ("vi", "không biết nhà máy có trong better work không, hỏi ai", []),
        ("vi", "chúng tôi không tham gia better work và không biết phải làm gì", ["not-enrolled"]),
        ("bn", "ami jani na factory better work e ache kina", []),
        ("bn", "আমরা জানি না কারখানা Better Work-এ আছে কি না", []),
        ("bn", "amra better work e nai, jani na ki korbo", ["not-enrolled"]),
        ("bn", "gateway profile nai, link kemne korbo", ["no-gateway-profile"]),
        ("bn", "আমরা কখনো যোগ দিইনি", ["not-enrolled"]),
        ("en", "do verifiers come to factories not in Better Work", ["not-enrolled"]),
        ("en", "aren't verifiers allowed in enrolled factories", ["enrolled"]),
        ("en", "are verifiers not allowed in Better Work?", []),
        ("en", "isn't another audit needed in Better Work plants", ["enrolled"]),
        ("en", "we're in Better Work, who comes?", ["enrolled"]),
        ("en", "We have no Gateway profile. How do we link?", ["no-gateway-profile"]),
        ("en", "we already have a gateway account", ["gateway-profile"]),
        ("en", "We do not want to share our data.", ["no-wish-to-share"]),
        ("vi", "nhà máy mình không tham gia better work", ["not-enrolled"]),
        ("id", "pabrik kami bukan anggota Better Work", ["not-enrolled"]),
        ("id", "kami belum punya profil di gateway", ["no-gateway-profile"]),
        ("bn", "আমাদের কারখানা Better Work-এ নেই", ["not-enrolled"]),
        ("bn", "amader factory better work e nai", ["not-enrolled"]),
        ("en", "Is it not true that Better Work shares data?", []),
        ("en", "why can't better work sign up to slcp", []),
        ("vi", "better work có phải thành viên slcp không", []),
        ("id", "apakah better work tidak memverifikasi", []),
        ("en", "Better Work isn't something we belong to", ["not-enrolled"]),
        ("en", "our gateway account was never linked", ["gateway-profile"]),
        ("en", "nobody informed Better Work of our wish", ["interest-not-told"]),
        ("en", "the self-assessment was still empty when they came", ["not-self-assessed"]),
        ("en", "the Gateway is not connected to Better Work", []),
        ("en", "does our data stay private?", []),
        ("en", "is on-site data equivalent to verified data", ["assessed-on-site"]),
        ("en", "we were assessed on site in May", ["assessed-on-site"]),
        ("en", "how does a VCC differ from an on-site assessment", []),
        ("vi", "xưởng tôi không nằm trong Better Work", ["not-enrolled"]),
        ("vi", "bên em tham gia Better Work được hai năm rồi", ["enrolled"]),
        ("vi", "tự đánh giá chưa xong mà đoàn đã tới", ["not-self-assessed"]),
        ("vi", "làm sao tham gia better work được", []),
        ("id", "kami peserta Better Work", ["enrolled"]),
        ("id", "profil gateway kami belum ditautkan", ["gateway-profile"]),
        ("id", "kami belum memberitahu Better Work", ["interest-not-told"]),
        ("id", "apa yang harus beres sebelum Better Work datang", []),
        ("bn", "আমরা এখনো Better Work-এ নিবন্ধিত হইনি", ["not-enrolled"]),
        ("bn", "আমাদের কারখানা কর্মসূচির অংশ নয়", ["not-enrolled"]),
        ("bn", "মালিক ডেটা শেয়ার করতে চান না", ["no-wish-to-share"]),
        ("bn", "gateway profile ekhono link hoy nai", ["gateway-profile"]),
        ("bn", "self assessment shesh korte pari nai", ["not-self-assessed"]),
        ("bn", "better work কি slcp-র অংশ", []),
    ],
)
def test_facts_of_a_facility_are_read_from_its_question(fact_reader, locale, question, facts):
    read = fact_reader(locale).read(question)
    assert [fact.name for fact in read] == facts


@pytest.mark.parametrize(
    "question",
    [
        "Our factory is not in Better Work, who assesses us?",
        "We are not a Better Work factory. How do we share?",
        "How does a factory outside Better Work get assessed?",
        "we never joined BW, may a verifier come to us",
        "pabrik kami tidak ikut better work, siapa yang menilai?",
        "nhà máy không thuộc better work thì ai đánh giá",
    ],
)
def test_a_factory_outside_better_work_is_not_told_what_holds_inside(index, library, question):
    answer = index.ask(question)
    assert [fact.name for fact in answer.facts] == ["not-enrolled"]
    assert not {"7.no-verifiers", "7.replaces", "5.enrolled"} & {*answer.hits[0].shown}
    if answer.outcome is AnswerOutcome.ANSWERED:
        assert answer.hits[0].faq_number in (5, 7)


@pytest.mark.parametrize(
    ("previous", "question", "faqs"),
    [
        ("what is a VCC?", "can i share it", {23}),
        ("does it cost anything to register on the Gateway?", "and to share with Higg?", {14}),
        ("is CAF v1.4 available in Vietnam?", "who assesses an enrolled factory?", {7}),
        ("is CAF v1.4 available in Indonesia?", "and China?", {2, 3}),
        ("what is the law overlay", "how about Vietnam", {4, 2}),
        ("Law Overlay có ở nước nào", "và ở Haiti?", {4}),
        ("who pays the fees?", "what is a VCC?", {23}),
    ],
)
def test_a_follow_up_stays_with_its_topic_and_a_new_question_does_not(
    index, previous, question, faqs
):
    answer = index.ask(question, previous=previous)
    assert answer.hits[0].faq_number in faqs


@pytest.mark.parametrize(
    ("question", "faq"),
    [
        ("chia sẻ dữ liệu có mất tiền không", 14),
        ("berapa biaya untuk berbagi data", 14),
        ("ডেটা শেয়ার করতে কত খরচ", 14),
        ("data share korte koto taka lage", 14),
        ("Who is going to turn up at our gate for this?", 7),
        ("They have no room for us. Can an outside firm come?", 7),
    ],
)
def test_plain_words_of_people_who_know_no_term_find_the_entry(index, question, faq):
    assert index.ask(question).hits[0].faq_number == faq


@pytest.mark.parametrize(
    ("previous", "question"),
    [
        ("what is a VCC?", "who runs the Gateway?"),
        ("does the Gateway cost anything?", "what is a VCC?"),
        ("how do we enrol", "does registering on the Gateway cost anything"),
        ("VCC là gì", "gateway có mất phí không"),
        ("VCC itu apa", "siapa yang menjalankan gateway"),
        ("VCC কী", "gateway কে চালায়"),
    ],
)
def test_a_whole_question_owes_nothing_to_the_one_before_it(index, previous, question):
    after, alone = index.ask(question, previous=previous), index.ask(question)
    assert (after.outcome, after.confidence, after.hits) == (
        alone.outcome,
        alone.confidence,
        alone.hits,
    )


@pytest.mark.parametrize(
    ("previous", "question"),
    [
        ("how do we tell you that we want to share?", "by when?"),
        ("muốn chia sẻ dữ liệu thì báo ai?", "trước khi nào?"),
        ("bagaimana memberi tahu mau berbagi?", "paling lambat kapan?"),
        ("শেয়ার করতে চাই কীভাবে জানাব", "কবের মধ্যে?"),
        ("How do I link my Gateway profile?", "by when?"),
        ("How do I link my Gateway profile?", "what is the deadline?"),
        ("what must we do before sharing", "and by when?"),
        ("bagaimana cara menautkan profil gateway?", "sampai kapan?"),
        ("gateway profile kivabe link korbo?", "kobe er moddhe?"),
    ],
)
def test_until_when_is_asked_of_what_was_asked_before(index, previous, question):
    answer = index.ask(question, previous=previous)
    assert (answer.outcome, answer.hits[0].passage_id) == ("ANSWERED", "9.deadline")
    assert answer.band is not ConfidenceBand.HIGH


def test_no_deadline_is_taken_from_what_has_nothing_to_do_with_what_was_asked_before(index):
    for previous in ("who assesses our factory?", "which fees do we pay?", "what is a VCC?"):
        assert index.ask("by when?", previous=previous).outcome != "ANSWERED"


def test_what_leans_on_the_question_before_is_never_high(index):
    for before, questions in (
        ("what is a VCC?", ("can i share it", "and why?", "who decides that?", "and how much?")),
        (
            "How do I link my Gateway profile?",
            ("by when?", "and the weather there?", "who pays it"),
        ),
        ("cách liên kết hồ sơ Gateway?", ("khi nào?", "còn phí thì sao?")),
        ("bagaimana menautkan profil Gateway?", ("kapan?", "lalu biayanya?")),
        ("Gateway প্রোফাইল কীভাবে যুক্ত করব?", ("কবে?", "আর খরচ?")),
    ):
        for question in questions:
            assert index.ask(question, previous=before).band is not ConfidenceBand.HIGH


@pytest.mark.parametrize(
    ("question", "details"),
    [
        ("How fast is the profile approved?", {Detail.DURATION}),
        ("When do we get our Facility ID?", {Detail.DURATION}),
        ("berapa lama persetujuan profil", {Detail.DURATION}),
        ("duyệt hồ sơ mất mấy ngày", {Detail.DURATION}),
        ("approve hote koto din lage", {Detail.DURATION}),
        ("Khi nào nhà máy nhận được Facility ID?", {Detail.DURATION}),
        ("hồ sơ được duyệt khi nào", {Detail.DURATION}),
        ("Facility ID kapan keluarnya?", {Detail.DURATION}),
        ("kapan kami dapat Facility ID", {Detail.DURATION}),
        ("brp lama disetujui", {Detail.DURATION}),
        ("Facility ID কবে পাব", {Detail.DURATION}),
        ("gateway id kobe pabo", {Detail.DURATION}),
        ("kapan pabrik dapat membagikan data", set()),
        ("CAF 1.5 kapan keluar?", set()),
        ("phải báo trước khi nào để được nhận", {Detail.DATE}),
        ("chậm nhất là khi nào", {Detail.DATE}),
        ("kobe er vitor bolte hobe", {Detail.DATE}),
        ("paling telat kapan", {Detail.DATE}),
        ("by when?", {Detail.DATE}),
        ("how long before the visit must we tell them", {Detail.DATE}),
        ("how many countries are there", {Detail.COUNT}),
        ("how many days does it take", {Detail.DURATION}),
        ("how do we share", set()),
        ("as long as we are linked", set()),
    ],
)
def test_the_details_that_a_question_wants_are_known(question, details):
    assert wanted(question) == details


@pytest.mark.parametrize(
    ("question", "outcome"),
    [
        ("is Jordan covered?", "ANSWERED"),
        ("Is Pakistan part of Better Work?", "ANSWERED"),
        ("are Cambodia and Haiti included", "ANSWERED"),
        ("Is Lesotho in Better Work?", "ANSWERED"),
        ("Is Thailand active?", "ANSWERED"),
        ("Jordan có thuộc Better Work không", "ANSWERED"),
        ("apakah Yordania termasuk?", "ANSWERED"),
        ("পাকিস্তান কি Better Work-এর অংশ", "ANSWERED"),
        ("are factories in Jordan included", "ANSWERED"),
        ("জর্ডান কি অন্তর্ভুক্ত?", "ANSWERED"),
        ("is Brazil covered?", "HANDOVER"),
        ("বেলজিয়ামে কি Better Work আছে?", "HANDOVER"),
        ("is Thailand part of Better Work", "HANDOVER"),
        ("when is Jordan included", None),
        ("our factory is in Jordan, are we covered", None),
        ("is the law overlay of Jordan included", None),
    ],
)
def test_whether_a_country_is_covered_follows_from_what_is_known_of_it(index, question, outcome):
    answer = index.ask(question)
    assert answer.asks_of_countries is (outcome is not None)
    if outcome is not None:
        assert (answer.outcome, answer.facts) == (outcome, ())
        assert answer.hits[0].passage_id == "2.rollout-countries"


@pytest.mark.parametrize(
    ("question", "asks"),
    [
        ("our assessment was yesterday, can we still share", True),
        ("hello: may we share", True),
        ("we are enrolled, how can we share", False),
        ("we can share our data", False),
        ("we can share our data, right?", True),
    ],
)
def test_a_later_clause_may_ask_for_yes_or_no(question, asks):
    assert asks_yes_or_no(question) is asks


@pytest.mark.parametrize(
    ("question", "lead"),
    [
        ("our assessment was yesterday, can we still share", "It depends on what was done"),
        ("is virtual assessment allowed", "Yes. A VCC is an unannounced"),
        ("can my brand force the factory to share?", "No. A brand can ask the facility"),
        ("does the VCC count", "It depends on what for."),
        ("are online assessments permitted", "Yes. A VCC is an unannounced"),
        # Asked in other words: only what the verdict rests on is said.
        ("may the check be made over video", "A VCC is an unannounced"),
        ("is the VCC announced?", "A VCC is unannounced."),
        ("is a second audit necessary", "No. Beside the Better Work assessment"),
        ("can non-members use the law overlay", "Yes. Facilities inside and outside"),
        ("bolehkah penilaian dilakukan secara online", "VCC adalah penilaian"),
        ("đánh giá trực tuyến có được phép không", "Có. VCC là một đánh giá"),
        ("অনলাইনে মূল্যায়ন করা যায় কি", "VCC হলো"),
    ],
)
def test_what_asks_for_yes_or_no_gets_it_first(index, question, lead):
    assert str(index.ask(question).hits[0].lead).startswith(lead)


def test_suggestions_name_whom_to_ask_and_no_topic(index, library):
    answer = index.ask("and in Indonesia?")
    assert answer.outcome is AnswerOutcome.SUGGESTIONS
    assert (answer.handover.topic, answer.handover.ask) == (None, library.contacts["general"].actor)
    assert answer.handover.ask_text == library.contacts["general"].text


@pytest.mark.parametrize(
    "question",
    [
        "How long does approval of the facility profile take?",
        "When do we get our Facility ID?",
        "How fast is the profile approved?",
        "How many days does the Gateway need to approve us?",
        "Within how many weeks is a profile approved?",
    ],
)
def test_how_long_an_approval_takes_is_not_stated(index, library, question):
    answer = index.ask(question)
    assert answer.outcome is AnswerOutcome.HANDOVER
    assert answer.handover.topic == library.not_covered["approval-time"].topic


def test_a_duration_that_is_stated_is_told(index):
    answer = index.ask("how long does registering all interested factories take")
    assert answer.outcome is AnswerOutcome.ANSWERED
    assert answer.hits[0].passage_id == "9.twelve-months"


@pytest.mark.parametrize(
    ("question", "part"),
    [
        ("what should we do next?", "NEXT_ACTIONS"),
        ("habis ini kami harus ngapain?", "NEXT_ACTIONS"),
        ("kami udah bisa share belum?", "SHARING"),
        ("who assesses us?", "ASSESSED_BY"),
        ("by when?", "DEADLINE"),
        ("what does it cost us?", "COST"),
        ("may we share?", "SHARING"),
        ("what may our data be called?", "DATA_LABELS"),
        ("bước tiếp theo là gì", "NEXT_ACTIONS"),
        ("siapa yang menilai kami", "ASSESSED_BY"),
        ("আমাদের কী কী ফি দিতে হবে", "COST"),
        ("amra ekhon ki korbo", "NEXT_ACTIONS"),
        ("amader koto taka lagbe", "COST"),
        ("who will come to our factory", "ASSESSED_BY"),
        ("what is a VCC", None),
    ],
)
def test_questions_about_ones_own_facility_are_known_by_what_they_ask(index, question, part):
    unknown = dict.fromkeys(INPUTS, "UNKNOWN")
    assert index.ask(question, profile_inputs=unknown).intents == ((part,) if part else ())
    assert index.ask(question).intents == ()


@pytest.mark.parametrize(
    ("question", "lead"),
    [
        ("Which countries are NOT included in the 2021 launch?", "All others."),
        ("which better work countries are not part of the rollout", "All others."),
        ("những nước nào không có trong đợt ra mắt 2021", "Tất cả các nước còn lại."),
        ("negara mana yang tidak ikut peluncuran 2021", "Semua negara lain."),
    ],
)
def test_what_is_left_out_is_told_first(index, question, lead):
    hit = index.ask(question).hits[0]
    assert hit.passage_id == "2.rollout-countries"
    assert str(hit.lead).startswith(lead)


def test_what_is_included_is_not_answered_by_what_is_left_out(index):
    hit = index.ask("which countries are included in the 2021 launch").hits[0]
    assert hit.passage_id == "2.rollout-countries"
    assert hit.lead is None


def test_who_asks_for_a_deadline_is_told_it_first(index):
    for question in (
        "batas waktu memberi tahu Better Work kalau mau berbagi data",
        "what is the deadline to inform better work",
    ):
        assert index.ask(question).hits[0].passage_id == "9.deadline"


def test_what_was_told_of_a_facility_holds_for_the_next_question_on_it(index):
    for previous, question in (
        ("Our factory is not in Better Work.", "Who will carry out our assessment?"),
        ("kami bukan peserta Better Work", "siapa yang menilai pabrik kami?"),
        ("amra better work er member na", "amader assessment ke korbe?"),
    ):
        assert [fact.name for fact in index.ask(question, previous=previous).facts] == [
            "not-enrolled"
        ]
        assert index.ask(question).facts == ()
    assert index.ask("What is a VCC?", previous="We left Better Work").facts == ()
