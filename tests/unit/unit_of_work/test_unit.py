"""What a unit of work does in each case; reads, identity, changes, guards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from faulty_executor import FaultyExecutor
from pydantic import create_model
from unit_of_work_models import Account, Counter, Note, Profile

from ddbmodel import Database
from ddbmodel.errors import (
    AlreadyExists,
    ConditionFailed,
    IdentityConflict,
    InvalidRequest,
    ItemTooLarge,
    NotFound,
    StaleObject,
    TransactionFailed,
    TransactionTooLarge,
    UnitOfWorkClosed,
    ValueNotStorable,
    VersionConflict,
)
from ddbmodel.model import Attr, Model, attr, partition_key, stored_version
from ddbmodel.unit_of_work import UnitOfWork

NewUnit = Callable[[], UnitOfWork]
Ask = Callable[..., Any]


@pytest.fixture
async def account(new_unit: NewUnit, executor: FaultyExecutor) -> Account:
    async with new_unit() as unit:
        unit.add(Account(id="a", balance=10, history=["opened"], labels={"new"}, profile=Profile()))
    executor.requests.clear()
    return await new_unit().get_or_raise(Account, id="a")


@pytest.fixture
async def note(new_unit: NewUnit, executor: FaultyExecutor) -> Note:
    written = Note(owner="ann", number=1, title="first", text="hello", profile=Profile())
    async with new_unit() as unit:
        unit.add(written)
    executor.requests.clear()
    return written


class TestReading:
    async def test_the_same_key_is_the_same_object_and_read_once(
        self, new_unit: NewUnit, account: Account, executor: FaultyExecutor
    ) -> None:
        executor.requests.clear()
        unit = new_unit()

        first, second = await unit.get(Account, id="a"), await unit.get(Account, id="a")

        assert first is second
        assert executor.requests == [
            ("GetItem", {"TableName": "accounts", "Key": {"id": {"S": "a"}}, "ConsistentRead": True})
        ]

    async def test_an_absent_item_is_none_and_read_once(self, new_unit: NewUnit, executor: FaultyExecutor) -> None:
        unit = new_unit()

        assert await unit.get(Account, id="nobody") is None
        assert await unit.get(Account, id="nobody") is None
        with pytest.raises(NotFound):
            await unit.get_or_raise(Account, id="nobody")
        assert len(executor.requests) == 1

    async def test_an_added_object_is_found_by_its_key_and_a_deleted_one_is_not(
        self, new_unit: NewUnit, account: Account
    ) -> None:
        unit = new_unit()
        added = Account(id="b")
        unit.add(added)
        unit.delete(await unit.get_or_raise(Account, id="a"))

        assert await unit.get(Account, id="b") is added
        assert await unit.get(Account, id="a") is None

    async def test_an_unknown_key_name_is_refused_before_any_request(
        self, new_unit: NewUnit, executor: FaultyExecutor
    ) -> None:
        with pytest.raises(InvalidRequest):
            await new_unit().get(Account, idd="a")
        assert executor.requests == []


class TestClosing:
    async def test_a_unit_that_changed_nothing_sends_nothing(
        self, new_unit: NewUnit, account: Account, executor: FaultyExecutor
    ) -> None:
        async with new_unit() as unit:
            await unit.get(Account, id="a")

        assert executor.transactions == []

    async def test_an_exception_discards_everything(self, new_unit: NewUnit, account: Account, stored: Ask) -> None:
        async def leave_early() -> None:
            async with new_unit() as unit:
                (await unit.get_or_raise(Account, id="a")).balance = 0
                unit.add(Account(id="b"))
                raise LookupError

        with pytest.raises(LookupError):
            await leave_early()

        assert (await stored("accounts", id={"S": "a"}))["balance"] == {"N": "10"}
        assert await stored("accounts", id={"S": "b"}) is None

    async def test_a_unit_takes_no_more_work_after_its_block(self, new_unit: NewUnit) -> None:
        async with new_unit() as unit:
            pass

        for call in (unit.plan, lambda: unit.add(Account(id="b")), lambda: unit.delete(Account.key(id="b"))):
            with pytest.raises(UnitOfWorkClosed, match="committed"):
                call()
        with pytest.raises(UnitOfWorkClosed):
            await unit.get(Account, id="a")
        with pytest.raises(UnitOfWorkClosed):
            async with unit:
                pass

    async def test_a_commit_inside_the_block_closes_the_unit(self, new_unit: NewUnit, stored: Ask) -> None:
        async with new_unit() as unit:
            unit.add(Account(id="b"))
            await unit.commit()
            with pytest.raises(UnitOfWorkClosed):
                unit.add(Account(id="c"))

        assert await stored("accounts", id={"S": "b"})

    async def test_a_unit_that_failed_to_commit_is_closed(self, new_unit: NewUnit, account: Account) -> None:
        unit = new_unit()
        unit.add(Account(id="a"))
        with pytest.raises(AlreadyExists):
            await unit.commit()

        with pytest.raises(UnitOfWorkClosed, match="failed"):
            await unit.commit()


class TestAdding:
    async def test_a_new_object_starts_at_a_random_version_and_shows_it(self, new_unit: NewUnit, stored: Ask) -> None:
        added = Account(id="b")

        async with new_unit() as unit:
            unit.add(added)

        assert stored_version(added) == added.revision > 2**20
        assert (await stored("accounts", id={"S": "b"}))["revision"] == {"N": str(added.revision)}

    async def test_adding_the_same_object_twice_is_adding_it_once(
        self, new_unit: NewUnit, executor: FaultyExecutor
    ) -> None:
        added = Account(id="b")

        async with new_unit() as unit:
            unit.add(added, added)

        assert [len(request["TransactItems"]) for request in executor.transactions] == [1]

    async def test_another_object_for_a_tracked_key_is_refused_at_once(
        self, new_unit: NewUnit, account: Account
    ) -> None:
        unit = new_unit()
        await unit.get(Account, id="a")

        with pytest.raises(IdentityConflict, match="Account"):
            unit.add(Account(id="a"))
        with pytest.raises(IdentityConflict):
            unit.delete(account)
        with pytest.raises(IdentityConflict):
            unit.track(account)

    async def test_an_existing_item_is_already_exists_with_what_is_there(
        self, new_unit: NewUnit, account: Account
    ) -> None:
        added = Account(id="a", balance=99)

        with pytest.raises(AlreadyExists) as caught:
            async with new_unit() as unit:
                unit.add(added)

        assert caught.value.current.balance == 10
        assert caught.value.retryable is False
        assert stored_version(added) is None

    async def test_an_item_that_appeared_after_it_was_read_as_absent_is_worth_another_run(
        self, new_unit: NewUnit, put: Ask
    ) -> None:
        unit = new_unit()
        assert await unit.get(Account, id="b") is None
        unit.add(Account(id="b"))
        await put("accounts", id={"S": "b"}, revision={"N": "1"})

        with pytest.raises(AlreadyExists) as caught:
            await unit.commit()
        assert caught.value.retryable is True

    async def test_added_then_deleted_is_nothing(self, new_unit: NewUnit, executor: FaultyExecutor) -> None:
        added = Account(id="b")

        async with new_unit() as unit:
            unit.add(added)
            unit.delete(added)

        assert executor.transactions == []


class TestChanging:
    async def test_only_what_changed_is_written_guarded_by_the_version(
        self, new_unit: NewUnit, account: Account, executor: FaultyExecutor
    ) -> None:
        async with new_unit() as unit:
            found = await unit.get_or_raise(Account, id="a")
            before = found.revision
            found.balance -= 3

        (request,) = executor.transactions
        (action,) = request["TransactItems"]
        assert action["Update"]["UpdateExpression"] == "SET #0 = :0, #1 = :1"
        assert action["Update"]["ConditionExpression"] == "#1 = :2"
        assert action["Update"]["ExpressionAttributeNames"] == {"#0": "balance", "#1": "revision"}
        assert action["Update"]["ExpressionAttributeValues"] == {
            ":0": {"N": "7"},
            ":1": {"N": str(before + 1)},
            ":2": {"N": str(before)},
        }
        assert found.revision == stored_version(found) == before + 1

    async def test_changes_in_place_are_found_however_deep(
        self, new_unit: NewUnit, account: Account, stored: Ask
    ) -> None:
        async with new_unit() as unit:
            found = await unit.get_or_raise(Account, id="a")
            found.history.append("moved")
            found.labels.add("vip")
            assert found.profile is not None
            found.profile.city = "Rome"
            found.profile.scores["chess"] = 3

        item = await stored("accounts", id={"S": "a"})
        assert item["history"] == {"L": [{"S": "opened"}, {"S": "moved"}]}
        assert sorted(item["labels"]["SS"]) == ["new", "vip"]
        assert item["profile"]["M"]["city"] == {"S": "Rome"}
        assert item["profile"]["M"]["scores"] == {"M": {"chess": {"N": "3"}}}

    async def test_changed_and_changed_back_is_clean(
        self, new_unit: NewUnit, account: Account, executor: FaultyExecutor
    ) -> None:
        async with new_unit() as unit:
            found = await unit.get_or_raise(Account, id="a")
            found.balance += 1
            found.history.append("x")
            found.balance -= 1
            found.history.pop()

        assert executor.transactions == []

    async def test_an_emptied_set_and_none_are_removed(self, new_unit: NewUnit, account: Account, stored: Ask) -> None:
        async with new_unit() as unit:
            found = await unit.get_or_raise(Account, id="a")
            found.labels.clear()
            found.profile = None

        assert not {"labels", "profile"} & (await stored("accounts", id={"S": "a"})).keys()

    async def test_a_default_that_is_not_stored_is_no_change_and_no_obstacle(
        self, new_unit: NewUnit, put: Ask, stored: Ask, executor: FaultyExecutor
    ) -> None:
        await put("accounts", id={"S": "old"}, revision={"N": "5"}, legacy={"S": "kept"})
        async with new_unit() as unit:
            found = await unit.get_or_raise(Account, id="old")
        assert executor.transactions == []

        async with new_unit() as unit:
            found = await unit.get_or_raise(Account, id="old")
            found.history.append("seen")

        assert await stored("accounts", id={"S": "old"}) == {
            "id": {"S": "old"},
            "revision": {"N": "6"},
            "legacy": {"S": "kept"},
            "history": {"L": [{"S": "seen"}]},
        }

    async def test_the_version_cannot_be_set_by_hand(
        self, new_unit: NewUnit, account: Account, executor: FaultyExecutor
    ) -> None:
        async with new_unit() as unit:
            found = await unit.get_or_raise(Account, id="a")
            found.revision = 5

        assert executor.transactions == []

    async def test_an_item_stored_before_its_model_had_a_version_gets_one(
        self, new_unit: NewUnit, put: Ask, stored: Ask
    ) -> None:
        await put("accounts", id={"S": "old"}, balance={"N": "1"})
        mine, theirs = new_unit(), new_unit()
        first, second = await mine.get_or_raise(Account, id="old"), await theirs.get_or_raise(Account, id="old")
        first.balance, second.balance = 2, 3

        await mine.commit()
        with pytest.raises(VersionConflict):
            await theirs.commit()

        item = await stored("accounts", id={"S": "old"})
        assert item == {"id": {"S": "old"}, "balance": {"N": "2"}, "revision": {"N": str(first.revision)}}
        assert first.revision > 2**20

    async def test_a_changed_key_attribute_is_refused_before_any_request(
        self, new_unit: NewUnit, account: Account, executor: FaultyExecutor
    ) -> None:
        unit = new_unit()
        (await unit.get_or_raise(Account, id="a")).id = "b"

        with pytest.raises(InvalidRequest, match="key attribute id"):
            await unit.commit()
        assert executor.transactions == []

    async def test_a_value_that_cannot_be_stored_is_refused_before_any_request(
        self, new_unit: NewUnit, account: Account, executor: FaultyExecutor
    ) -> None:
        unit = new_unit()
        (await unit.get_or_raise(Account, id="a")).balance = 10**60 + 1

        with pytest.raises(ValueNotStorable, match="balance"):
            await unit.commit()
        assert executor.transactions == []

    async def test_an_item_over_the_limit_is_refused_before_any_request(
        self, new_unit: NewUnit, account: Account, executor: FaultyExecutor
    ) -> None:
        unit = new_unit()
        (await unit.get_or_raise(Account, id="a")).history.append("x" * 410_000)

        with pytest.raises(ItemTooLarge):
            await unit.commit()
        assert executor.transactions == []

    async def test_a_stale_object_is_a_version_conflict_and_nothing_is_written(
        self, new_unit: NewUnit, account: Account, stored: Ask
    ) -> None:
        mine, theirs = new_unit(), new_unit()
        stale, fresh = await mine.get_or_raise(Account, id="a"), await theirs.get_or_raise(Account, id="a")
        before = stale.revision
        fresh.balance, stale.balance = 1, 2
        mine.add(Account(id="b"))
        await theirs.commit()

        with pytest.raises(VersionConflict, match="changed since") as caught:
            await mine.commit()

        assert caught.value.current.balance == 1
        assert (stale.revision, stored_version(stale), stale.balance) == (before, before, 2)
        assert await stored("accounts", id={"S": "b"}) is None

    async def test_an_item_deleted_meanwhile_is_a_version_conflict_without_current(
        self, new_unit: NewUnit, account: Account
    ) -> None:
        mine, theirs = new_unit(), new_unit()
        (await mine.get_or_raise(Account, id="a")).balance = 1
        theirs.delete(await theirs.get_or_raise(Account, id="a"))
        await theirs.commit()

        with pytest.raises(VersionConflict, match="deleted since") as caught:
            await mine.commit()
        assert caught.value.current is None

    async def test_deleted_and_recreated_is_not_taken_for_the_same(self, new_unit: NewUnit, account: Account) -> None:
        mine, theirs, others = new_unit(), new_unit(), new_unit()
        (await mine.get_or_raise(Account, id="a")).balance = 1
        theirs.delete(await theirs.get_or_raise(Account, id="a"))
        await theirs.commit()
        others.add(Account(id="a", balance=10))
        await others.commit()

        with pytest.raises(VersionConflict):
            await mine.commit()

    async def test_very_many_changes_inside_one_attribute_write_it_whole(
        self, new_unit: NewUnit, account: Account, executor: FaultyExecutor
    ) -> None:
        async with new_unit() as unit:
            (await unit.get_or_raise(Account, id="a")).history = ["entry " * 20 for _ in range(400)]
        async with new_unit() as unit:
            found = await unit.get_or_raise(Account, id="a")
            for position in range(120):
                found.history[position] = f"another {position}"

        (action,) = executor.transactions[-1]["TransactItems"]
        assert action["Update"]["UpdateExpression"] == "SET #0 = :0, #1 = :1"

    async def test_changes_at_the_end_of_long_paths_fit_an_expression(
        self, new_unit: NewUnit, executor: FaultyExecutor
    ) -> None:
        class Forest(Model, table="counters"):
            id: Attr[str] = partition_key()
            trees: Attr[dict[str, Any]] = attr()

        def tree(number: int, leaf: int) -> dict[str, Any]:
            grown: dict[str, Any] = {"leaf": leaf, "bark": "x" * 300}
            for level in range(8):
                grown = {f"branch_{number}_{level}": grown}
            return grown

        async with new_unit() as unit:
            unit.add(Forest(id="f", trees={f"{number}": tree(number, 0) for number in range(80)}))
        after = {f"{number}": tree(number, 1) for number in range(80)}
        async with new_unit() as unit:
            (await unit.get_or_raise(Forest, id="f")).trees = after

        (action,) = executor.transactions[-1]["TransactItems"]
        assert action["Update"]["UpdateExpression"] == "SET #0 = :0"
        assert (await new_unit().get_or_raise(Forest, id="f")).trees == after

    async def test_more_attributes_than_an_expression_takes_are_put_whole_under_the_same_guard(
        self, new_unit: NewUnit, stored: Ask, put: Ask, executor: FaultyExecutor
    ) -> None:
        fields: Any = {f"field_{number}": (int, 0) for number in range(400)}
        wide = create_model("Wide", __base__=Account, __cls_kwargs__={"table": "accounts"}, **fields)
        await put("accounts", id={"S": "w"}, revision={"N": "1"}, legacy={"S": "kept"})

        async with new_unit() as unit:
            found = await unit.get_or_raise(wide, id="w")
            for name in fields:
                setattr(found, name, 7)

        (action,) = executor.transactions[-1]["TransactItems"]
        assert action["Put"]["ExpressionAttributeValues"] == {":0": {"N": "1"}}
        item = await stored("accounts", id={"S": "w"})
        assert (item["field_399"], item["legacy"], item["revision"]) == ({"N": "7"}, {"S": "kept"}, {"N": "2"})


class TestReadingMany:
    async def test_keys_may_come_from_a_generator(self, new_unit: NewUnit, account: Account) -> None:
        found = await new_unit().get_many(Account, (Account.key(id=name) for name in ("a", "b")))

        assert [each and each.id for each in found] == ["a", None]

    async def test_a_query_of_parts_is_refused(self, new_unit: NewUnit, account: Account, executor: Any) -> None:
        parts: Any = Database(executor).query(Account, Account.id == "a").select(Account.balance)

        with pytest.raises(InvalidRequest, match="tracks whole objects"):
            [each async for each in new_unit().query(parts)]


class TestWithoutVersion:
    async def test_only_the_old_values_of_what_changes_are_guarded(
        self, new_unit: NewUnit, note: Note, stored: Ask
    ) -> None:
        mine, theirs = new_unit(), new_unit()
        first = await mine.get_or_raise(Note, owner="ann", number=1)
        second = await theirs.get_or_raise(Note, owner="ann", number=1)
        first.title, second.text = "mine", "theirs"

        await mine.commit()
        await theirs.commit()

        item = await stored("notes", owner={"S": "ann"}, number={"N": "1"})
        assert (item["title"], item["text"]) == ({"S": "mine"}, {"S": "theirs"})

    async def test_the_same_attribute_changed_twice_is_a_conflict(self, new_unit: NewUnit, note: Note) -> None:
        mine, theirs = new_unit(), new_unit()
        (await mine.get_or_raise(Note, owner="ann", number=1)).title = "mine"
        (await theirs.get_or_raise(Note, owner="ann", number=1)).title = "theirs"
        await mine.commit()

        with pytest.raises(VersionConflict) as caught:
            await theirs.commit()
        assert caught.value.current.title == "mine"

    async def test_a_new_attribute_does_not_bring_back_a_deleted_item(
        self, new_unit: NewUnit, note: Note, stored: Ask
    ) -> None:
        mine, theirs = new_unit(), new_unit()
        (await mine.get_or_raise(Note, owner="ann", number=1)).pinned = True
        theirs.delete(Note.key(owner="ann", number=1))
        await theirs.commit()

        with pytest.raises(VersionConflict):
            await mine.commit()
        assert await stored("notes", owner={"S": "ann"}, number={"N": "1"}) is None

    async def test_a_nested_place_that_vanished_is_a_conflict(self, new_unit: NewUnit, note: Note, put: Ask) -> None:
        mine = new_unit()
        found = await mine.get_or_raise(Note, owner="ann", number=1)
        assert found.profile is not None
        found.profile.scores["go"] = 1
        await put("notes", owner={"S": "ann"}, number={"N": "1"}, title={"S": "first"}, text={"S": "hello"})

        with pytest.raises(VersionConflict):
            await mine.commit()

    async def test_a_delete_is_guarded_by_all_that_was_read(self, new_unit: NewUnit, note: Note) -> None:
        mine, theirs = new_unit(), new_unit()
        mine.delete(await mine.get_or_raise(Note, owner="ann", number=1))
        (await theirs.get_or_raise(Note, owner="ann", number=1)).text = "changed"
        await theirs.commit()

        with pytest.raises(VersionConflict):
            await mine.commit()


class TestDeleting:
    async def test_update_then_delete_is_one_delete_guarded_by_the_version_read(
        self, new_unit: NewUnit, account: Account, executor: FaultyExecutor, stored: Ask
    ) -> None:
        async with new_unit() as unit:
            found = await unit.get_or_raise(Account, id="a")
            found.balance = 0
            unit.delete(found)
            unit.delete(found)

        (action,) = executor.transactions[0]["TransactItems"]
        assert action["Delete"]["ExpressionAttributeValues"] == {":0": {"N": str(found.revision)}}
        assert await stored("accounts", id={"S": "a"}) is None

    async def test_delete_then_add_of_the_same_key_is_one_put_guarded_by_the_version_read(
        self, new_unit: NewUnit, account: Account, executor: FaultyExecutor, stored: Ask
    ) -> None:
        replacement = Account(id="a", balance=77)

        async with new_unit() as unit:
            unit.delete(await unit.get_or_raise(Account, id="a"))
            unit.add(replacement)
            assert await unit.get(Account, id="a") is replacement

        (action,) = executor.transactions[0]["TransactItems"]
        assert action["Put"]["ExpressionAttributeValues"] == {":0": {"N": str(account.revision)}}
        assert stored_version(replacement) == account.revision + 1
        assert (await stored("accounts", id={"S": "a"}))["balance"] == {"N": "77"}

    async def test_adding_a_deleted_object_brings_it_back(
        self, new_unit: NewUnit, account: Account, executor: FaultyExecutor
    ) -> None:
        async with new_unit() as unit:
            found = await unit.get_or_raise(Account, id="a")
            unit.delete(found)
            unit.add(found)

        assert executor.transactions == []

    async def test_a_replacement_that_is_deleted_leaves_one_delete(
        self, new_unit: NewUnit, account: Account, executor: FaultyExecutor
    ) -> None:
        replacement = Account(id="a")

        async with new_unit() as unit:
            unit.delete(await unit.get_or_raise(Account, id="a"))
            unit.add(replacement)
            unit.delete(replacement)

        assert [list(action) for action in executor.transactions[0]["TransactItems"]] == [["Delete"]]

    async def test_a_key_that_was_not_read_is_deleted_whatever_is_there(
        self, new_unit: NewUnit, account: Account, stored: Ask
    ) -> None:
        async with new_unit() as unit:
            unit.delete(Account.key(id="a"), Account.key(id="nobody"))

        assert await stored("accounts", id={"S": "a"}) is None

    async def test_deleting_what_was_read_as_absent_is_not_found(self, new_unit: NewUnit) -> None:
        unit = new_unit()
        await unit.get(Account, id="nobody")

        with pytest.raises(NotFound):
            unit.delete(Account.key(id="nobody"))

    async def test_an_object_read_elsewhere_is_deleted_at_its_version(
        self, new_unit: NewUnit, account: Account, stored: Ask
    ) -> None:
        async with new_unit() as unit:
            unit.delete(account)

        assert await stored("accounts", id={"S": "a"}) is None


class TestTracking:
    async def test_changes_of_a_tracked_object_are_written(
        self, new_unit: NewUnit, account: Account, stored: Ask
    ) -> None:
        async with new_unit() as unit:
            assert unit.track(account) is account
            assert await unit.get(Account, id="a") is account
            account.balance = 11

        assert (await stored("accounts", id={"S": "a"}))["balance"] == {"N": "11"}

    async def test_an_object_that_was_never_stored_cannot_be_tracked(self, new_unit: NewUnit) -> None:
        with pytest.raises(InvalidRequest, match="add"):
            new_unit().track(Account(id="b"))


class TestIncrementing:
    async def test_increments_of_several_units_add_up_without_a_conflict(
        self, new_unit: NewUnit, account: Account, stored: Ask
    ) -> None:
        mine, theirs = new_unit(), new_unit()
        mine.increment(await mine.get_or_raise(Account, id="a"), Account.balance, 5)
        theirs.increment(Account.key(id="a"), "balance", 7)

        await mine.commit()
        await theirs.commit()

        item = await stored("accounts", id={"S": "a"})
        assert item["balance"] == {"N": "22"}
        assert item["revision"] == {"N": str(account.revision + 2)}

    async def test_the_object_shows_the_sum_and_its_version_after_the_commit(
        self, new_unit: NewUnit, account: Account
    ) -> None:
        async with new_unit() as unit:
            found = await unit.get_or_raise(Account, id="a")
            unit.increment(found, Account.balance, 5)
            unit.increment(found, Account.balance, -1)
            assert found.balance == 10

        assert (found.balance, found.revision) == (14, account.revision + 1)

    async def test_a_missing_item_is_created_where_the_model_allows_it(self, new_unit: NewUnit, stored: Ask) -> None:
        async with new_unit() as unit:
            unit.increment(Counter.key(id="c"), Counter.total, 3)
            unit.increment(Counter.key(id="c"), Counter.other)

        assert await stored("counters", id={"S": "c"}) == {"id": {"S": "c"}, "total": {"N": "3"}, "other": {"N": "1"}}

    async def test_an_item_read_and_deleted_meanwhile_is_not_brought_back(
        self, new_unit: NewUnit, account: Account, stored: Ask
    ) -> None:
        mine, theirs = new_unit(), new_unit()
        mine.increment(await mine.get_or_raise(Account, id="a"), Account.balance, 5)
        theirs.delete(Account.key(id="a"))
        await theirs.commit()

        with pytest.raises(VersionConflict):
            await mine.commit()
        assert await stored("accounts", id={"S": "a"}) is None

    async def test_a_changed_object_and_its_increment_are_one_guarded_action(
        self, new_unit: NewUnit, account: Account, stored: Ask
    ) -> None:
        async with new_unit() as unit:
            found = await unit.get_or_raise(Account, id="a")
            found.history.append("x")
            unit.increment(found, Account.balance, 5)

        assert (await stored("accounts", id={"S": "a"}))["balance"] == {"N": "15"}
        assert found.balance == 15

    async def test_a_new_object_takes_an_increment_at_once(self, new_unit: NewUnit, stored: Ask) -> None:
        async with new_unit() as unit:
            added = Account(id="b", balance=1)
            unit.add(added)
            unit.increment(added, Account.balance, 4)
            assert added.balance == 5

        assert (await stored("accounts", id={"S": "b"}))["balance"] == {"N": "5"}

    async def test_changing_and_incrementing_the_same_attribute_is_refused(
        self, new_unit: NewUnit, account: Account
    ) -> None:
        unit = new_unit()
        found = await unit.get_or_raise(Account, id="a")
        found.balance = 3
        unit.increment(found, Account.balance, 5)

        with pytest.raises(InvalidRequest, match="both changed and incremented"):
            unit.plan()

    async def test_what_cannot_be_incremented_is_refused(self, new_unit: NewUnit, account: Account) -> None:
        unit = new_unit()
        key = Account.key(id="a")

        for attribute in ("nothing", "revision", "id", "history", Counter.total, Account.profile[Profile.city]):
            with pytest.raises(InvalidRequest):
                unit.increment(key, attribute, 1)
        unit.delete(key)
        with pytest.raises(InvalidRequest, match="deleted"):
            unit.increment(key, "balance", 1)


class TestChecking:
    async def test_a_check_that_holds_lets_the_unit_pass(
        self, new_unit: NewUnit, account: Account, executor: FaultyExecutor, stored: Ask
    ) -> None:
        async with new_unit() as unit:
            unit.check(Account.key(id="a"), Account.balance >= 10)
            unit.add(Account(id="b"))

        assert [list(action) for action in executor.transactions[0]["TransactItems"]] == [["ConditionCheck"], ["Put"]]
        assert await stored("accounts", id={"S": "b"})

    async def test_a_check_that_fails_is_condition_failed_and_nothing_is_written(
        self, new_unit: NewUnit, account: Account, stored: Ask
    ) -> None:
        unit = new_unit()
        unit.check(Account.key(id="a"), Account.balance > 10)
        unit.add(Account(id="b"))

        with pytest.raises(ConditionFailed) as caught:
            await unit.commit()

        assert type(caught.value) is ConditionFailed
        assert caught.value.current.balance == 10
        assert await stored("accounts", id={"S": "b"}) is None

    async def test_a_check_of_a_changed_item_joins_its_action_and_keeps_its_own_error(
        self, new_unit: NewUnit, account: Account
    ) -> None:
        unit = new_unit()
        found = await unit.get_or_raise(Account, id="a")
        found.history.append("x")
        unit.check(found, Account.balance > 10)

        with pytest.raises(ConditionFailed) as caught:
            await unit.commit()

        assert type(caught.value) is ConditionFailed


class TestPlanning:
    async def test_the_plan_is_ordered_by_table_and_key_whatever_the_order_of_work(
        self, new_unit: NewUnit, executor: FaultyExecutor
    ) -> None:
        unit = new_unit()
        unit.add(Note(owner="b", number=10), Note(owner="b", number=9), Account(id="z"), Account(id="y"))

        (request,) = unit.plan().requests

        keys = [action["Put"]["Item"] for action in request["TransactItems"]]
        assert [item.get("id", item.get("number")) for item in keys] == [
            {"S": "y"},
            {"S": "z"},
            {"N": "9"},
            {"N": "10"},
        ]
        assert unit.plan() == unit.plan()
        assert executor.requests == []

    async def test_a_hundred_actions_pass_and_one_more_is_too_large_before_sending(
        self, new_unit: NewUnit, executor: FaultyExecutor
    ) -> None:
        async with new_unit() as unit:
            unit.add(*(Account(id=f"{number}") for number in range(100)))
        assert len(executor.transactions) == 1

        with pytest.raises(TransactionTooLarge) as caught:
            async with new_unit() as unit:
                unit.add(*(Counter(id=f"{number}") for number in range(101)))

        assert (caught.value.got, caught.value.limit) == (101, 100)
        assert len(executor.transactions) == 1

    async def test_several_refused_actions_are_one_failure_with_an_error_each(
        self, new_unit: NewUnit, account: Account, put: Ask
    ) -> None:
        unit = new_unit()
        (await unit.get_or_raise(Account, id="a")).balance = 0
        unit.add(Account(id="b"), Account(id="c"))
        await put("accounts", id={"S": "b"}, revision={"N": "1"})
        await put("accounts", id={"S": "a"}, revision={"N": "1"}, balance={"N": "4"})

        plan = unit.plan()
        with pytest.raises(TransactionFailed) as caught:
            await unit.commit()

        errors = caught.value.errors
        assert {position: type(error) for position, error in errors.items()} == {0: StaleObject, 1: AlreadyExists}
        assert [plan.actions[position].tracked.key.item["id"] for position in errors] == [{"S": "a"}, {"S": "b"}]
        assert errors[0].current.balance == 4  # type: ignore[attr-defined]  # a version conflict
