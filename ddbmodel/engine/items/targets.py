"""What a request is about in its table: items and keys as they are kept, places, and the item that is there now."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

import orjson

from ddbmodel.engine.catalog import Table
from ddbmodel.engine.context import RequestContext
from ddbmodel.engine.messages.message import Message, refused
from ddbmodel.engine.storage.view import Entry, ReadView
from ddbmodel.engine.validation.attribute_values import canonical_item
from ddbmodel.values.wire import Item

__all__ = ["check_distinct", "checked_item", "place_in", "place_of_key", "shown_item", "stored_item"]

Place: TypeAlias = tuple[str, bytes]
"""A table and a key in it, whether or not the key fits the table."""


def checked_item(item: Any) -> Item:
    """Return an item or a key as it is kept; ``ValidationException`` when it cannot be."""
    return canonical_item(item)


def shown_item(entry: Entry, context: RequestContext) -> Any:
    """Return the item of an entry for a response that shows it as it is kept."""
    return orjson.Fragment(entry.item_json) if context.leaves_items_unread else orjson.loads(entry.item_json)


def stored_item(view: ReadView, table: Table, key: bytes) -> Item | None:
    """Return the item under a key, or None."""
    entry = view.get(table.space, key)
    return None if entry is None else orjson.loads(entry.item_json)


def place_in(table: Table, item: Item) -> Place:
    """Return the place of an item, or of a key, in its table; equal for equal keys, even for those that do not fit."""
    return table.id, orjson.dumps([item.get(attribute.name) for attribute in table.keys.attributes])


def place_of_key(name_or_arn: str, key: Item) -> Place:
    """Return the place of a key in a table that may not be there."""
    return name_or_arn, orjson.dumps(key, option=orjson.OPT_SORT_KEYS)


def check_distinct(places: Iterable[Place], message: Message) -> None:
    """Refuse a place that is there twice."""
    listed = list(places)
    if len(set(listed)) != len(listed):
        raise refused(message)
