"""An answer says yes or no only to a question that the verdict was written for."""

from __future__ import annotations

import pytest

from kb.search.verdicts import asks_the_same, without_verdict

ITC = "The Gateway is operated by ITC, and the same UN protection rules hold there."
FREE = "Registering in the SLCP Gateway costs facilities nothing."
REPLACES = "The Better Work assessment takes the place of any other verification at the facility."
PROGRAMMES = "Better Work and SLCP are two separate programmes that work together."


@pytest.mark.parametrize(
    ("question", "lead"),
    [
        # Other names, or the same ones in other places.
        ("Is the Gateway run by Better Work?", ITC),
        ("Is the Gateway run by SLCP?", ITC),
        ("Is the Gateway run by the United Nations?", f"Yes. {ITC}"),
        ("Does Better Work approve the facility profile?", "SLCP approves the Facility Profile."),
        ("Does SLCP approve the profile?", "Yes. SLCP approves the Facility Profile."),
        ("Does our SLCP verification replace the Better Work assessment?", REPLACES),
        ("Does the Better Work assessment replace SLCP verification?", f"Yes. {REPLACES}"),
        ("better work কি ILO-র অংশ", None),
        (
            "better work কি slcp-র অংশ",
            "না। Better Work ও SLCP দুটি আলাদা কর্মসূচি, যারা একসঙ্গে কাজ করে।",
        ),
        (
            "better work có phải là một phần của slcp không",
            "Better Work và SLCP là hai chương trình riêng, cùng hợp tác với nhau.",
        ),
        # The opposite word.
        ("Is registration on the Gateway paid?", FREE),
        ("Is registration on the Gateway free?", f"Yes. {FREE}"),
        (
            "Is sharing closed in Vietnam?",
            "As of October 2021, enrolled factories in Bangladesh, Indonesia and Vietnam can share "
            "their data.",
        ),
        # Countries that the lead names are as good as one another, and no others.
        (
            "Is data sharing with SLCP possible in Bangladesh?",
            "Yes. As of October 2021, enrolled factories in Bangladesh, Indonesia and Vietnam can "
            "share their data.",
        ),
        # Something is left out.
        (
            "Must we have a Gateway profile first?",
            "Registering with Better Work comes first, and with it an account on its platform.",
        ),
        # The phrasing was written under the opposite verdict.
        ("Is the general service model unchanged?", None),
        ("May VCC data be shared?", None),
        ("Is BW independent from SLCP?", None),
    ],
)
def test_a_verdict_is_for_the_question_it_was_written_for(index, question, lead):
    assert index.ask(question).hits[0].lead == lead


@pytest.mark.parametrize(
    ("question", "other", "locale", "same"),
    [
        ("Are we allowed to share our data?", "can we share our data", "en", True),
        ("Do we have to share our data?", "must we share our data", "en", True),
        ("May I share data?", "can we share our data", "en", True),
        ("Must we share our data?", "can we share our data", "en", False),
        ("Can't we share our data?", "can we share our data", "en", False),
        ("Is SLCP approved by Better Work?", "does slcp approve better work", "en", False),
        ("Is it sent to the Gateway?", "is it sent from the gateway", "en", False),
        ("Is it yours or ours?", "is it yours or ours", "en", False),
        ("Can we share or not?", "can we share or not", "en", True),
        ("Is it true that we can share?", "can we share", "en", False),
        ("Is it true that hosts charge a fee?", "do hosts charge a fee", "en", True),
        ("So hosts charge a fee, right?", "do hosts charge a fee", "en", True),
        ("Hosts don't charge a fee, right?", "do hosts charge a fee", "en", False),
        ("Is VCC data equivalent to SLCP-verified data?", "is vcc data equivalent to verified data",
         "en", True),
        ("apakah profil disetujui SLCP?", "apakah profil menyetujui SLCP", "id", False),
        ("apakah profil disetujui SLCP ya?", "profil disetujui slcp", "id", True),
        ("SLCP có duyệt hồ sơ không", "hồ sơ có duyệt SLCP không", "vi", False),
        ("slcp ki better work ke mane", "better work ki slcp ke mane", "bn", False),
    ],
)  # fmt: skip
def test_questions_ask_the_same_by_the_same_words_in_the_same_order(question, other, locale, same):
    assert asks_the_same(question, other, locale) is same


@pytest.mark.parametrize(
    ("lead", "claim"),
    [
        (f"No. {PROGRAMMES}", PROGRAMMES),
        ("Có. VCC là một đánh giá.", "VCC là một đánh giá."),
        ("Tidak. VCC tidak diumumkan.", "VCC tidak diumumkan."),
        ("হ্যাঁ। VCC হলো মূল্যায়ন।", "VCC হলো মূল্যায়ন।"),
        ("It depends on the host: some may charge.", "It depends on the host: some may charge."),
    ],
)
def test_a_claim_stands_without_its_verdict(lead, claim):
    assert without_verdict(lead) == claim


@pytest.mark.parametrize(
    "question",
    [
        "Do we have to pay Better Work extra for SLCP?",
        "Will sharing increase our Better Work fee?",
        "apakah biaya better work naik kalau berbagi data",
        "phí better work có tăng khi chia sẻ không",
    ],
)
def test_whether_sharing_adds_to_the_fee_is_not_stated_and_later_pages_are_named(index, question):
    answer = index.ask(question)
    assert answer.outcome == "HANDOVER"
    assert answer.handover.near == ("14.service-fee",)
    assert answer.handover.public_record == ("no-extra-fee",)


@pytest.mark.parametrize("question", ["you are useless", "Are you a computer?", "this is stupid"])
def test_what_asks_nothing_gets_no_entries_to_choose_from(index, library, question):
    handover = index.ask(question).handover
    assert handover.topic == library.not_covered["small-talk"].topic


@pytest.mark.parametrize(
    ("question", "lead"),
    [
        ("Is the assessment unannounced?", "Yes. The Better Work assessment is unannounced."),
        (
            "Does Better Work announce its assessments?",
            "No. The Better Work assessment is unannounced.",
        ),
    ],
)
def test_a_question_that_is_a_phrasing_is_answered_as_that_is(index, question, lead):
    answer = index.ask(question)
    assert (answer.outcome, answer.confidence >= 0.9) == ("ANSWERED", True)
    assert answer.hits[0].lead == lead


def test_what_is_asked_of_an_assessment_on_site_is_not_answered_of_a_virtual_check(index):
    for question in ("Is on-site data equivalent?", "Is data from an on-site visit equivalent?"):
        assert index.ask(question).outcome == "SUGGESTIONS"
    answer = index.ask("Is VCC data as good as data from an on-site visit?")
    assert (answer.outcome, answer.hits[0].passage_id) == ("ANSWERED", "23.equivalent")


def test_what_is_comparable_is_not_called_equivalent_without_the_vcc(index):
    lead = index.ask("Is Better Work data equivalent to verified data?").hits[0].lead
    assert lead.startswith("It depends on how it was assessed: SLCP and Better Work hold data from")
