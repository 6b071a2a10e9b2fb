"""Goals of a facility, and the ways to them as codes."""

from __future__ import annotations

from kb.rules.codes import SharingStatus
from kb.rules.counterfactual import Goal, WhatWouldChange
from kb.rules.inputs import AssessedBy

SHAREABLE = Goal(sharing=SharingStatus.SHAREABLE_NOW)
ON_TRACK = Goal(sharing=SharingStatus.ON_TRACK)
BY_BETTER_WORK = Goal(assessed_by=AssessedBy.BETTER_WORK)


def ways(change: WhatWouldChange) -> list[list[str]]:
    return [[action.code for action in actions] for actions in change.sets]
