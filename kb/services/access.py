"""Who is asking, and what they may see; every function on facilities takes the viewer."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kb.errors import NotPermittedError
from kb.settings import Settings


class Role(StrEnum):
    """In what capacity somebody asks.

    OPERATOR works on the machine that holds the database; ANONYMOUS shows no token.
    """

    ANONYMOUS = "ANONYMOUS"
    OPERATOR = "OPERATOR"


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who asks. What is public knowledge is open to all; facilities are not."""

    role: Role
    may_read_facilities: bool


OPERATOR = Viewer(Role.OPERATOR, may_read_facilities=True)


def anonymous(settings: Settings) -> Viewer:
    """Somebody without a token, who may see what the settings leave open."""
    return Viewer(Role.ANONYMOUS, may_read_facilities=settings.anonymous_reads_everything)


def require_facilities(viewer: Viewer) -> None:
    """Raise NotPermittedError, the same for every facility, unless the viewer may read them."""
    if not viewer.may_read_facilities:
        raise NotPermittedError(
            "Facilities are not open to callers without a token on this server. Whoever runs it "
            "can open them with KB_ANONYMOUS_READS=EVERYTHING. FAQs, countries, fees and whatIf "
            "are open to all."
        )
