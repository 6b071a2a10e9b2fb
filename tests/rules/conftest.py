"""The rules are tested with the rulebook that ships."""

from __future__ import annotations

import pytest

from kb.content.records import Library
from kb.rules.decide import decide
from kb.rules.facts import ALL_LAYERS
from kb.rules.rulebook import Rulebook
from tests.rules.cases import DAY, Answers, every_profile, spread
from tests.rules.shipped import shipped_library


@pytest.fixture(scope="session")
def library() -> Library:
    return shipped_library()


@pytest.fixture(scope="session")
def rulebook(library: Library) -> Rulebook:
    return library.rulebook


@pytest.fixture(scope="session")
def answers(rulebook: Rulebook) -> Answers:
    """What applies to every eleventh profile, decided once."""
    return [
        (profile, decide(profile, rulebook, DAY, ALL_LAYERS)) for profile in spread(every_profile())
    ]
