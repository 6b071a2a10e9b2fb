"""A no is read in every form that the four languages have for it, and is never answered HIGH
with what holds for the others."""

from __future__ import annotations

import pytest

from kb.search.confidence import ConfidenceBand
from kb.search.negation import says_no


@pytest.mark.parametrize(
    ("denying", "not_denying"),
    [
        (
            "we are not in|we aren't in|we arent in|we never joined|no longer a member|"
            "nobody linked it|without a profile|a non-member|we left the programme|haven't linked|"
            "our mill stays outside|nothing was sent",
            "who assesses us|another audit|know the date|our notes|no doubt|knot",
        ),
        (
            "không tham gia better work|chưa có hồ sơ|không nằm trong đó|ngoài chương trình|"
            "chưa tham gia thì sao|từ chối chia sẻ",
            "có phải trả tiền không?|chia sẻ được không ạ|đã liên kết chưa|có mất phí hay không",
        ),
        (
            "tidak ikut|pabrik kami bukan peserta|kami belum daftar|gak ikut bw|tanpa profil|"
            "di luar program|ga punya akun|kami belum|tidak|gak mau share, harus ngapain",
            "apakah gratis|karena itu|rencana negara mana|boleh ga?|data kami aman gak sih?|"
            "pabrik bisa share nggak|sudah terhubung belum ya|wajib atau tidak|bisa gak share",
        ),
        (
            "Better Work-এ নেই, কে আসবে|আমরা সদস্য নই।|প্রোফাইল নাই|তালিকাভুক্ত না?|এটা নয়|যোগ দিইনি,|"
            "এখনো করিনাই|শেয়ার করতে চাইনা|শুরু হয়নি|আপনারা নেননি|লাগবেনা|প্রোফাইল ছাড়া",
            "আপনি কে|কোম্পানি কি শেয়ার করে?|কারখানা কোথায়|ঠিকানা|রপ্তানি ও আমদানি|তিনি কে|জানা দরকার|"
            "শেয়ার করা যাবে কি না",
        ),
        (
            "better work e nai|member noy|profile kori ni|hoyni|join korini|share korte chaina|"
            "lagbena to|better work chara|amader nei",
            "ki korte hobe|factory ki korbe|verifier ke|ke ashbe|free ki na|ami jani|pani",
        ),
    ],
)
def test_a_no_is_read_in_every_form_and_nowhere_else(denying: str, not_denying: str) -> None:
    assert [text for text in denying.split("|") if not says_no(text)] == []
    assert [text for text in not_denying.split("|") if says_no(text)] == []


@pytest.mark.parametrize(
    "outside",
    [
        "Better Work-এ নেই, ",
        "আমরা Better Work-এর সদস্য নই, ",
        "amader factory BW te nai, ",
        "Nhà máy chúng tôi chưa vào Better Work, ",
        "Pabrik kami belum pernah gabung Better Work, ",
        "Our plant left Better Work last year, ",
        "We aren't with Better Work. ",
    ],
)
def test_a_factory_outside_is_never_answered_high_with_what_holds_inside(index, outside) -> None:
    inside = {"7.no-verifiers", "7.replaces", "5.enrolled", "14.service-fee", "19.enrolled-share"}
    for question in (
        "who assesses us?",
        "is the SLCP verification replaced?",
        "do verifiers come?",
    ):
        answer = index.ask(outside + question)
        assert answer.band is not ConfidenceBand.HIGH or answer.hits[0].passage_id not in inside
