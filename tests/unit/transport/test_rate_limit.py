"""A limit lets requests pass in their order, the large ones by debt, and never holds up the event loop."""

from __future__ import annotations

import asyncio

import pytest

from ddbmodel import InvalidRequest
from ddbmodel.transport.rate_limit import RateLimit


class Time:
    """A clock that moves when somebody sleeps, to the end of the shortest sleep."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def monotonic_s(self) -> float:
        return self.now_s

    async def sleep(self, pause_s: float) -> None:
        self.now_s += pause_s
        await asyncio.sleep(0)


@pytest.fixture
def time() -> Time:
    return Time()


async def test_a_page_larger_than_the_burst_is_admitted_and_does_not_hang(time: Time) -> None:
    limit = RateLimit(read_units=50, monotonic_s=time.monotonic_s, sleep=time.sleep)

    await asyncio.wait_for(limit.admit("read", 100), 5)
    assert time.now_s == 0.0
    await asyncio.wait_for(limit.admit("read", 100), 5)

    assert time.now_s == 1.0


async def test_reads_and_writes_have_their_own_units(time: Time) -> None:
    limit = RateLimit(read_units=1, write_units=1, burst_s=0, monotonic_s=time.monotonic_s, sleep=time.sleep)
    unlimited_writes = RateLimit(read_units=1, monotonic_s=time.monotonic_s, sleep=time.sleep)

    await limit.admit("read", 1000)
    await limit.admit("write", 1)
    await unlimited_writes.admit("write", 1_000_000)
    await unlimited_writes.admit("write", 1_000_000)

    assert time.now_s == 0.0


async def test_what_a_request_really_cost_is_settled(time: Time) -> None:
    limit = RateLimit(write_units=10, burst_s=0, monotonic_s=time.monotonic_s, sleep=time.sleep)
    await limit.admit("write", 1)
    limit.settle("write", 1, 20)
    await limit.admit("write", 30)
    assert time.now_s == pytest.approx(2.0)

    limit.settle("write", 30, 5)
    await limit.admit("write", 1)

    assert time.now_s == pytest.approx(2.5)


async def test_units_that_are_given_back_end_a_wait_early(time: Time) -> None:
    limit = RateLimit(read_units=1, burst_s=0, monotonic_s=time.monotonic_s, sleep=time.sleep)
    await limit.admit("read", 3600)
    waiting = asyncio.ensure_future(limit.admit("read", 1))
    await asyncio.sleep(0)

    limit.settle("read", 3600, 0)
    await waiting

    assert time.now_s <= 1.0


async def test_requests_are_served_in_the_order_in_which_they_came(time: Time) -> None:
    limit = RateLimit(write_units=10, burst_s=0, monotonic_s=time.monotonic_s, sleep=time.sleep)
    served: list[int] = []

    async def one(number: int) -> None:
        await limit.admit("write", 50 if number % 2 else 1)
        served.append(number)

    await asyncio.gather(*map(one, range(20)))

    assert served == list(range(20))
    assert time.now_s == pytest.approx((10 * 50 + 10 * 1 - 50) / 10)


async def test_one_that_is_cancelled_while_waiting_takes_nothing_and_holds_nobody_up(time: Time) -> None:
    limit = RateLimit(write_units=1, burst_s=0, monotonic_s=time.monotonic_s, sleep=time.sleep)
    await limit.admit("write", 2)
    head, next_one, last = (asyncio.ensure_future(limit.admit("write", 1000)) for _ in range(3))
    await asyncio.sleep(0)
    head.cancel()
    next_one.cancel()

    await asyncio.wait_for(last, 5)

    assert time.now_s == pytest.approx(2.0, abs=0.3)
    assert head.cancelled()
    assert next_one.cancelled()


async def test_the_event_loop_runs_while_requests_wait() -> None:
    limit = RateLimit(read_units=10, burst_s=0)
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0.001)
            turns += 1

    task = asyncio.ensure_future(others())
    await limit.admit("read", 1)
    await limit.admit("read", 1)
    task.cancel()

    assert turns >= 5


def test_one_limit_may_be_used_by_one_event_loop_after_another() -> None:
    time = Time()
    limit = RateLimit(read_units=10, burst_s=0, monotonic_s=time.monotonic_s, sleep=time.sleep)

    async def several() -> None:
        await asyncio.gather(*(limit.admit("read", 1) for _ in range(5)))

    asyncio.run(several())
    asyncio.run(several())

    assert time.now_s == pytest.approx(0.9)


@pytest.mark.parametrize(
    ("given", "about"),
    [
        ({}, "read_units, write_units or both"),
        ({"read_units": 0}, "read_units takes a number of units a second above 0, got 0"),
        ({"write_units": float("nan")}, "write_units takes"),
        ({"write_units": "10"}, "got a str"),
        ({"read_units": True}, "read_units takes"),
        ({"read_units": 1, "burst_s": -1}, "burst_s takes"),
    ],
)
def test_a_limit_that_cannot_be_is_refused(given: dict[str, float], about: str) -> None:
    with pytest.raises(InvalidRequest, match=about):
        RateLimit(**given)
