"""Publishes the events that units of work emitted, from the stream of what they committed.

The events of a commit are in one stream record, so they are published all or, for as long as the function fails, not:
in their order, at least once, and never for a unit that did not commit. After a failure in the middle of a commit its
events come again from the first; `Published.event_id` tells those that were published before.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Coroutine, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeAlias

from pydantic import BaseModel, ValidationError

from ddbmodel.errors import InvalidRequest, ItemNotDecodable, ModelDefinitionError
from ddbmodel.model import Model, schema_of
from ddbmodel.model.entities import holds_item
from ddbmodel.model.own_attributes import EVENTS
from ddbmodel.streams.handlers import Handler
from ddbmodel.streams.records import StreamRecord
from ddbmodel.unit_of_work import CommitRecord
from ddbmodel.unit_of_work.commit_records import event_name

__all__ = ["EventHandler", "Published", "declare_event_handler"]

EventFunction: TypeAlias = Callable[..., Coroutine[Any, Any, object]]

_WITH_PUBLISHED: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """Which event it is.

    Attributes:
        event_id: the same each time that this event is published, and of no other event.
        commit_id: of the unit that emitted it.
        position: among the events of its commit in the same item, from 0.
        at: when it was committed, to the second.
        attempt: 1 at first, and one more after every failure in this process.
    """

    event_id: str
    commit_id: str
    position: int
    at: datetime
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class EventHandler(Handler):
    """A function and the events that it is for, by their names."""

    classes: Mapping[str, type[BaseModel]]
    publish: EventFunction
    takes_published: bool

    def wants(self, record: StreamRecord) -> bool:
        """Return whether a record brings any event that the function is for."""
        return any(True for _ in self._events(record))

    async def handle(self, record: StreamRecord, attempt: int) -> None:
        """Give the function the events of a record, one after the other.

        Raises:
            ItemNotDecodable: an event does not fit its class.
        """
        for commit_id, position, kind, data in list(self._events(record)):
            published = Published(
                event_id=f"{commit_id}#{position}",
                commit_id=commit_id,
                position=position,
                at=record.at,
                attempt=attempt,
            )
            event = _decoded(kind, data)
            await (self.publish(event, published) if self.takes_published else self.publish(event))

    def _events(self, record: StreamRecord) -> Iterator[tuple[str, int, type[BaseModel], str]]:
        """Yield what the commit of a record emitted: its id, and position, class and JSON of each event."""
        new = record.new
        if new is None or not holds_item(self.model, new):
            return
        if issubclass(self.model, CommitRecord):
            commit_id, events = new["token"]["S"], new.get("events", {"L": []})["L"]
        elif EVENTS in new and new[EVENTS] != (record.old or {}).get(EVENTS):
            inside = new[EVENTS]["M"]
            commit_id, events = inside["commit"]["S"], inside["events"]["L"]
        else:
            # What an earlier commit emitted stays in the item until the next one emits something.
            return
        for position, event in enumerate(events):
            kind = self.classes.get(event["M"]["name"]["S"])
            if kind is not None:
                yield commit_id, position, kind, event["M"]["data"]["S"]


def declare_event_handler(
    function: EventFunction, kinds: tuple[type[BaseModel], ...], *, of: type[Model], name: str | None
) -> EventHandler:
    """Return the handler that a function is declared to be.

    Args:
        of: `CommitRecord` or a subclass, or the model within whose items the events are emitted.

    Raises:
        InvalidRequest: the function, or a class of events, cannot work.
        ModelDefinitionError: the model has no stream with the images that are needed.
    """
    own_name = name or getattr(function, "__name__", None)
    if not isinstance(own_name, str) or not own_name or "|" in own_name:
        raise InvalidRequest("a handler of events has no name to keep its cursor under; give it one without '|'")
    if not kinds:
        raise InvalidRequest(f"handler {own_name!r}: name the classes of events that it is for, as in on_event(Moved)")
    for kind in kinds:
        if not isinstance(kind, type) or not issubclass(kind, BaseModel):
            raise InvalidRequest(f"handler {own_name!r}: an event is of a pydantic model's class, got {kind!r}")
    classes = {event_name(kind): kind for kind in kinds}
    if len(classes) < len(kinds):
        raise InvalidRequest(f"handler {own_name!r}: two classes of events have one name; give one an event_name")
    if not (inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(type(function).__call__)):
        raise InvalidRequest(f"handler {own_name!r} is not asynchronous; declare it with 'async def'")
    view = schema_of(of).stream
    needed = ("NEW_IMAGE", "NEW_AND_OLD_IMAGES") if issubclass(of, CommitRecord) else ("NEW_AND_OLD_IMAGES",)
    if view not in needed:
        raise ModelDefinitionError(
            f"{of.__name__} has no stream that shows events to handler {own_name!r}; declare stream=True"
        )
    return EventHandler(
        name=own_name,
        model=of,
        # Of a record that took the place of one that had ended the new image is enough, too.
        kinds=frozenset({"INSERT"}) if issubclass(of, CommitRecord) else frozenset({"INSERT", "MODIFY"}),
        where=None,
        concurrency=1,
        function=function,
        classes=classes,
        publish=function,
        takes_published=_count_of_parameters(own_name, function) == _WITH_PUBLISHED,
    )


def _count_of_parameters(name: str, function: EventFunction) -> int:
    required = [
        each
        for each in inspect.signature(function).parameters.values()
        if each.default is each.empty and each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)
    ]
    if not 1 <= len(required) <= _WITH_PUBLISHED:
        raise InvalidRequest(f"handler {name!r} takes the event, and what was published about it if it wants to")
    return len(required)


def _decoded(kind: type[BaseModel], data: str) -> BaseModel:
    try:
        return kind.model_validate_json(data)
    except ValidationError as error:
        problems = [(".".join(map(str, each["loc"])), each["type"]) for each in error.errors(include_input=False)]
        raise ItemNotDecodable(kind.__name__, problems) from None
