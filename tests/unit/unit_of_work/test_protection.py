"""What a unit of work is protected from: isolation, guards of units and models, parents of queried items."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from faulty_executor import FaultyExecutor
from unit_of_work_models import Account, Counter, Note

from ddbmodel.errors import (
    AlreadyExists,
    CommitConflict,
    Gone,
    InvalidRequest,
    ModelDefinitionError,
    ReadConflict,
    StaleObject,
    VersionConflict,
)
from ddbmodel.expressions.tree import AttributeTest, Comparison, Path
from ddbmodel.model import Attr, Model, attr, partition_key, sort_key, ttl, version

NewUnit = Callable[..., Any]
Ask = Callable[..., Any]


class Session(Model, table="accounts"):
    """Hidden once it has expired."""

    id: Attr[str] = partition_key()
    ends: Attr[int] = ttl()


class Loose(Model, table="notes", guard="none"):
    """Its last writer wins."""

    owner: Attr[str] = partition_key()
    number: Attr[int] = sort_key()
    tags: Attr[dict[str, int]] = attr(default_factory=dict)


@pytest.fixture
async def two_accounts(new_unit: NewUnit, executor: FaultyExecutor) -> None:
    async with new_unit() as unit:
        unit.add(Account(id="a", balance=10), Account(id="b", balance=10))
        unit.add(Note(owner="ann", number=1, title="first", text="hello"))
    executor.requests.clear()


async def _change(new_unit: NewUnit, id_: str, **changes: Any) -> None:
    async with new_unit() as unit:
        found = await unit.get_or_raise(Account, id=id_)
        for name, value in changes.items():
            setattr(found, name, value)


@pytest.mark.usefixtures("two_accounts")
class TestSerializable:
    async def test_write_skew_happens_without_it_and_not_with_it(self, new_unit: NewUnit) -> None:
        async def withdraw(unit: Any, of: str) -> None:
            # Allowed as long as both accounts together do not go below zero.
            a, b = await unit.get_or_raise(Account, id="a"), await unit.get_or_raise(Account, id="b")
            if a.balance + b.balance >= 15:
                (a if of == "a" else b).balance -= 15

        first, second = new_unit(), new_unit()
        await withdraw(first, "a")
        await withdraw(second, "b")
        await first.commit()
        await second.commit()
        unit = new_unit()
        left = [(await unit.get_or_raise(Account, id=name)).balance for name in "ab"]
        assert left == [-5, -5], "this is what isolation='version' allows"

        await _change(new_unit, "a", balance=10)
        await _change(new_unit, "b", balance=10)
        first, second = new_unit(isolation="serializable"), new_unit(isolation="serializable")
        await withdraw(first, "a")
        await withdraw(second, "b")
        await first.commit()
        with pytest.raises(ReadConflict):
            await second.commit()

    async def test_what_was_only_read_must_be_what_it_was(self, new_unit: NewUnit) -> None:
        unit = new_unit(isolation="serializable")
        read = await unit.get_or_raise(Account, id="b")
        (await unit.get_or_raise(Account, id="a")).balance += read.balance
        await _change(new_unit, "b", balance=11)

        with pytest.raises(ReadConflict, match="was changed since") as caught:
            await unit.commit()

        assert caught.value.instance is read
        assert caught.value.current.balance == 11
        assert isinstance(caught.value, VersionConflict)

    async def test_what_was_only_read_must_still_be_there(self, new_unit: NewUnit) -> None:
        unit = new_unit(isolation="serializable")
        await unit.get_or_raise(Note, owner="ann", number=1)
        (await unit.get_or_raise(Account, id="a")).balance += 1
        async with new_unit() as other:
            other.delete(await other.get_or_raise(Note, owner="ann", number=1))

        with pytest.raises(ReadConflict, match="was deleted since"):
            await unit.commit()

    async def test_what_was_found_absent_must_still_be_absent(self, new_unit: NewUnit) -> None:
        unit = new_unit(isolation="serializable")
        assert await unit.get(Account, id="c") is None
        (await unit.get_or_raise(Account, id="a")).balance += 1
        async with new_unit() as other:
            other.add(Account(id="c"))

        with pytest.raises(ReadConflict, match="was created since"):
            await unit.commit()

    async def test_an_absent_read_is_checked_although_an_object_was_added_there_and_deleted_again(
        self, new_unit: NewUnit
    ) -> None:
        unit = new_unit(isolation="serializable")
        assert await unit.get(Account, id="c") is None
        added = Account(id="c")
        unit.add(added)
        unit.delete(added)
        (await unit.get_or_raise(Account, id="a")).balance += 1

        first, second = unit.plan().actions
        assert (first.kind, second.kind) == ("Update", "ConditionCheck")
        assert second.request["ConditionCheck"]["ConditionExpression"] == "attribute_not_exists(#0)"

    async def test_two_reads_of_a_unit_that_writes_nothing_are_checked_together(
        self, new_unit: NewUnit, executor: FaultyExecutor
    ) -> None:
        async with new_unit(isolation="serializable") as unit:
            await unit.get(Account, id="a")
        assert executor.transactions == []

        unit = new_unit(isolation="serializable")
        await unit.get(Account, id="a")
        await _change(new_unit, "a", balance=0)
        await unit.get(Account, id="b")
        with pytest.raises(ReadConflict):
            await unit.commit()

    async def test_an_object_without_a_version_is_guarded_as_a_whole(self, new_unit: NewUnit) -> None:
        unit = new_unit(isolation="serializable")
        (await unit.get_or_raise(Note, owner="ann", number=1)).title = "second"
        async with new_unit() as other:
            (await other.get_or_raise(Note, owner="ann", number=1)).text = "bye"

        with pytest.raises(StaleObject):
            await unit.commit()

    async def test_an_increment_of_what_was_read_depends_on_what_was_read(self, new_unit: NewUnit) -> None:
        unit = new_unit(isolation="serializable")
        unit.increment(await unit.get_or_raise(Account, id="a"), Account.balance, 1)
        await _change(new_unit, "a", balance=0)

        with pytest.raises(StaleObject):
            await unit.commit()

    async def test_increments_by_key_still_add_up(self, new_unit: NewUnit, stored: Ask) -> None:
        first, second = new_unit(isolation="serializable"), new_unit(isolation="serializable")
        for unit in (first, second):
            unit.increment(Counter.key(id="c"), Counter.total, 2)
        await first.commit()
        await second.commit()

        assert (await stored("counters", id={"S": "c"}))["total"] == {"N": "4"}

    async def test_what_is_hidden_is_checked_as_it_is(self, new_unit: NewUnit, put: Ask) -> None:
        await put("accounts", id={"S": "s"}, ends={"N": "1"})
        unit = new_unit(isolation="serializable")
        assert await unit.get(Session, id="s") is None
        (await unit.get_or_raise(Account, id="a")).balance += 1
        await unit.commit()

        unit = new_unit(isolation="serializable")
        assert await unit.get_many(Session, [Session.key(id="s")]) == [None]
        (await unit.get_or_raise(Account, id="a")).balance += 1
        await put("accounts", id={"S": "s"}, ends={"N": "2"})
        with pytest.raises(ReadConflict):
            await unit.commit()

    async def test_the_results_of_a_query_are_reads_too(self, new_unit: NewUnit) -> None:
        unit = new_unit(isolation="serializable")
        assert [note.title async for note in unit.query(Note, Note.owner == "ann")] == ["first"]
        (await unit.get_or_raise(Account, id="a")).balance += 1
        async with new_unit() as other:
            (await other.get_or_raise(Note, owner="ann", number=1)).text = "bye"

        with pytest.raises(ReadConflict):
            await unit.commit()

    async def test_an_item_with_more_attributes_than_a_condition_compares_needs_a_version(
        self, new_unit: NewUnit, put: Ask
    ) -> None:
        many = {f"more{number}": {"N": "1"} for number in range(300)}
        await put("notes", owner={"S": "ann"}, number={"N": "2"}, title={"S": ""}, text={"S": ""}, **many)
        unit = new_unit()
        unit.delete(await unit.get_or_raise(Note, owner="ann", number=2))

        with pytest.raises(InvalidRequest, match=r"304 attributes .* declare a field with version\(\)"):
            unit.plan()


@pytest.mark.usefixtures("two_accounts")
class TestGuards:
    async def test_by_what_changed_two_writers_of_different_attributes_both_commit(
        self, new_unit: NewUnit, stored: Ask
    ) -> None:
        first, second = new_unit(guard="changed"), new_unit(guard="changed")
        (await first.get_or_raise(Account, id="a")).balance = 1
        (await second.get_or_raise(Account, id="a")).history.append("seen")
        before = (await stored("accounts", id={"S": "a"}))["revision"]["N"]
        await first.commit()
        await second.commit()

        item = await stored("accounts", id={"S": "a"})
        assert (item["balance"], item["history"]) == ({"N": "1"}, {"L": [{"S": "seen"}]})
        assert int(item["revision"]["N"]) == int(before) + 2, "who guards by the version sees both"

    async def test_by_what_changed_two_writers_of_one_attribute_do_not(self, new_unit: NewUnit) -> None:
        first, second = new_unit(guard="changed"), new_unit(guard="changed")
        (await first.get_or_raise(Account, id="a")).balance = 1
        (await second.get_or_raise(Account, id="a")).balance = 2
        await first.commit()

        with pytest.raises(StaleObject):
            await second.commit()

    async def test_without_a_guard_the_last_writer_wins(self, new_unit: NewUnit, stored: Ask) -> None:
        first, second = new_unit(guard="none"), new_unit(guard="none")
        (await first.get_or_raise(Account, id="a")).balance = 1
        (await second.get_or_raise(Account, id="a")).balance = 2
        await first.commit()
        await second.commit()

        assert (await stored("accounts", id={"S": "a"}))["balance"] == {"N": "2"}

    async def test_without_a_guard_a_deleted_item_is_not_created_again_in_part(
        self, new_unit: NewUnit, stored: Ask
    ) -> None:
        unit = new_unit(guard="none")
        (await unit.get_or_raise(Account, id="a")).balance = 1
        async with new_unit() as other:
            other.delete(await other.get_or_raise(Account, id="a"))

        with pytest.raises(Gone) as caught:
            await unit.commit()

        assert caught.value.current is None
        assert await stored("accounts", id={"S": "a"}) is None

    async def test_without_a_guard_a_path_that_is_gone_is_no_obstacle(
        self, new_unit: NewUnit, put: Ask, stored: Ask
    ) -> None:
        key = {"owner": {"S": "x"}, "number": {"N": "1"}}
        await put("notes", **key, tags={"M": {"a": {"N": "1"}, "a text that is long": {"N": "1"}}})
        unit = new_unit()
        (await unit.get_or_raise(Loose, owner="x", number=1)).tags["a"] = 2
        await put("notes", **key)
        await unit.commit()

        item = await stored("notes", **key)
        assert item["tags"] == {"M": {"a": {"N": "2"}, "a text that is long": {"N": "1"}}}

    async def test_a_serializable_unit_outranks_a_model_without_guards(self, new_unit: NewUnit, put: Ask) -> None:
        key = {"owner": {"S": "x"}, "number": {"N": "1"}}
        await put("notes", **key)
        unit = new_unit(isolation="serializable")
        (await unit.get_or_raise(Loose, owner="x", number=1)).tags["a"] = 2
        await put("notes", **key, tags={"M": {"b": {"N": "2"}}})

        with pytest.raises(StaleObject):
            await unit.commit()
        with pytest.raises(InvalidRequest, match="leave guard='none' out"):
            new_unit(isolation="serializable", guard="none")

    async def test_without_a_guard_a_replacement_has_a_version_that_nobody_has_read(self, new_unit: NewUnit) -> None:
        unit = new_unit(guard="none")
        unit.delete(await unit.get_or_raise(Account, id="a"))
        unit.add(Account(id="a", balance=1))
        reader = new_unit()
        read = await reader.get_or_raise(Account, id="a")
        await _change(new_unit, "a", balance=7)
        later = new_unit()
        (await later.get_or_raise(Account, id="a")).balance = 9
        await unit.commit()
        read.balance = 8

        for stale in (reader, later):
            with pytest.raises(StaleObject):
                await stale.commit()

    async def test_a_model_says_it_for_all_of_its_objects(self, new_unit: NewUnit) -> None:
        class Shared(Model, table="accounts", guard="changed"):
            id: Attr[str] = partition_key()
            balance: Attr[int] = attr(default=0)
            label: Attr[str] = attr(default="")
            revision: Attr[int] = version()

        first, second = new_unit(), new_unit()
        (await first.get_or_raise(Shared, id="a")).balance = 1
        (await second.get_or_raise(Shared, id="a")).label = "x"
        await first.commit()
        await second.commit()

        strict = new_unit(guard="version")
        (await strict.get_or_raise(Shared, id="a")).label = "y"
        await _change(new_unit, "a", balance=3)
        with pytest.raises(StaleObject):
            await strict.commit()

    def test_a_guard_by_a_version_needs_one(self, new_unit: NewUnit) -> None:
        with pytest.raises(ModelDefinitionError, match="guard='version' needs a version"):

            class Unversioned(Model, table="t", guard="version"):
                id: Attr[str] = partition_key()

        with pytest.raises(ModelDefinitionError, match="guard= takes one of"):

            class Misspelt(Model, table="t", guard="versions"):  # type: ignore[call-arg, arg-type]
                id: Attr[str] = partition_key()

    async def test_a_unit_that_guards_by_versions_refuses_objects_without_one(self, new_unit: NewUnit) -> None:
        unit = new_unit(guard="version")
        (await unit.get_or_raise(Note, owner="ann", number=1)).title = "x"

        with pytest.raises(InvalidRequest, match="guards by versions"):
            unit.plan()

    @pytest.mark.parametrize("options", [{"isolation": "snapshot"}, {"guard": "all"}])
    def test_an_unknown_protection_is_refused(self, new_unit: NewUnit, options: dict[str, Any]) -> None:
        with pytest.raises(InvalidRequest, match="takes one of"):
            new_unit(**options)


@pytest.mark.usefixtures("two_accounts")
class TestParents:
    async def test_two_units_that_guard_one_parent_never_both_commit(self, new_unit: NewUnit, stored: Ask) -> None:
        async def add_if_few(unit: Any, number: int) -> None:
            parent = await unit.get_or_raise(Account, id="a")
            found = [note async for note in unit.query(Note, Note.owner == "ann")]
            if len(found) < 2:
                unit.add(Note(owner="ann", number=number))
            unit.guard(parent)

        first, second = new_unit(), new_unit()
        await add_if_few(first, 2)
        await add_if_few(second, 3)
        await first.commit()
        with pytest.raises(StaleObject):
            await second.commit()

        assert await stored("notes", owner={"S": "ann"}, number={"N": "3"}) is None

    async def test_a_guarded_parent_that_changed_is_one_action(self, new_unit: NewUnit) -> None:
        unit = new_unit(guard="none")
        parent = await unit.get_or_raise(Account, id="a")
        unit.guard(parent)
        assert [action.kind for action in unit.plan().actions] == ["Update"]
        parent.balance = 3
        unit.increment(await unit.get_or_raise(Account, id="b"), Account.balance)
        update, other = unit.plan().actions

        assert isinstance(update.guard, Comparison)
        assert update.guard.left == Path(("revision",)), "a parent is guarded by its version"
        assert isinstance(other.guard, AttributeTest)

    async def test_only_an_object_with_a_version_that_stays_can_be_a_parent(self, new_unit: NewUnit) -> None:
        unit = new_unit()
        account = await unit.get_or_raise(Account, id="a")
        unit.delete(account)

        with pytest.raises(InvalidRequest, match="is deleted"):
            unit.guard(account)
        with pytest.raises(InvalidRequest, match="only an object with a version"):
            unit.guard(await unit.get_or_raise(Note, owner="ann", number=1))


class TestRefusals:
    async def test_each_error_has_the_object_it_is_about(self, new_unit: NewUnit, two_accounts: None) -> None:
        unit = new_unit()
        a, b = await unit.get_or_raise(Account, id="a"), await unit.get_or_raise(Account, id="b")
        a.balance, b.balance = 1, 1
        added = Note(owner="ann", number=1)
        unit.add(added)
        await _change(new_unit, "a", balance=2)
        async with new_unit() as other:
            other.delete(await other.get_or_raise(Account, id="b"))

        with pytest.raises(CommitConflict) as caught:
            await unit.commit()

        errors = caught.value.errors
        assert {position: type(error) for position, error in errors.items()} == {
            0: StaleObject,
            1: Gone,
            2: AlreadyExists,
        }
        assert [error.instance for error in caught.value.exceptions] == [a, b, added]

    async def test_a_group_can_be_taken_apart(self, new_unit: NewUnit, two_accounts: None) -> None:
        unit = new_unit()
        unit.add(Note(owner="ann", number=1))
        (await unit.get_or_raise(Account, id="a")).balance = 1
        await _change(new_unit, "a", balance=2)

        seen: list[str] = []
        try:
            await unit.commit()
        except* AlreadyExists:
            seen.append("exists")
        except* StaleObject:
            seen.append("stale")
        assert seen == ["exists", "stale"]
