"""From a message to what it asks: courtesies, signatures, quoted mails and markup are left out.

Words of politeness say nothing about what is asked, but to a ranking they are words like others.
They are taken out by lists that come with the content (`kb.content.asking.Courtesies`); the text
around them stays as it stands. In a long message the sentences that ask count, the others less.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

from kb.content.asking import Courtesies
from kb.search.details import wanted
from kb.search.locales import is_small
from kb.search.normalise import cleaned, word_set

# A message with at most so many words is one question; in a longer one those that ask are found.
_SHORT_WORDS: Final = 16
# Sentences that ask with fewer telling words ("is that in order?") mean what stands around them.
_LEAST_TELLING: Final = 2
_MOST_QUESTIONS: Final = 3
# One question behind another in one sentence: "who assesses us, and what does it cost".
_AND: Final = re.compile(
    r"[\s,;]+(?:(?:and(?:\s+also)?|also|plus|&)(?=\s+(?:wh\w+|how|is|are|do|does|did|can|could|may|must|should"
    r"|will|has|have)\b)|và|va|dan|&|ar|আর|এবং|ও"
    r"|(?:sama|lalu|terus|trus)(?=\s+(?:apa|siapa|berapa|brp|kapan|kpn|gimana|bagaimana|kenapa)\w*))\s+",
    re.IGNORECASE,
)
# How an English sentence begins that asks, also without a question mark.
_BEGINS_TO_ASK: Final = re.compile(
    r"[\s,;:>*\u2022-]*(?:(?:and|also|or|but|so|then|secondly|finally)\s+)*(?:wh(?:at|o|om|ose|en|ere|y|ich)"
    r"|how|is|are|do|does|did|can|could|may|must|should|will|has|have)\b",
    re.IGNORECASE,
)
# Where a part of a numbered list begins: "1) who assesses us 2) what does it cost".
_NUMBER: Final = re.compile(
    r"(?:^|(?<=[\s:,;.?]))(?<!step )\(?([1-9])[.)](?=\s*[^\W\d])", re.IGNORECASE
)
_ENDS_FOR_YES_OR_NO: Final = re.compile(
    r"(?:\b(?:khong|ko|chua|gak|ga|nggak|tidak|belum|kah|ki|kina|naki)|কি|নাকি)\W*$"
)
_THANKS: Final = re.compile(
    r"\b(?:thank\w*|thx|thnx|tks|cam on|terima ?kasih|makasi\w*|trims|dh?on\w{1,4}bad\w*)\b|ধন্যবাদ"
)
_NAME_WORDS: Final = 3
_SIGNATURE_WORDS: Final = 6
_SIGNATURE_LINES: Final = 12

_TOKEN: Final = re.compile(r"[\wঀ-৿]{1,100}")
_NOT_SHOWN: Final = re.compile(
    r"<(script|style|head)\b.{0,20000}?</\1\s*>|<!--.{0,20000}?-->", re.I | re.S
)
_BLOCK: Final = re.compile(r"<(?:br|/?p|/?div|/?li|/?tr|/?h\d|/?blockquote)\b[^<>]{0,2000}>", re.I)
_TAG: Final = re.compile(r"</?[a-z!][^<>]{0,2000}>", re.I)
_QUOTED: Final = re.compile(
    r"^[ \t]*(?:>.*|-{3,} ?(?:original message|forwarded message|pesan asli|tin nhắn gốc).*"
    r"|_{10,}[ \t]*|(?:from|von|de|từ|dari|প্রেরক): .*[@<].*"
    r"|(?:on|pada|vào|op|am|le)\b.{5,150}(?:wrote|menulis|viết|লিখেছেন)\s?:[ \t]*)$",
    re.I | re.M,
)  # fmt: skip
_REPEATED: Final = re.compile(r"(?<!\S)(\S{1,60})(?:\s+\1(?!\S)){2,}", re.I)
_SENTENCE: Final = re.compile(r"[^.!?।\n]*(?:[!?।]+|\n|\.+(?=\s|$)|\.|$)")
_WITHIN: Final = re.compile(r"[ \t'\u2019/&,-]{0,3}|[ \t]{0,3}\n[ \t]{0,3}")
_BETWEEN_SENTENCES: Final = re.compile(r"(?:^|[.!?।,;:\n(-])[\s\"'\u201c]*$")
_ENDS_GREETING: Final = re.compile(r"[ \t]*(?:[,!.:;\n-]|$)")
_TITLES: Final = frozenset({"mr", "mrs", "ms", "dr", "prof", "md", "bapak", "ibu"})
_LEFT_OVER: Final = re.compile(r"(?:^[\s,.!:;)-]+)|(?<=[?])[\s,.!:;-]+$|[\s,;:(-]+$")

_ASKING: Final = word_set(
    "what which who whom whose when where why how can could may is are do does did will would "
    "should must has have apa apakah bagaimana gimana berapa siapa kapan mana kenapa mengapa "
    "brp kpn gmn knp gak nggak enggak "
    "bisakah bolehkah adakah haruskah perlukah ai gi nao sao bao dau khong chua the ki ke kobe "
    "kothay keno kivabe kibhabe koto kotodin kon kar kader kokhon kemne parbo naki "
    "কি কী কে কবে কোথায় কেন কীভাবে কিভাবে কত কতদিন কখন কোন কার কারা"
)
_STANDS_IN: Final = word_set("it that this they them these those so nay do no vay itu ini eta ota")
_OPEN: Final = _ASKING - word_set(
    "could may is are do does did will would should must has have bisakah bolehkah adakah haruskah "
    "perlukah gak nggak enggak khong chua the ki কি parbo naki can"
)


@dataclass(frozen=True, slots=True)
class Message:
    """What a message asks.

    `question` is the sentences that ask, `around` the rest of its words, `courteous` whether words
    of politeness were left out. `thanks` tells whether it gives thanks, and asks nothing by its
    words. `questions` are its questions where it asks several.
    """

    question: str
    around: str
    courteous: bool
    thanks: bool = False
    questions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Token:
    """A word as it is compared, and where it stands."""

    word: str
    start: int
    end: int


class Phrases:
    """Phrases of several words, found in a text by their longest match."""

    def __init__(self, phrases: Iterable[str]) -> None:
        self._by_first: dict[str, list[tuple[str, ...]]] = {}
        for phrase in phrases:
            phrase_words = tuple(token.word for token in _tokens(phrase))
            if phrase_words:
                self._by_first.setdefault(phrase_words[0], []).append(phrase_words)
        for some in self._by_first.values():
            some.sort(key=len, reverse=True)

    def at(self, text: str, tokens: Sequence[_Token], place: int) -> int:
        """How many words from a place on are a phrase; 0 where none begins."""
        for phrase_words in self._by_first.get(tokens[place].word, ()):
            part = tokens[place : place + len(phrase_words)]
            if tuple(token.word for token in part) == phrase_words and all(
                _WITHIN.fullmatch(text, token.end, other.start) for token, other in pairwise(part)
            ):
                return len(phrase_words)
        return 0


class MessageReader:
    """Reads messages of one language, in which English courtesies are used as well."""

    def __init__(self, courtesies: Mapping[str, Courtesies], locale: str) -> None:
        lists = [courtesies[name] for name in dict.fromkeys((locale, "en")) if name in courtesies]
        self._openings = Phrases(text for courtesy in lists for text in courtesy.openings)
        self._fillers = Phrases(
            text
            for courtesy in lists
            for text in (*courtesy.fillers, *courtesy.openings)
            if " " in text
        )
        self._short_fillers = Phrases(text for courtesy in lists for text in courtesy.fillers)
        self._closings = Phrases(text for courtesy in lists for text in courtesy.closings)

    def read(self, text: str) -> Message:
        """What the message asks; nothing is asked in one that holds only courtesies."""
        shown = plain(text)
        kept = self._without_opening(self._without_signature(shown))
        kept = self._without_fillers(kept)
        courteous = kept.strip() != shown.strip()
        question, around = _asking_sentences(kept)
        thanks = _THANKS.search(cleaned(shown)) is not None and not _asks_at_all(kept)
        return Message(_tidy(question), _tidy(around), courteous, thanks, _several_questions(kept))

    def _without_opening(self, text: str) -> str:
        """The text from behind its greetings and the names of those greeted."""
        while True:
            tokens = _tokens(text[:300])
            count = self._openings.at(text, tokens, 0) if tokens else 0
            if not count:
                return text
            end = tokens[count - 1].end
            for place in range(count, min(count + _NAME_WORDS, len(tokens)) + 1):
                last = tokens[place - 1].end
                named = tokens[count:place]
                if named and named[-1].word in _TITLES:
                    continue
                if _ENDS_GREETING.match(text, last) and all(
                    _is_name(text, token) and not token.word[0].isdigit() for token in named
                ):
                    end = last
                    break
            text = text[end:].lstrip(" \t\n,.!:;-")

    def _without_signature(self, text: str) -> str:
        """The text up to what ends it politely, if only a signature follows."""
        tokens = _tokens(text)
        for place, token in enumerate(tokens):
            before = text[: token.start]
            if not _TOKEN.search(before) or not _BETWEEN_SENTENCES.search(before[-20:]):
                continue
            count = self._closings.at(text, tokens, place)
            if not count or "?" in text[token.start :]:
                continue
            rest = text[tokens[place + count - 1].end :]
            own_line = before.rstrip(" \t").endswith("\n") and re.match(r"[ \t,.!]*(?:\n|$)", rest)
            named = tokens[place + count :]
            if (own_line and rest.count("\n") <= _SIGNATURE_LINES) or (
                len(named) <= _SIGNATURE_WORDS and all(_is_name(text, token) for token in named)
            ):
                return before
        return text

    def _without_fillers(self, text: str) -> str:
        """The text without the phrases of politeness that stand anywhere in it."""
        tokens = _tokens(text)
        kept: list[str] = []
        copied = place = 0
        while place < len(tokens):
            count = self._short_fillers.at(text, tokens, place) or self._fillers.at(
                text, tokens, place
            )
            if count:
                kept.append(text[copied : tokens[place].start])
                copied = tokens[place + count - 1].end
            place += count or 1
        kept.append(text[copied:])
        return "".join(kept) if copied else text


def plain(text: str) -> str:
    """A message without markup, quoted mails, stacked marks, and words said again and again."""
    text = unicodedata.normalize("NFKC", text)
    if _TAG.search(text):
        text = _TAG.sub(" ", _BLOCK.sub("\n", _NOT_SHOWN.sub(" ", text)))
        text = html.unescape(text)
    text = "".join(letter for letter in text if not "\u0300" <= letter <= "\u036f")
    quoted = _QUOTED.search(text)
    if quoted and _TOKEN.search(text[: quoted.start()]):
        text = text[: quoted.start()]
    return _REPEATED.sub(r"\1", text)


def _asking_sentences(text: str) -> tuple[str, str]:
    """The sentences of a long text that ask, and the others; a short text asks as a whole."""
    sentences = [sentence for sentence in _SENTENCE.findall(text) if _TOKEN.search(sentence)]
    if len(sentences) < 2 or sum(1 for _ in _TOKEN.finditer(text)) <= _SHORT_WORDS:
        return text, ""
    marked = [sentence for sentence in sentences if sentence.rstrip().endswith("?")]
    asking = marked or [
        sentence
        for sentence in sentences
        if any(token.word in _ASKING for token in _tokens(sentence))
    ]
    if not asking or _telling_words(asking) < _LEAST_TELLING:
        return text, ""
    return "".join(asking), "".join(sentence for sentence in sentences if sentence not in asking)


def _several_questions(text: str) -> tuple[str, ...]:
    """The questions of a text that asks more than one, each of which says what it is about.

    Where nobody typed a question mark, those count that begin as English ones do, and those that
    are joined and each ask by their words.
    """
    marked = "?" in text
    asking: list[str] = []
    for sentence in _SENTENCE.findall(_without_numbers(text)):
        parts = [_tidy(part) for part in _joined(sentence)]
        asks = _BEGINS_TO_ASK.match(sentence) or (
            len(parts) > 1 and all(map(_asks_by_its_words, parts))
        )
        if sentence.rstrip().endswith("?") or (asks and not marked):
            asking += [part for part in parts if _says_what(part)]
    return tuple(asking[:_MOST_QUESTIONS]) if len(asking) > 1 else ()


def _without_numbers(text: str) -> str:
    """The text with each part of a numbered list on a line of its own, without its number."""
    numbers = [match[1] for match in _NUMBER.finditer(text)]
    if len(numbers) < 2 or numbers != [str(number) for number in range(1, len(numbers) + 1)]:
        return text
    return _NUMBER.sub("\n", text)


def _joined(sentence: str) -> list[str]:
    """The questions that "and" joins in a sentence; what asks nothing goes with the one before."""
    joins = list(_AND.finditer(sentence))
    begins = (0, *(join.end() for join in joins))
    ends = (*(join.start() for join in joins), len(sentence))
    questions: list[slice] = []
    for begin, end in zip(begins, ends, strict=True):
        if questions and not (_asks(sentence[questions[-1]]) and _asks(sentence[begin:end])):
            questions[-1] = slice(questions[-1].start, end)
        else:
            questions.append(slice(begin, end))
    return [sentence[question] for question in questions]


def _asks(part: str) -> bool:
    """Whether words ask something, and say what it is about."""
    asking = any(token.word in _ASKING for token in _tokens(part)) or bool(wanted(part))
    return asking and _says_what(part)


def _asks_by_its_words(question: str) -> bool:
    """Whether words ask something though no question mark follows."""
    return (
        _asks_openly(question)
        or bool(wanted(question))
        or _ENDS_FOR_YES_OR_NO.search(cleaned(question)) is not None
    )


def _asks_at_all(text: str) -> bool:
    return "?" in text or _asks_by_its_words(text)


def _asks_openly(question: str) -> bool:
    return any(token.word in _OPEN for token in _tokens(question))


def _says_what(question: str) -> bool:
    """Whether a question says what it is about; without "it" or "that" a word is enough."""
    said = {token.word for token in _tokens(question)}
    in_a_word = _asks_openly(question) or said.isdisjoint(_STANDS_IN)
    return _telling_words([question]) >= (1 if in_a_word else _LEAST_TELLING)


def _telling_words(sentences: Sequence[str]) -> int:
    """How many words of the sentences are no small words of a language."""
    return sum(not is_small(token.word) for sentence in sentences for token in _tokens(sentence))


def _tokens(text: str) -> list[_Token]:
    return [
        _Token(_word(match.group()), match.start(), match.end()) for match in _TOKEN.finditer(text)
    ]


@lru_cache(maxsize=5_000)
def _word(text: str) -> str:
    return cleaned(text)


def _is_name(text: str, token: _Token) -> bool:
    """Whether a word stands as names do: with a capital, as a number, or in other letters."""
    first = text[token.start]
    return first.isupper() or not first.isascii() or first.isdigit() or len(token.word) == 1


def _tidy(text: str) -> str:
    """The text without the punctuation that courtesies left behind."""
    return " ".join(_LEFT_OVER.sub("", text).split())
