from typing import Any, Optional

from pydantic import Field

from .base_model import BaseModel
from .enums import AnswerOutcome


class Ask(BaseModel):
    ask: "AskAsk"


class AskAsk(BaseModel):
    outcome: AnswerOutcome
    text: Optional[Any]
    citations: list["AskAskCitations"]


class AskAskCitations(BaseModel):
    faq_number: Optional[int] = Field(alias="faqNumber")


Ask.model_rebuild()
AskAsk.model_rebuild()
