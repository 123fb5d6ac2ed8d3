"""Stories of derived index keys: right after every kind of write, whatever the writer knows of the item."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

import pytest

from ddbmodel import (
    Attr,
    Database,
    GlobalIndex,
    InvalidRequest,
    Model,
    NotFound,
    ValueNotStorable,
    attr,
    derived,
    partition_key,
    updated_at,
    version,
)


class Task(Model, table="tasks"):
    """An index over two fields, which only open tasks are in, and one over the time of the last write."""

    id: Attr[str] = partition_key()
    team: Attr[str] = attr(default="red")
    status: Attr[str] = attr(default="open")
    due: Attr[str | None] = attr(default=None)
    points: Attr[int] = attr(default=0)
    board: Attr[str | None] = derived("{team}#{status}")
    due_key: Attr[str | None] = derived("DUE#{due}#{points:05d}")
    touched: Attr[str | None] = derived("T#{changed}")
    changed: Attr[datetime | None] = updated_at()
    revision: Attr[int] = version()

    by_board = GlobalIndex(partition_key=board, sort_key=due_key)
    by_touch = GlobalIndex(partition_key=touched)


async def check(db: Database, tasks: Any, key: str) -> Any:
    """Read a task, and check that its texts are those of its fields, stored and found."""
    task = await db.get_or_raise(tasks, id=key, consistent=True)
    answer = await db.executor.execute(
        "GetItem", {"TableName": tasks.__ddb_schema__.table, "Key": {"id": {"S": key}}, "ConsistentRead": True}
    )
    item = answer["Item"]
    assert item["board"] == {"S": f"{task.team}#{task.status}"}
    assert item.get("due_key") == (None if task.due is None else {"S": f"DUE#{task.due}#{task.points:05d}"})
    assert item["touched"] == {"S": "T#" + item["changed"]["S"]}
    found = await db.query(tasks.by_board, tasks.board == task.board).filter(tasks.id == key).all()
    assert len(found) == (task.due is not None)
    return task


async def test_an_update_that_sets_all_inputs_needs_no_read(db: Database, new_table: Any) -> None:
    tasks = await new_table(Task)
    await db.create(tasks(id="a"))

    changed = await db.update(tasks.key(id="a"), tasks.team.set("blue"), tasks.status.set("done"))
    assert changed.board == "blue#done"
    await db.update(tasks.key(id="a"), tasks.due.set("2026-01-01"), tasks.points.set(7))
    assert (await check(db, tasks, "a")).due_key == "DUE#2026-01-01#00007"
    await db.update(tasks.key(id="a"), tasks.due.remove(), tasks.points.set(7))
    assert (await check(db, tasks, "a")).due_key is None


async def test_an_update_of_one_input_finds_out_the_others(db: Database, new_table: Any) -> None:
    tasks = await new_table(Task)
    await db.create(tasks(id="a", due="2026-01-01", points=1))

    await db.update(tasks.key(id="a"), tasks.status.set("done"))
    await check(db, tasks, "a")
    await db.update(tasks.key(id="a"), tasks.points.add(5))
    assert (await check(db, tasks, "a")).due_key == "DUE#2026-01-01#00006"
    await db.update(tasks.key(id="a"), tasks.due.remove())
    assert (await check(db, tasks, "a")).due_key is None
    with pytest.raises(NotFound):
        await db.update(tasks.key(id="nobody"), tasks.status.set("done"), upsert=False)
    with pytest.raises(ValueNotStorable, match="delimiter"):
        await db.update(tasks.key(id="a"), tasks.status.set("no#way"))


async def test_an_upsert_makes_the_texts_of_a_new_item(db: Database, new_table: Any) -> None:
    tasks = await new_table(Task)
    made = await db.upsert(tasks.key(id="a"), tasks.team.set("red"), tasks.status.set("new"))
    assert made.board == "red#new"
    await check(db, tasks, "a")


async def test_texts_follow_in_transactions_batches_and_units(db: Database, new_table: Any) -> None:
    tasks = await new_table(Task)
    await db.put_many([tasks(id=key, due="2026-01-01") for key in "abc"])

    async with db.transaction() as tx:
        tx.update(tasks.key(id="a"), tasks.status.set("done"))
        tx.update(tasks.key(id="a"), tasks.team.set("blue"))
    await db.update_many([tasks.key(id="b")], tasks.team.set("green"))
    async with db.unit_of_work() as uow:
        task = await uow.get_or_raise(tasks, id="c")
        task.status, task.due = "late", None

    assert [(await check(db, tasks, key)).board for key in "abc"] == ["blue#done", "green#open", "red#late"]
    with pytest.raises(InvalidRequest, match="part of a derived text"):
        async with db.unit_of_work() as uow:
            uow.increment(tasks.key(id="c"), "points")


async def test_writers_of_different_inputs_do_not_undo_each_other(db: Database, new_table: Any) -> None:
    tasks = await new_table(Task)
    await db.create(tasks(id="a", due="2026-01-01"))

    await asyncio.gather(
        *(db.update(tasks.key(id="a"), tasks.team.set(f"t{n}")) for n in range(4)),
        *(db.update(tasks.key(id="a"), tasks.status.set(f"s{n}")) for n in range(4)),
        *(db.update(tasks.key(id="a"), tasks.points.add(1)) for _ in range(4)),
    )

    assert (await check(db, tasks, "a")).points == 4


async def test_derived_texts_are_not_set_by_hand(db: Database) -> None:
    with pytest.raises(InvalidRequest, match="'board' is made from team, status; update those"):
        await db.update(Task.key(id="a"), Task.board.set("x"))
