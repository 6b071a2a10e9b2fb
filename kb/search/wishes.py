"""What a text speaks of as wished, planned, asked for or in question: it is not so, or not yet.

"We would like to be a Better Work factory" holds every word of "we are a Better Work factory" and
tells the opposite. It is read from the words that lead to a state, in the four languages.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from kb.search.normalise import cleaned

# Words that begin something else: what stands before them does not reach over them.
_BOUNDARY: Final = (
    "if|when|once|because|since|as|while|although|and|or|but|that|who|whose|where|after"
    "|neu|khi|vi|nhung|va|hoac|ma|kalau|jika|karena|dan|atau|tapi|yang|setelah|sejak"
)
_WORD: Final = rf"(?: (?!(?:{_BOUNDARY}) )\S+)"
_NO_FACILITY: Final = rf"(?: (?!(?:facility|{_BOUNDARY}) )\S+)"
_ASK_FOR_A_REASON: Final = "".join(f"(?<! {word} )" for word in ("why", "how", "what", "when"))
_SOMEBODY: Final = "(?:we|i|they|(?:our|my|this) facility)"

# What follows an English verb in Bengali that is done: "join korechi".
_NOT_DONE: Final = r"(?! (?:kore(?:chi|che|sen|si)|kors[aei]|korsil|korechil|hoye|hois|করেছ|হয়েছ))"
_ENGLISH: Final = (
    # to become something, to be or have it one day
    rf"(?:become|becoming){_WORD}{{0,3}}",
    rf"(?:enroll?|enroll?ing|enroll?ment|register|registering|join|joining){_NOT_DONE}"
    rf"(?:{_WORD}{{0,3}} (?:in|into|with|at|to|for|as)(?= ))?",
    rf"(?:to|will|would|shall|should|must|can|could|may|might|soon|almost|nearly) be{_WORD}{{0,2}}",
    rf"(?:to|will|would|shall|should|must|can|could|may|might) have (?:a|an|any){_WORD}{{0,1}}",
    rf"(?:in|of|for|about|before) being{_WORD}{{0,2}}",
    rf"get(?:ting)?{_WORD}{{0,2}} (?:enrolled|registered|accepted|admitted|in|into)",
    r"(?:want|wants|wish|hope|hopes|like|expect)(?: that)?(?: (?:our|my|the|this))? facility"
    r"(?= (?:is|to|in|into) )",
    rf"(?:appl(?:y|ied|ying)|applications?|wait|waiting|ask|asked|asking|requested) (?:for|to|as)"
    rf"{_WORD}{{0,2}}",
    "soon|almost|nearly",
    # whether it is so, and who it is
    rf"{_ASK_FOR_A_REASON}(?:is|are|am) {_SOMEBODY}{_WORD}{{0,2}}",
    rf"{_ASK_FOR_A_REASON}(?:do|does|must|should|can|may) {_SOMEBODY}(?: already)? have",
    rf"(?:whether|(?:know|check|see|tell|sure|out|ask|confirm) if){_WORD}{{0,3}}",
    rf"(?:which|what|who){_WORD}{{0,1}} (?:is|are)(?: (?:a|an))?",
)
_VIETNAMESE: Final = (
    r"tro thanh",
    r"(?:muon|mong|can|dinh|se|sap|chuan bi|xin|cach|lam sao|the nao|hy vong|cho|de|dang ky)"
    rf"{_NO_FACILITY}{{0,2}} (?:tham gia|gia nhap|vao|la|lam|thanh|thuoc|co|tao)",
    r"co(?: phai)? (?:la|thuoc)",
    r"(?:da|dang) (?:tham gia|co)(?: \S+){1,5} chua(?= $)",
)
_INDONESIAN: Final = (
    r"(?:ingin|mau|pengen|pingin|akan|hendak|bakal|berencana|rencana|cara|bagaimana|gimana|supaya"
    r"|agar|minta|mohon|mengajukan|bisa|boleh|apakah|untuk|harus|perlu)"
    rf"{_NO_FACILITY}{{0,2}} (?:ikut|bergabung|gabung|terdaftar|masuk|menjadi|jadi|punya|termasuk)"
    rf"{_NO_FACILITY}{{0,1}}",
)
_BENGALI: Final = (r"(?:amra|আমরা|facility) (?:ki|কি)",)
_BEFORE: Final = re.compile(
    rf" (?:{'|'.join((*_ENGLISH, *_VIETNAMESE, *_INDONESIAN, *_BENGALI))})(?= )"
)
# "I do not know whether", where no word for whether need be said.
_NO_IN_VIETNAMESE: Final = "(?:khong|ko|khg|hok|hong|chua|chang|cha)"
_NO_IN_INDONESIAN: Final = "(?:tidak|tdk|gak|ga|ngg?ak?|enggak|belum|blm|bukan)"
_UNKNOWN: Final = re.compile(
    rf" (?:{_NO_IN_VIETNAMESE} (?:biet|ro|chac)(?: \S+){{1,12}}? {_NO_IN_VIETNAMESE}"
    rf"|(?:{_NO_IN_INDONESIAN}|kurang) (?:tahu|tau|yakin|jelas)"
    rf"(?: apakah(?: \S+){{1,12}}|(?: \S+){{1,12}}? (?:apa|atau) {_NO_IN_INDONESIAN})"
    r"|(?:jani|janina|জানি|নিশ্চিত) ?(?:na|না|নই|নয়)?(?: \S+){1,10}?"
    r" (?:kina|ki na|naki|কিনা|কি না|নাকি)"
    r"|(?:\S+ ){1,10}?(?:kina|ki na|কিনা|কি না)(?: \S+){0,3}? (?:jani|janina|জানি|জানিনা))(?= )"
)
# In Bengali the verb stands behind: to become, to do, as a wish or a question.
_BEHIND: Final = frozenset(
    cleaned(
        "hote hobo hoibo howar hoar korte korbo korar korate হতে হব হবো হওয়ার হওয়া করতে করব করবো "
        "করার করাতে করানো"
    ).split()
)


def wished(tokens: Sequence[str], start: int, end: int) -> bool:
    """Whether the words from `start` to `end` tell what is wished or asked, not what is.

    `tokens` are the words of a text as `kb.search.normalise.words` gives them.
    """
    if end < len(tokens) and tokens[end] in _BEHIND:
        return True
    return _overlaps(_BEFORE, tokens, start, end)


def unknown(tokens: Sequence[str], start: int, end: int) -> bool:
    """Whether the words from `start` to `end` tell what whoever asks does not know."""
    return _overlaps(_UNKNOWN, tokens, start, end)


def _overlaps(pattern: re.Pattern[str], tokens: Sequence[str], start: int, end: int) -> bool:
    text = f" {' '.join(tokens)} "
    for match in pattern.finditer(text):
        first = text.count(" ", 0, match.start())
        if first < end and start <= first + match.group().count(" "):
            return True
    return False
