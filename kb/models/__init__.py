"""The tables: knowledge releases, facilities, brands' suppliers, and who may ask."""

from kb.models.facilities import (
    BrandProjection,
    Facility,
    FacilityProjection,
    ServiceCycle,
    SharingGrant,
    WorkflowEvent,
)
from kb.models.knowledge import (
    AccreditedHost,
    Ambiguity,
    Country,
    Fact,
    Faq,
    FaqRevision,
    Fee,
    GlossaryEntry,
    KnowledgeRecord,
    KnowledgeRelease,
    LawOverlay,
    Passage,
    ReleaseFaq,
    ReleaseVectors,
    RuleRow,
    RuleTable,
    Source,
    Statement,
    ToolVersion,
)
from kb.models.learning import AnswerRating, AskedQuestion
from kb.models.live import EventPosition, UnplacedEvent
from kb.models.recording import AuditEntry, IdempotencyKey, OutboxMessage
from kb.models.suppliers import Supplier
from kb.models.tokens import ApiToken

__all__ = [
    "AccreditedHost",
    "Ambiguity",
    "AnswerRating",
    "ApiToken",
    "AskedQuestion",
    "AuditEntry",
    "BrandProjection",
    "Country",
    "EventPosition",
    "Facility",
    "FacilityProjection",
    "Fact",
    "Faq",
    "FaqRevision",
    "Fee",
    "GlossaryEntry",
    "IdempotencyKey",
    "KnowledgeRecord",
    "KnowledgeRelease",
    "LawOverlay",
    "OutboxMessage",
    "Passage",
    "ReleaseFaq",
    "ReleaseVectors",
    "RuleRow",
    "RuleTable",
    "ServiceCycle",
    "SharingGrant",
    "Source",
    "Statement",
    "Supplier",
    "ToolVersion",
    "UnplacedEvent",
    "WorkflowEvent",
]
