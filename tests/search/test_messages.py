"""Courtesies, signatures, quoted mails and markup do not change what a message asks."""

from __future__ import annotations

import pytest

from kb.search import AnswerOutcome
from kb.search.message import MessageReader


@pytest.fixture(scope="module")
def readers(library):
    return {
        locale: MessageReader(library.courtesies, locale) for locale in ("en", "vi", "id", "bn")
    }


MAIL = """\
Dear Mr. Rahman,

I hope this email finds you well. We are a garment factory with 800 workers. Our buyer told us of
SLCP. Could you please tell us who will do the assessment at our factory? We look forward to your
reply.

Kind regards,
Anna Schmidt
Compliance Manager
Tel +880 12345
"""


@pytest.mark.parametrize(
    ("locale", "text", "question"),
    [
        ("en", "hi, how do we share our data? thanks", "how do we share our data?"),
        ("en", "Hello team, who assesses us? Thank you very much!", "who assesses us?"),
        ("en", "Dear helpdesk, could you please tell me: what is a VCC? Best regards, A.",
         "what is a VCC?"),
        ("en", "Thanks. Who assesses us?", "Who assesses us?"),
        ("en", "Hi Anna, can I share it", "can I share it"),
        ("en", "good afternoon everyone who runs the gateway", "everyone who runs the gateway"),
        ("en", "May I ask if I may: who assesses us, sir?", "who assesses us, ?"),
        ("vi", "Xin chào anh chị, VCC là gì ạ? Em cảm ơn", "VCC là gì ?"),
        ("vi", "Kính gửi quý công ty, cho tôi hỏi ai đánh giá nhà máy? Trân trọng",
         "ai đánh giá nhà máy?"),
        ("id", "Selamat pagi Bapak/Ibu, mohon info apa itu VCC. Terima kasih banyak",
         "apa itu VCC."),
        ("bn", "আসসালামু আলাইকুম, VCC কী? অনেক ধন্যবাদ", "VCC কী?"),
        ("bn", "assalamu alaikum bhai, gateway e registration free kina? dhonnobad",
         "gateway e registration free kina?"),
        ("en", MAIL, "who will do the assessment at our factory?"),
        ("en", "what does sharing cost?\nRegards\nBob\n\nOn Mon, 3 Oct 2022 at 10:01, S <s@x.org> "
         "wrote:\n> do you want to register?\n> bye", "what does sharing cost?"),
        ("en", "<html><body><p>Dear team,</p><p>what is the <b>Law Overlay</b></p></body></html>",
         "what is the Law Overlay"),
        ("en", "w\u0337h\u0322\u031bat is a VCC", "what is a VCC"),
        ("en", "can we share, or not", "can we share, or not"),
    ],
)  # fmt: skip
def test_what_is_asked_is_left_when_courtesies_are_taken_out(readers, locale, text, question):
    assert readers[locale].read(text).question == question


@pytest.mark.parametrize(
    ("bare", "wrapped"),
    [
        ("is our data protected?", "Good morning! {} Have a nice day"),
        ("what is a VCC?", "Dear Sir or Madam, I hope you are well. {} Yours faithfully, K. Lee"),
        ("apa itu VCC?", "Halo kak, {} makasih ya"),
        ("VCC là gì?", "Chào bạn, cho mình hỏi {} cám ơn nhiều"),
        ("VCC কী?", "নমস্কার, {} আপনাকে ধন্যবাদ"),
        ("VCC là gì?", "Ad ơi cho em hỏi xíu ạ, {} em cảm ơn nhiều ạ"),
        ("apa itu VCC?", "hai min, mo nanya dong, {} makasi kak"),
        ("vcc ki?", "assalamu alaikum vai, keu ki bolte parben {} onek dhonnobad vai"),
    ],
)
def test_a_polite_question_has_the_outcome_of_the_bare_one(index, bare, wrapped):
    alone, polite = index.ask(bare), index.ask(wrapped.format(bare))
    assert (polite.outcome, polite.hits[0].faq_number) == (alone.outcome, alone.hits[0].faq_number)
    assert alone.outcome is AnswerOutcome.ANSWERED


@pytest.mark.parametrize(
    "text",
    [
        "hello",
        "Thank you so much, bye!",
        "xin chào",
        "terima kasih banyak pak",
        "ধন্যবাদ",
        "please",
        "ok got it, thanks",
        "Cảm ơn bạn nhiều nhé!",
        "ok hiểu rồi, cảm ơn",
        "oke sip",
        "bujhsi, dhonnobad",
        "thanks ad",
        "makasih loh",
        "Understood. Thank you for the explanation",
        "Terima kasih banyak atas infonya kak, sangat membantu!",
        "Dạ vâng em cảm ơn anh nhiều ạ",
        "অনেক উপকার হলো, ধন্যবাদ",
        "bujhte parsi bhai, onek dhonnobad",
    ],
)
def test_only_what_holds_nothing_else_is_a_word_of_thanks(index, library, text):
    answer = index.ask(text)
    assert answer.outcome is AnswerOutcome.HANDOVER
    translation = library.handover_translations.get((answer.served_locale, "small-talk"))
    topic = translation.topic if translation else library.not_covered["small-talk"].topic
    assert answer.handover.topic == topic


@pytest.mark.parametrize(
    "text",
    [
        "registration fee, thanks",
        "Thank you. Who assesses us?",
        "cảm ơn, phí gateway",
        "profile pending since two weeks, thank you",
        "makasih, batas waktunya kapan",
    ],
)
def test_what_is_asked_beside_thanks_is_no_small_talk(index, library, text):
    answer = index.ask(text)
    translation = library.handover_translations.get((answer.served_locale, "small-talk"))
    topic = translation.topic if translation else library.not_covered["small-talk"].topic
    assert answer.handover is None or answer.handover.topic != topic


def test_a_name_alone_is_not_answered(index):
    assert index.ask("Anna Schmidt").outcome is not AnswerOutcome.ANSWERED
