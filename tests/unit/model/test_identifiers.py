"""Identifiers: their layout, their order, and that no two are the same."""

from __future__ import annotations

import threading
import time
from uuid import UUID

import pytest

from ddbmodel import Attr, Model, attr, partition_key, ulid, uuid7
from ddbmodel.model import identifiers

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def test_a_uuid7_has_the_layout_of_the_rfc() -> None:
    before_ms = time.time_ns() // 1_000_000
    made = uuid7()
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert before_ms <= made.int >> 80 <= time.time_ns() // 1_000_000 + 1


def test_a_ulid_is_26_letters_that_begin_with_the_time() -> None:
    before_ms = time.time_ns() // 1_000_000
    made = ulid()
    number = 0
    for letter in made:
        number = number * 32 + LETTERS.index(letter)
    assert len(made) == 26
    assert before_ms <= number >> 80 <= time.time_ns() // 1_000_000 + 1


@pytest.mark.parametrize("make", [uuid7, ulid])
def test_identifiers_are_in_the_order_in_which_they_were_made(make: object, monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([5, 5, 5, 4, 3, 6, 6] * 2_000)
    monkeypatch.setattr(identifiers.time, "time_ns", lambda: 2_000_000_000_000_000_000 + next(times) * 1_000_000)
    assert callable(make)
    made = [str(make()) for _ in range(10_000)]
    assert made == sorted(made)
    assert len(set(made)) == 10_000


def test_a_millisecond_that_runs_out_of_numbers_borrows_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    source = identifiers._Source(34)
    monkeypatch.setattr(identifiers.time, "time_ns", lambda: 7_000_000)
    pairs = [source.next() for _ in range(100)]
    assert pairs == sorted(set(pairs))
    assert pairs[-1][0] > 7
    assert all(random < 1 << 34 for _, random in pairs)


def test_threads_never_get_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    threads = [threading.Thread(target=lambda: made.extend(ulid() for _ in range(2_000))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 8_000


def test_a_model_makes_its_own() -> None:
    class Event(Model, table="events"):
        id: Attr[str] = partition_key(default_factory=ulid)
        trace: Attr[UUID] = attr(default_factory=uuid7)

    first, second = Event(), Event()
    assert first.id < second.id
    assert first.trace < second.trace
    assert Event.from_item(first.to_item()) == first
