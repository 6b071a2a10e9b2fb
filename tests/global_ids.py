"""Global ids of facilities on the servers of the tests, which all have one secret."""

from __future__ import annotations

import base64

from kb.services.access.opaque_ids import OpaqueIds
from tests.trial_databases import PEPPER

IDS = OpaqueIds(PEPPER.get_secret_value().encode())


def global_id(number: int) -> str:
    """The global id of the facility with that number."""
    return IDS.global_id(number)


def number_of(id_: str) -> int:
    """The number of the facility with that global id."""
    return IDS.number_of(base64.b64decode(id_).decode().partition(":")[2])
