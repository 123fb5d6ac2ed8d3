"""Declared handlers: what a function wants to see, found from its annotation and checked before anything runs.

| kind | image it needs | NEW_AND_OLD_IMAGES | NEW_IMAGE | OLD_IMAGE | KEYS_ONLY |
|---|---|---|---|---|---|
| `Insert` | new | yes | yes | | |
| `Modify` | old and new | yes | | | |
| `Remove` | old | yes | | yes | |
"""

from __future__ import annotations

import inspect
import types
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias, Union, get_args, get_origin, get_type_hints

from ddbmodel.errors import InvalidRequest, ItemNotDecodable, ModelDefinitionError
from ddbmodel.expressions.evaluate import evaluate_change
from ddbmodel.expressions.paths import paths_of
from ddbmodel.expressions.tree import Condition
from ddbmodel.model import Key, Model, schema_of
from ddbmodel.model.entities import holds_item
from ddbmodel.model.own_attributes import GUARD
from ddbmodel.query.conditions import check_stored
from ddbmodel.query.hooks import loaded
from ddbmodel.streams.events import Change, Insert, Modify, Remove
from ddbmodel.streams.records import Kind, StreamRecord

__all__ = ["Handler", "check_view", "declare_handler", "event_of"]

HandlerFunction: TypeAlias = Callable[[Any], Awaitable[object]]

_KIND_OF_CLASS: Final[Mapping[Any, Kind]] = {Insert: "INSERT", Modify: "MODIFY", Remove: "REMOVE"}
_NEEDS: Final[Mapping[Kind, frozenset[str]]] = {
    "INSERT": frozenset({"new"}),
    "MODIFY": frozenset({"old", "new"}),
    "REMOVE": frozenset({"old"}),
}
_CARRIES: Final[Mapping[str, frozenset[str]]] = {
    "KEYS_ONLY": frozenset(),
    "NEW_IMAGE": frozenset({"new"}),
    "OLD_IMAGE": frozenset({"old"}),
    "NEW_AND_OLD_IMAGES": frozenset({"old", "new"}),
}


@dataclass(frozen=True, slots=True)
class Handler:
    """A function and the changes that it is for; its name is part of where its cursors are kept."""

    name: str
    model: type[Model]
    kinds: frozenset[Kind]
    where: Condition | None
    concurrency: int
    function: HandlerFunction

    @property
    def table(self) -> str:
        """Return the name of the table whose stream it reads."""
        return schema_of(self.model).table

    def wants(self, record: StreamRecord) -> bool:
        """Return whether a record is for the function: of its model and kinds, and its condition holds."""
        seen = _as_seen(self.model, record)
        if seen is None or seen.kind not in self.kinds:
            return False
        return self.where is None or evaluate_change(self.where, seen.old, seen.new)

    async def handle(self, record: StreamRecord, attempt: int) -> None:
        """Give the function the event of a record, with models that nobody else holds.

        Raises:
            ItemNotDecodable: an image does not fit the model, or is missing.
        """
        event = event_of(self, record, attempt)
        await loaded(image for image in (event.old, event.new) if image is not None)
        await self.function(event)


def declare_handler(
    function: HandlerFunction, model: type[Model], *, where: Condition | None, name: str | None, concurrency: int
) -> Handler:
    """Return the handler that a function is declared to be.

    Raises:
        InvalidRequest: the function, its annotation or an option cannot work.
        ModelDefinitionError: the model has no stream, or one without the images that the annotation needs.
    """
    own_name = name or getattr(function, "__name__", None)
    if not isinstance(own_name, str) or not own_name or "|" in own_name:
        raise InvalidRequest(
            f"a handler of {model.__name__} has no name to keep its cursor under; give it one without '|': name=\"…\""
        )
    if where is not None and not isinstance(where, Condition):
        raise InvalidRequest(
            f"handler {own_name!r}: where= takes a condition such as {model.__name__}.field == value, "
            f"got {type(where).__name__}"
        )
    for path in () if where is None else paths_of(where):
        check_stored(f"handler {own_name!r}", model, str(path.steps[0]))
    if concurrency < 1:
        raise InvalidRequest(f"handler {own_name!r}: concurrency= is at least 1, got {concurrency}")
    if not (inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(type(function).__call__)):
        raise InvalidRequest(f"handler {own_name!r} is not asynchronous; declare it with 'async def'")
    kinds = _kinds_of(own_name, _annotation_of(own_name, function, model), model)
    handler = Handler(own_name, model, kinds, where, concurrency, function)
    view = schema_of(model).stream
    if view is None:
        raise ModelDefinitionError(
            f"{model.__name__} has no stream for handler {own_name!r} to read; "
            f"declare it: class {model.__name__}(Model, table={handler.table!r}, stream=True)"
        )
    check_view(handler, view, "the model declares")
    return handler


def check_view(handler: Handler, view: str, who: str) -> None:
    """Check that a stream carries the images that a handler's kinds need.

    Raises:
        ModelDefinitionError: it does not.
    """
    missing = sorted(kind.title() for kind in handler.kinds if not _NEEDS[kind] <= _CARRIES[view])
    if missing:
        raise ModelDefinitionError(
            f"handler {handler.name!r} takes {', '.join(missing)} of {handler.model.__name__}, but {who} a stream of "
            f"{view}, which does not carry the images for it; declare stream=True, which carries both"
        )


def event_of(handler: Handler, record: StreamRecord, attempt: int) -> Change[Any]:
    """Return the event of a record, with models that nobody else holds.

    Raises:
        ItemNotDecodable: an image does not fit the model, or is missing.
    """
    model = handler.model
    record = _as_seen(model, record) or record
    facts: dict[str, Any] = {
        "key": Key(model, record.keys),
        "sequence": record.sequence,
        "event_id": record.event_id,
        "at": record.at,
        "attempt": attempt,
    }
    match record.kind:
        case "INSERT":
            return Insert(new=_decoded(model, record.new, "new"), **facts)
        case "MODIFY":
            return Modify(old=_decoded(model, record.old, "old"), new=_decoded(model, record.new, "new"), **facts)
        case "REMOVE":
            return Remove(old=_decoded(model, record.old, "old"), by_ttl=record.by_ttl, **facts)


def _as_seen(model: type[Model], record: StreamRecord) -> StreamRecord | None:
    """Return the change as a model sees it, None where it is of other items of the table.

    Guard items of unique values are no items of a model. An item that takes the place of one of another class is new to
    its own, and gone for the other.
    """
    images = [image for image in (record.old, record.new) if image is not None]
    own = [image for image in images if GUARD not in image and holds_item(model, image)]
    if len(own) == len(images):
        return record
    if not own:
        return None
    if own[0] is record.new:
        return replace(record, kind="INSERT", old=None)
    return replace(record, kind="REMOVE", new=None)


def _decoded(model: type[Model], image: dict[str, Any] | None, which: str) -> Model:
    if image is None:
        raise ItemNotDecodable(model.__name__, [("", f"the stream record carries no {which} image")])
    return model.from_item(image)


def _annotation_of(name: str, function: HandlerFunction, model: type[Model]) -> Any:
    parameters = list(inspect.signature(function).parameters.values())
    required = [parameter for parameter in parameters[1:] if parameter.default is parameter.empty]
    if not parameters or parameters[0].kind not in (
        inspect.Parameter.POSITIONAL_ONLY,
        inspect.Parameter.POSITIONAL_OR_KEYWORD,
    ):
        raise InvalidRequest(f"handler {name!r} takes no event; write 'async def {name}(event: Change[{_n(model)}])'")
    if any(parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD) for parameter in required):
        raise InvalidRequest(
            f"handler {name!r} takes more than the event ({', '.join(parameter.name for parameter in required)}); "
            "give these parameters defaults"
        )
    annotation = parameters[0].annotation
    if annotation is inspect.Parameter.empty:
        raise InvalidRequest(
            f"handler {name!r}: annotate {parameters[0].name!r} with the changes it is for, "
            f"as in Insert[{_n(model)}] | Modify[{_n(model)}] or Change[{_n(model)}]"
        )
    # Only the event's annotation has to be resolvable: others may name what only type checkers import. Names of the
    # function's module go first; a model that was made inside a function is in no module.
    fallback = {"Insert": Insert, "Modify": Modify, "Remove": Remove, "Change": Change, model.__name__: model}
    inner = inspect.unwrap(function)
    names = {**fallback, **getattr(inner, "__globals__", getattr(type(inner).__call__, "__globals__", {}))}
    holder = types.SimpleNamespace(__annotations__={"event": annotation})
    try:
        return get_type_hints(holder, globalns=names, localns={})["event"]
    except (NameError, AttributeError, TypeError, SyntaxError) as error:
        raise InvalidRequest(
            f"handler {name!r}: its annotation {annotation!r} cannot be resolved ({error}); "
            "import the names it uses at module level"
        ) from error


def _kinds_of(name: str, annotation: Any, model: type[Model]) -> frozenset[Kind]:
    parts = get_args(annotation) if get_origin(annotation) in (Union, types.UnionType) else (annotation,)
    kinds: set[Kind] = set()
    for part in parts:
        kind = _KIND_OF_CLASS.get(get_origin(part))
        if kind is None:
            raise InvalidRequest(
                f"handler {name!r}: its event is annotated with {_n(part)}; "
                f"write Insert[{_n(model)}], Modify[{_n(model)}], Remove[{_n(model)}], or a union of them"
            )
        (about,) = get_args(part)
        if about is not model:
            raise InvalidRequest(
                f"handler {name!r} is registered for {_n(model)}, but its annotation is about {_n(about)}"
            )
        kinds.add(kind)
    return frozenset(kinds)


def _n(thing: Any) -> str:
    return thing.__name__ if isinstance(thing, type) else str(thing)
