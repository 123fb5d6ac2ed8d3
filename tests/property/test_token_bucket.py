"""Laws of the token bucket, for any requests at any times."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ddbmodel.transport.token_bucket import TokenBucket

rates = st.floats(0.1, 1000)
bursts = st.floats(0, 1000)
arrivals = st.lists(st.tuples(st.floats(0, 20), st.floats(0, 500)), min_size=1, max_size=40)


def taken(rate: float, capacity: float, requests: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Serve requests, each so long after the one before; return when each took what, in order."""
    bucket, now_s, done = TokenBucket(rate, capacity, capacity, 0.0), 0.0, []
    for pause_s, units in requests:
        now_s += pause_s
        now_s += bucket.wait_s(now_s)
        assert bucket.wait_s(now_s) == 0.0, "whoever waits as long as it was told is served"
        bucket.take(units, now_s)
        done.append((now_s, units))
    return done


@given(rates, bursts, arrivals)
def test_no_window_of_time_gives_more_than_burst_and_rate_and_one_debt(
    rate: float, capacity: float, requests: list[tuple[float, float]]
) -> None:
    done = taken(rate, capacity, requests)

    for first in range(len(done)):
        for last in range(first, len(done)):
            window_s = done[last][0] - done[first][0]
            units = sum(units for _, units in done[first:last])
            assert units <= (capacity + rate * window_s) * (1 + 1e-9) + 1e-6


@given(rates, bursts, arrivals)
def test_nobody_waits_longer_than_what_is_owed_takes_to_flow_in(
    rate: float, capacity: float, requests: list[tuple[float, float]]
) -> None:
    bucket, now_s = TokenBucket(rate, capacity, capacity, 0.0), 0.0
    owed_most = 0.0
    for pause_s, units in requests:
        now_s += pause_s
        wait_s = bucket.wait_s(now_s)
        assert wait_s <= owed_most / rate + 1e-6
        now_s += wait_s
        bucket.take(units, now_s)
        owed_most = units


@given(rates, bursts, st.lists(st.tuples(st.floats(0, 5), st.floats(0, 500), st.floats(0, 500)), max_size=30))
def test_what_was_settled_is_as_if_it_had_been_known(
    rate: float, capacity: float, requests: list[tuple[float, float, float]]
) -> None:
    settled, knowing = (TokenBucket(rate, capacity, 0.0, 0.0) for _ in range(2))
    now_s = 0.0
    for pause_s, estimate, consumed in requests:
        now_s += pause_s
        settled.take(estimate, now_s)
        settled.take(consumed - estimate, now_s)
        knowing.take(consumed, now_s)

    assert abs(settled.balance - knowing.balance) <= 1e-6 * (1 + abs(knowing.balance))
    assert settled.balance <= capacity
