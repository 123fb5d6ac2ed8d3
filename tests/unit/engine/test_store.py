"""How the store counts what it holds."""

from __future__ import annotations

import pytest

from ddbmodel.engine.storage.store import Store

SPACE = 7


@pytest.fixture
def store() -> Store:
    store = Store.in_memory()
    store.create_space(SPACE)
    return store


def _put(store: Store, numbers: range, size_bytes: int = 3) -> None:
    store.begin()
    for number in numbers:
        store.put(SPACE, number.to_bytes(4, "big"), size_bytes, b"{}")
    store.commit()


def test_a_small_space_is_counted_to_the_entry(store: Store) -> None:
    counts = [store.count(SPACE)]
    _put(store, range(3))
    counts.append(store.count(SPACE))
    store.put(SPACE, (1).to_bytes(4, "big"), 10, b"{}")
    counts.append(store.count(SPACE))
    store.delete(SPACE, (0).to_bytes(4, "big"))
    counts.append(store.count(SPACE))

    assert counts == [(0, 0), (3, 9), (3, 16), (2, 13)]


def test_what_was_undone_does_not_count(store: Store) -> None:
    _put(store, range(3))
    store.begin()
    store.put(SPACE, b"more", 1, b"{}")
    assert store.count(SPACE) == (4, 10)

    store.rollback()

    assert store.count(SPACE) == (3, 9)


def test_a_large_space_is_counted_again_when_a_twentieth_of_it_was_written(store: Store) -> None:
    _put(store, range(20_000))
    assert store.count(SPACE)[0] == 20_000

    _put(store, range(20_000, 21_000))
    assert store.count(SPACE)[0] == 20_000
    _put(store, range(21_000, 21_001))
    assert store.count(SPACE)[0] == 21_001


def test_a_space_that_is_made_again_is_counted_anew(store: Store) -> None:
    _put(store, range(3))
    assert store.count(SPACE)[0] == 3

    store.drop_space(SPACE)
    store.create_space(SPACE)

    assert store.count(SPACE) == (0, 0)


def test_a_large_space_is_dropped_by_and_by(store: Store) -> None:
    _put(store, range(10_000))

    store.drop_space(SPACE)

    assert store.spaces() == set()
    sweeps = 0
    while store.has_dropped():
        store.sweep()
        sweeps += 1
    assert sweeps > 2
    store.create_space(SPACE)
    assert store.count(SPACE) == (0, 0)


def test_a_small_space_is_dropped_at_once(store: Store) -> None:
    _put(store, range(10))

    store.drop_space(SPACE)

    assert (store.spaces(), store.has_dropped()) == (set(), False)


def test_a_large_space_whose_drop_is_undone_is_whole(store: Store) -> None:
    _put(store, range(10_000))
    store.begin()
    store.drop_space(SPACE)
    assert store.has_dropped()

    store.rollback()

    assert (store.spaces(), store.has_dropped(), store.count(SPACE)) == ({SPACE}, False, (10_000, 30_000))
    entry = store.get(SPACE, (7).to_bytes(4, "big"))
    assert entry is not None
    assert entry.item_json == b"{}"
