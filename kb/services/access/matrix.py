"""Who may see what: the one matrix of roles, and the rows of facilities that each role sees.

Every function on facilities takes the viewer and asks here. What a viewer may not see looks to it
exactly like what does not exist.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from kb.errors import InvalidInputError, NotPermittedError
from kb.rules.events import EventKind
from kb.rules.roles import Role as Role


class Capability(StrEnum):
    """Something that a role may do; `MATRIX` says which does.

    What a role may record is data of the content, in `workflow/transitions.yaml`.
    """

    READ_KNOWLEDGE = "READ_KNOWLEDGE"
    ASK = "ASK"
    READ_FACILITIES = "READ_FACILITIES"
    READ_STATUS = "READ_STATUS"
    READ_HISTORY = "READ_HISTORY"
    READ_ACTORS = "READ_ACTORS"
    READ_SHARING = "READ_SHARING"
    READ_CONTACT = "READ_CONTACT"
    CORRECT_CONTACT = "CORRECT_CONTACT"
    KEEP_SUPPLIERS = "KEEP_SUPPLIERS"
    FOLLOW_FACILITIES = "FOLLOW_FACILITIES"
    FOLLOW_KNOWLEDGE = "FOLLOW_KNOWLEDGE"
    REGISTER_FACILITIES = "REGISTER_FACILITIES"
    MAINTAIN_FACILITIES = "MAINTAIN_FACILITIES"
    PUBLISH_KNOWLEDGE = "PUBLISH_KNOWLEDGE"
    MANAGE_TOKENS = "MANAGE_TOKENS"
    READ_AUDIT = "READ_AUDIT"
    READ_QUESTIONS = "READ_QUESTIONS"

    @property
    def meaning(self) -> str:
        """What one may do with it, as the end of "… may"."""
        return _MEANINGS[self]


class Rows(StrEnum):
    """Which facilities a role sees."""

    NONE = "NONE"
    OWN = "OWN"
    SHARED = "SHARED"
    OWN_COUNTRIES = "OWN_COUNTRIES"
    ON_GATEWAY = "ON_GATEWAY"
    ALL = "ALL"

    @property
    def meaning(self) -> str:
        """The facilities in words."""
        return _ROWS_IN_WORDS[self]


_MEANINGS = {
    Capability.READ_KNOWLEDGE: "read FAQs, countries, fees, hosts, the glossary and ambiguities",
    Capability.ASK: "search, ask, rate answers, and try whatIf with a profile",
    Capability.READ_FACILITIES: "find and list the facilities it sees",
    Capability.READ_STATUS: "read what applies to them, their workflow, and counts by status",
    Capability.READ_HISTORY: "read what happened to them",
    Capability.READ_ACTORS: "read by whom it was recorded, and the words that were written for the "
    "facility",
    Capability.READ_SHARING: "read with whom they share",
    Capability.READ_CONTACT: "read the e-mail address that messages to them go to",
    Capability.CORRECT_CONTACT: "correct that e-mail address",
    Capability.KEEP_SUPPLIERS: "keep a list of its own suppliers, and read what applies by what it "
    "has noted of them",
    Capability.FOLLOW_FACILITIES: "subscribe to what happens to them",
    Capability.FOLLOW_KNOWLEDGE: "subscribe to new knowledge releases",
    Capability.REGISTER_FACILITIES: "register a facility",
    Capability.MAINTAIN_FACILITIES: "import facilities, make demo ones, rebuild and verify them, "
    "and retry messages",
    Capability.PUBLISH_KNOWLEDGE: "publish a knowledge release",
    Capability.MANAGE_TOKENS: "create, list and revoke tokens",
    Capability.READ_AUDIT: "read who did what and when",
    Capability.READ_QUESTIONS: "read and close questions that were not answered",
}

_ROWS_IN_WORDS = {
    Rows.NONE: "none",
    Rows.OWN: "its own",
    Rows.SHARED: "those that share with its organisation now, or let it see where they stand",
    Rows.OWN_COUNTRIES: "those in its countries",
    Rows.ON_GATEWAY: "those that submitted a Facility Profile on the Gateway, or gave a Gateway ID",
    Rows.ALL: "all",
}

# An SLCP officer sees of a facility its name, its ids and its Gateway profile events, and nothing
# of its assessments or of how it shares: SLCP approves profiles (FAQ 9), the rest is not its part.
GATEWAY_PROFILE_EVENTS = (
    EventKind.PROFILE_SUBMITTED,
    EventKind.PROFILE_APPROVED,
    EventKind.PROFILE_RETURNED,
    EventKind.LINK_REQUESTED,
)

BRAND_GRANTEE = "BRAND"
"""How a sharing grant marks a brand, or other buyer, as the one who receives."""

_OPEN_TO_ALL = frozenset({Capability.READ_KNOWLEDGE, Capability.ASK, Capability.FOLLOW_KNOWLEDGE})
_ON_FACILITIES = frozenset(
    {
        Capability.READ_FACILITIES,
        Capability.READ_STATUS,
        Capability.READ_HISTORY,
        Capability.READ_SHARING,
        Capability.FOLLOW_FACILITIES,
    }
)
# Labels of keys hold names and addresses of people.
_ON_PEOPLE = frozenset(
    {Capability.READ_ACTORS, Capability.READ_CONTACT, Capability.CORRECT_CONTACT}
)


@dataclass(frozen=True, slots=True)
class Rights:
    """What one role may do, and on which facilities."""

    capabilities: frozenset[Capability]
    rows: Rows


# What a brand knows of its suppliers is nobody else's business.
_EVERYTHING = Rights(frozenset(Capability) - {Capability.KEEP_SUPPLIERS}, Rows.ALL)

MATRIX: Mapping[Role, Rights] = MappingProxyType(
    {
        Role.ANONYMOUS: Rights(_OPEN_TO_ALL, Rows.NONE),
        Role.CHATBOT: Rights(_OPEN_TO_ALL, Rows.NONE),
        Role.FACILITY: Rights(_OPEN_TO_ALL | _ON_FACILITIES | _ON_PEOPLE, Rows.OWN),
        Role.BRAND: Rights(
            _OPEN_TO_ALL | _ON_FACILITIES | {Capability.KEEP_SUPPLIERS}, Rows.SHARED
        ),
        Role.PROGRAMME_OFFICER: Rights(
            _OPEN_TO_ALL | _ON_FACILITIES | _ON_PEOPLE | {Capability.REGISTER_FACILITIES},
            Rows.OWN_COUNTRIES,
        ),
        Role.SLCP_OFFICER: Rights(
            _OPEN_TO_ALL | _ON_FACILITIES - {Capability.READ_STATUS, Capability.READ_SHARING},
            Rows.ON_GATEWAY,
        ),
        Role.HELPDESK: Rights(
            _OPEN_TO_ALL
            | _ON_FACILITIES
            | {Capability.READ_ACTORS, Capability.READ_CONTACT, Capability.READ_QUESTIONS},
            Rows.ALL,
        ),
        Role.ADMIN: _EVERYTHING,
        Role.OPERATOR: _EVERYTHING,
    }
)


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who asks: in what role, and how far it reaches.

    `organisation` is whose brand a BRAND is, `countries` are those of a PROGRAMME_OFFICER (ISO
    codes), `facility_ids` those of a FACILITY. `token_id` is the number of the API key, if it is
    one; a token ends at `expires_at`. `label` tells people who it is.
    """

    role: Role
    organisation: str | None = None
    countries: tuple[str, ...] = ()
    facility_ids: tuple[int, ...] = ()
    token_id: int | None = None
    expires_at: datetime | None = None
    label: str | None = None

    def __hash__(self) -> int:
        # What tells nearly all apart; every request looks something up by its viewer.
        return hash((self.token_id, self.organisation, self.facility_ids))

    @property
    def reach(self) -> Viewer:
        """The same role and scope, whoever has them; who has the same reach sees the same."""
        return Viewer(self.role, self.organisation, self.countries, self.facility_ids)

    @property
    def rights(self) -> Rights:
        """What the role may do."""
        return MATRIX[self.role]

    def may(self, capability: Capability) -> bool:
        """Whether it may do something at all; which facilities it sees is another question."""
        return capability in self.rights.capabilities

    @property
    def may_read_facilities(self) -> bool:
        """Whether any facilities are open to it."""
        return self.may(Capability.READ_FACILITIES)

    @property
    def sees_all(self) -> bool:
        """Whether it sees every facility there is."""
        return self.rights.rows is Rows.ALL


ANONYMOUS = Viewer(Role.ANONYMOUS)
OPERATOR = Viewer(Role.OPERATOR, label="operator")


def scoped(viewer: Viewer) -> Viewer:
    """The viewer itself; InvalidInputError when its role lacks its scope or has another's."""
    role, rows = viewer.role, viewer.rights.rows
    if role in (Role.ANONYMOUS, Role.OPERATOR):
        raise InvalidInputError("role", role, "a role that is held by a token")
    scope: tuple[tuple[str, bool, bool], ...] = (
        ("organisation", bool((viewer.organisation or "").strip()), rows is Rows.SHARED),
        ("country", bool(viewer.countries), rows is Rows.OWN_COUNTRIES),
        ("facility", bool(viewer.facility_ids), rows is Rows.OWN),
    )
    for name, is_given, needed in scope:
        if needed and not is_given:
            raise InvalidInputError(name, "", f"the {name} that the {role} token is for")
        if is_given and not needed and name != "organisation":
            raise InvalidInputError(name, "given", f"nothing, because {role} has no {name}")
    return viewer


def require(viewer: Viewer, capability: Capability) -> None:
    """Raise NotPermittedError, the same whatever is asked for, unless the viewer may do that."""
    if viewer.may(capability):
        return
    allowed = [
        role
        for role, rights in MATRIX.items()
        if capability in rights.capabilities and role is not Role.OPERATOR
    ]
    shown = "you show none" if viewer.role is Role.ANONYMOUS else f"yours is of {viewer.role}"
    raise NotPermittedError(
        f"This takes a token of {', '.join(allowed)}, to {capability.meaning}; {shown}."
    )
