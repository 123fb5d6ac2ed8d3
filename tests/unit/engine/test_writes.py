"""Which entries a change writes, in the table and in each kind of index."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson

from ddbmodel.engine.catalog import Index, KeyAttribute, KeySchema, Table, TimeToLive
from ddbmodel.engine.key_bytes import item_key
from ddbmodel.engine.outcome import ItemChange
from ddbmodel.engine.writes import EntryWrite, entry_writes

TABLE_SPACE, INDEX_SPACE, EXPIRY_SPACE = 1, 2, 3


def _key(*names: str) -> tuple[KeyAttribute, ...]:
    return tuple(KeyAttribute(name, "S") for name in names)


def _table(*indexes: Index) -> Table:
    return Table("id", "films", KeySchema(_key("pk"), _key("sk")), TABLE_SPACE, 0.0, tuple(indexes))


def _index(**options: Any) -> Index:
    return Index("by", "global", options.pop("keys", KeySchema(_key("a"))), INDEX_SPACE, **options)


def _item(**attributes: str) -> dict[str, Any]:
    return {"pk": {"S": "p"}, "sk": {"S": "s"}} | {name: {"S": value} for name, value in attributes.items()}


def _writes(table: Table, old: dict[str, Any] | None, new: dict[str, Any] | None) -> list[EntryWrite]:
    return entry_writes(ItemChange(table, item_key(table.keys, new or old or {}), old, new))


def _in_index(writes: list[EntryWrite]) -> list[dict[str, Any] | None]:
    return [
        None if write.item_json is None else orjson.loads(write.item_json)
        for write in writes
        if write.space == INDEX_SPACE
    ]


def test_a_new_item_is_written_to_the_table_and_to_the_index() -> None:
    table = _table(_index())
    item = _item(a="x", b="y")

    writes = _writes(table, None, item)

    assert [write.space for write in writes] == [TABLE_SPACE, INDEX_SPACE]
    assert all(write.item_json is not None and orjson.loads(write.item_json) == item for write in writes)
    assert {write.size_bytes for write in writes} == {3 + 3 + 2 + 2}


def test_an_item_without_the_index_key_is_not_in_the_index() -> None:
    assert _in_index(_writes(_table(_index()), None, _item(b="y"))) == []


def test_an_item_with_part_of_a_key_of_several_attributes_is_not_in_the_index() -> None:
    table = _table(_index(keys=KeySchema(_key("a", "b"), _key("c"))))

    assert _in_index(_writes(table, None, _item(a="x", b="y"))) == []
    assert len(_in_index(_writes(table, None, _item(a="x", b="y", c="z")))) == 1


def test_an_item_with_an_index_key_of_another_type_is_not_in_the_index() -> None:
    assert _in_index(_writes(_table(_index()), None, _item() | {"a": {"N": "1"}})) == []


def test_writing_the_same_item_again_writes_nothing() -> None:
    item = _item(a="x") | {"set": {"SS": ["1", "2"]}}

    assert _writes(_table(_index()), item, item | {"set": {"SS": ["2", "1"]}}) == []


def test_changing_the_index_key_moves_the_entry() -> None:
    new = _item(a="y")

    assert _in_index(_writes(_table(_index()), _item(a="x"), new)) == [None, new]


def test_losing_the_index_key_removes_the_entry() -> None:
    assert _in_index(_writes(_table(_index()), _item(a="x"), _item())) == [None]


def test_deleting_the_item_removes_both_entries() -> None:
    writes = _writes(_table(_index()), _item(a="x"), None)

    assert [(write.space, write.item_json) for write in writes] == [(TABLE_SPACE, None), (INDEX_SPACE, None)]


def test_deleting_an_item_that_is_not_there_writes_nothing() -> None:
    table = _table(_index())

    assert entry_writes(ItemChange(table, b"key", None, None)) == []


def test_a_keys_only_index_carries_the_keys_of_index_and_table() -> None:
    table = _table(_index(projection="KEYS_ONLY"))

    assert _in_index(_writes(table, None, _item(a="x", b="y"))) == [_item(a="x")]


def test_an_index_that_includes_attributes_carries_them_where_they_are() -> None:
    table = _table(_index(projection="INCLUDE", included=("b", "c")))

    assert _in_index(_writes(table, None, _item(a="x", b="y", d="z"))) == [_item(a="x", b="y")]


def test_an_attribute_that_is_not_projected_does_not_touch_the_entry() -> None:
    table = _table(_index(projection="INCLUDE", included=("b",)))

    assert _in_index(_writes(table, _item(a="x", b="y"), _item(a="x", b="y", c="z"))) == []
    assert len(_in_index(_writes(table, _item(a="x", b="y"), _item(a="x", b="z")))) == 1


def _expiring(table: Table, *, enabled: bool = True) -> Table:
    return replace(table, time_to_live=TimeToLive("until", enabled, EXPIRY_SPACE, 0.0, 0.0))


def _expiries(writes: list[EntryWrite]) -> list[tuple[int, bool]]:
    """The moments that are listed, in milliseconds, and whether they are listed or no longer."""
    return [
        (int.from_bytes(write.key[:8], "big"), write.item_json is not None)
        for write in writes
        if write.space == EXPIRY_SPACE
    ]


def test_an_item_that_expires_is_listed_by_its_moment() -> None:
    item = _item() | {"until": {"N": "12.5"}}

    assert _expiries(_writes(_expiring(_table()), None, item)) == [(12_500, True)]
    assert _expiries(_writes(_expiring(_table()), item, None)) == [(12_500, False)]
    assert _expiries(_writes(_expiring(_table(), enabled=False), None, item)) == []
    assert _expiries(_writes(_table(), None, item)) == []


def test_only_a_moment_that_moves_is_listed_anew() -> None:
    table, item = _expiring(_table()), _item() | {"until": {"N": "12"}}

    assert _expiries(_writes(table, item, item | {"b": {"S": "new"}})) == []
    assert _expiries(_writes(table, item, item | {"until": {"N": "13"}})) == [(12_000, False), (13_000, True)]
    assert _expiries(_writes(table, item, _item())) == [(12_000, False)]
