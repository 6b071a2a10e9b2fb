"""The columns of a list of suppliers, as an import reads them and an export writes them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from kb.rules.inputs import AssessmentKind, GatewayProfileState, InterestTiming, Ternary
from kb.services.lists.columns import ADDRESS, ListColumns

IDS = ("reference", "os_id", "gateway_id")
NOTE = "note"
STEPS = "self_assessment_steps"

ANSWERS: Mapping[str, type[StrEnum]] = MappingProxyType(
    {
        "enrolled": Ternary,
        "in_scope": Ternary,
        "capacity_available": Ternary,
        "gateway_profile": GatewayProfileState,
        "interest_declared": InterestTiming,
        "assessment": AssessmentKind,
        "self_assessed_before": Ternary,
    }
)
"""The inputs of the decision tables, with the answers that each may have."""

PROFILE_FIELDS: Mapping[str, str] = MappingProxyType(
    {name: "interest" if name == "interest_declared" else name for name in ANSWERS}
)
"""Under which name of a `FacilityProfile` each answer is kept."""

SUPPLIER_LIST = ListColumns(
    ordered=("name", "country", ADDRESS, *IDS, NOTE, *ANSWERS, STEPS),
    ids=IDS,
    answers=(*ANSWERS, STEPS),
    new_one="new_supplier",
    of_what="supplier",
    of_many="suppliers",
    ids_stay="another one is given with supplierUpdate",
)
