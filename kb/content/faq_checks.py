"""What is wrong in FAQ entries, and in what else questions are answered from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from kb.content.asking import LONGEST_BUTTON, LONGEST_SHORT, NotCovered, ProfileFact
from kb.content.conditions import OF_PASSAGE, Finding
from kb.content.faq_records import Faq, Translation
from kb.content.files import nearest
from kb.content.reading import Path

FAQ_NUMBERS: Final = range(1, 24)
AUDIENCES: Final = (
    "facility", "brand", "verifier-body", "accredited-host", "helpdesk", "country-programme",
)  # fmt: skip
_LEAST_PHRASINGS: Final = 5


def wrong_in_faq(faq: Faq, faqs: Mapping[str, Faq]) -> Iterator[Finding]:
    """What is wrong in an entry: its number, section, audience, links, or a slug taken twice."""
    if faq.number not in FAQ_NUMBERS:
        yield ("number",), f"there is no FAQ {faq.number}", "1 to 23"
    if faq.section not in (1, 2):
        yield ("section",), f"there is no section {faq.section}", "1, 2"
    for place, audience in enumerate(faq.audience):
        if audience not in AUDIENCES:
            hint = nearest(audience, list(AUDIENCES))
            wrong = f"{audience} is not a known audience{hint}"
            yield ("audience", place), wrong, ", ".join(AUDIENCES)
    yield from few_phrasings(faq.every_phrasing)
    passages = [passage.id for passage in faq.passages]
    named: list[tuple[Path, str]] = [
        (("links", place, "passage"), link.passage) for place, link in enumerate(faq.links)
    ]
    named += [
        (("remarks", place, "passage"), remark.passage)
        for place, remark in enumerate(faq.remarks)
        if remark.passage is not None
    ]
    if faq.table is not None:
        named.append((("table", "passage"), faq.table.passage))
        for place, row in enumerate(faq.table.rows):
            if len(row) != len(faq.table.columns):
                wrong = f"the row has {len(row)} cells"
                yield ("table", "rows", place), wrong, f"{len(faq.table.columns)}, one per column"
    for path, passage in named:
        if passage not in passages:
            own = [passage_id.partition(".")[2] for passage_id in passages]
            slug = passage.partition(".")[2]
            yield path, f"there is no passage {slug} in FAQ {faq.number}", ", ".join(own)
    for place, link in enumerate(faq.links):
        status = "unresolved" if link.target is None else "resolved"
        if link.status != status:
            wrong = f"a link {'without' if link.target is None else 'with'} target is {link.status}"
            yield ("links", place, "status"), wrong, status
    first = next(other for other in faqs.values() if other.slug == faq.slug)
    if first is not faq:
        yield ("slug",), f"the slug is already that of FAQ {first.number}", "every slug once"


def few_phrasings(phrasings: Sequence[str]) -> Iterator[Finding]:
    """That there are too few ways of asking to find the answer by."""
    if len(phrasings) < _LEAST_PHRASINGS:
        wrong = f"only {len(phrasings)} phrasings"
        yield ("phrasings",), wrong, f"at least {_LEAST_PHRASINGS} that people would type"


def too_long(entry: Faq | Translation) -> Iterator[Finding]:
    """Texts for chatbots that are too long for them."""
    parts = [
        ((), entry),
        *((("passages", at), passage) for at, passage in enumerate(entry.passages)),
    ]
    for path, part in parts:
        for name, longest in (("short", LONGEST_SHORT), ("button", LONGEST_BUTTON)):
            text = getattr(part, name)
            if text is not None and len(text) > longest:
                yield (*path, name), f"has {len(text)} characters", f"at most {longest}"


def wrong_in_profile_fact(fact: ProfileFact) -> Iterator[Finding]:
    """An input or a value of it that no passage can depend on."""
    if fact.input not in OF_PASSAGE:
        yield ("input",), f"there is no input {fact.input}", ", ".join(OF_PASSAGE)
    elif fact.value not in OF_PASSAGE[fact.input]:
        yield ("value",), f"{fact.value} is not a known value", ", ".join(OF_PASSAGE[fact.input])


def wrong_in_topic(topic: NotCovered, faqs: Mapping[str, Faq] | None) -> Iterator[Finding]:
    """What is wrong in a topic; with `faqs` None, what it says of FAQs is not judged."""
    yield from few_phrasings(topic.phrasings)
    if (topic.ask is None) is (topic.contact is None):
        yield ("contact",), "whom to ask is not said once", "`contact`, or `ask`"
    yield from unknown_passages("near", topic.near, faqs)
    if faqs is None:
        return
    for place, number in enumerate(topic.completes):
        if str(number) not in faqs:
            yield ("completes", place), f"there is no FAQ {number}", "1 to 23"


def unknown_passages(
    field: str, ids: Iterable[str], faqs: Mapping[str, Faq] | None
) -> Iterator[Finding]:
    """Passages that a field names and no FAQ has; none with `faqs` None."""
    if faqs is None:
        return
    passages = sorted(passage.id for faq in faqs.values() for passage in faq.passages)
    for place, passage in enumerate(ids):
        if passage not in passages:
            yield (field, place), f"there is no passage {passage}{nearest(passage, passages)}", ""
