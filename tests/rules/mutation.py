"""How mutmut runs the tests of the rules; a plugin of pytest that only scripts/mutate asks for.

A change is tried in a process forked from one that has collected the tests. What is slow and the
same for each change is done before that: reading the content.
"""

from __future__ import annotations

import pytest

from tests.rules.shipped import shipped_golden_cases, shipped_library


def pytest_collection_finish(session: pytest.Session) -> None:
    if session.config.option.collectonly:
        shipped_library()
        shipped_golden_cases()
