"""Whether a text says no, in the four languages and in Bengali with Latin letters.

What answers a question that says no is often the opposite of what answers it without, so a no that
is read where there is none costs little, and one that is missed much.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from kb.search.normalise import cleaned

_ENGLISH: Final = (
    r"not|non|never|neither|nor|none|nobody|nothing|nowhere|cannot|unable|without|outside|except"
    r"|unless|lacks?|lacking|missing|refus\w+|declin\w+|unwilling|reluctant|against|exclud\w+"
    r"|(?:do|does|did|is|are|was|were|has|have|had|can|could|wo|would|should|must)n['\u2019]?t"
    r"|no(?! matter| problem| doubt)(?= \w)|no one|left out|(?:left|leave|quit|skip)(?:s|ped)?"
    r"|(?:stop|drop)(?:s|ped)?|withdrew|withdrawn?|yet to|forgot(?:ten)?|missed"
    r"|un(?:enrolled|registered|linked|finished|listed|verified|approved)|in(?:eligible|complete)"
    r"|nonbetterwork|ceased?|resign(?:ed)?|turned (?:us|me|it|them) down|rejected|expired"
)
# "khong" and "chua" at the end ask for yes or no, as "hay khong" does.
_ASKS_AT_THE_END: Final = (
    r"(?! ?(?:$|[?.!,;:])| (?:a|nhi|vay|ha|va|hay|em|anh|chi|ban|ad|shop)(?![\w\u0980-\u09ff]))"
)
_VIETNAMESE: Final = (
    rf"(?<!hay )(?<!duoc )(?:khong(?! bao truoc)|ko|khg|hok|hong(?! kong)){_ASKS_AT_THE_END}"
    r"|(?<!o )dau (?:phai|co)|khong (?:phai|duoc|the|muon|co|bi|can|nen|thuoc)"
    rf"|(?<!hay )(?:chua|chang|cha){_ASKS_AT_THE_END}|chua (?:tung|co|duoc|he)|ngoai|tru khi"
    r"|roi khoi|rut khoi|bo qua|tu choi|quen bao|dung lai|ngung"
)
# So do "tidak" and "belum", and "gak" after what it asks for; not where nobody but the asker is
# named: "kami belum".
_SLANG_NO: Final = r"(?:(?:e?ng|n)gak?|gak|ga|ndak|kagak)"
_ASKS_IN_INDONESIAN: Final = (
    r"(?! ?(?:$|[?.!,;:])| (?:ya|yah|sih|dong|kah|nih|kak|ka|min|pak|bu|mas|mbak|bang|gan)(?!\w))"
)
_INDONESIAN: Final = (
    rf"(?<!atau )(?<!apa )(?:tidak|tak|tdk|belum|belom|blm){_ASKS_IN_INDONESIAN}"
    rf"|(?<!atau )(?<!apa )(?<!bisa )(?<!boleh )(?<!ada )(?<!perlu )(?<!wajib )(?<!harus )"
    rf"{_SLANG_NO}{_ASKS_IN_INDONESIAN}"
    rf"|(?:^|(?<=[.?!,;:] )|(?<=kami )|(?<=kita )|(?<=saya ))"
    rf"(?:tidak|tak|tdk|belum|belom|blm|{_SLANG_NO})(?= ?(?:$|[?.!,;:]))"
    r"|bukan|bkn|jangan|tanpa(?! pemberitahuan)|luar|diluar"
    r"|kecuali|menolak|berhenti|keluar|mundur|lupa|terlewat"
)
_BENGALI_LATIN: Final = (
    r"(?<!ki )na(?! ki(?![\w\u0980-\u09ff]))|nai|naai|nay|ney|nei|noy|noi|nah|ni"
    r"|chara|charai|bahire|baire"
    r"|(?!(?:jani|pani)(?![\w\u0980-\u09ff]))"
    r"(?:kor|hoy|ho|pa|de|di|ne|ni|ja|jana|par|as|ash|rakh|thak|dekh|pouch|bol|lag|shur)"
    r"(?:i|e|y|o|ei|ai|en|eni|yi|li)?(?:ni|nai|nei)"
    r"|(?:kor|par|cha|ja|de|di|ne|ho|hoy|lag|pa|thak|ash|as|rakh|bujh|jan)"
    r"(?:i|e|y|bo|be|b|iben|ben|te)?na"
)
_BENGALI: Final = (
    r"(?<!কি )না|নয়|নয়|নেই|নাই|নি|নন|নই|নহে|নহি|নে|ছাড়া|ছাড়া|ব্যতীত|বাদে|বিনা|বাইরে|বাইরের|অনিচ্ছুক|অযোগ্য"
    r"|অনিবন্ধিত|অস্বীকার|নারাজ|বাদ"
    # A verb with its no at the end: করিনি, হয়নি, দেননি, করিনাই, চাইনা, হবেনা, করবনা.
    r"|(?!(?:আপনি|তিনি|যিনি|ইনি|চিনি|কিনি|আইনি|বেআইনি|কাহিনি)(?![\w\u0980-\u09ff]))"
    r"[\u0980-\u09ff]+(?:ইনি|ি ?নি|েনি|য়নি|য়নি|ওনি|োনি|ননি|ইনাই|িনাই|েনাই|য়নাই|য়নাই"
    r"|ইনা|িনা|েনা|য়না|য়না|োনা|রবনা|দিবনা|যাবনা)"
)
_LANGUAGES: Final = {
    "en": _ENGLISH,
    "vi": rf"{_ENGLISH}|{_VIETNAMESE}",
    "id": rf"{_ENGLISH}|{_INDONESIAN}",
    "bn": rf"{_ENGLISH}|{_BENGALI_LATIN}|{_BENGALI}",
}


def _words_of(words: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w\u0980-\u09ff])(?:{words})(?![\w\u0980-\u09ff])|n['\u2019]t(?!\w)")


_SAYS_NO: Final = _words_of(
    "|".join((_ENGLISH, _VIETNAMESE, _INDONESIAN, _BENGALI_LATIN, _BENGALI))
)
_SAYS_NO_IN: Final = {locale: _words_of(words) for locale, words in _LANGUAGES.items()}


def says_no(text: str) -> bool:
    """Whether a text denies something."""
    return _SAYS_NO.search(cleaned(text)) is not None


def denying(tokens: Sequence[str], locale: str) -> frozenset[int]:
    """The places of the words that say no, among the words of a clause in a language."""
    text = " ".join(tokens)
    return frozenset(
        place
        for match in _SAYS_NO_IN[locale].finditer(text)
        for place in range(text.count(" ", 0, match.start()), text.count(" ", 0, match.end()) + 1)
    )
