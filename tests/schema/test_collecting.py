"""When Python looks for unused objects."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from kb.collecting import collect_while_serving, pause_until_served, paused_collection


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_who_pauses_it_last_has_it_go_on() -> None:
    with paused_collection():
        with paused_collection():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_a_pause_also_ends_where_something_goes_wrong() -> None:
    with pytest.raises(LookupError), paused_collection():
        raise LookupError
    assert gc.isenabled()


def test_a_server_looks_as_soon_as_it_serves_unless_somebody_has_it_paused() -> None:
    pause_until_served()
    with paused_collection():
        collect_while_serving()
        assert not gc.isenabled()
    assert gc.isenabled()
    pause_until_served()
    with paused_collection():
        pass
    assert not gc.isenabled()
    collect_while_serving()
    assert gc.isenabled()
