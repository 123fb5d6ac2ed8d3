"""The stream of a table as CreateTable and UpdateTable set it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from ddbmodel.engine.catalog import Catalog, Stream, StreamViewType, Table
from ddbmodel.engine.messages import tables as messages
from ddbmodel.engine.messages.message import refused
from ddbmodel.engine.storage.view import ReadView

__all__ = ["closed", "new_stream_view", "updated_stream", "with_stream"]


def new_stream_view(specification: Mapping[str, Any] | None) -> StreamViewType | None:
    """Return the view type of the stream that a new table is to have, or None when it is to have none."""
    specification = specification or {"StreamEnabled": False}
    view: StreamViewType | None = specification.get("StreamViewType")
    if specification["StreamEnabled"] and view is None:
        raise refused(messages.STREAM_WITHOUT_VIEW)
    if not specification["StreamEnabled"] and view is not None:
        raise refused(messages.VIEW_WITHOUT_STREAM)
    return view


def updated_stream(
    table: Table, specification: Mapping[str, Any], stream_id: int, view: ReadView, catalog: Catalog, now_s: float
) -> Table:
    """Return a table with its stream opened or closed."""
    images: StreamViewType | None = specification.get("StreamViewType")
    is_enabled = table.stream is not None and table.stream.enabled
    if not specification["StreamEnabled"] and images is not None:
        raise refused(messages.VIEW_WHEN_DISABLED)
    if specification["StreamEnabled"]:
        if images is None:
            raise refused(messages.ENABLED_WITHOUT_VIEW)
        if is_enabled:
            raise refused(messages.STREAM_ENABLED_ALREADY, table=table.name)
        return with_stream(table, images, stream_id, view, catalog, now_s)
    if table.stream is None or not is_enabled:
        raise refused(messages.NO_STREAM_TO_DISABLE, table=table.name)
    return replace(table, stream=closed(table.stream, view, now_s))


def with_stream(
    table: Table, images: StreamViewType, stream_id: int, view: ReadView, catalog: Catalog, now_s: float
) -> Table:
    """Return a table with a new stream."""
    taken = {stream.label for stream in catalog.streams() if stream.table_name == table.name}
    moment_ms = int(now_s * 1000)
    # The label is the time of creation and tells the table's streams apart, so two in one millisecond move apart.
    while (label := _label(moment_ms)) in taken:
        moment_ms += 1
    first_sequence = view.last_sequence() + 1
    return replace(
        table, stream=Stream(stream_id, table.name, label, images, now_s, table.keys, first_sequence=first_sequence)
    )


def closed(stream: Stream, view: ReadView, now_s: float) -> Stream:
    """Return a stream that takes no more records; it stays readable for a day."""
    return replace(stream, disabled_at_s=now_s, last_sequence=view.last_sequence())


def _label(moment_ms: int) -> str:
    moment = datetime.fromtimestamp(moment_ms // 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment_ms % 1000:03d}"
