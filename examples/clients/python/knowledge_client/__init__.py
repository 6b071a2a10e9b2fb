from .ask import Ask, AskAsk, AskAskCitations
from .async_base_client import AsyncBaseClient
from .base_model import BaseModel, Upload
from .client import KnowledgeClient
from .enums import Actor, AnswerOutcome, AssessedBy, EventKind, SharingStatus
from .exceptions import (
    GraphQLClientError,
    GraphQLClientGraphQLError,
    GraphQLClientGraphQLMultiError,
    GraphQLClientHttpError,
    GraphQLClientInvalidResponseError,
)
from .input_types import AnswerRateInput
from .portfolio_changes import (
    PortfolioChanges,
    PortfolioChangesPortfolioEventsCaughtUp,
    PortfolioChangesPortfolioEventsFacilityAppeared,
    PortfolioChangesPortfolioEventsFacilityEvent,
    PortfolioChangesPortfolioEventsFacilityEventEvent,
    PortfolioChangesPortfolioEventsFacilityVanished,
    PortfolioChangesPortfolioEventsSlowReader,
)
from .rate_answer import (
    RateAnswer,
    RateAnswerAnswerRateAnswerRated,
    RateAnswerAnswerRateInvalidInput,
    RateAnswerAnswerRateNotFound,
    RateAnswerAnswerRateNotPermitted,
)
from .what_applies import (
    WhatApplies,
    WhatAppliesFacility,
    WhatAppliesFacilityWhatApplies,
    WhatAppliesFacilityWhatAppliesAssessment,
    WhatAppliesFacilityWhatAppliesSharing,
    WhatAppliesFacilityWhatAppliesWorkflow,
    WhatAppliesFacilityWhatAppliesWorkflowNextActions,
)

__all__ = [
    "Actor",
    "AnswerOutcome",
    "AnswerRateInput",
    "Ask",
    "AskAsk",
    "AskAskCitations",
    "AssessedBy",
    "AsyncBaseClient",
    "BaseModel",
    "EventKind",
    "GraphQLClientError",
    "GraphQLClientGraphQLError",
    "GraphQLClientGraphQLMultiError",
    "GraphQLClientHttpError",
    "GraphQLClientInvalidResponseError",
    "KnowledgeClient",
    "PortfolioChanges",
    "PortfolioChangesPortfolioEventsCaughtUp",
    "PortfolioChangesPortfolioEventsFacilityAppeared",
    "PortfolioChangesPortfolioEventsFacilityEvent",
    "PortfolioChangesPortfolioEventsFacilityEventEvent",
    "PortfolioChangesPortfolioEventsFacilityVanished",
    "PortfolioChangesPortfolioEventsSlowReader",
    "RateAnswer",
    "RateAnswerAnswerRateAnswerRated",
    "RateAnswerAnswerRateInvalidInput",
    "RateAnswerAnswerRateNotFound",
    "RateAnswerAnswerRateNotPermitted",
    "SharingStatus",
    "Upload",
    "WhatApplies",
    "WhatAppliesFacility",
    "WhatAppliesFacilityWhatApplies",
    "WhatAppliesFacilityWhatAppliesAssessment",
    "WhatAppliesFacilityWhatAppliesSharing",
    "WhatAppliesFacilityWhatAppliesWorkflow",
    "WhatAppliesFacilityWhatAppliesWorkflowNextActions",
]
