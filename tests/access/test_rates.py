"""Callers without a token and chatbots ask at their own rate; everybody else as often as needed."""

import pytest

from kb.rules.roles import Role
from kb.services.access.matrix import ANONYMOUS, Viewer
from kb.services.access.rates import CALLERS_KEPT, Allowance, Rates, operations, points
from kb.settings import Settings

HERE, THERE = "203.0.113.7", "203.0.113.8"


def bot(number: int) -> Viewer:
    return Viewer(Role.CHATBOT, token_id=number)


class Waiting:
    """How long each caller has to wait."""

    def __init__(self, rates: Rates) -> None:
        self.rates = rates

    def take(self, viewer: Viewer, address: str | None, now: float) -> float:
        allowance = self.rates.take(viewer, address, now)
        return allowance.wait if allowance else 0.0


@pytest.fixture
def rates() -> Waiting:
    return Waiting(operations(Settings(anonymous_rate=6, chatbot_rate=60)))


def test_a_minutes_worth_may_come_at_once_and_is_then_forgiven_steadily(rates):
    assert [rates.take(ANONYMOUS, HERE, 100.0) for _ in range(6)] == [0.0] * 6
    assert rates.take(ANONYMOUS, HERE, 100.0) == pytest.approx(10.0)
    assert rates.take(ANONYMOUS, HERE, 109.0) == pytest.approx(1.0)
    assert rates.take(ANONYMOUS, HERE, 110.0) == 0.0
    assert rates.take(ANONYMOUS, HERE, 110.0) == pytest.approx(10.0)


def test_who_is_refused_does_not_wait_longer_for_having_asked(rates):
    for _ in range(100):
        rates.take(ANONYMOUS, HERE, 0.0)
    assert rates.take(ANONYMOUS, HERE, 10.0) == 0.0


def test_every_address_has_a_rate_of_its_own(rates):
    for _ in range(7):
        rates.take(ANONYMOUS, HERE, 0.0)
    assert rates.take(ANONYMOUS, THERE, 0.0) == 0.0


def test_an_ipv6_network_has_one_rate_and_an_ipv4_address_the_same_in_both_forms(rates):
    for host in range(6):
        assert rates.take(ANONYMOUS, f"2001:db8::{host}", 0.0) == 0.0
    assert rates.take(ANONYMOUS, "2001:db8::ffff:1", 0.0) > 0
    assert rates.take(ANONYMOUS, "2001:db8:0:1::1", 0.0) == 0.0
    for _ in range(6):
        rates.take(ANONYMOUS, f"::ffff:{HERE}", 0.0)
    assert rates.take(ANONYMOUS, HERE, 0.0) > 0


@pytest.mark.parametrize("address", [None, "testclient"])
def test_callers_whose_address_is_not_known_have_no_rate(rates, address):
    assert {rates.take(ANONYMOUS, address, 0.0) for _ in range(50)} == {0.0}


def test_each_chatbot_has_its_own_rate_wherever_it_asks_from(rates):
    answers = [rates.take(bot(1), "127.0.0.1", 0.0) for _ in range(61)]
    assert answers[:60] == [0.0] * 60
    assert answers[60] == pytest.approx(1.0)
    assert rates.take(bot(2), "127.0.0.1", 0.0) == 0.0


@pytest.mark.parametrize("role", [role for role in Role if role not in ("ANONYMOUS", "CHATBOT")])
def test_nobody_else_has_a_rate(rates, role):
    assert {rates.take(Viewer(role, token_id=1), HERE, 0.0) for _ in range(100)} == {0.0}


def test_zero_is_no_limit():
    rates = Waiting(operations(Settings(anonymous_rate=0)))
    assert {rates.take(ANONYMOUS, HERE, 0.0) for _ in range(2_000)} == {0.0}


def test_only_so_many_callers_are_remembered(rates):
    for _ in range(6):
        rates.take(ANONYMOUS, HERE, 0.0)
    for number in range(CALLERS_KEPT):
        rates.take(ANONYMOUS, f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}", 0.0)
    assert len(rates.rates._filled_until) == CALLERS_KEPT
    assert rates.take(ANONYMOUS, HERE, 0.0) == 0.0


def test_work_is_allowed_by_its_cost_and_what_is_left_is_told():
    rates = points(Settings(anonymous_points=600, token_points=6_000))
    assert rates.take(ANONYMOUS, HERE, 0.0, 450) == Allowance(600, 150, 45.0, 0.0)
    assert rates.take(ANONYMOUS, HERE, 0.0, 200) == Allowance(600, 150, 45.0, 5.0)
    assert rates.take(ANONYMOUS, HERE, 5.0, 200) == Allowance(600, 0, 60.0, 0.0)
    brand = Viewer(Role.BRAND, organisation="Northwind", token_id=1)
    assert rates.take(brand, HERE, 0.0, 450) == Allowance(6_000, 5_550, 4.5, 0.0)


def test_more_than_a_minutes_worth_may_be_asked_for_when_nothing_else_was():
    rates = points(Settings(anonymous_points=600))
    assert rates.take(ANONYMOUS, HERE, 0.0, 5_000) == Allowance(600, 0, 60.0, 0.0)
    refused = rates.take(ANONYMOUS, HERE, 0.0, 1)
    assert refused is not None
    assert refused.wait == pytest.approx(0.1)


def test_only_commands_on_the_machine_may_ask_for_any_amount_of_work():
    rates = points(Settings(token_points=10))
    unlimited = {role for role in Role if rates.take(Viewer(role), HERE, 0.0) is None}
    assert unlimited == {Role.OPERATOR}


def test_without_a_limit_nothing_is_told():
    assert points(Settings(anonymous_points=0)).take(ANONYMOUS, HERE, 0.0, 450) is None


def test_the_account_has_all_that_callers_took_since_it_was_last_read():
    rates = Rates({Role.ANONYMOUS: 6})
    rates.keep_account()
    for now, address in ((0.0, HERE), (1.0, HERE), (2.0, HERE), (2.0, THERE)):
        rates.take(ANONYMOUS, address, now)
    assert rates.account(1) == {HERE: pytest.approx(30.0)}
    assert rates.account(2) == {THERE: pytest.approx(10.0)}
    assert rates.account(2) == {}


def test_the_account_has_only_so_many_callers_however_long_nobody_reads_it():
    rates = Rates({Role.ANONYMOUS: 6})
    rates.keep_account()
    for number in range(CALLERS_KEPT + 5):
        rates.take(ANONYMOUS, f"10.0.{number >> 8}.{number & 255}", 0.0)
    callers = rates.account(2 * CALLERS_KEPT)
    assert (len(callers), next(iter(callers))) == (CALLERS_KEPT, "10.0.0.5")


def test_what_was_taken_elsewhere_lowers_what_a_known_caller_has_left_and_never_raises_it():
    rates = Rates({Role.ANONYMOUS: 6})
    rates.take(ANONYMOUS, HERE, 0.0)
    for address, filled_until, remaining in ((HERE, 5.0, 5), (HERE, 40.0, 2), (THERE, 40.0, 6)):
        rates.learn(address, filled_until)
        allowance = rates.take(ANONYMOUS, address, 0.0, 0)
        assert allowance is not None
        assert allowance.remaining == remaining
