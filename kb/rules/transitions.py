"""Who may record which event, and what must hold first.

The guards are data (`workflow/transitions.yaml`). They look at the facility as it stands when the
event happens: its answers and Gateway profile of that day (not the ones that an assessment has
frozen), and besides them

`country_kind`         how far the country has come on that day
`sharing`              whether this cycle's data can be shared
`cycle`                NONE, OPEN or CLOSED
`registration`         how far the registration on the Gateway has come
`interest_open`        YES while interest is declared and no assessment has used it
`interest_ever`        YES once interest was ever declared
`assessed`             YES or NO, in this service cycle
`publication`          how far the report and the data of this service cycle have come
`shared_with_grantee`  YES if the data is shared with the recipient that the event names; while
                       no event is looked at, if it is shared with anybody
`sees_status`          YES if the brand that the event names may see where the facility stands;
                       while no event is looked at, if any may
`contestable`          YES if an officer has recorded the event that is named on behalf of the
                       facility, which has not contested it yet; while no event is looked at, any
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kb.rules.codes import SharingStatus
from kb.rules.events import Event, EventKind, FacilityState, yes_or_no
from kb.rules.evidence import Citation
from kb.rules.inputs import CountryKind
from kb.rules.roles import Role
from kb.rules.rulebook import Condition
from kb.rules.tables import any_holds

Standing = Mapping[str, str]
"""A facility as the guards see it: input name to value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """Something that must hold before an event; `text` tells the person that it does not."""

    code: str
    when: tuple[Condition, ...]
    text: str
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One kind of event that a person records: the roles that may, and its guards in order.

    Those `on_behalf` may record it for the facility, on its word.
    """

    title: str
    roles: tuple[Role, ...]
    on_behalf: tuple[Role, ...] = ()
    guards: tuple[Guard, ...] = ()

    @property
    def recorders(self) -> tuple[Role, ...]:
        """The roles that may record it, those that may on behalf of the facility last."""
        return self.roles + self.on_behalf


def standing_of(
    state: FacilityState,
    country_kind: CountryKind,
    sharing: SharingStatus,
    event: Event | None = None,
) -> Standing:
    """The facility as the guards see it, before `event` is added."""
    return {
        **state.standing,
        "country_kind": country_kind,
        "sharing": sharing,
        "shared_with_grantee": yes_or_no(_is_shared(state, event)),
        "sees_status": yes_or_no(_sees_status(state, event)),
        "contestable": yes_or_no(_is_contestable(state, event)),
    }


def failed_guard(transition: Transition, standing: Standing) -> Guard | None:
    """The first guard that does not hold, or None when the event may happen."""
    return next((guard for guard in transition.guards if not any_holds(guard.when, standing)), None)


def allowed_now(
    transitions: Mapping[EventKind, Transition], standing: Standing, roles: Iterable[Role]
) -> tuple[EventKind, ...]:
    """The events that somebody in one of these roles may record next, in workflow order.

    Those too that it may on behalf of the facility, once the facility has given its word.
    """
    own_roles = set(roles)
    return tuple(
        kind
        for kind in EventKind
        if kind in transitions
        and own_roles & set(transitions[kind].recorders)
        and failed_guard(transitions[kind], standing) is None
    )


def _is_shared(state: FacilityState, event: Event | None) -> bool:
    if event is None:
        return bool(state.grants)
    named = (event.payload.get("grantee_kind"), event.payload.get("grantee"))
    return any((grant.grantee_kind, grant.grantee) == named for grant in state.grants)


def _sees_status(state: FacilityState, event: Event | None) -> bool:
    if event is None:
        return bool(state.sight)
    return event.payload.get("grantee") in state.sight


def _is_contestable(state: FacilityState, event: Event | None) -> bool:
    if event is None:
        return bool(state.contestable)
    return event.payload.get("event") in state.contestable
