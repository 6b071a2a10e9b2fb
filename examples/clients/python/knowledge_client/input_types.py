from pydantic import Field

from .base_model import BaseModel


class AnswerRateInput(BaseModel):
    """What somebody thought of an answer."""

    faq_number: int = Field(alias="faqNumber")
    "The FAQ that was shown."
    helpful: bool
    "Whether it helped."
    passage_id: str = Field(alias="passageId")
    "The passage that was shown."
    question: str
    "The question; it is kept without personal data, 500 characters of it."
