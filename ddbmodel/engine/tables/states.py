"""What a table that is being changed refuses meanwhile.

| under way | refused |
|---|---|
| creation, deletion of the table | every change of it |
| capacity or billing mode | the same; the stream; indexes made or deleted; limits on demand; deletion |
| stream | the same; capacity; table class; indexes made or deleted; deletion |
| table class | the same; the stream; indexes made or deleted; deletion |
| an index is allocated or deleted | capacity; the stream; limits on demand; another index made or deleted; deletion |
| an index is filled | another index made or deleted; deletion |
| an index's capacity | the same of this index; deletion |
| tags | the same, unless it sets those that are on their way again; deletion |

Everything else is let through: encryption, deletion protection, warm throughput, tags, time to live.
Source: seen on the service in us-west-2, October 2026.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ddbmodel.engine.catalog import Catalog, Index, Table
from ddbmodel.engine.context import RequestContext
from ddbmodel.engine.messages import table_features
from ddbmodel.engine.messages import tables as messages
from ddbmodel.engine.messages.message import Message, refused

__all__ = ["check_can_change", "check_can_delete", "check_index_is_free", "check_is_there", "check_room"]

_STREAM_BLOCKS: Final[Mapping[str, Message]] = {
    "capacity": messages.STREAM_BLOCKS_CAPACITY,
    "stream": messages.STREAM_BLOCKS_STREAM,
    "class": messages.STREAM_BLOCKS_CLASS,
    "index": messages.STREAM_BLOCKS_INDEX,
}
_CAPACITY_BLOCKS: Final[Mapping[str, Message]] = {
    "capacity": messages.CAPACITY_BEING_UPDATED,
    "stream": messages.CAPACITY_BLOCKS_STREAM,
    "index": messages.CAPACITY_BLOCKS_INDEX,
    "on demand": messages.CAPACITY_BLOCKS_ON_DEMAND,
}
_CLASS_BLOCKS: Final[Mapping[str, Message]] = {
    "class": messages.CLASS_BLOCKS_CLASS,
    "stream": messages.CLASS_BLOCKS_STREAM,
    "index": messages.CLASS_BLOCKS_INDEX,
}


def check_is_there(table: Table, now_s: float) -> None:
    """Refuse to change a table that is being created or deleted."""
    if table.gone_at_s is not None:
        raise refused(messages.TABLE_BEING_DELETED, table=table.name)
    if now_s < table.ready_at_s:
        raise refused(messages.TABLE_BEING_CREATED, table=table.name)


def check_can_change(table: Table, changes: set[str], now_s: float) -> None:
    """Refuse changes that must wait for what is under way.

    Args:
        changes: ``capacity``, ``stream``, ``class``, ``index``, ``on demand``.
    """
    check_is_there(table, now_s)
    if table.update is not None and now_s < table.updated_at_s:
        blocks = {"capacity": _CAPACITY_BLOCKS, "stream": _STREAM_BLOCKS, "class": _CLASS_BLOCKS}[table.update]
        for change in sorted(changes):
            if change in blocks:
                raise refused(blocks[change], **_facts(table))
    for what, noun, indexes in (
        ("created", "creation", [index for index in table.indexes if now_s < index.allocated_at_s]),
        ("deleted", "deletion", [index for index in table.indexes if index.gone_at_s is not None]),
    ):
        names = ", ".join(index.name for index in indexes)
        if names and "capacity" in changes:
            raise refused(messages.INDEX_BLOCKS_CAPACITY, what=what, table=table.name, indexes=names)
        if names and "stream" in changes:
            raise refused(messages.INDEX_BLOCKS_STREAM, what=what, table=table.name, indexes=names)
        if names and "on demand" in changes:
            raise refused(messages.INDEX_BLOCKS_ON_DEMAND, what=noun, indexes=names)


def check_index_is_free(table: Table, index: Index, action: str, now_s: float) -> None:
    """Refuse to change or delete an index that is being made, deleted or changed; `action` is the API's."""
    if index.gone_at_s is not None:
        raise refused(messages.INDEX_BEING_DELETED, table=table.name, index=index.name)
    if now_s < index.allocated_at_s:
        what = messages.INDEX_BEING_ALLOCATED if action == "Delete" else messages.INDEX_NOT_FILLING_YET
        raise refused(what, table=table.name, index=index.name)
    if now_s < index.updated_at_s:
        raise refused(messages.INDEX_BEING_UPDATED, table=table.name, index=index.name)


def check_can_delete(table: Table, now_s: float) -> None:
    """Refuse to delete a table that something is under way with."""
    check_is_there(table, now_s)
    if now_s < (table.settings.get("TagsUnderWay") or {}).get("until_s", 0.0):
        raise refused(table_features.TAGS_KEEP_TABLE, table=table.name)
    if any(index.kind == "global" and index.status(now_s) != "ACTIVE" for index in table.indexes):
        raise refused(messages.INDEXES_KEEP_TABLE)
    if now_s < table.updated_at_s:
        what = messages.STREAM_KEEPS_TABLE if table.update == "stream" else messages.TABLE_BEING_UPDATED
        raise refused(what, table=table.name)


def check_room(catalog: Catalog, context: RequestContext) -> None:
    """Refuse to begin to create, update or delete a table while as many as there may be are on their way."""
    most = context.options.changing_table_limit
    if catalog.changing_count(context.now_s) >= most:
        raise refused(messages.TOO_MANY_CHANGING, most=most)


def _facts(table: Table) -> dict[str, str]:
    stream = table.stream
    return {
        "table": table.name,
        "stream": "" if stream is None else stream.label,
        "operation": "ENABLE" if stream is not None and stream.enabled else "DISABLE",
        "table_class": (table.settings.get("TableClass") or {}).get("TableClass", ""),
    }
