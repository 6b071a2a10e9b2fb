"""How mutmut runs the tests of the rules; a plugin of pytest that only scripts/mutate asks for.

A change is tried in a process forked from one that has collected the tests and read the content.
Nothing of that is done again: the tests of the function that was changed are run as they were
collected, the quickest first, up to the first that fails.
"""

from __future__ import annotations

import json
import os
import sys
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from tests.rules.shipped import shipped_golden_cases, shipped_library

_collected: dict[str, pytest.Item] = {}


def pytest_collection_finish(session: pytest.Session) -> None:
    """Have ready what is the same for each change."""
    if session.config.option.collectonly:
        shipped_library()
        shipped_golden_cases()
        _collected.update({item.nodeid: item for item in session.items})


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Have each test of a module compute anew what the module keeps.

    While mutmut notes which tests run which functions, the first would else be the only one.
    """
    _forget_what_was_computed(f"kb.rules.{item.path.stem.removeprefix('test_')}")


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """Before any change, see that what was collected passes; otherwise all of it is left to pytest.

    A test that failed because the session is over would make every change look noticed.
    """
    if _collected and config.option.collectonly:
        process = os.fork()
        if process == 0:
            os._exit(_exit_code(list(_collected)))
        if os.waitpid(process, 0)[1] != 0:
            _collected.clear()


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> int | None:
    """Run what was collected before this process was forked; None if nothing was."""
    if not _collected or not all(name in _collected for name in config.args):
        return None
    _forget_what_was_computed()
    return _exit_code(config.args)


def _exit_code(names: list[str]) -> int:
    seconds = _seconds()
    ordered = sorted(names, key=lambda name: seconds.get(name, 0.0))
    items = [_collected[name] for name in ordered]
    return 0 if all(_passes(*pair) for pair in pairwise([*items, None])) else 1


def _passes(item: pytest.Item, following: pytest.Item | None) -> bool:
    """Run a test as pytest does, without its reports: the session that collected it is over."""
    fixtures = item.session._setupstate
    try:
        fixtures.setup(item)
        item.runtest()
    except pytest.skip.Exception:
        return True
    except (Exception, pytest.fail.Exception):
        return False
    finally:
        fixtures.teardown_exact(following)
    return True


@cache
def _seconds() -> dict[str, float]:
    """How long each test took when mutmut last ran all; it keeps that in its copy."""
    file = Path("mutmut-stats.json")
    return json.loads(file.read_text())["duration_by_test"] if file.exists() else {}


def _forget_what_was_computed(within: str = "kb.rules.") -> None:
    """Have functions that keep their results compute them again, with the change."""
    for name, module in list(sys.modules.items()):
        if name.startswith(within):
            for value in vars(module).values():
                getattr(value, "cache_clear", lambda: None)()
