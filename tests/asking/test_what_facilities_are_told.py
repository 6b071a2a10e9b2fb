"""What an answer tells of a facility or a profile: labels, fees, next actions, contacts."""

import pytest

from tests.asking.asking import ask, assessed_by
from tests.rules.shipped import shipped_library
from tests.trial_databases import on_sqlite
from tests.web.asking import Client

pytestmark = on_sqlite

ALL_DONE = {
    "country": "VN",
    "enrolled": "YES",
    "gatewayProfile": "LINKED",
    "interestDeclared": "BEFORE_ASSESSMENT",
    "selfAssessedBefore": "YES",
    "selfAssessmentSteps": [1, 2],
}


async def test_what_data_may_be_called_is_told_with_its_steps_after_that_none_is_verified(
    client: Client,
):
    """So that "No data" of Step 3 is not read as if there were none at all."""
    of_step_1 = {
        "ONSITE": ["Step 1: Better Work assessment", "Step 1: The factory's", "Step 1: Extra data"],
        "VCC": [
            "Step 1, in the subset of the Virtual Compliance Check: Data",
            "Step 1, in the subset of the Virtual Compliance Check: Issues",
            "Step 1, outside the subset: Self-assessed",
        ],
    }
    for assessment, begins in of_step_1.items():
        profile = {**ALL_DONE, "assessment": assessment}
        answer = await ask(client, "Is our data verified?", profile=profile)
        first, *parts = answer["text"].split("\n\n")
        assert first == (
            "Better Work is not acting as a Verifier Body, and it does not verify self-assessments."
        )
        begins = [*begins, "Step 2: Enhanced self-assessment", "Step 3: No data."]
        assert [part[: len(begin)] for part, begin in zip(parts, begins, strict=True)] == begins
    nothing_yet = {"country": "VN", "enrolled": "YES", "assessment": "NONE"}
    told = {"selfAssessedBefore": "NO", "selfAssessmentSteps": []}
    answer = await ask(client, "Is our data verified?", profile={**nothing_yet, **told})
    assert answer["text"].split("\n\n")[1].startswith("Steps 1, 2 and 3: No data")
    of_verifier = {"country": "CN", "enrolled": "NO"}
    answer = await ask(client, "Is our data verified?", profile=of_verifier)
    assert answer["text"].startswith("Steps 1, 2 and 3: SLCP-verified data")


@pytest.mark.parametrize(
    ("question", "begins"),
    [
        (
            "dữ liệu của chúng tôi đã được xác minh chưa",
            "Bước 1, trong phần của Kiểm tra Tuân thủ Trực tuyến: ",
        ),
        ("apakah data kami terverifikasi", "Step 1, dalam bagian Virtual Compliance Check: "),
        ("আমাদের ডেটা কি যাচাইকৃত", "Step 1, Virtual Compliance Check-এর অন্তর্ভুক্ত অংশে: "),
    ],
)
async def test_steps_are_told_in_the_language_of_the_answer(
    client: Client, question: str, begins: str
):
    answer = await ask(client, question, profile={**ALL_DONE, "assessment": "VCC"})
    assert "In English only" not in answer["localeReason"]
    assert answer["text"].split("\n\n")[1][: len(begins)] == begins


@pytest.mark.parametrize(
    "question",
    [
        "Do we pay Better Work?",
        "Do we have to pay a fee to Better Work?",
        "chúng tôi có phải trả phí cho better work không",
        "apakah kami harus membayar better work",
        "আমাদের কি Better Work-কে টাকা দিতে হবে",
    ],
)
@pytest.mark.parametrize(
    ("profile", "code"),
    [
        ({"country": "CN", "enrolled": "NO"}, "NO_SERVICE_FEE_WITHOUT_ENROLMENT"),
        ({"country": "KE", "enrolled": "NO"}, "NO_SERVICE_FEE_WITHOUT_ENROLMENT"),
        ({"country": "VN", "enrolled": "YES"}, "SERVICE_FEE_CONTINUES"),
        ({"country": "VN", "enrolled": "NO", "inScope": "YES"}, "SERVICE_FEE_STARTS"),
        ({"country": "VN"}, "SERVICE_FEE_NEEDS_ASSESSOR"),
    ],
)
async def test_whoever_asks_for_better_works_fee_is_told_first_whether_it_falls_due(
    client: Client, question: str, profile: dict[str, str], code: str
):
    library = shipped_library()
    text = library.rulebook.statements[code].text
    answer = await ask(client, question, profile=profile)
    words = library.words.get(answer["servedLocale"], {})
    assert answer["text"].split("\n\n")[0] == words.get(text, text)


async def test_whoever_says_that_it_is_not_enrolled_is_told_when_the_fee_starts(client: Client):
    for question in (
        "We're not a Better Work factory. Do we have to pay the Better Work fee?",
        "We are not enrolled in Better Work. What do we pay Better Work?",
    ):
        answer = await ask(client, question)
        assert answer["text"].split("\n\n")[0] == (
            "The regular Better Work service fee starts with enrolment. Its amount is not stated."
        )
        assert "14.service-fee" in {c["passage"]["id"] for c in answer["citations"] if c["passage"]}


async def test_next_actions_are_told_with_their_deadlines(client: Client):
    profile = {
        "country": "VN",
        "enrolled": "YES",
        "assessment": "NONE",
        "interestDeclared": "NOT_DECLARED",
    }
    parts = (await ask(client, "What should we do next?", profile=profile))["text"].split("\n\n")
    assert [part.rpartition("Deadline: ")[2] for part in parts[1:3]] == [
        "before the next service cycle starts, and at the latest before the assessment.",
        "before the assessment.",
    ]


CONTACTS = {
    "what is the minimum wage": (
        ("OTHER_ORGANISATION", "Ask your labour authority."),
        (
            "COUNTRY_PROGRAMME",
            "Ask the Better Work country programme or your labour authority.",
        ),
    ),
    "when is our next assessment": (
        ("HELPDESK", "Ask the SLCP Helpdesk."),
        (
            "COUNTRY_PROGRAMME",
            "The assessment is unannounced; ask the Better Work country programme what your "
            "service cycle is.",
        ),
    ),
    "who is our contact": (
        ("HELPDESK", "Ask the SLCP Helpdesk."),
        (
            "COUNTRY_PROGRAMME",
            "Ask the Better Work country programme, or the SLCP Helpdesk if the facility is not in "
            "Better Work.",
        ),
    ),
}


@pytest.mark.parametrize("question", sorted(CONTACTS))
async def test_a_hand_over_names_whom_the_facility_can_ask(client: Client, question: str):
    """Where a Verifier Body assesses, that is not the country programme; often there is none."""
    outside, within = CONTACTS[question]
    for profile, contact in (
        ({"country": "CN", "enrolled": "NO"}, outside),
        ({"country": "VN", "enrolled": "NO", "inScope": "NO"}, outside),
        ({"country": "VN", "enrolled": "YES"}, within),
    ):
        handover = (await ask(client, question, profile=profile))["handover"]
        assert (handover["ask"], handover["askText"]) == contact, profile
    facility = await assessed_by(client, "VERIFIER_BODY")
    handover = (await ask(client, question, facilityId=facility["id"]))["handover"]
    assert (handover["ask"], handover["askText"]) == outside


def test_no_contact_of_a_facility_outside_better_work_names_its_country_programme():
    contacts = shipped_library().contacts
    named = {n for n, c in contacts.items() if "country programme" in c.text and not c.outside}
    assert named == {"better-work-in-country", "slcp-on-kind-of-site"}  # which decide it themselves
    for contact in contacts.values():
        if contact.outside is not None:
            other = contacts[contact.outside]
            assert "country programme" not in other.text
            assert set(other.text_in) == {"vi", "id", "bn"}


async def test_each_question_about_a_facility_is_answered_in_one_text(client: Client):
    profile = {"country": "VN", "enrolled": "YES"}
    answer = await ask(client, "What does it cost us? Is our data encrypted?", profile=profile)
    parts = answer["text"].split("\n\n")
    fee = next(place for place, part in enumerate(parts) if "service fee" in part)
    encrypted = next(place for place, part in enumerate(parts) if "encrypted" in part)
    assert fee < encrypted
    assert "21.gateway-encrypted" in {
        (citation["passage"] or {}).get("id") for citation in answer["citations"]
    }
