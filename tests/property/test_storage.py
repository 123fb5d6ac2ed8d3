"""The store against a sorted dict, with transactions that are kept or undone, in memory and in a file."""

from __future__ import annotations

import copy
import tempfile
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from ddbmodel.engine.storage.store import Store
from ddbmodel.engine.storage.view import Entry

SPACES = (1, 2)
# Few short keys, so that they meet, and the bytes that prefixes and bounds go wrong on.
KEYS = st.binary(max_size=3) | st.lists(st.sampled_from([0, 1, 254, 255]), max_size=4).map(bytes)


class StoreAgreesWithADict(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder: tempfile.TemporaryDirectory[str] | None = None
        self.model: dict[int, dict[bytes, tuple[bytes, int]]] = {space: {} for space in SPACES}
        self.kept = copy.deepcopy(self.model)

    @initialize(in_file=st.booleans())
    def open(self, in_file: bool) -> None:
        if in_file:
            self.folder = tempfile.TemporaryDirectory()
            self.path = Path(self.folder.name) / "store.db"
            self.store = Store.in_file(self.path, 0.0)
        else:
            self.store = Store.in_memory()
        for space in SPACES:
            self.store.create_space(space)

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()
        if self.folder is not None:
            self.folder.cleanup()

    @rule(space=st.sampled_from(SPACES), key=KEYS, item=st.binary(max_size=20), size=st.integers(0, 10**6))
    def put(self, space: int, key: bytes, item: bytes, size: int) -> None:
        self.store.begin()
        self.store.put(space, key, size, item)
        self.model[space][key] = (item, size)

    @rule(space=st.sampled_from(SPACES), first=KEYS, count=st.integers(30, 200))
    def put_many(self, space: int, first: bytes, count: int) -> None:
        # More than one chunk of a range.
        self.store.begin()
        for number in range(count):
            key = first + number.to_bytes(2, "big")
            self.store.put(space, key, number, b"many")
            self.model[space][key] = (b"many", number)

    @rule(space=st.sampled_from(SPACES), key=KEYS)
    def delete(self, space: int, key: bytes) -> None:
        self.store.begin()
        self.store.delete(space, key)
        self.model[space].pop(key, None)

    @precondition(lambda self: self.store.in_transaction)
    @rule()
    def commit(self) -> None:
        self.store.commit()
        self.kept = copy.deepcopy(self.model)

    @rule()
    def rollback(self) -> None:
        self.store.rollback()
        self.model = copy.deepcopy(self.kept)

    @precondition(lambda self: self.folder is not None)
    @rule()
    def reopen(self) -> None:
        self.store.close()
        self.store = Store.in_file(self.path, 0.0)
        self.model = copy.deepcopy(self.kept)

    @rule(space=st.sampled_from(SPACES), low=KEYS, high=st.none() | KEYS, reverse=st.booleans())
    def a_range_is_a_slice_of_the_sorted_dict(self, space: int, low: bytes, high: bytes | None, reverse: bool) -> None:
        found = list(self.store.range(space, low, high, reverse=reverse))

        expected = [
            Entry(key, *value)
            for key, value in sorted(self.model[space].items(), reverse=reverse)
            if key >= low and (high is None or key < high)
        ]
        assert found == expected

    @rule(space=st.sampled_from(SPACES), key=KEYS)
    def get_finds_what_is_there(self, space: int, key: bytes) -> None:
        value = self.model[space].get(key)
        assert self.store.get(space, key) == (None if value is None else Entry(key, *value))

    @invariant()
    def counts_agree(self) -> None:
        if hasattr(self, "store"):
            for space in SPACES:
                sizes = [size for _, size in self.model[space].values()]
                assert self.store.count(space) == (len(sizes), sum(sizes))


TestStoreAgreesWithADict = StoreAgreesWithADict.TestCase
