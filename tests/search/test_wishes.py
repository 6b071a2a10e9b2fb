"""What is wished, planned or in question is not taken for what is."""

from __future__ import annotations

import pytest

# Language, then facts to questions that tell them.
QUESTIONS: dict[str, dict[tuple[str, ...], str]] = {
    "en": {
        (): """
            We would like to enrol our factory in Better Work
            How do I enrol my factory in Better Work, and who do I have to contact?
            We want to become a Better Work member
            We are planning to be a Better Work factory next year
            We have asked to be enrolled in Better Work
            We applied to become a member of Better Work
            We are about to be enrolled in Better Work
            How can our plant become part of Better Work
            We will be a Better Work factory soon
            What must we do to be a Better Work member
            Are we enrolled in Better Work?
            Is our factory enrolled?
            Is our factory in Better Work?
            Are we a Better Work factory?
            How do I know whether our factory is enrolled?
            We hope our factory is enrolled soon
            Can you enroll our factory in Better Work
            we are registering with Better Work
            How do we get enrolled in better work
            We are waiting to be enrolled in Better Work
            How do we register with Better Work
            We want to have a Gateway profile
            Do we need to have a Gateway account?
            Do we have a gateway profile?
            How do I create a gateway profile
            must we have a gateway ID before the assessment
            Which factories are in scope?
            Are we in scope?
            Is it useful to be a better work member
            we applied for better work member status
            How do I check if our factory is enrolled
            our factory would like to be part of Better Work
            What does it cost to become a Better Work member?
            we'd like our factory in Better Work
        """,
        ("enrolled",): """
            How do we share as a Better Work factory?
            How can a Better Work factory share its data?
            We are enrolled in Better Work and want to share
            We are a Better Work factory, how do we become visible on Higg?
            How do we register our Better Work factory on the Gateway
            We want to register on the Gateway as a Better Work factory
            our factory is in Better Work, who will be sent
            we're in Better Work, who comes?
            Can an enrolled factory be assessed by a verifier
            If we are enrolled, who assesses?
            As a better work member, do we need to have another audit
            why is our factory in Better Work assessed twice
            we have been with Better Work since 2015; we are part of Better Work
            Is our Better Work factory allowed to share
            We want to share, our factory is in Better Work
            How do we register, we are a Better Work factory
            We want our Better Work factory to be linked
        """,
        ("gateway-profile",): """
            we already have a gateway account
            How do we link our existing Gateway profile
            we want to link our existing gateway profile
            We have a Gateway profile, how do we link it to Better Work
            What should we do if we already have a Gateway ID?
        """,
        ("not-enrolled",): """
            We want to enrol, we are not in Better Work
        """,
        ("no-wish-to-share",): """
            we do not want to share our data
            how do we opt out of sharing
        """,
        ("no-gateway-profile",): """
            We want to share but have no gateway profile
        """,
    },
    "vi": {
        (): """
            Chúng tôi muốn trở thành thành viên Better Work
            Làm sao để là thành viên Better Work
            nhà máy sẽ là thành viên Better Work
            muon tham gia better work thi lien he ai
            nhà máy mình có thuộc Better Work không
            Nhà máy đã tham gia Better Work chưa?
            Chúng tôi muốn có hồ sơ Gateway
            sắp là thành viên better work thì làm gì
        """,
        ("enrolled",): """
            Làm sao để nhà máy Better Work chia sẻ dữ liệu?
            chúng tôi đã tham gia better work, muốn chia sẻ dữ liệu
            nhà máy thuộc Better Work thì ai đánh giá
            Chúng tôi là thành viên Better Work
        """,
    },
    "id": {
        (): """
            kami ingin ikut Better Work
            pabrik kami mau menjadi anggota Better Work
            bagaimana cara ikut Better Work
            kami akan terdaftar di Better Work
            cara supaya terdaftar di Better Work
            apakah kami terdaftar di better work?
            kami ingin punya profil gateway
        """,
        ("enrolled",): """
            pabrik kami ikut Better Work, siapa yang menilai
            bagaimana pabrik Better Work berbagi data
            kami sudah terdaftar di Better Work dan ingin berbagi
            apakah pabrik yang terdaftar di Better Work bisa berbagi
        """,
    },
    "bn": {
        (): """
            আমরা Better Work-এর সদস্য হতে চাই
            কারখানা Better Work-এ তালিকাভুক্ত করতে চাই
            Better Work-এ তালিকাভুক্ত করব কীভাবে
            amra better work er member hote chai
            kivabe better work er member hobo
            আমরা কি Better Work-এর সদস্য?
        """,
        ("enrolled",): """
            আমরা Better Work-এর সদস্য, কীভাবে শেয়ার করব
            আমরা Better Work-এ আছি, ডেটা শেয়ার করতে চাই
            amra better work e achi, kivabe share korbo
            Better Work কারখানা কীভাবে ডেটা শেয়ার করে
        """,
    },
}


@pytest.mark.parametrize("locale", QUESTIONS)
def test_only_what_is_said_to_be_so_is_read_as_a_fact(fact_reader, locale):
    reader = fact_reader(locale)
    expected = {
        line.strip(): list(facts)
        for facts, lines in QUESTIONS[locale].items()
        for line in lines.strip().splitlines()
    }
    read = {question: [fact.name for fact in reader.read(question)] for question in expected}
    assert read == expected


def test_who_wants_to_enrol_is_told_whom_to_contact(index):
    for question in (
        "We would like to enrol our factory in Better Work",
        "How do I enrol my factory in Better Work, and who do I have to contact?",
        "How can we become a Better Work member?",
        "bagaimana cara ikut Better Work",
    ):
        answer = index.ask(question)
        assert (answer.facts, answer.hits[0].passage_id) == ((), "8.enrol")
