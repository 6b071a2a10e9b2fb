"""Makes the page on who may see and do what, from the matrix and the content."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial

from kb.content.library import library_from, read_content
from kb.rules.events import EventKind
from kb.rules.roles import Role
from kb.rules.transitions import Transition
from kb.services.access.api_keys import CACHE_SECONDS
from kb.services.access.matrix import GATEWAY_PROFILE_EVENTS, MATRIX, Capability

_ROLES: Mapping[Role, str] = {
    Role.ANONYMOUS: "without a token",
    Role.CHATBOT: "chatbot",
    Role.FACILITY: "facility",
    Role.BRAND: "brand",
    Role.PROGRAMME_OFFICER: "programme officer",
    Role.SLCP_OFFICER: "SLCP officer",
    Role.HELPDESK: "helpdesk",
    Role.ADMIN: "admin",
    Role.OPERATOR: "operator",
}

_START = f"""\
# Who may see and do what

This page is made by `kb access` from the matrix in `kb/services/access/matrix.py` and from
`workflow/transitions.yaml`. A test holds it to them.

What somebody may not see looks exactly like what does not exist: the same answer, after the same
statements, by every path. A token that is wrong, has expired or was revoked is refused with HTTP
status 401 and the code `UNAUTHENTICATED`; it is never taken for no token. A revoked API key ends in
every process after {CACHE_SECONDS:g} seconds, and cuts open subscriptions within 5 seconds.

Without a token, knowledge is open to all unless the server has `KB_ANONYMOUS_READS=NOTHING`. The
operator is whoever runs commands on the machine of the embedded database; on PostgreSQL, commands
on facilities need a token.
"""

_SLCP = f"""\
An SLCP officer sees of a facility its name, its ids and its Gateway profile events, and nothing of
its assessments or of how it shares, because SLCP approves profiles and the rest is not its part
(FAQ 9). These events are: {", ".join(f"`{kind}`" for kind in GATEWAY_PROFILE_EVENTS)}.

A brand sees only its own sharing grant, and no event that names others or may be about them
(`SHARED`, `UNSHARED`, `SIGHT_GRANTED`, `SIGHT_WITHDRAWN`, `RECORD_CONTESTED`). Where a facility
stands, now and on any earlier day, it sees by all events but what the facility shares with others:
the facility looks the same whether it shares with ten brands or with this one alone.

A facility may let a brand see where it stands without its data (`SIGHT_GRANTED`): its state, steps,
what comes next and what stands in the way. Labels, cycles, history, exports and subscriptions are
then empty of it.

What an officer records on behalf of a facility bears the facility's word: how and when it was
given, for the audit as well. Who gave it is shown to those who may read who recorded events.

So that no gap in a count tells them of events they do not see, neither is told the place of an
event among all (`sequence`), and the `version` of a facility counts for each only the changes that
it is told of.

The list of suppliers that a brand keeps is read and changed by that brand alone, in whatever role
others ask. What it says comes from the brand: it is the same whether a supplier is a facility on
record here or not, and whatever that facility does. Only where a facility lets the brand see it
does its entry lead to it.

A Gateway ID that a facility hands over (FAQ 10) is `requestedGatewayId` until an officer links it.
It hinders nobody else, and no refusal tells who else has an id, but to those who see that facility.

The audit has every change, publication, key that was made or revoked, and export; each reading by
the helpdesk; and once a day for each facility that others read it, but not what a facility reads of
itself. Where several processes answer the same caller, each looks once a second at what the others
have noted, so a reading may be there twice. All facilities of one answer are one entry, which is
committed before the answer is sent, by whatever way it is sent, commands and tools too: none is
lost when the server is killed. What somebody follows is one reading a day of each facility that it
is told of. PostgreSQL does not wait for its disk with readings: when its machine fails, those of
the last second may be lost.
"""


def access_page() -> str:
    """The page as Markdown."""
    transitions = library_from(read_content()).transitions
    return "\n".join(
        (
            _START,
            *_table(
                ("", *_ROLES.values()),
                (
                    (capability.meaning, *map(partial(_mark, capability), _ROLES))
                    for capability in Capability
                ),
            ),
            "",
            "## Which facilities",
            "",
            *_table(
                ("Role", "Facilities it sees"),
                ((name, MATRIX[role].rows.meaning) for role, name in _ROLES.items()),
            ),
            "",
            _SLCP,
            "## Who records what",
            "",
            *_table(("Event", "What", "Roles"), _events(transitions)),
            "",
        )
    )


def _mark(capability: Capability, role: Role) -> str:
    return "yes" if capability in MATRIX[role].capabilities else "–"  # noqa: RUF001 - a dash


def _events(transitions: Mapping[EventKind, Transition]) -> Iterator[tuple[str, ...]]:
    for kind in (kind for kind in EventKind if kind in transitions):
        transition = transitions[kind]
        named = [_ROLES[role] for role in transition.roles]
        named += [f"{_ROLES[role]} on the facility's word" for role in transition.on_behalf]
        roles = ", ".join(named)
        yield f"`{kind}`", transition.title, roles


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    columns = list(head)
    yield _line(columns)
    yield _line("---" for _ in columns)
    for row in rows:
        yield _line(row)


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
