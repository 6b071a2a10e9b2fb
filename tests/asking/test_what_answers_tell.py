"""What an answer must tell besides its passage: both deadlines, cautions, later pages."""

import pytest

from tests.asking.asking import ask
from tests.rules.shipped import shipped_library
from tests.trial_databases import on_sqlite
from tests.web.asking import Client

pytestmark = on_sqlite


@pytest.mark.parametrize(
    "question",
    [
        "Must interest be declared before the assessment or before the next cycle?",
        "when is the deadline to tell better work",
        "by when must suppliers tell better work",
        "can my brand force the factory to share?",
        "hạn chót báo cho better work là khi nào",
        "kapan batas waktu memberi tahu better work",
        "কবের মধ্যে Better Work-কে জানাতে হবে",
    ],
)
async def test_whoever_asks_for_the_deadline_is_told_both_and_how_they_go_together(
    client: Client, question: str
):
    library = shipped_library()
    warning = library.rulebook.warnings["TWO_DEADLINES"].text
    answer = await ask(client, question)
    words = library.words.get(answer["servedLocale"], {})
    assert words.get(warning, warning) in answer["text"].split("\n\n")
    cited = {citation["passage"]["id"] for citation in answer["citations"]}
    assert {"9.deadline", "12.timing"} <= cited


async def test_what_is_comparable_or_equivalent_is_said_not_to_be_verified(client: Client):
    caution = shipped_library().rulebook.warnings["COMPARABLE_IS_NOT_VERIFIED"].text
    for question in ("does the VCC count", "is better work data comparable with verified data"):
        parts = (await ask(client, question))["text"].split("\n\n")
        assert caution in parts[:3]


async def test_an_answer_does_not_say_its_first_sentence_twice(client: Client):
    begins = {
        "does better work verify the self-assessment?": (
            "No. Better Work is not acting as a Verifier Body, and it does not verify "
            "self-assessments.\n\n"
        ),
        "does better work become cheaper if we share": (
            "No. Factories in Better Work go on paying Better Work for their regular factory "
            "service.\n\n"
        ),
        # Asked in other words than the verdict is for, what it rests on is said without it.
        "does Better Work approve the facility profile": "SLCP approves the Facility Profile.",
        # The passage does not say what the lead says.
        "can data be shared before we have been assessed": (
            "No. The assessment has to be complete before the data can be shared.\n\nA factory "
        ),
    }
    for question, beginning in begins.items():
        assert (await ask(client, question))["text"].startswith(beginning)


async def test_a_lead_is_given_where_the_answer_begins_with_it_and_nowhere_else(client: Client):
    answer = await ask(client, "Is there a law overlay for Vietnam?")
    lead = "Yes. There are Law Overlays for Bangladesh, Indonesia and Vietnam."
    assert lead in answer["text"].split("\n\n")
    assert [hit["lead"] for hit in answer["hits"]] == [lead] + [None] * (len(answer["hits"]) - 1)
    # What was decided for a facility begins its answer, in words of its own.
    answer = await ask(client, "Is there a law overlay for Vietnam?", profile={"country": "CN"})
    assert "no Law Overlay" in answer["text"].split("\n\n")[0]
    assert {hit["lead"] for hit in answer["hits"]} == {None}
    # Nor is an English lead given beside an Indonesian text, or one where nothing is answered.
    for question in ("apakah better work bagian dari slcp", "Is it obligatory to share?"):
        assert {hit["lead"] for hit in (await ask(client, question))["hits"]} == {None}


async def test_what_is_known_of_a_country_is_told_also_beside_what_is_not(client: Client):
    pakistan = (
        "Pakistan is named as a country of Better Work, and the launch of SLCP was planned there "
        "in early 2021. Whether sharing through SLCP is open there is not stated."
    )
    answer = await ask(client, "Is Pakistan part of Better Work?")
    assert answer["text"].startswith(f"{pakistan}\n\nAs of October 2021, factories enrolled")
    assert {citation["layer"] for citation in answer["citations"]} == {
        "SHARED_FAQS_2021",
        "PUBLIC_RECORD",
    }
    answer = await ask(client, "Is Thailand part of Better Work?")
    assert answer["outcome"] == "HANDOVER"
    active = "Thailand was listed in early 2021 as active with SLCP already before CAF v1.4."
    assert answer["text"].startswith(f"{active}\n\nThe source names three countries")
    answer = await ask(client, "apakah Yordania termasuk?")
    assert answer["text"].startswith("Yordania disebut sebagai negara Better Work.")


async def test_suggest_completes_what_is_being_typed(client: Client):
    query = """query($text: String!, $first: Int, $locale: String) {
        suggest(text: $text, first: $first, locale: $locale) { number servedLocale } }"""
    suggested = (await client.ask(query, text="is registration on the gatew", first=2))["suggest"]
    assert {"number": 14, "servedLocale": "en"} in suggested
    assert len(suggested) <= 2
    vietnamese = (await client.ask(query, text="phí", locale="vi"))["suggest"]
    assert {suggestion["servedLocale"] for suggestion in vietnamese} == {"vi"}
    assert (await client.ask(query, text=""))["suggest"] == []
    assert (await client.ask(query, text="🏭"))["suggest"] == []


@pytest.mark.parametrize(
    "question", ["Is CAF 1.5 launched?", "Has CAF 1.5.1 been launched?", "is version 1,5 launched?"]
)
async def test_a_version_is_known_however_it_is_written(client: Client, question: str):
    answer = await ask(client, question)
    start = "Not stated. The source gives the launch of version 1.5 as 2022, to be determined."
    assert answer["text"].startswith(start)


@pytest.mark.parametrize(
    "question", ["Tool 1,6?", "CAF 1.8?", "Is CAF 3.0 out?", "Until when can we use version 1.6?"]
)
async def test_what_is_asked_of_later_versions_is_handed_over(client: Client, question: str):
    answer = await ask(client, question)
    assert answer["outcome"] == "HANDOVER"
    assert answer["text"].startswith("The source mentions v1.6 only beside v1.5")


async def test_what_later_pages_say_is_told_with_its_day_beside_what_is_not_stated(client: Client):
    answer = await ask(client, "Is version 1.5 already launched?")
    assert answer["answered"]
    assert "It cannot say which version is valid today." in answer["text"]
    assert (
        "CAF 1.6 is in use: Worldly offers it, and speaks of CAF 1.7 as the version after it, with "
        "a protocol for winding CAF 1.6 down. The days of the change are not stated here. "
        "(public record, 2026-11-23)" in answer["text"]
    )
    layers = {citation["layer"] for citation in answer["citations"]}
    assert layers == {"SHARED_FAQS_2021", "PUBLIC_RECORD"}


async def test_a_hand_over_tells_what_later_pages_say_on_its_topic(client: Client):
    answer = await ask(client, "Which version of the CAF do we use now?")
    assert answer["outcome"] == "HANDOVER"
    assert answer["text"] == (
        "The source is of October 2021, when v1.4 was the version in use. It cannot say which "
        "version is valid today.\n\nCAF 1.6 is in use: Worldly offers it, and speaks of CAF 1.7 "
        "as the version after it, with a protocol for winding CAF 1.6 down. The days of the change "
        f"are not stated here. (public record, 2026-11-23)\n\n{answer['handover']['askText']}"
    )
    assert {citation["layer"] for citation in answer["citations"]} == {"PUBLIC_RECORD"}
    assert (await ask(client, "Which colour has a unicorn?"))["text"] is None


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("hồ sơ được duyệt mất bao lâu?", "(thông tin công khai, 2026-11-23)"),
        ("berapa lama profil disetujui?", "(catatan publik, 2026-11-23)"),
        ("প্রোফাইল অনুমোদনে কতদিন লাগে?", "(প্রকাশ্য তথ্য, 2026-11-23)"),
    ],
)
async def test_that_it_is_from_later_pages_is_told_in_the_language_of_the_answer(
    client: Client, question: str, told: str
):
    answer = await ask(client, question)
    assert told in answer["text"]
    assert "public record" not in answer["text"]


async def test_what_later_pages_say_of_hosts_and_their_fees_is_told(client: Client):
    fee = "Worldly lists a fee of 199 US dollars for bringing in an assessment from another host."
    for question in ("how much does Worldly charge", "what does higg cost"):
        assert f"{fee} (public record, 2026-11-23)" in (await ask(client, question))["text"]
    hosts = (await ask(client, "Which hosts can I share with?"))["text"]
    for said in ("names Higg and FFC as examples", "Worldly, formerly Higg,", "The role of FFC"):
        assert said in hosts


async def test_each_question_of_a_message_is_answered(client: Client):
    answer = await ask(
        client, "What is a Virtual Compliance Check? And what does Gateway registration cost?"
    )
    assert answer["answered"]
    assert "unannounced Better Work assessment of Step 1" in answer["text"]
    assert "Registering in the SLCP Gateway costs facilities nothing." in answer["text"]


@pytest.mark.parametrize(
    ("question", "begins"),
    [
        ("Is Cambodia covered?", "Cambodia is named as a country of Better Work under the name"),
        ("apakah Kamboja tercakup?", "Kamboja disebut sebagai negara Better Work dengan nama"),
        ("কম্বোডিয়া কি আছে?", "কম্বোডিয়া Better Factories Cambodia নামে Better Work-এর দেশ"),
        ("Campuchia có trong danh sách không?", "Campuchia được nêu là quốc gia của Better Work"),
    ],
)
async def test_a_country_whose_name_is_in_another_is_told_of_in_the_language_of_the_answer(
    client: Client, question: str, begins: str
):
    answer = await ask(client, question)
    assert answer["text"][: len(begins)] == begins
    assert "Better Factories Cambodia" in answer["text"]
    assert "In English only" not in answer["localeReason"]


@pytest.mark.parametrize(
    ("question", "first"),
    [
        (
            "Is there a law overlay for Cambodia?",
            "The shared FAQs name no Law Overlay for Cambodia; in October 2021 there is one for "
            "Bangladesh, Indonesia and Vietnam.",
        ),
        (
            "Is there a law overlay for the Philippines?",
            "The shared FAQs name no Law Overlay for the Philippines; in October 2021 there is one "
            "for Bangladesh, Indonesia and Vietnam.",
        ),
        (
            "apakah ada law overlay untuk Kamboja?",
            "FAQ bersama tidak menyebut Law Overlay untuk Kamboja; pada Oktober 2021 ada Law "
            "Overlay untuk Bangladesh, Indonesia, dan Vietnam.",
        ),
    ],
)
async def test_that_no_law_overlay_is_named_for_a_country_is_told_first(
    client: Client, question: str, first: str
):
    answer = await ask(client, question)
    assert answer["text"].split("\n\n")[0] == first
    cited = {citation["passage"]["id"] for citation in answer["citations"] if citation["passage"]}
    assert "4.countries" in cited


async def test_a_country_with_a_law_overlay_is_not_told_of_sharing_first(client: Client):
    for question in ("Is there a law overlay for Vietnam?", "Is there an overlay for Bangladesh?"):
        text = (await ask(client, question))["text"]
        assert "name no Law Overlay" not in text
        assert "Enrolled factories that want to share" not in text


async def test_a_term_is_explained_before_its_passage_and_later_pages_are_cited(client: Client):
    answer = await ask(client, "what is an accredited host")
    assert answer["text"].startswith(
        "Accredited Host: A platform to which facilities can share their data from the Gateway; "
        "some may charge.\n\n"
    )
    assert {"11.channels", "14.host-fee"} <= {
        citation["passage"]["id"] for citation in answer["citations"]
    }
    answer = await ask(client, "What does SLCP stand for?")
    assert answer["text"] == (
        "Social & Labor Convergence Program: The full name behind the abbreviation SLCP. The "
        "shared FAQs use the abbreviation only."
    )
    assert {citation["layer"] for citation in answer["citations"]} == {"PUBLIC_RECORD"}


async def test_what_of_a_message_is_not_answered_is_told_after_what_is(client: Client):
    answer = await ask(
        client, "What is a VCC? Which colour has a unicorn? What is the minimum wage?"
    )
    assert answer["answered"]
    *_, wages, _, colour, how = answer["text"].split("\n\n")
    assert wages.endswith("No wage is stated.")
    assert colour == "Question 2 of this message has no answer here that is certain."
    assert how == "Ask it by itself, or in other words."


async def test_all_that_is_not_stated_is_told_where_nothing_of_a_message_is(client: Client):
    answer = await ask(client, "Is SMETA accepted? What is the minimum wage?")
    assert answer["outcome"] == "HANDOVER"
    assert "SMETA" in answer["text"]
    assert "No wage is stated." in answer["text"]
