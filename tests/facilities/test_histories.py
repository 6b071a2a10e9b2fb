"""What happened to facilities, and where they stood on a day in the past."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from kb.errors import InvalidInputError, NotPermittedError
from kb.rules.codes import SharingStatus
from kb.rules.events import EventKind
from kb.rules.facts import ALL_LAYERS
from kb.rules.folding import fold_cycles
from kb.rules.roles import Role
from kb.services.access.matrix import ANONYMOUS, OPERATOR, Viewer
from kb.services.facilities.events import PLACE, READ_AHEAD, HistoryPage
from kb.services.facilities.facility_view import FacilityView
from kb.services.facilities.histories import (
    as_they_stood,
    cycles_now,
    events_of,
    grants_of,
    history,
)
from kb.services.facilities.reading import EVERYTHING, FacilityReads
from kb.services.facilities.views import FacilityIdKind, FacilityLocator, find_facility
from kb.services.facilities.what_applies import cycles_of, summary_of, what_applies
from kb.services.knowledge.decision_filter import DecisionBasis
from kb.services.knowledge.decisions import Decisions
from kb.services.paging import encode_cursor, page_request

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
BRAND = Viewer(Role.BRAND, organisation="Demo Brand")


async def facility(number: int, reads: FacilityReads = EVERYTHING) -> FacilityView:
    locator = FacilityLocator(FacilityIdKind.OS_ID, f"DEMO-OS-{number:06d}")
    facility_there = await find_facility(locator, OPERATOR, reads)
    assert facility_there is not None
    return facility_there


async def test_a_view_is_the_same_whatever_history_was_read_with_it(
    portfolio: DecisionBasis,
) -> None:
    view = await facility(2)
    with_history = view.having(
        histories={page_request(max_size=100): HistoryPage((), {}, False, False)}
    )
    assert with_history == view
    assert not with_history != view  # noqa: SIM202 - a tuple compares for itself otherwise
    assert view.having(name="Another") != view


async def test_history_pages_forwards_and_backwards_alike(portfolio: DecisionBasis) -> None:
    shared = await facility(2)
    whole = await history(shared.id, page_request(first=100, max_size=100), OPERATOR)
    assert whole.rows[0].event.kind is EventKind.FACILITY_REGISTERED
    assert whole.rows[-1].event.kind is EventKind.SHARED
    assert whole.rows[-1].cycle == shared.cycle
    assert (whole.has_next, whole.has_previous) == (False, False)

    first = await history(shared.id, page_request(first=4, max_size=100), OPERATOR)
    rest = page_request(first=100, after=first.cursor_of(first.rows[-1]), max_size=100)
    assert (*first.rows, *(await history(shared.id, rest, OPERATOR)).rows) == whole.rows
    assert first.has_next

    last = await history(shared.id, page_request(last=4, max_size=100), OPERATOR)
    assert last.rows == whole.rows[-4:]
    assert (last.has_next, last.has_previous) == (False, True)


async def test_only_the_fields_of_events_that_are_asked_for_are_read_ahead(
    portfolio: DecisionBasis, statements: list[str]
) -> None:
    shared = await facility(2)
    for page in (page_request(first=4, max_size=9), page_request(last=4, max_size=9)):
        whole = await history(shared.id, page, OPERATOR)
        for fields in ((), *((name,) for name in READ_AHEAD), tuple(READ_AHEAD)):
            statements.clear()
            view = await facility(2, FacilityReads.of((), (page,), (*fields, PLACE)))
            assert ("e.payload" in statements[0], len(statements)) == ("payload" in fields, 1)
            ahead = view.histories[page]
            assert replace(ahead, rows=()) == replace(whole, rows=())
            for event, same in zip(ahead.rows, whole.rows, strict=True):
                assert ahead.cursor_of(event) == whole.cursor_of(same)
                assert event.event.kind is same.event.kind
                for name in READ_AHEAD:
                    read, wanted = (
                        each.event.payload if name == "payload" else getattr(each, name)
                        for each in (event, same)
                    )
                    if name in fields:
                        assert read == wanted
                    else:
                        with pytest.raises(AttributeError):
                            repr(read)


async def test_where_no_cursor_is_asked_for_no_other_event_is_read_ahead(
    portfolio: DecisionBasis, statements: list[str]
) -> None:
    whole = await history((await facility(2)).id, page_request(first=50, max_size=50), OPERATOR)
    statements.clear()
    latest = page_request(last=1, max_size=1)
    view = await facility(2, FacilityReads.of((), (latest,), ()))
    assert [event.id for event in view.histories[latest].rows] == [whole.rows[-1].id]
    assert ["COUNT(" in statement for statement in statements] == [False]


@pytest.mark.parametrize(
    "cursor", ["x", encode_cursor("HISTORY", "no day", 1), encode_cursor("NAME", "A", 1)]
)
async def test_a_cursor_that_no_history_gave_is_refused(
    portfolio: DecisionBasis, cursor: str
) -> None:
    with pytest.raises(InvalidInputError) as refused:
        await history(1, page_request(first=1, after=cursor, max_size=100), OPERATOR)
    assert str(refused.value) == (
        f"after: '{cursor}' is not valid. "
        "Allowed: a cursor that an earlier page with the order HISTORY gave."
    )


async def test_a_day_in_the_past_sees_only_what_had_happened_in_one_statement(
    portfolio: DecisionBasis, statements: list[str]
) -> None:
    shared = await facility(2)
    assessed_on = shared.step_dates["CARRY_OUT_ASSESSMENT"]
    statements.clear()
    then = (await as_they_stood([shared], assessed_on, NOW, OPERATOR))[0]
    before = (await as_they_stood([shared], assessed_on - timedelta(1), NOW, OPERATOR))[0]
    assert len(statements) == 2
    assert "|ONSITE|" in then.decision_key
    assert "|ONSITE|" not in before.decision_key
    assert "CARRY_OUT_ASSESSMENT" not in before.step_dates
    assert (then.name, then.os_id) == (shared.name, shared.os_id)


async def test_from_today_on_a_facility_stands_as_it_does_now_without_a_statement(
    portfolio: DecisionBasis, statements: list[str]
) -> None:
    shared = await facility(2)
    statements.clear()
    assert await as_they_stood([shared], TODAY, NOW, OPERATOR) == [shared]
    assert await as_they_stood([shared], date(2030, 1, 1), NOW, OPERATOR) == [shared]
    assert statements == []


async def test_states_on_a_day_follow_from_the_events_until_then(portfolio: DecisionBasis) -> None:
    facilities = [await facility(number) for number in (1, 2, 29, 36)]
    events = await events_of([facility.id for facility in facilities], OPERATOR)
    day = date(2026, 3, 1)
    stood = await as_they_stood(facilities, day, NOW, OPERATOR)
    assert [(view.id, view.cycles) for view in stood] == [
        (
            view.id,
            fold_cycles(
                view.country, [event for event in events[view.id] if event.occurred_on <= day]
            ),
        )
        for view in facilities
    ]
    assert [view.state for view in stood] == [view.cycles[-1] for view in stood]


async def test_before_its_first_event_nothing_is_known_of_a_facility(
    portfolio: DecisionBasis,
) -> None:
    shared = await facility(2)
    then = (await as_they_stood([shared], date(2019, 1, 1), NOW, OPERATOR))[0]
    assert (
        then.decision_key
        == "VN|UNKNOWN|UNKNOWN|UNKNOWN|NONE|NOT_DECLARED|NONE|NO||NONE|NONE|NONE||"
    )
    assert (then.cycle, then.last_event, then.step_dates) == (0, 0, {})


async def test_grants_are_those_in_force(portfolio: DecisionBasis) -> None:
    by_both, withdrawn, none = [await facility(number) for number in (20, 21, 1)]
    grants = await grants_of([by_both.id, withdrawn.id, none.id], OPERATOR)
    assert [(grant.grantee_kind, grant.grantee, grant.channel) for grant in grants[by_both.id]] == [
        ("ACCREDITED_HOST", "Demo Host", "ACCREDITED_HOST"),
        ("BRAND", "Demo Brand", "EMAIL_LINK"),
    ]
    assert grants[withdrawn.id] == ()
    assert grants[none.id] == ()


async def test_what_applies_is_said_of_the_view(portfolio: DecisionBasis) -> None:
    shared = await facility(2)
    answer = what_applies(shared, portfolio.knowledge, TODAY, viewer=OPERATOR)
    assert answer.sharing.status is SharingStatus.SHAREABLE_NOW
    assert answer is what_applies(answer.profile, portfolio.knowledge, TODAY, viewer=OPERATOR)
    text = summary_of(
        answer, portfolio.knowledge, TODAY, ALL_LAYERS, today=TODAY, facility_name=shared.name
    )
    assert text.startswith("**Demo Factory 0002 (VN), Vietnam, on 2026-11-23**\n")
    assert text.endswith("\n*Knowledge release 1 of 2026-11-23.*\n")


@pytest.mark.parametrize("locale", ["en", "vi"])
async def test_letters_of_facilities_with_the_same_answer_hold_what_is_their_own(
    portfolio: DecisionBasis, locale: str
) -> None:
    kept = portfolio.knowledge
    tomorrow = TODAY + timedelta(days=1)
    letters = set()
    for number in range(1, 201):
        view = await facility(number)
        answer = what_applies(view, kept, TODAY, viewer=OPERATOR)
        told = (await cycles_now([view.id], OPERATOR))[view.id]
        cycles = cycles_of(told, kept, TODAY, ALL_LAYERS)
        for name, as_of, today in (
            (view.name, TODAY, TODAY),
            ("An {country} on {day}", TODAY, TODAY),
            (None, TODAY, TODAY),
            (view.name, tomorrow, TODAY),
            (view.name, tomorrow, tomorrow),
        ):
            letter, anew = (
                summary_of(
                    answer,
                    knowledge,
                    as_of,
                    ALL_LAYERS,
                    today=today,
                    facility_name=name,
                    cycles=cycles,
                    locale=locale,
                )
                for knowledge in (kept, replace(kept, decisions=Decisions(kept.library)))
            )
            assert letter == anew
            letters.add(letter)
    assert len(letters) > 800
    assert any("An {country} on {day}, " in letter for letter in letters)


async def test_what_a_brand_is_told_of_a_facility_takes_one_statement_each(
    portfolio: DecisionBasis, statements: list[str]
) -> None:
    shared = await facility(2)
    for reading in (
        events_of([shared.id], BRAND),
        as_they_stood([shared], date(2026, 3, 1), NOW, BRAND),
        grants_of([shared.id], BRAND),
        cycles_now([shared.id], BRAND),
    ):
        statements.clear()
        await reading
        assert len(statements) == 1


async def test_who_may_not_read_facilities_learns_nothing_of_them(
    portfolio: DecisionBasis, statements: list[str]
) -> None:
    for reading in (
        history(1, page_request(max_size=100), ANONYMOUS),
        events_of([1], ANONYMOUS),
        as_they_stood([], TODAY, NOW, ANONYMOUS),
        grants_of([1], ANONYMOUS),
        cycles_now([], ANONYMOUS),
    ):
        with pytest.raises(NotPermittedError):
            await reading
    assert statements == []
