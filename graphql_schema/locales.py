"""Which language an answer is served in, and why."""

from dataclasses import dataclass
from functools import lru_cache

from babel import Locale, UnknownLocaleError, negotiate_locale

from kb.errors import InvalidInputError

HELD = ("en",)
"""The languages in which the knowledge is held."""


@dataclass(frozen=True, slots=True)
class Served:
    """A language tag and the sentence that tells why it was chosen."""

    locale: str
    reason: str


ENGLISH = Served("en", "No language was asked for; English is the default.")


@lru_cache(maxsize=256)
def serve(wanted: str | None) -> Served:
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
    held = negotiate_locale([tag], HELD, sep="-")
    if held is None:
        return Served("en", f"Only English is held; there is no text in {wanted!r} yet.")
    return Served(held, f"English is held and answers {wanted!r}.")
