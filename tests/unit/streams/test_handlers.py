"""Declaring handlers: what annotations mean, and what is refused before anything runs."""

from __future__ import annotations

import functools
from datetime import UTC, datetime
from typing import Any

import pytest

from ddbmodel import errors
from ddbmodel.model import Attr, Model, attr, partition_key
from ddbmodel.streams import Change, Insert, Modify, Remove, StreamApp
from ddbmodel.streams.handlers import declare_handler, event_of
from ddbmodel.streams.records import StreamRecord


class Order(Model, table="orders", stream=True):
    id: Attr[str] = partition_key()
    status: Attr[str] = attr(default="new")


class Other(Model, table="others", stream=True):
    id: Attr[str] = partition_key()


class Silent(Model, table="silent"):
    id: Attr[str] = partition_key()


class NewOnly(Model, table="new_only", stream="NEW_IMAGE"):
    id: Attr[str] = partition_key()


class KeysOnly(Model, table="keys_only", stream="KEYS_ONLY"):
    id: Attr[str] = partition_key()


def _kinds(function: Any, model: Any = Order) -> set[str]:
    return set(declare_handler(function, model, where=None, name=None, concurrency=1).kinds)


@pytest.fixture
def app(store: Any) -> StreamApp:
    return StreamApp(store, name="app")


async def inserted(event: Insert[Order]) -> None: ...
async def inserted_or_modified(event: Insert[Order] | Modify[Order]) -> None: ...
async def any_change(event: Change[Order]) -> None: ...
async def removed(event: Remove[Order]) -> None: ...


@pytest.mark.parametrize(
    ("function", "kinds"),
    [
        (inserted, {"INSERT"}),
        (inserted_or_modified, {"INSERT", "MODIFY"}),
        (any_change, {"INSERT", "MODIFY", "REMOVE"}),
        (removed, {"REMOVE"}),
    ],
)
def test_the_kinds_come_from_the_annotation(function: Any, kinds: set[str]) -> None:
    assert _kinds(function) == kinds


def test_a_model_and_a_handler_made_inside_a_function_are_found() -> None:
    class Local(Model, table="local", stream=True):
        id: Attr[str] = partition_key()

    async def handler(event: Insert[Local] | Remove[Local]) -> None: ...

    assert _kinds(handler, Local) == {"INSERT", "REMOVE"}


def test_an_annotation_that_is_no_text_works_too() -> None:
    async def handler(event: Any) -> None: ...

    handler.__annotations__["event"] = Modify[Order] | Insert[Order]

    assert _kinds(handler) == {"MODIFY", "INSERT"}


def test_only_the_annotation_of_the_event_has_to_be_resolvable() -> None:
    async def handler(event: Insert[Order], note: OnlyForTypeCheckers = None) -> Unheard: ...  # type: ignore  # noqa: F821

    assert _kinds(handler) == {"INSERT"}


async def test_methods_partials_and_callable_objects_can_be_handlers(app: StreamApp) -> None:
    class Projection:
        async def update(self, event: Insert[Order]) -> None: ...
        async def __call__(self, event: Insert[Order]) -> None: ...

    app.on(Order)(Projection().update)
    app.on(Order, name="object")(Projection())
    app.on(Order, name="partial")(functools.partial(inserted))


@pytest.mark.parametrize("model", [Order], ids=["Order"])
def test_a_handler_keeps_being_the_function_that_it_was(app: StreamApp, model: Any) -> None:
    assert app.on(model)(inserted) is inserted


def _synchronous(event: Insert[Order]) -> None: ...
async def _unannotated(event) -> None: ...  # type: ignore[no-untyped-def]
async def _bare(event: Insert) -> None: ...  # type: ignore[type-arg]
async def _of_the_model_itself(event: Order) -> None: ...
async def _of_another_model(event: Insert[Other]) -> None: ...
async def _of_a_mixture(event: Insert[Order] | Modify[Other]) -> None: ...
async def _of_none(event: Insert[Order] | None) -> None: ...
async def _without_event() -> None: ...
async def _with_more(event: Insert[Order], uow: Any) -> None: ...
async def _by_keyword(*, event: Insert[Order]) -> None: ...
async def _unresolvable(event: Insert[Nowhere]) -> None: ...  # type: ignore[name-defined]  # noqa: F821


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (_synchronous, "is not asynchronous; declare it with 'async def'"),
        (_unannotated, r"annotate 'event' with the changes it is for, as in Insert\[Order\]"),
        (_bare, "its event is annotated with Insert; write"),
        (_of_the_model_itself, "its event is annotated with Order; write"),
        (_of_another_model, "is registered for Order, but its annotation is about Other"),
        (_of_a_mixture, "is registered for Order, but its annotation is about Other"),
        (_of_none, "its event is annotated with NoneType"),
        (_without_event, "takes no event"),
        (_with_more, r"takes more than the event \(uow\)"),
        (_by_keyword, "takes no event"),
        (_unresolvable, "cannot be resolved .*'Nowhere'"),
    ],
)
def test_a_declaration_that_cannot_work_is_refused(app: StreamApp, function: Any, message: str) -> None:
    with pytest.raises(errors.InvalidRequest, match=message):
        app.on(Order)(function)


def test_a_model_without_a_stream_is_refused_with_the_way_out(app: StreamApp) -> None:
    async def handler(event: Insert[Silent]) -> None: ...

    with pytest.raises(errors.ModelDefinitionError, match=r"Silent has no stream .* stream=True"):
        app.on(Silent)(handler)


def test_a_stream_without_the_images_that_the_kinds_need_is_refused(app: StreamApp) -> None:
    async def fine(event: Insert[NewOnly]) -> None: ...
    async def lacking(event: Insert[NewOnly] | Modify[NewOnly] | Remove[NewOnly]) -> None: ...
    async def lacking_all(event: Insert[KeysOnly]) -> None: ...

    app.on(NewOnly)(fine)
    with pytest.raises(errors.ModelDefinitionError, match="takes Modify, Remove of NewOnly, but the model declares"):
        app.on(NewOnly)(lacking)
    with pytest.raises(errors.ModelDefinitionError, match="takes Insert of KeysOnly"):
        app.on(KeysOnly)(lacking_all)


def test_two_handlers_cannot_share_a_name(app: StreamApp) -> None:
    app.on(Order)(inserted)

    with pytest.raises(errors.InvalidRequest, match="has a handler 'inserted' already"):
        app.on(Order)(inserted)
    app.on(Order, name="again")(inserted)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"where": True}, "where= takes a condition such as Order.field == value, got bool"),
        ({"concurrency": 0}, "concurrency= is at least 1, got 0"),
        ({"name": "a|b"}, "has no name to keep its cursor under"),
    ],
)
def test_options_that_cannot_work_are_refused(app: StreamApp, options: dict[str, Any], message: str) -> None:
    with pytest.raises(errors.InvalidRequest, match=message):
        app.on(Order, **options)(inserted)


def test_an_application_needs_a_name_and_a_known_start(store: Any) -> None:
    with pytest.raises(errors.InvalidRequest, match="needs a name"):
        StreamApp(store, name="")
    with pytest.raises(errors.InvalidRequest, match="'now' or 'trim_horizon', got 'latest'"):
        StreamApp(store, name="app", start="latest")  # type: ignore[arg-type]


async def _enter(app: StreamApp) -> None:
    async with app.running():
        pass


async def test_an_application_without_handlers_does_not_run(app: StreamApp) -> None:
    with pytest.raises(errors.InvalidRequest, match="has no handlers"):
        await _enter(app)


async def test_an_application_runs_once_at_a_time_and_takes_no_handlers_meanwhile(app: StreamApp, store: Any) -> None:
    await store.create_table("orders")
    app.on(Order)(inserted)

    async with app.running():
        with pytest.raises(errors.InvalidRequest, match="is running already"):
            await _enter(app)
        with pytest.raises(errors.InvalidRequest, match="register handlers before"):
            app.on(Order)(removed)
    await _enter(app)


async def test_drain_outside_the_block_is_refused(app: StreamApp) -> None:
    with pytest.raises(errors.InvalidRequest, match=r"drain\(\) goes inside"):
        await app.drain()


async def test_a_table_that_is_missing_or_has_another_stream_is_refused_at_the_start(
    app: StreamApp, store: Any
) -> None:
    app.on(Order)(any_change)

    with pytest.raises(errors.ResourceNotFound):
        await _enter(app)
    await store.create_table("orders", view=None)
    with pytest.raises(errors.TableMismatch, match="it has no stream"):
        await _enter(app)
    specification = {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
    await store.executor.execute("UpdateTable", {"TableName": "orders", "StreamSpecification": specification})
    with pytest.raises(errors.ModelDefinitionError, match="takes Modify, Remove of Order, but table 'orders' has"):
        await _enter(app)


class Customer(Model, table="shared", entity="customer", stream=True):
    id: Attr[str] = partition_key()


class Payment(Model, table="shared", stream=True):
    id: Attr[str] = partition_key()


class Card(Payment, entity="card"):
    pass


CUSTOMER, CARD = ({"id": {"S": "a"}, "_entity": {"S": name}} for name in ("customer", "card"))
GUARD = {"id": {"S": "a"}, "_guard": {"S": "email"}}


def seen(model: type[Model], kind: Any, old: Any, new: Any) -> Change[Any] | None:
    """The event that a handler of all kinds gets, None where it gets none."""
    record = StreamRecord(kind, "1", "e", {"id": {"S": "a"}}, old, new, datetime(2026, 1, 1, tzinfo=UTC), False)

    async def every(event: Any) -> None: ...

    every.__annotations__["event"] = Change[model]  # type: ignore[valid-type]  # a parameter
    handler = declare_handler(every, model, where=None, name=None, concurrency=1)
    return event_of(handler, record, 1) if handler.wants(record) else None


def test_the_changes_of_one_table_go_to_the_handlers_of_their_class() -> None:
    assert type(seen(Customer, "INSERT", None, CUSTOMER)) is Insert
    assert seen(Customer, "INSERT", None, CARD) is None
    assert seen(Customer, "REMOVE", CARD, None) is None
    assert seen(Payment, "MODIFY", CUSTOMER, CUSTOMER) is None


def test_the_change_of_a_subclass_shows_it_to_the_handler_of_the_base_class() -> None:
    event = seen(Payment, "MODIFY", CARD, CARD)

    assert isinstance(event, Modify)
    assert type(event.old) is type(event.new) is Card


def test_an_item_in_the_place_of_one_of_another_class_is_new_to_its_own_and_gone_for_the_other() -> None:
    came, went = seen(Payment, "MODIFY", CUSTOMER, CARD), seen(Customer, "MODIFY", CUSTOMER, CARD)

    assert isinstance(came, Insert)
    assert type(came.new) is Card
    assert isinstance(went, Remove)
    assert went.old == Customer(id="a")


def test_a_guard_item_is_no_change_of_a_model() -> None:
    assert seen(Payment, "INSERT", None, GUARD) is None
    assert seen(Order, "REMOVE", GUARD, None) is None


def test_a_condition_on_what_stands_only_in_the_key_is_refused() -> None:
    class Keyed(Model, table="keyed", stream=True):
        pk: Attr[str] = partition_key("K#{name}")
        name: Attr[str] = attr(stored=False)

    async def every(event: Any) -> None: ...

    every.__annotations__["event"] = Change[Keyed]
    with pytest.raises(errors.InvalidRequest, match="'name' is not stored by itself"):
        declare_handler(every, Keyed, where=Keyed.name.changed(), name=None, concurrency=1)
