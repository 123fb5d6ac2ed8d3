"""A bucket lends to whoever comes while it owes nothing, and those after wait the debt off."""

from __future__ import annotations

from ddbmodel.transport.token_bucket import TokenBucket


def test_an_idle_time_saves_up_to_the_capacity() -> None:
    bucket = TokenBucket(rate=10.0, capacity=20.0, balance=0.0, as_of_s=0.0)

    assert bucket.wait_s(1000.0) == 0.0

    assert bucket.balance == 20.0


def test_more_than_it_can_ever_hold_is_lent_and_paid_back() -> None:
    bucket = TokenBucket(rate=50.0, capacity=50.0, balance=50.0, as_of_s=0.0)

    bucket.take(150.0, 0.0)

    assert bucket.wait_s(0.0) == 2.0
    assert bucket.wait_s(1.5) == 0.5
    assert bucket.wait_s(2.0) == 0.0


def test_units_that_were_not_used_come_back_but_not_above_the_capacity() -> None:
    bucket = TokenBucket(rate=1.0, capacity=5.0, balance=5.0, as_of_s=0.0)
    bucket.take(8.0, 0.0)

    bucket.take(-3.0, 0.0)
    assert bucket.balance == 0.0
    bucket.take(-30.0, 0.0)
    assert bucket.balance == 5.0


def test_a_clock_that_goes_back_neither_gives_nor_takes() -> None:
    bucket = TokenBucket(rate=10.0, capacity=10.0, balance=-10.0, as_of_s=5.0)

    assert bucket.wait_s(3.0) == 1.0
    assert bucket.wait_s(5.5) == 0.5
