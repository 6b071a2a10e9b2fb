"""Which details a question wants exactly: a time, a price, a number, a name, a link.

A text that holds no duration does not answer "how long", however much it has in common with it.
"""

from __future__ import annotations

import re
from typing import Final

from kb.content.asking import Detail
from kb.search.normalise import cleaned

# When somebody gets something is asked as how long it takes.
_UP_TO_FOUR: Final = r"(?: \w+){0,4}"
_GETS_IN_VIETNAMESE: Final = (
    r"(?:nhan(?: duoc)?|lay duoc|duoc (?:phe )?duyet|duyet xong|co ket qua)"
)
_GETS_IN_INDONESIAN: Final = (
    r"(?:dap[ae]t(?= (?:facility|gateway|id|profil|akun|kode|hasil|laporan|email)\b|\W*$)"
    r"|terima|menerima|mendapat\w*|disetujui|di-?approve"
    r"|(?:id|profil|hasil|akun)(?:nya)? (?:keluar|terbit|jadi)(?:nya)?)"
)

_PATTERNS: Final = tuple(
    (detail, re.compile(pattern))
    for detail, pattern in (
        (
            Detail.DURATION,
            r"\bhow (?:long|fast|quick|quickly|soon)\b(?! as| before| ahead| in advance)"
            r"|\bhow (?:many|much) (?:working |business |calendar )?"
            r"(?:days?|weeks?|months?|hours?|time)\b"
            r"|\b(?:turnaround|processing|waiting|lead) time\b|\bin how many (?:days|weeks)\b"
            r"|\bwhen (?:do|will|can|does|would|shall) (?:we|i|they|it|our \w+|the \w+|my \w+) "
            r"(?:get|gets|receive|receives|have|be approved|hear|expect|arrive|come)\b"
            r"|\bbao lau\b|\bmat (?:may|bao nhieu) (?:ngay|tuan|thang|gio)\b"
            r"|\bmay (?:ngay|tuan|thang)\b"
            r"|\bbao nhieu (?:ngay|tuan|thang|thoi gian)\b"
            rf"|(?<!truoc )\b(?:khi nao|bao gio|chung nao){_UP_TO_FOUR} {_GETS_IN_VIETNAMESE}\b"
            rf"|\b{_GETS_IN_VIETNAMESE}{_UP_TO_FOUR} (?<!truoc )(?:khi nao|bao gio|chung nao)\b"
            r"|\b(?:be?ra?pa|brp) (?:lama|hari|minggu|bulan|jam)\b|\bseberapa (?:lama|cepat)\b"
            rf"|\b(?:kapan|kpn){_UP_TO_FOUR} {_GETS_IN_INDONESIAN}\b"
            rf"|\b{_GETS_IN_INDONESIAN}{_UP_TO_FOUR} (?:kapan|kpn)\b"
            rf"|\b(?:id|profil|hasil|akun)(?:nya)?{_UP_TO_FOUR} (?:kapan|kpn)"
            r" (?:keluar|terbit|jadi)(?:nya)?\b"
            r"|\bko(?:y|e|yek) ?din(?:e|er)?\b|(?:কয়|কয়|ক) ?দিন"
            r"|কত ?(?:দিন|সময়|সময়|সপ্তাহ|মাস|ঘণ্টা|ক্ষণ|তাড়াতাড়ি|দ্রুত)"
            r"|কবে (?:\S+ ){0,3}(?:পা[বও]\S*|অনুমোদ\S*)|(?:অনুমোদ\S*|পা[বও]\S*) (?:\S+ )?কবে"
            r"|\bkoto ?(?:din|dine|diner|somoy|shomoy|khon|khn|taratari|druto|mash|shoptaho)\b"
            r"|\bkobe(?: \w+){0,3} (?:pab[oe]|pabo|pamu|approved?|onumodon)\b",
        ),
        (
            Detail.DATE,
            r"\b(?:by|until|till|before) when\b|\bdeadline\b|\btime limit\b|\blast (?:day|date)\b"
            r"|\bwhen (?:must|should|do (?:we|i) (?:have|need)) to?\b|\bhow (?:early|late)\b"
            r"|\bhow (?:long|soon|far|many \w+) (?:before|ahead|in advance)\b"
            r"|\bhan (?:chot|cuoi)\b|\btruoc khi nao\b|\bthoi han\b|\b(?:cham|muon|tre) nhat\b"
            r"|\bbatas waktu(?:nya)?\b|\btenggat(?:nya)?\b|\bdeadlinenya\b|\bsampai kapan\b"
            r"|\bpaling (?:lambat|telat)\b"
            r"|\bkobe(?: ?e?r)? (?:mod?dh?ey?|porjonto|[vb]h?itor[ey]?)\b"
            r"|\b(?:last|shesh|ses) (?:date|tarikh|somoy)\b"
            r"|কবের (?:মধ্যে|ভিতর|ভেতর)|তারিখের (?:মধ্যে|ভিতর|ভেতর)|শেষ (?:সময়|তারিখ)|কখন পর্যন্ত",
        ),
        (
            Detail.COUNT,
            r"\bhow many\b(?! (?:working |business |calendar )?(?:days?|weeks?|months?|hours?))",
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
