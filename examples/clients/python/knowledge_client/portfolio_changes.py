from typing import Literal, Union

from pydantic import Field

from .base_model import BaseModel
from .enums import EventKind


class PortfolioChanges(BaseModel):
    portfolio_events: Union[
        "PortfolioChangesPortfolioEventsCaughtUp",
        "PortfolioChangesPortfolioEventsFacilityAppeared",
        "PortfolioChangesPortfolioEventsFacilityEvent",
        "PortfolioChangesPortfolioEventsFacilityVanished",
        "PortfolioChangesPortfolioEventsSlowReader",
    ] = Field(alias="portfolioEvents", discriminator="typename__")


class PortfolioChangesPortfolioEventsCaughtUp(BaseModel):
    typename__: Literal["CaughtUp"] = Field(alias="__typename")
    cursor: str


class PortfolioChangesPortfolioEventsFacilityAppeared(BaseModel):
    typename__: Literal["FacilityAppeared"] = Field(alias="__typename")


class PortfolioChangesPortfolioEventsFacilityEvent(BaseModel):
    typename__: Literal["FacilityEvent"] = Field(alias="__typename")
    cursor: str
    event: "PortfolioChangesPortfolioEventsFacilityEventEvent"


class PortfolioChangesPortfolioEventsFacilityEventEvent(BaseModel):
    kind: EventKind


class PortfolioChangesPortfolioEventsFacilityVanished(BaseModel):
    typename__: Literal["FacilityVanished"] = Field(alias="__typename")


class PortfolioChangesPortfolioEventsSlowReader(BaseModel):
    typename__: Literal["SlowReader"] = Field(alias="__typename")


PortfolioChanges.model_rebuild()
PortfolioChangesPortfolioEventsFacilityEvent.model_rebuild()
