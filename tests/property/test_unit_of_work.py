"""Several units open at once, others who write past them, and a network that loses requests and answers.

A plain model of the tables says what is right:

* what a unit writes was still as it read it at the moment of its commit;
* a commit that fails changes nothing, and moves no version;
* a commit whose answer was lost is carried out once;
* increments of all units add up, and transfers keep the sum.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any

from faulty_executor import Fault, FaultyExecutor
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from unit_of_work_models import Account, Counter, Note

from ddbmodel.errors import ConditionFailed, DdbModelError, NotFound, OutcomeUnknown, TransactionFailed
from ddbmodel.model import Key, Model, stored_version
from ddbmodel.transport.embedded import EmbeddedExecutor
from ddbmodel.unit_of_work import Pauses, UnitOfWork, run
from ddbmodel.unit_of_work.commit import MAX_ATTEMPTS
from ddbmodel.values.equality import same_item
from ddbmodel.values.wire import Item, copy_value

TABLES = {"accounts": ["id"], "notes": ["owner", "number"], "counters": ["id"]}
_EVERY_FAULT: list[Fault] = [
    "lost_request",
    "lost_response",
    "throttle",
    "conflict",
    "failure_before",
    "failure_after",
    "in_progress",
]
NAMES = st.sampled_from(["a", "b", "c"])
MODELS: Any = st.sampled_from([Account, Note])
FAULTS: st.SearchStrategy[Fault | None] = st.sampled_from([None, *_EVERY_FAULT])


def _key(model: type[Model], name: str) -> Key[Any]:
    return Note.key(owner=name, number=1) if model is Note else model.key(id=name)


def _new(model: Any, name: str, number: int) -> Any:
    if model is Note:
        return Note(owner=name, number=1, title=str(number))
    return Account(id=name, balance=number)


async def _make_tables(executor: FaultyExecutor) -> None:
    for table, keys in TABLES.items():
        attributes = [{"AttributeName": name, "AttributeType": "N" if name == "number" else "S"} for name in keys]
        schema = [{"AttributeName": name, "KeyType": kind} for name, kind in zip(keys, ("HASH", "RANGE"), strict=False)]
        await executor.execute(
            "CreateTable",
            {
                "TableName": table,
                "BillingMode": "PAY_PER_REQUEST",
                "AttributeDefinitions": attributes,
                "KeySchema": schema,
            },
        )


class _Open:
    """A unit that is open, and what it read, changed and added up."""

    def __init__(self, unit: UnitOfWork) -> None:
        self.unit = unit
        self.read: dict[Key[Any], Item | None] = {}
        self.objects: dict[Key[Any], Any] = {}
        self.deleted: set[Key[Any]] = set()
        self.changed: dict[Key[Any], set[str]] = {}
        self.increments: dict[Key[Any], int] = {}


class UnitsOfWork(RuleBasedStateMachine):
    """Drives up to four units against an engine; `_items` asks the engine itself."""

    @initialize(seed=st.integers(0, 2**32))
    def start(self, seed: int) -> None:
        self.loop_ = asyncio.new_event_loop()
        self.dice = random.Random(seed)
        self.executor = FaultyExecutor(EmbeddedExecutor.open("memory:"))
        self.open: list[_Open] = []
        self.total = 0
        self._run(_make_tables(self.executor))

    def teardown(self) -> None:
        if hasattr(self, "loop_"):
            self._run(self.executor.close())
            self.loop_.close()

    @rule()
    def begin(self) -> None:
        self.open = [*self.open, _Open(self._unit())][-4:]

    @precondition(lambda self: self.open)
    @rule(data=st.data(), model=MODELS, name=NAMES)
    def read(self, data: st.DataObject, model: Any, name: str) -> None:
        self._object(self._pick(data), model, name)

    @precondition(lambda self: self.open)
    @rule(data=st.data(), model=MODELS, name=NAMES, number=st.integers(0, 5), deep=st.booleans())
    def write(self, data: st.DataObject, model: Any, name: str, number: int, deep: bool) -> None:
        opened, key = self._pick(data), _key(model, name)
        found = self._object(opened, model, name)
        if found is None:
            added = _new(model, name, number)
            opened.unit.add(added)
            opened.objects[key] = added
            opened.deleted.discard(key)
        elif model is Account:
            if deep:
                found.history.append(str(number))
            else:
                found.labels ^= {str(number)}
        elif deep:
            found.text = str(number)
        else:
            found.title = str(number)

    @precondition(lambda self: self.open)
    @rule(data=st.data(), model=MODELS, name=NAMES)
    def delete(self, data: st.DataObject, model: Any, name: str) -> None:
        opened, key = self._pick(data), _key(model, name)
        found = self._object(opened, model, name)
        if found is None:
            return
        opened.unit.delete(found)
        opened.objects[key] = None
        opened.deleted.add(key)

    @precondition(lambda self: self.open)
    @rule(data=st.data(), name=NAMES, amount=st.integers(-3, 3))
    def increment(self, data: st.DataObject, name: str, amount: int) -> None:
        opened, key = self._pick(data), Counter.key(id=name)
        opened.unit.increment(key, Counter.total, amount)
        opened.increments[key] = opened.increments.get(key, 0) + amount

    @rule(model=MODELS, name=NAMES, number=st.integers(0, 5))
    def others_write(self, model: Any, name: str, number: int) -> None:
        async def write(unit: UnitOfWork) -> None:
            found: Any = await unit.get(model, **({"owner": name, "number": 1} if model is Note else {"id": name}))
            if found is None:
                unit.add(_new(model, name, number))
            elif number == 0:
                unit.delete(found)
            elif model is Note:
                found.title = f"theirs {number}"
            else:
                found.balance += number

        self._run(run(self._unit, write))

    @precondition(lambda self: self.open)
    @rule(data=st.data(), faults=st.lists(FAULTS, max_size=MAX_ATTEMPTS))
    def commit(self, data: st.DataObject, faults: list[Fault | None]) -> None:
        opened = self._pick(data)
        self.open.remove(opened)
        plan = opened.unit.plan()
        before, versions = self._items(), {key: stored_version(found) for key, found in opened.objects.items() if found}
        self.executor.faults.extend(faults)
        try:
            self._run(opened.unit.commit())
        except OutcomeUnknown:
            after = self._items()
            carried_out = not _same(after, before)
            assert not carried_out or {"lost_response", "failure_after"} & set(faults)
            if carried_out:
                self._check_effect(opened, before, after)
            self._check_versions(opened, versions)
        except DdbModelError as error:
            assert _same(self._items(), before), "a commit that failed changed something"
            self._check_versions(opened, versions)
            self._check_refusal(opened, before, error)
        else:
            if plan.actions:
                self._check_effect(opened, before, self._items())
            else:
                assert _same(self._items(), before)
        finally:
            self.executor.faults.clear()

    @invariant()
    def counters_hold_what_was_committed(self) -> None:
        if hasattr(self, "loop_"):
            stored = [item for key, item in self._items().items() if key.model is Counter]
            assert sum(int(item["total"]["N"]) for item in stored) == self.total

    def _check_refusal(self, opened: _Open, before: dict[Key[Any], Item], refusal: DdbModelError) -> None:
        if isinstance(refusal, (ConditionFailed, NotFound, TransactionFailed)) and not refusal.retryable:
            stale = [key for key, read in opened.read.items() if not _same_one(read, before.get(key))]
            assert stale, f"refused although nothing had changed: {refusal}"

    def _check_effect(self, opened: _Open, before: dict[Key[Any], Item], after: dict[Key[Any], Item]) -> None:
        """Check that every object is stored as it looks, over what the unit had read, and that nothing else moved."""
        self.total += sum(opened.increments.values())
        for key in before.keys() | after.keys():
            was, now = before.get(key), after.get(key)
            if key in opened.increments:
                expected = int((was or {}).get("total", {"N": "0"})["N"]) + opened.increments[key]
                assert now is not None
                assert now["total"] == {"N": str(expected)}
            elif not _same_one(was, now):
                assert key in opened.objects, "an item changed that the unit never met"
                self._check_written(key, opened, was, now)

    def _check_written(self, key: Key[Any], opened: _Open, was: Item | None, now: Item | None) -> None:
        read, found = opened.read[key], opened.objects[key]
        assert (found is None) == (now is None)
        if key.model is Account or read is None or now is None:
            assert _same_one(read, was), "a stale read was committed"
        if now is None or found is None:
            return
        if key.model is Account or read is None:
            shown, stored = found.to_item(), dict(now)
            for item in (shown, stored):
                item.pop("revision", None)
            assert same_item(shown, stored)
            return
        # Without a version only the attributes that the unit changed are its own.
        shown = found.to_item()
        for name in shown.keys() | read.keys():
            if shown.get(name) != read.get(name):
                assert now.get(name) == shown.get(name)
                assert (was or {}).get(name) == read.get(name), "a stale read was committed"

    def _check_versions(self, opened: _Open, versions: dict[Key[Any], int | None]) -> None:
        for key, version in versions.items():
            assert stored_version(opened.objects[key]) == version, "a version moved without success"

    def _object(self, opened: _Open, model: Any, name: str) -> Any:
        key = _key(model, name)
        if key not in opened.objects:
            opened.read[key] = self._items().get(key)
            names: dict[str, Any] = {"owner": name, "number": 1} if model is Note else {"id": name}
            opened.objects[key] = self._run(opened.unit.get(model, **names))
        return opened.objects[key]

    def _pick(self, data: st.DataObject) -> _Open:
        return data.draw(st.sampled_from(self.open))

    def _unit(self) -> UnitOfWork:
        return UnitOfWork(self.executor, pauses=Pauses(_no_sleep, self.dice.random), dice=self.dice)

    def _items(self) -> dict[Key[Any], Item]:
        found: dict[Key[Any], Item] = {}
        for model, table in ((Account, "accounts"), (Note, "notes"), (Counter, "counters")):
            answer = self._run(self.executor.inner.execute("Scan", {"TableName": table, "ConsistentRead": True}))
            for item in answer["Items"]:
                found[Key(model, {name: item[name] for name in TABLES[table]})] = copy_value({"M": item})["M"]
        return found

    def _run(self, call: Any) -> Any:
        return self.loop_.run_until_complete(call)


class _Busy(FaultyExecutor):
    """Answers late, so that tasks interleave, and fails one transaction in four."""

    def __init__(self, inner: EmbeddedExecutor, dice: random.Random) -> None:
        super().__init__(inner)
        self.dice = dice

    async def execute(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        for _ in range(self.dice.randrange(3)):
            await asyncio.sleep(0)
        if operation == "TransactWriteItems" and self.dice.random() < 0.25:
            self.faults.append(self.dice.choice(_EVERY_FAULT))
        answer = await super().execute(operation, request)
        for _ in range(self.dice.randrange(3)):
            await asyncio.sleep(0)
        return answer


@given(seed=st.integers(0, 2**32))
def test_money_is_conserved_under_concurrent_transfers_and_faults(seed: int) -> None:
    loop = asyncio.new_event_loop()
    loop.run_until_complete(_transfer_concurrently(random.Random(seed)))
    loop.close()


async def _transfer_concurrently(dice: random.Random) -> None:
    executor = _Busy(EmbeddedExecutor.open("memory:"), dice)
    await _make_tables(executor)

    def unit() -> UnitOfWork:
        return UnitOfWork(executor, pauses=Pauses(_no_sleep, dice.random), dice=dice)

    async def open_accounts(unit: UnitOfWork) -> None:
        for name in "abc":
            if await unit.get(Account, id=name) is None:
                unit.add(Account(id=name, balance=100))

    async def transfer(unit: UnitOfWork) -> None:
        giver, taker = dice.sample("abc", 2)
        source, target = await unit.get_or_raise(Account, id=giver), await unit.get_or_raise(Account, id=taker)
        amount = dice.randrange(1, 10)
        source.balance -= amount
        target.balance += amount
        unit.increment(Counter.key(id="transfers"), Counter.total)

    async def task() -> list[bool]:
        return [await _is_known_to_be_done(run(unit, transfer, retries=1000, sleep=_no_sleep)) for _ in range(4)]

    await _until_done(lambda: run(unit, open_accounts, retries=1000, sleep=_no_sleep))
    outcomes = [done for results in await asyncio.gather(*(task() for _ in range(6))) for done in results]

    accounts = (await executor.inner.execute("Scan", {"TableName": "accounts"}))["Items"]
    counters = (await executor.inner.execute("Scan", {"TableName": "counters"}))["Items"]
    assert sum(int(item["balance"]["N"]) for item in accounts) == 300
    counted = sum(int(item["total"]["N"]) for item in counters)
    assert outcomes.count(True) <= counted <= len(outcomes)
    await executor.close()


async def _is_known_to_be_done(call: Awaitable[None]) -> bool:
    try:
        await call
    except OutcomeUnknown:
        return False
    return True


async def _until_done(make_call: Callable[[], Awaitable[None]]) -> None:
    while not await _is_known_to_be_done(make_call()):
        pass


async def _no_sleep(_pause_s: float) -> None:
    return


def _same_one(one: Item | None, other: Item | None) -> bool:
    if one is None or other is None:
        return one is other
    return same_item(one, other)


def _same(one: dict[Key[Any], Item], other: dict[Key[Any], Item]) -> bool:
    return one.keys() == other.keys() and all(_same_one(one[key], other[key]) for key in one)


TestUnitsOfWork = UnitsOfWork.TestCase
