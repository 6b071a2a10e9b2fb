"""For how long facts of the public record are relied on."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import BaseSettings

from kb.rules.codes import FactTopic
from kb.rules.public_record import RELIANCE, Reliance


class RelianceSettings(BaseSettings):
    """Days after the last check of a fact, by what it is about."""

    rely_on_tool_version_days: int = Field(
        RELIANCE[FactTopic.TOOL_VERSION],
        ge=0,
        description="Days after their last check for which later pages on the Tool version are "
        "relied on; from then on answers warn that it may have changed.",
    )
    rely_on_country_days: int = Field(
        RELIANCE[FactTopic.COUNTRY],
        ge=0,
        description="The same for how far a country has come, from the day its source tells of.",
    )
    rely_on_hosts_days: int = Field(
        RELIANCE[FactTopic.HOSTS], ge=0, description="The same for Accredited Hosts."
    )
    rely_on_durations_days: int = Field(
        RELIANCE[FactTopic.DURATIONS], ge=0, description="The same for durations and conditions."
    )
    rely_on_fees_days: int = Field(RELIANCE[FactTopic.FEES], ge=0, description="The same for fees.")

    @property
    def reliance(self) -> Reliance:
        """For how many days facts of each topic are relied on."""
        return {topic: getattr(self, f"rely_on_{topic.lower()}_days") for topic in FactTopic}
