"""Random models, random objects and random writes of every kind against a plain Python model of what they mean.

After every step: what is read by key is what the plain model says, hidden items are hidden, every index shows the same
items as the table, derived texts are those of their fields, and guard items are those of the unique values.
"""

from __future__ import annotations

import asyncio
import types
from typing import Any, Final

from hypothesis import given
from hypothesis import strategies as st

from ddbmodel import (
    Attr,
    BatchFailed,
    ConditionFailed,
    Database,
    GlobalIndex,
    Model,
    NotFound,
    TransactionFailed,
    Unique,
    attr,
    created_at,
    deleted_at,
    derived,
    partition_key,
    sort_key,
    updated_at,
    version,
)
from ddbmodel.expressions.tree import UpdateAction
from ddbmodel.model.own_attributes import ENTITY, GUARD

Fields = dict[str, Any]

FEATURES: Final = ("sort", "version", "times", "soft", "unique", "pair", "derived", "entity")
NAMES: Final = ("a", "b", "c")
EDITED: Final = ("status", "team", "email", "count", "tags", "note", "lines")


def model_with(features: frozenset[str]) -> Any:
    """Return a model that declares what is asked for, and every plain field."""
    fields: dict[str, tuple[Any, Any]] = {
        "id": (Attr[str], partition_key()),
        "status": (Attr[str], attr(default="new")),
        "team": (Attr[str], attr(default="red")),
        "email": (Attr[str | None], attr(default=None, unique="unique" in features)),
        "count": (Attr[int], attr(default=0)),
        "tags": (Attr[set[str]], attr(default_factory=set)),
        "note": (Attr[str | None], attr(default=None)),
        "lines": (Attr[list[int]], attr(default_factory=list)),
    }
    if "sort" in features:
        fields["number"] = (Attr[int], sort_key(default=1))
    if "version" in features:
        fields["revision"] = (Attr[int], version())
    if "times" in features:
        fields["created"] = (Attr[Any], created_at())
        fields["updated"] = (Attr[Any], updated_at())
    if "soft" in features:
        fields["gone"] = (Attr[Any], deleted_at())
    if "derived" in features:
        fields["board"] = (Attr[str | None], derived("{team}#{status}#{note}"))
    from datetime import datetime

    for name in ("created", "updated", "gone"):
        if name in fields:
            fields[name] = (Attr[datetime | None], fields[name][1])

    def body(namespace: dict[str, Any]) -> None:
        namespace["__module__"] = __name__
        namespace["__annotations__"] = {name: annotation for name, (annotation, _) in fields.items()}
        namespace.update({name: declared for name, (_, declared) in fields.items()})
        namespace["by_status"] = GlobalIndex(partition_key="status", sort_key="count")
        namespace["by_email"] = GlobalIndex(partition_key="email", projection="KEYS_ONLY")
        if "derived" in features:
            namespace["by_board"] = GlobalIndex(partition_key="board")
        if "pair" in features:
            namespace["one_note_in_a_team"] = Unique("team", "note")

    settings: dict[str, Any] = {"table": "things"}
    if "entity" in features:
        settings["entity"] = "thing"
    return types.new_class("Thing", (Model,), settings, body)


def key_of(model: Any, name: str) -> Any:
    return model.key(id=name, number=1) if "number" in model.model_fields else model.key(id=name)


class World:
    """The plain model: the fields of every item by name, and whether it is deleted softly."""

    def __init__(self, features: frozenset[str]) -> None:
        self.features = features
        self.items: dict[str, Fields] = {}
        self.deleted: set[str] = set()

    def copy(self) -> World:
        other = World(self.features)
        other.items = {name: dict(fields) for name, fields in self.items.items()}
        other.deleted = set(self.deleted)
        return other

    def guards(self) -> list[tuple[str, tuple[str, ...]]]:
        found = []
        for fields in self.items.values():
            if "unique" in self.features and fields["email"] is not None:
                found.append(("email", (fields["email"],)))
            if "pair" in self.features and fields["note"] is not None:
                found.append(("one_note_in_a_team", (fields["team"], fields["note"])))
        return sorted(found)

    @property
    def is_unique(self) -> bool:
        guards = self.guards()
        return len(set(guards)) == len(guards)

    def visible(self) -> set[str]:
        return set(self.items) - self.deleted


class Step:
    """One write: what it does to the database, and to the plain model, which raises where it must not happen."""

    def __init__(self, kind: str, name: str, other: str, edit: Fields, flag: bool) -> None:
        self.kind, self.name, self.other, self.edit, self.flag = kind, name, other, edit, flag

    def __repr__(self) -> str:
        return f"Step({self.kind!r}, {self.name!r}, {self.other!r}, {self.edit!r}, {self.flag!r})"


class Refused(Exception):
    """The plain model says that the write must not happen."""


DEFAULTS: Final[Fields] = {
    "status": "new",
    "team": "red",
    "email": None,
    "count": 0,
    "tags": frozenset(),
    "note": None,
    "lines": (),
}


def actions_of(model: Any, edit: Fields) -> list[UpdateAction]:
    """Return the actions that make an edit; counts are added, tags joined."""
    made: list[UpdateAction] = []
    for name, value in edit.items():
        field = getattr(model, name)
        if name == "count":
            made.append(field.add(value))
        elif name == "tags":
            made.append(field.union(set(value)) if value else field.remove())
        elif value is None:
            made.append(field.remove())
        else:
            made.append(field.set(list(value) if name == "lines" else value))
    return made


def edited(fields: Fields, edit: Fields, *, by_actions: bool) -> Fields:
    after = dict(fields)
    for name, value in edit.items():
        if by_actions and name == "count":
            after[name] += value
        elif by_actions and name == "tags" and value:
            after[name] = after[name] | value
        else:
            after[name] = value
    return after


def in_plain(world: World, step: Step) -> None:
    """Carry out a step in the plain model; it is left as it was when it raises."""
    names = [step.name]
    match step.kind:
        case "create":
            if step.name in world.items:
                raise Refused
            world.items[step.name] = {**DEFAULTS, **step.edit}
        case "put":
            world.items[step.name] = {**DEFAULTS, **step.edit}
            world.deleted.discard(step.name)
        case "put new":
            if "version" in world.features and step.name in world.items:
                raise Refused
            world.items[step.name] = {**DEFAULTS, **step.edit}
            world.deleted.discard(step.name)
        case "put read" | "unit change":
            if step.name in world.visible():
                world.items[step.name] = edited(world.items[step.name], step.edit, by_actions=False)
        case "update" | "update many" | "transact update":
            if step.name not in world.visible():
                raise Refused
            world.items[step.name] = edited(world.items[step.name], step.edit, by_actions=True)
            if step.kind == "transact update" and step.other != step.name:
                if step.other in world.items:
                    raise Refused
                world.items[step.other] = {**DEFAULTS, "count": 7}
        case "upsert":
            if step.name in world.deleted:
                raise Refused
            before = world.items.get(step.name, DEFAULTS)
            world.items[step.name] = edited(before, {**step.edit, "status": "up"}, by_actions=True)
        case "delete" | "delete many" | "transact delete" | "unit delete" | "delete read":
            if "soft" not in world.features:
                world.items.pop(step.name, None)
            elif step.name in world.items:
                world.deleted.add(step.name)
            elif step.kind == "transact delete":
                raise Refused
        case "hard delete":
            world.items.pop(step.name, None)
            world.deleted.discard(step.name)
        case "restore":
            if "soft" not in world.features:
                return
            if step.name not in world.items:
                raise Refused
            world.deleted.discard(step.name)
        case "unit swap" if step.other != step.name:
            names = [name for name in (step.name, step.other) if name in world.visible()]
            if len(names) == 2:
                one, two = (world.items[name] for name in names)
                one["email"], two["email"] = two["email"], one["email"]
        case "unit add":
            if step.name in world.items:
                raise Refused
            world.items[step.name] = {**DEFAULTS, **step.edit}
    if not world.is_unique:
        raise Refused


async def in_database(db: Database, model: Any, step: Step, world: World) -> None:
    """Carry out the same step in the database."""
    key = key_of(model, step.name)
    names = key.item.keys()
    assert names

    def made(name: str, edit: Fields) -> Any:
        plain = {field: set(value) if field == "tags" else value for field, value in edit.items()}
        plain = {field: list(value) if field == "lines" else value for field, value in plain.items()}
        return model(id=name, **plain)

    def change(found: Any) -> None:
        for field, value in step.edit.items():
            setattr(found, field, set(value) if field == "tags" else list(value) if field == "lines" else value)

    match step.kind:
        case "create":
            await db.create(made(step.name, step.edit))
        case "put":
            await db.put(made(step.name, step.edit), check_version=False)
        case "put new":
            await db.put(made(step.name, step.edit))
        case "put read":
            found = await db.get(model, **_names(model, step.name))
            if found is not None:
                change(found)
                await db.put(found)
        case "update":
            await db.update(key, *actions_of(model, step.edit), upsert=False)
        case "update many":
            await db.update_many([key], *actions_of(model, step.edit), upsert=False)
        case "transact update":
            async with db.transaction() as tx:
                tx.update(key, *actions_of(model, step.edit), upsert=False)
                if step.other != step.name:
                    tx.create(made(step.other, {"count": 7}))
        case "upsert":
            await db.upsert(key, *actions_of(model, {**step.edit, "status": "up"}))
        case "delete":
            await db.delete(key)
        case "delete read":
            found = await db.get(model, **_names(model, step.name), include_deleted=True)
            if found is not None:
                await db.delete(found)
        case "hard delete":
            await db.delete(key, hard=True)
        case "delete many":
            await db.delete_many([key])
        case "transact delete":
            async with db.transaction() as tx:
                tx.delete(key)
        case "restore":
            if "soft" in world.features:
                await db.restore(key)
        case "unit change":
            async with db.unit_of_work() as uow:
                found = await uow.get(model, **_names(model, step.name))
                if found is not None and step.name in world.visible():
                    change(found)
        case "unit delete":
            async with db.unit_of_work() as uow:
                found = await uow.get(model, **_names(model, step.name))
                if found is not None:
                    uow.delete(found)
        case "unit swap":
            async with db.unit_of_work() as uow:
                one = await uow.get(model, **_names(model, step.name))
                two = await uow.get(model, **_names(model, step.other))
                visible = {step.name, step.other} <= world.visible()
                if one is not None and two is not None and one is not two and visible:
                    one.email, two.email = two.email, one.email
        case "unit add":
            async with db.unit_of_work() as uow:
                uow.add(made(step.name, step.edit))


def _names(model: Any, name: str) -> Fields:
    return {"id": name, "number": 1} if "number" in model.model_fields else {"id": name}


async def check(db: Database, model: Any, world: World) -> None:
    """Compare everything that can be read with the plain model."""
    rows = (await db.executor.execute("Scan", {"TableName": "things", "ConsistentRead": True}))["Items"]
    items = {row["id"]["S"]: row for row in rows if GUARD not in row}
    assert items.keys() == world.items.keys()
    assert sorted(row[GUARD]["S"] for row in rows if GUARD in row) == [name for name, _ in world.guards()]
    for name, fields in world.items.items():
        found = await db.get(model, **_names(model, name), consistent=True, include_deleted=True)
        assert {field: _plain(getattr(found, field)) for field in EDITED} == fields
        assert (await db.get(model, **_names(model, name)) is None) == (name in world.deleted)
        item = items[name]
        assert item.get(ENTITY) == ({"S": "thing"} if "entity" in world.features else None)
        if "derived" in world.features:
            parts = (fields["team"], fields["status"], fields["note"])
            assert item.get("board") == (None if None in parts else {"S": "#".join(parts)})
        if "times" in world.features:
            assert item["created"]["S"] <= item["updated"]["S"]
    visible = world.visible()
    assert {each.id for each in await db.scan(model).all()} == visible
    by_status = {
        each.id: each
        for status in {fields["status"] for fields in world.items.values()}
        for each in await db.query(model.by_status, model.status == status).all()
    }
    assert by_status.keys() == visible
    for each in by_status.values():
        assert {field: _plain(getattr(each, field)) for field in EDITED} == world.items[each.id]
    with_email = {name for name in visible if world.items[name]["email"] is not None}
    by_email = [
        each.id
        for email in {world.items[name]["email"] for name in with_email}
        for each in await db.query(model.by_email, model.email == email).full().all()
    ]
    assert sorted(by_email) == sorted(with_email)


def _plain(value: Any) -> Any:
    return frozenset(value) if isinstance(value, set) else tuple(value) if isinstance(value, list) else value


EDITS: Final[st.SearchStrategy[Fields]] = st.fixed_dictionaries(
    {},
    optional={
        "status": st.sampled_from(["new", "done"]),
        "team": st.sampled_from(["red", "blue"]),
        "email": st.sampled_from([None, "x", "y"]),
        "count": st.integers(-3, 3),
        "tags": st.frozensets(st.sampled_from("pq")),
        "note": st.sampled_from([None, "n", "m"]),
        "lines": st.sampled_from([(), (1,), (1, 2)]),
    },
)
NON_EMPTY: Final = EDITS.filter(bool)
KINDS: Final = (
    *("create", "put", "put new", "put read", "update", "update many", "transact update", "upsert"),
    *("delete", "delete read", "hard delete", "delete many", "transact delete", "restore"),
    *("unit change", "unit delete", "unit swap", "unit add"),
)
STEPS: Final = st.builds(
    Step,
    st.sampled_from(KINDS),
    st.sampled_from(NAMES),
    st.sampled_from(NAMES),
    NON_EMPTY,
    st.booleans(),
)
_models: dict[frozenset[str], Any] = {}


@given(st.frozensets(st.sampled_from(FEATURES)), st.lists(STEPS, min_size=1, max_size=20))
def test_every_write_does_what_a_plain_model_says(features: frozenset[str], steps: list[Step]) -> None:
    if features not in _models:
        _models[features] = model_with(features)
    asyncio.run(_play(features, _models[features], steps))


async def _play(features: frozenset[str], model: Any, steps: list[Step]) -> None:
    world = World(features)
    async with Database.connect("memory:") as db:
        await db.create_tables(model)
        for step in steps:
            after = world.copy()
            try:
                in_plain(after, step)
            except Refused:
                after = world
                try:
                    await in_database(db, model, step, world)
                except (ConditionFailed, NotFound, TransactionFailed, BatchFailed):
                    pass
                else:
                    raise AssertionError(f"{step} must be refused with {features}")
            else:
                await in_database(db, model, step, world)
            world = after
            await check(db, model, world)
