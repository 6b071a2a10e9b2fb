from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .enums import Actor, AssessedBy, SharingStatus


class WhatApplies(BaseModel):
    facility: Optional["WhatAppliesFacility"]


class WhatAppliesFacility(BaseModel):
    id: str
    name: str
    what_applies: "WhatAppliesFacilityWhatApplies" = Field(alias="whatApplies")


class WhatAppliesFacilityWhatApplies(BaseModel):
    assessment: "WhatAppliesFacilityWhatAppliesAssessment"
    sharing: "WhatAppliesFacilityWhatAppliesSharing"
    workflow: "WhatAppliesFacilityWhatAppliesWorkflow"


class WhatAppliesFacilityWhatAppliesAssessment(BaseModel):
    assessed_by: AssessedBy = Field(alias="assessedBy")
    text: str


class WhatAppliesFacilityWhatAppliesSharing(BaseModel):
    status: SharingStatus
    text: str


class WhatAppliesFacilityWhatAppliesWorkflow(BaseModel):
    next_actions: list["WhatAppliesFacilityWhatAppliesWorkflowNextActions"] = Field(
        alias="nextActions"
    )


class WhatAppliesFacilityWhatAppliesWorkflowNextActions(BaseModel):
    actor: Actor
    title: str


WhatApplies.model_rebuild()
WhatAppliesFacility.model_rebuild()
WhatAppliesFacilityWhatApplies.model_rebuild()
WhatAppliesFacilityWhatAppliesWorkflow.model_rebuild()
