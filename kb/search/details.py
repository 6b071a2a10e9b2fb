"""Which details a question wants exactly: a time, a price, a number, a name, a link.

A text that holds no duration does not answer "how long", however much it has in common with it.
"""

from __future__ import annotations

import re
from typing import Final

from kb.content.asking import Detail
from kb.search.normalise import cleaned

_PATTERNS: Final = tuple(
    (detail, re.compile(pattern))
    for detail, pattern in (
        (
            Detail.DURATION,
            r"\bhow (?:long|fast|quick|quickly|soon)\b(?! as)"
            r"|\bhow (?:many|much) (?:working |business |calendar )?"
            r"(?:days?|weeks?|months?|hours?|time)\b"
            r"|\b(?:turnaround|processing|waiting|lead) time\b|\bin how many (?:days|weeks)\b"
            r"|\bwhen (?:do|will|can|does|would|shall) (?:we|i|they|it|our \w+|the \w+|my \w+) "
            r"(?:get|gets|receive|receives|have|be approved|hear|expect|arrive|come)\b"
            r"|\bbao lau\b|\bmat (?:may|bao nhieu) (?:ngay|tuan|thang|gio)\b"
            r"|\bmay (?:ngay|tuan|thang)\b"
            r"|\bbao nhieu (?:ngay|tuan|thang|thoi gian)\b|\bkhi nao (?:thi )?(?:nhan|co ket qua)\b"
            r"|\bberapa (?:lama|hari|minggu|bulan|jam)\b|\bseberapa (?:lama|cepat)\b"
            r"|\bkapan (?:kami |saya |kita )?(?:dapat|terima|menerima|mendapat\w*)\b"
            r"|কত ?(?:দিন|সময়|সময়|সপ্তাহ|মাস|ঘণ্টা|ক্ষণ|তাড়াতাড়ি|দ্রুত)"
            r"|\bkoto ?(?:din|dine|diner|somoy|shomoy|khon|khn|taratari|druto|mash|shoptaho)\b",
        ),
        (
            Detail.DATE,
            r"\b(?:by|until|till|before) when\b|\bdeadline\b|\btime limit\b|\blast (?:day|date)\b"
            r"|\bwhen (?:must|should|do (?:we|i) (?:have|need)) to?\b|\bhow (?:early|late)\b"
            r"|\bhan chot\b|\btruoc khi nao\b|\bthoi han\b|\bbatas waktu\b|\btenggat\b"
            r"|\bsampai kapan\b|\bpaling lambat\b|\bkobe(?:r| er)? (?:moddhe|porjonto)\b"
            r"|কবের মধ্যে|শেষ সময়|কখন পর্যন্ত",
        ),
        (
            Detail.LINK,
            r"\b(?:link|url|web ?address|website address)\b.{0,20}\b(?:to|of|for)\b"
            r"|\bwhat is the (?:link|url|website)\b"
            r"|\b(?:send|give|share) (?:me |us )?(?:the |a )?(?:link|url)\b",
        ),
    )
)


def without_details(text: str) -> str:
    """A cleaned text without the words that ask for a detail."""
    for _, pattern in _PATTERNS:
        text = pattern.sub(" ", text)
    return text


def wanted(question: str) -> frozenset[Detail]:
    """The details that a question cannot be answered without."""
    text = cleaned(question)
    return frozenset(detail for detail, pattern in _PATTERNS if pattern.search(text))
