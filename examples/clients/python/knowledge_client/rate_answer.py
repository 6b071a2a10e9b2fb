from typing import Literal, Union

from pydantic import Field

from .base_model import BaseModel


class RateAnswer(BaseModel):
    answer_rate: Union[
        "RateAnswerAnswerRateAnswerRated",
        "RateAnswerAnswerRateInvalidInput",
        "RateAnswerAnswerRateNotFound",
        "RateAnswerAnswerRateNotPermitted",
    ] = Field(alias="answerRate", discriminator="typename__")


class RateAnswerAnswerRateAnswerRated(BaseModel):
    typename__: Literal["AnswerRated"] = Field(alias="__typename")


class RateAnswerAnswerRateInvalidInput(BaseModel):
    typename__: Literal["InvalidInput"] = Field(alias="__typename")


class RateAnswerAnswerRateNotFound(BaseModel):
    typename__: Literal["NotFound"] = Field(alias="__typename")


class RateAnswerAnswerRateNotPermitted(BaseModel):
    typename__: Literal["NotPermitted"] = Field(alias="__typename")


RateAnswer.model_rebuild()
