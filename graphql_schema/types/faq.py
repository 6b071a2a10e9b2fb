# ruff: noqa: D102 - the description of a field says what it means
"""FAQ entries, sources and citations: what stands under every sentence."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated

import strawberry
from strawberry import Parent

from graphql_schema.context import Info
from graphql_schema.presenter import Presenter, presents, resolver
from graphql_schema.scalars import Markdown
from graphql_schema.snapshot import LocaleWanted, Presented
from graphql_schema.types import enums  # noqa: F401 - registers the enums
from graphql_schema.types.node import Node
from kb.content import faq_records, records
from kb.rules import evidence
from kb.rules.evidence import CitationRole, KnowledgeLayer
from kb.rules.facts import DatePrecision


@presents(
    Presented[records.Source],
    "Where statements come from: one document, page or site.",
)
class Source:
    """A source; `key` is the id under which citations name it."""

    key: str = strawberry.field(description="The id under which the source is filed.")
    title: str = strawberry.field(description="Its title.")
    publisher: str = strawberry.field(description="Who publishes it.")
    layer: KnowledgeLayer = strawberry.field(description="The layer that its statements belong to.")
    where: str = strawberry.field(description="How to find it, in words.")
    dated: date | None = strawberry.field(
        description="The day it bears; null when it bears none. Facts then count from `checkedOn`."
    )
    precision: DatePrecision | None = strawberry.field(
        description="How exactly it is dated; null where it bears no day."
    )
    checked_on: date = strawberry.field(description="When the entry was last compared with it.")
    note: str | None = strawberry.field(description="What to know when reading it.")


@presents(faq_records.Passage, "A part of a FAQ answer that can be cited.")
class Passage:
    """A passage; its id is stable over releases."""

    id: str = strawberry.field(description="FAQ number and name of the passage, as in 7.replaces.")
    text: Markdown = strawberry.field(description="The passage in this project's own words.")
    short: str | None = strawberry.field(
        description="The same in at most 300 characters, for chatbots; null where there is none."
    )
    button: str | None = strawberry.field(
        description="A label for a button, at most 40 characters; null where there is none."
    )

    @resolver("Number of the FAQ that the passage belongs to.")
    @staticmethod
    def faq_number(root: Parent[faq_records.Passage]) -> int:
        return int(root.id.partition(".")[0])


@presents(evidence.Citation, "One source under one statement.")
class Citation:
    """A citation; the library of the request holds what it points at."""

    layer: KnowledgeLayer = strawberry.field(description="The layer of the source.")
    role: CitationRole = strawberry.field(description="How the source supports the statement.")
    faq_number: int | None = strawberry.field(
        description="FAQ number; null for a source without FAQs."
    )

    @resolver(
        "The FAQ entry cited; null for a source without FAQs.",
        Annotated["Faq", strawberry.lazy(__name__)] | None,
    )
    @staticmethod
    def faq(root: Parent[evidence.Citation], info: Info) -> Presented[faq_records.Faq] | None:
        context = info.context
        return context.snapshot.record(context.library.faqs, root.faq_number)

    @resolver("The passage cited; null for a source without FAQs.", Passage | None)
    @staticmethod
    def passage(root: Parent[evidence.Citation], info: Info) -> faq_records.Passage | None:
        return None if root.passage is None else info.context.passage(root.passage)

    @resolver("The source cited.", Source)
    @staticmethod
    def source(root: Parent[evidence.Citation], info: Info) -> Presented[records.Source]:
        return info.context.source(root.source)


@strawberry.interface(
    description="Something that was decided: a stable code, a plain sentence, and its sources."
)
class Explained:
    """What every outcome carries."""

    because: str = strawberry.field(description="Stable code of the sentence, for programs.")

    @resolver("The sentence, for people.")
    @staticmethod
    def text(
        root: Parent[evidence.Explained | Presenter[evidence.Explained]],
        info: Info,
        locale: LocaleWanted = None,
    ) -> str:
        outcome = root if isinstance(root, evidence.Explained) else root.record
        if locale is None:
            return outcome.text
        served = info.context.serve_decisions(locale)
        return outcome.sentence.in_words(info.context.library.words.get(served.locale, {}))

    citations: list[Citation] = strawberry.field(description="What the sentence rests on.")


@presents(evidence.Explained, "A sentence with its sources.")
class Statement(Explained):
    """A statement that is no more than that."""


@presents(faq_records.FaqLink, "A link of the original FAQ.")
class FaqLink:
    """A link; many of the original have lost their address."""

    label: str = strawberry.field(description="What the link says.")
    target: str | None = strawberry.field(description="Its address; null where it is lost.")
    status: str = strawberry.field(description="`unresolved` where the address is lost.")
    passage: str = strawberry.field(description="Id of the passage in which it stands.")


@presents(
    faq_records.FaqRemark, "A note on the original of a FAQ, such as a graphic that is left out."
)
class FaqRemark:
    """A remark; always in English."""

    passage: str | None = strawberry.field(
        description="Id of the passage that it is about; null for the entry as a whole."
    )
    text: str = strawberry.field(description="The remark.")


@presents(faq_records.FaqTable, "A table of a FAQ answer, as data.")
class FaqTable:
    """A table; cells without text are empty strings."""

    passage: str = strawberry.field(description="Id of the passage to which it belongs.")
    columns: list[str] = strawberry.field(description="Its column headings.")
    rows: list[list[str]] = strawberry.field(description="Its rows, cell by cell.")


def render(table: faq_records.FaqTable) -> str:
    """A table as Markdown."""
    lines = [table.columns, ["---"] * len(table.columns), *table.rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines
    )


@presents(Presented[faq_records.Faq], "One FAQ entry, in this project's own words.")
class Faq(Node):
    """A FAQ entry of the shared FAQs."""

    number: int = strawberry.field(description="Its number in the source, 1 to 23.")
    slug: str = strawberry.field(description="Its name for addresses.")
    section: int = strawberry.field(
        description="1: general; 2: for enrolled factories that want to share."
    )
    audience: list[str] = strawberry.field(description="Whom it concerns.")
    topics: list[str] = strawberry.field(description="What it is about.")
    title: str = strawberry.field(description="Its title in the source, word for word.")
    contents_title: str | None = strawberry.field(
        description="Its title in the source's list of contents; null where both are the same."
    )
    question: str = strawberry.field(description="The question, in this project's own words.")
    short: str | None = strawberry.field(
        description="The answer in at most 300 characters, for chatbots; null where there is none."
    )
    button: str | None = strawberry.field(
        description="A label for a button, at most 40 characters; null where there is none."
    )
    passages: list[Passage] = strawberry.field(description="The answer, part by part.")
    links: list[FaqLink] = strawberry.field(description="The links of the original.")
    table: FaqTable | None = strawberry.field(description="Its table; only FAQ 7 has one.")
    remarks: list[FaqRemark] = strawberry.field(
        description="What an editor notes about the original; no part of the answer."
    )
    checked_on: date = strawberry.field(description="When it was last compared with the source.")

    @resolver("Other ways in which people ask it.")
    @staticmethod
    def phrasings(root: Parent[Presented[faq_records.Faq]]) -> list[str]:
        return list(root.record.every_phrasing)

    @resolver("The whole answer: all passages and the table.")
    @staticmethod
    def answer(root: Parent[Presented[faq_records.Faq]]) -> Markdown:
        return Markdown("\n\n".join(_parts(root.record)))

    @resolver("Where the entry comes from.", Source)
    @staticmethod
    def source(root: Parent[Presented[faq_records.Faq]], info: Info) -> Presented[records.Source]:
        return info.context.source(root.record.source, root.snapshot)

    @resolver("Language of the texts.")
    @staticmethod
    def served_locale(root: Parent[Presented[faq_records.Faq]]) -> str:
        return root.served.locale

    @resolver("Why this language was served.")
    @staticmethod
    def locale_reason(root: Parent[Presented[faq_records.Faq]]) -> str:
        return root.served.reason


def _parts(faq: faq_records.Faq) -> Iterator[str]:
    for passage in faq.passages:
        yield passage.text
        if faq.table is not None and passage.id == faq.table.passage:
            yield render(faq.table)
