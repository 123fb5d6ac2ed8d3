"""Indexes agree with a rebuild from their table, whatever is written and whenever they are created."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from ddbmodel.engine.apply import perform, work_of
from ddbmodel.engine.catalog import Index, KeyAttribute, KeySchema, Table
from ddbmodel.engine.key_bytes import item_key
from ddbmodel.engine.live_catalog import LiveCatalog
from ddbmodel.engine.options import EngineOptions
from ddbmodel.engine.outcome import ItemChange, Outcome, SaveTable
from ddbmodel.engine.storage.store import Store
from ddbmodel.engine.storage.verify import problems_of

A, B, N = KeyAttribute("a", "S"), KeyAttribute("b", "S"), KeyAttribute("n", "N")
PK, SK = KeyAttribute("pk", "S"), KeyAttribute("sk", "N")
INDEXES = (
    Index("all", "global", KeySchema((A,)), 2),
    Index("keys", "global", KeySchema((A, B), (N,)), 3, "KEYS_ONLY"),
    Index("some", "global", KeySchema((B,), (N, A)), 4, "INCLUDE", ("m",)),
    Index("local", "local", KeySchema((PK,), (N,)), 5, "KEYS_ONLY"),
)
TABLE = Table("id", "films", KeySchema((PK,), (SK,)), 1, 0.0)

texts = st.sampled_from(["", "x", "y", "x\x00", "é"]).map(lambda text: {"S": text})
numbers = st.sampled_from(["0", "-1", "1.5", "10"]).map(lambda text: {"N": text})
others = st.sampled_from([{"NULL": True}, {"SS": ["1", "2"]}, {"SS": ["2", "1"]}, {"L": []}])
keys = st.fixed_dictionaries({"pk": st.sampled_from([{"S": "p"}, {"S": "q"}]), "sk": numbers})
items = st.builds(
    lambda key, rest: key | rest,
    keys,
    st.dictionaries(st.sampled_from(["a", "b", "n", "m"]), texts | numbers | others),
)
steps = st.lists(items.map(lambda item: (item, item)) | keys.map(lambda key: (key, None)), max_size=25)


@given(before=steps, after=steps, created=st.sets(st.sampled_from(INDEXES)))
def test_indexes_equal_a_rebuild_from_the_table(before: Any, after: Any, created: set[Index]) -> None:
    store = Store.in_memory()
    catalog = LiveCatalog(store)
    # Some indexes are there from the beginning, the others are filled from what is there.
    first = replace(TABLE, indexes=tuple(index for index in INDEXES if index not in created))
    table = replace(TABLE, indexes=INDEXES)
    try:
        _perform(store, catalog, Outcome({}, catalog=(SaveTable(first),)))
        for key, new in before:
            _write(store, catalog, first, key, new)
        _perform(store, catalog, Outcome({}, catalog=(SaveTable(table),)))
        for key, new in after:
            _write(store, catalog, table, key, new)

        assert problems_of(store, catalog) == []
    finally:
        store.close()


def _write(store: Store, catalog: LiveCatalog, table: Table, key: Any, new: Any) -> None:
    key_bytes = item_key(table.keys, key)
    entry = store.get(table.space, key_bytes)
    old = None if entry is None else orjson.loads(entry.item_json)
    _perform(store, catalog, Outcome({}, items=(ItemChange(table, key_bytes, old, new),)))


def _perform(store: Store, catalog: LiveCatalog, outcome: Outcome) -> None:
    perform(work_of(outcome, store, catalog, 0.0, "region", EngineOptions()), store, catalog, 0.0)
