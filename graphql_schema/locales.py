"""Which language an answer is served in, and why."""

from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from babel import Locale, UnknownLocaleError, negotiate_locale

from kb.content.faq_records import Faq
from kb.content.records import Library
from kb.content.translations import current_passages, outdated_parts
from kb.errors import InvalidInputError

ONLY_ENGLISH = ("en",)
"""The languages of everything but the FAQs and decisions."""


class Served(NamedTuple):
    """A language tag, and why it was chosen, in a sentence."""

    locale: str
    reason: str


ENGLISH = Served("en", "No language was asked for; English is the default.")


def locales_of(library: Library) -> tuple[str, ...]:
    """The languages in which a release holds the FAQs, English first."""
    return ("en", *sorted({locale for locale, _ in library.translations}))


@lru_cache(maxsize=256)
def serve(wanted: str | None, available: tuple[str, ...] = ONLY_ENGLISH) -> Served:
    """Choose a language for the one asked for; raises InvalidInputError for a malformed tag."""
    if wanted is None:
        return ENGLISH
    tag = wanted.replace("_", "-")
    try:
        Locale.parse(tag, sep="-")
    except UnknownLocaleError:
        pass  # well formed, for example an ISO language that CLDR does not describe
    except (ValueError, TypeError):
        raise InvalidInputError(
            "locale", wanted, "a language tag such as 'en' or 'bn-BD'"
        ) from None
    chosen = negotiate_locale([tag], available, sep="-")
    if chosen is None:
        known = ", ".join(available)
        return Served("en", f"There is no text in {wanted!r}; English is served. Held: {known}.")
    return Served(chosen, f"{chosen} is held and answers {wanted!r}.")


def serve_decisions(library: Library, wanted: str | None) -> Served:
    """Choose the language in which to say what was decided; says whether that is reviewed."""
    served = serve(wanted, ("en", *sorted(library.catalogues)))
    catalogue = library.catalogues.get(served.locale)
    if catalogue is None:
        return served
    status = "unreviewed" if catalogue.unreviewed else "reviewed"
    return Served(served.locale, f"{served.reason} The translation is {status}.")


def localised(library: Library, number: int, wanted: Served) -> tuple[Faq, Served]:
    """A FAQ entry in a language, and why; a translation says whether it is reviewed and current."""
    faq = library.faqs[number]
    translation = library.translations.get((wanted.locale, number))
    if translation is None:
        if wanted.locale == "en":
            return faq, wanted
        reason = f"FAQ {number} has no text in {wanted.locale}; English is served."
        return faq, Served("en", reason)
    stale = outdated_parts(translation, faq)
    changed = ""
    if stale:
        changed = f" The English of {', '.join(stale)} has changed; such passages are in English."
    table = faq.table
    if table is not None and translation.table is not None:
        table = replace(table, columns=translation.table.columns, rows=translation.table.rows)
    made = replace(
        faq,
        question=translation.question,
        phrasings=translation.phrasings,
        passages=current_passages(translation, faq),
        short=translation.short,
        button=translation.button,
        applies_because=translation.applies_because,
        table=table,
    )
    reason = f"{wanted.reason} The translation is {translation.status}.{changed}"
    return made, Served(wanted.locale, reason)
