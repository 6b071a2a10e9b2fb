"""FAQ entries and their translations as the content files hold them: frozen records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from kb.content.asking import Detail, Lead
from kb.rules.rulebook import Condition


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A part of a FAQ answer that can be cited. `id` is "<number>.<slug>", `text` Markdown.

    `phrasings` are questions that it answers, `holds` the details that it states; with facts of
    `unless_when` it answers nothing, since it is about others. `short` and
    `button` are for chatbots: at most `LONGEST_SHORT` and `LONGEST_BUTTON` characters of
    `kb.content.asking`.
    """

    id: str
    text: str
    phrasings: tuple[str, ...] = ()
    leads: tuple[Lead, ...] = ()
    holds: tuple[Detail, ...] = ()
    unless_when: tuple[Condition, ...] = ()
    short: str | None = None
    button: str | None = None

    @property
    def questions(self) -> tuple[str, ...]:
        """The phrasings, those of its leads included."""
        return (*self.phrasings, *(text for lead in self.leads for text in lead.phrasings))


@dataclass(frozen=True, slots=True, kw_only=True)
class FaqLink:
    """A link of the original. `target` is None where the source has lost it.

    `status` is "resolved" or "unresolved"; `passage` is the id of the passage it stands in.
    """

    label: str
    target: str | None
    status: str
    passage: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FaqTable:
    """A table of an answer, as data; `passage` is the id of the passage it belongs to."""

    passage: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FaqRemark:
    """What an editor notes about the original of a FAQ; it is no part of the answer.

    `passage` is the id of the passage it is about, None for the entry as a whole.
    """

    passage: str | None = None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Faq:
    """One FAQ entry in the project's own words.

    `title` is the heading of the source, word for word, `contents_title` what its list of contents
    says instead (FAQs 11 and 12); `question` asks the same in the project's words. `phrasings` are
    those that no passage in particular answers; see `every_phrasing`.
    """

    number: int
    slug: str
    section: int
    audience: tuple[str, ...]
    topics: tuple[str, ...]
    title: str
    contents_title: str | None = None
    question: str
    phrasings: tuple[str, ...] = ()
    passages: tuple[Passage, ...]
    short: str | None = None
    button: str | None = None
    links: tuple[FaqLink, ...] = ()
    table: FaqTable | None = None
    remarks: tuple[FaqRemark, ...] = ()
    applies_when: tuple[Condition, ...]
    applies_because: str
    checked_on: date
    source: str

    @property
    def titles(self) -> tuple[str, ...]:
        """Both wordings of the title in the source; one where they are the same."""
        return tuple(title for title in (self.title, self.contents_title) if title is not None)

    @property
    def every_phrasing(self) -> tuple[str, ...]:
        """Its phrasings with those of its passages."""
        return every_phrasing(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class TranslatedTable:
    """The table of a FAQ in another language, cell for cell."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation:
    """A FAQ in another language, filed under "<locale>.<number>".

    `made_from` gives, by part ("question", "applies_because", "table", or the name of a passage),
    the hash of the English text that the part was made from; see `kb.content.translations`.
    """

    number: int
    locale: str
    status: Literal["unreviewed", "reviewed"]
    question: str
    phrasings: tuple[str, ...] = ()
    passages: tuple[Passage, ...]
    short: str | None = None
    button: str | None = None
    applies_because: str
    table: TranslatedTable | None = None
    made_from: Mapping[str, str]

    @property
    def every_phrasing(self) -> tuple[str, ...]:
        """Its phrasings with those of its passages."""
        return every_phrasing(self)


def every_phrasing(entry: Faq | Translation) -> tuple[str, ...]:
    """The phrasings of an entry: those of no passage in particular, then those of each passage."""
    return (*entry.phrasings, *(text for passage in entry.passages for text in passage.questions))
