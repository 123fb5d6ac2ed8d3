"""Groups: who is decided when, who is answered when, and what a failing disk does to them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from typing import Any

import pytest

from ddbmodel.engine.group_commit import Decide, GroupCommit
from ddbmodel.errors import StorageFailed


class Disk:
    """Transactions on a list, with a flush that can be held and can fail."""

    def __init__(self) -> None:
        self.open: list[str] = []
        self.durable: list[str] = []
        self.flushes = 0
        self.may_flush = threading.Event()
        self.may_flush.set()
        self.failure: Exception | None = None

    def flush(self) -> None:
        self.may_flush.wait(5)
        self.flushes += 1
        if self.failure is not None:
            failure, self.failure = self.failure, None
            raise failure

    def committed(self) -> None:
        self.durable += self.open
        self.open = []

    def undo(self) -> None:
        self.open = []

    def write(self, name: str) -> Decide:
        def decide() -> tuple[dict[str, Any], bool]:
            self.open.append(name)
            return {"wrote": name}, True

        return decide

    def read(self) -> Decide:
        return lambda: ({"seen": self.durable + self.open}, False)


@pytest.fixture
def disk() -> Disk:
    return Disk()


@pytest.fixture
async def groups(disk: Disk) -> AsyncIterator[GroupCommit]:
    groups = GroupCommit(disk)
    yield groups
    disk.may_flush.set()
    await groups.close()


async def _turns(count: int = 3) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def test_concurrent_writes_share_a_flush(disk: Disk, groups: GroupCommit) -> None:
    answers = await asyncio.gather(*(groups.run(disk.write(str(number))) for number in range(50)))

    assert [answer["wrote"] for answer in answers] == [str(number) for number in range(50)]
    assert disk.flushes == 1
    assert len(disk.durable) == 50


async def test_a_write_is_not_answered_before_it_is_durable(disk: Disk, groups: GroupCommit) -> None:
    disk.may_flush.clear()
    write = asyncio.create_task(groups.run(disk.write("a")))
    await _turns()

    assert not write.done()
    disk.may_flush.set()
    await write
    assert disk.durable == ["a"]


async def test_a_read_is_answered_at_once_when_nothing_is_pending(disk: Disk, groups: GroupCommit) -> None:
    coroutine = groups.run(disk.read())

    with pytest.raises(StopIteration) as answer:
        coroutine.send(None)

    assert answer.value.value == {"seen": []}


async def test_a_read_that_saw_a_pending_write_waits_for_it(disk: Disk, groups: GroupCommit) -> None:
    disk.may_flush.clear()
    write = asyncio.create_task(groups.run(disk.write("a")))
    read = asyncio.create_task(groups.run(disk.read()))
    await _turns()

    assert not read.done()
    disk.may_flush.set()
    assert await read == {"seen": ["a"]}
    await write


async def test_a_refusal_that_rests_on_a_pending_write_waits_for_it(disk: Disk, groups: GroupCommit) -> None:
    def refuse() -> tuple[dict[str, Any], bool]:
        raise ValueError("no: " + ",".join(disk.open))

    disk.failure = OSError("disk full")
    write = asyncio.create_task(groups.run(disk.write("a")))
    refused = asyncio.create_task(groups.run(refuse))

    # The write that it was refused for never came to be, so neither did the refusal.
    for task in (write, refused):
        with pytest.raises(StorageFailed, match="disk full"):
            await task


async def test_a_refusal_changes_nothing_for_the_others(disk: Disk, groups: GroupCommit) -> None:
    def refuse() -> tuple[dict[str, Any], bool]:
        raise ValueError("no")

    answers = await asyncio.gather(
        groups.run(disk.write("a")), groups.run(refuse), groups.run(disk.write("b")), return_exceptions=True
    )

    assert (answers[0], answers[2]) == ({"wrote": "a"}, {"wrote": "b"})
    assert isinstance(answers[1], ValueError)
    assert disk.durable == ["a", "b"]


async def test_requests_that_come_during_a_flush_form_the_next_group(disk: Disk, groups: GroupCommit) -> None:
    disk.may_flush.clear()
    tasks = [asyncio.create_task(groups.run(disk.write("a")))]
    await _turns()
    tasks += [asyncio.create_task(groups.run(disk.write(name))) for name in "bcd"]
    await _turns()

    assert disk.open == ["a"]
    disk.may_flush.set()
    await asyncio.gather(*tasks)
    assert disk.flushes == 2
    assert disk.durable == ["a", "b", "c", "d"]


async def test_a_failed_flush_fails_its_group_and_not_the_next(disk: Disk, groups: GroupCommit) -> None:
    disk.may_flush.clear()
    disk.failure = OSError("disk full")
    first = [asyncio.create_task(groups.run(disk.write(name))) for name in "ab"]
    await _turns()
    second = asyncio.create_task(groups.run(disk.write("c")))
    await _turns()
    disk.may_flush.set()

    for task in first:
        with pytest.raises(StorageFailed, match="undone: disk full"):
            await task
    assert await second == {"wrote": "c"}
    assert disk.durable == ["c"]


async def test_a_write_that_fails_half_way_takes_its_group_with_it(disk: Disk, groups: GroupCommit) -> None:
    def fail() -> tuple[dict[str, Any], bool]:
        disk.open.append("half")
        raise StorageFailed("disk full")

    answers = await asyncio.gather(groups.run(disk.write("a")), groups.run(fail), return_exceptions=True)

    assert all(isinstance(answer, StorageFailed) for answer in answers)
    assert disk.durable == disk.open == []
    assert await groups.run(disk.write("b")) == {"wrote": "b"}


async def test_a_cancelled_caller_does_not_hurt_its_group(disk: Disk, groups: GroupCommit) -> None:
    disk.may_flush.clear()
    cancelled = asyncio.create_task(groups.run(disk.write("a")))
    other = asyncio.create_task(groups.run(disk.write("b")))
    await _turns()
    cancelled.cancel()
    await _turns()
    disk.may_flush.set()

    assert await other == {"wrote": "b"}
    assert disk.durable == ["a", "b"]


async def test_a_request_that_still_waits_is_dropped_with_its_caller(disk: Disk, groups: GroupCommit) -> None:
    disk.may_flush.clear()
    first = asyncio.create_task(groups.run(disk.write("a")))
    await _turns()
    waiting = asyncio.create_task(groups.run(disk.write("b")))
    await _turns()
    waiting.cancel()
    disk.may_flush.set()
    await first

    assert await groups.run(disk.write("c")) == {"wrote": "c"}
    assert disk.durable == ["a", "c"]


async def test_closing_waits_for_what_was_accepted(disk: Disk, groups: GroupCommit) -> None:
    disk.may_flush.clear()
    tasks = [asyncio.create_task(groups.run(disk.write("a")))]
    await _turns()
    tasks.append(asyncio.create_task(groups.run(disk.write("b"))))
    closing = asyncio.create_task(groups.close())
    await _turns()

    assert not closing.done()
    disk.may_flush.set()
    await closing
    assert disk.durable == ["a", "b"]
    await asyncio.gather(*tasks)


def test_another_loop_may_go_on_where_the_last_one_ended(disk: Disk) -> None:
    groups = GroupCommit(disk)

    assert asyncio.run(groups.run(disk.write("a"))) == {"wrote": "a"}
    assert asyncio.run(groups.run(disk.write("b"))) == {"wrote": "b"}

    asyncio.run(groups.close())
    assert disk.durable == ["a", "b"]


def test_a_loop_that_ends_in_the_middle_of_a_flush_leaves_nothing_behind(disk: Disk) -> None:
    groups = GroupCommit(disk)
    disk.may_flush.clear()

    async def begin_and_leave() -> None:
        task = asyncio.create_task(groups.run(disk.write("a")))
        await _turns()
        task.cancel()

    asyncio.run(begin_and_leave())
    disk.may_flush.set()

    assert asyncio.run(groups.run(disk.write("b"))) == {"wrote": "b"}
    assert disk.durable == ["a", "b"]
    asyncio.run(groups.close())


def test_two_loops_at_once_are_refused(disk: Disk) -> None:
    groups = GroupCommit(disk)
    disk.may_flush.clear()
    one = asyncio.new_event_loop()
    task = one.create_task(groups.run(disk.write("a")))
    one.run_until_complete(asyncio.sleep(0.01))

    with pytest.raises(RuntimeError, match="another event loop"):
        asyncio.run(groups.run(disk.write("b")))

    disk.may_flush.set()
    one.run_until_complete(task)
    one.run_until_complete(groups.close())
    one.close()
