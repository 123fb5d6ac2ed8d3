"""Records of commits: the events that a unit of work emitted, and the result of a command that is carried out once.

A record is written in the transaction of the unit, so it is there exactly when everything else is. It has a table of
its own, `CommitRecord`'s or a subclass's, which `create_tables` makes as any other; a stream handler publishes what it
holds (`streams/outbox.py`). All events of a commit are one item, because the stream keeps the order of one item only.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, get_type_hints

from pydantic import BaseModel, TypeAdapter

from ddbmodel.errors import InvalidRequest
from ddbmodel.model import Attr, Document, Key, Model, attr, created_at, partition_key, ttl

__all__ = [
    "RECORD_KEPT_FOR",
    "CommitRecord",
    "RecordKey",
    "StoredEvent",
    "event_name",
    "result_adapter",
    "result_type_of",
    "stored_event",
    "stored_result",
]

RECORD_KEPT_FOR: Final = timedelta(days=7)
"""How long a record stays: an outage of the publisher, or the repetition of a command, may last so long."""

_LONGEST_KEY: Final = 1_000


class StoredEvent(Document):
    """An event as it is kept: the name of its class, and its JSON."""

    name: Attr[str] = attr()
    data: Attr[str] = attr()


class CommitRecord(Model, table="ddbmodel-commits", stream="NEW_IMAGE"):
    """What a commit leaves behind beside what it changed; subclass it to keep records in another table.

    Attributes:
        commit_id: ``key#`` and the idempotency key, or ``token#`` and the token of the unit.
        token: of the unit that committed.
        result: of the command, as JSON; None without an idempotency key.
    """

    commit_id: Attr[str] = partition_key()
    token: Attr[str] = attr()
    events: Attr[list[StoredEvent]] = attr(default_factory=list)
    result: Attr[str | None] = attr(default=None)
    committed_at: Attr[datetime | None] = created_at()
    ends_at: Attr[datetime] = ttl()


@dataclass(frozen=True, slots=True)
class RecordKey:
    """Where the record of a unit lies.

    Attributes:
        model: whose table.
        idempotency_key: of the command; None for a unit that only emits.
    """

    model: type[CommitRecord]
    idempotency_key: str | None
    token: str

    def __post_init__(self) -> None:
        key = self.idempotency_key
        if key is not None and (not isinstance(key, str) or not 1 <= len(key) <= _LONGEST_KEY):
            got = f"{len(key):,} characters" if isinstance(key, str) else type(key).__name__
            raise InvalidRequest(f"idempotency_key= is a text of 1 to {_LONGEST_KEY:,} characters, got {got}")

    @property
    def key(self) -> Key[CommitRecord]:
        """The key of the item."""
        named = f"token#{self.token}" if self.idempotency_key is None else f"key#{self.idempotency_key}"
        return self.model.key(commit_id=named)

    def record(self, events: list[StoredEvent], result: str | None, now_s: float) -> CommitRecord:
        """Return the record; `now_s` is the service's time, in seconds since 1970."""
        ends_at = datetime.fromtimestamp(math.ceil(now_s + RECORD_KEPT_FOR.total_seconds()), UTC)
        return self.model(
            commit_id=self.key.item["commit_id"]["S"], token=self.token, events=events, result=result, ends_at=ends_at
        )


def event_name(kind: type[BaseModel]) -> str:
    """Return what events of a class are called in records: its ``event_name``, or else its own name."""
    named = getattr(kind, "event_name", None)
    return named if isinstance(named, str) else kind.__name__


def stored_event(event: BaseModel) -> StoredEvent:
    """Return an event as it is kept, as it is now.

    Raises:
        InvalidRequest: it is no pydantic model, or its JSON is not read back as it.
    """
    if not isinstance(event, BaseModel):
        raise InvalidRequest(f"an event is a pydantic model, got {_kind(event)}")
    try:
        data = event.model_dump_json(warnings="error")
        type(event).model_validate_json(data)
    except (ValueError, TypeError):
        # Not chained: pydantic's messages show values.
        raise InvalidRequest(f"the event {_kind(event)} does not become JSON that is read back as it") from None
    return StoredEvent(name=event_name(type(event)), data=data)


def result_type_of(function: Callable[..., Any]) -> Any:
    """Return what a function is annotated to return; Any where that is not said, or names what is not imported."""
    try:
        return get_type_hints(function).get("return", Any)
    except (NameError, TypeError, AttributeError):
        return Any


def result_adapter(result_type: Any) -> TypeAdapter[Any]:
    """Return what writes and reads the results of a command."""
    return TypeAdapter(result_type)


def stored_result(adapter: TypeAdapter[Any], result: Any) -> str:
    """Return a result as it is kept.

    Raises:
        InvalidRequest: what is read back is not the same, so that a repetition would be given something else.
    """
    try:
        text = adapter.dump_json(result, warnings="error").decode()
        same = adapter.validate_json(text) == result
    except (ValueError, TypeError):
        same, text = False, ""
    if not same:
        raise InvalidRequest(
            f"the result of the command, a {_kind(result)}, is not read back as the same from JSON; say "
            "result_type=..., or annotate what the function returns"
        )
    return text


def _kind(value: object) -> str:
    return type(value).__name__
