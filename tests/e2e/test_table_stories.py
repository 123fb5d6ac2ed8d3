"""Stories of tables: made with all of their settings, compared, and changed while they hold items."""

from __future__ import annotations

from typing import Any

import pytest

from ddbmodel import (
    Attr,
    AutoScale,
    Database,
    GlobalIndex,
    LocalIndex,
    Model,
    NotSupportedHere,
    OnDemand,
    Provisioned,
    TableMismatch,
    attr,
    partition_key,
    sort_key,
    ttl,
)


class Visit(Model, table="visits"):
    page: Attr[str] = partition_key()
    at: Attr[int] = sort_key()
    country: Attr[str] = attr(default="no")
    reader: Attr[str | None] = attr(default=None)


class VisitByCountry(Visit, table="visits"):
    by_country = GlobalIndex(partition_key="country", sort_key="at")
    by_reader = GlobalIndex(partition_key="reader", projection="KEYS_ONLY")


class VisitByReader(Visit, table="visits"):
    by_reader = GlobalIndex(partition_key="reader", projection="KEYS_ONLY")


class ExpiringVisit(Visit, table="visits"):
    gone_at: Attr[int | None] = ttl(default=None)


class LaterExpiringVisit(Visit, table="visits"):
    gone_later_at: Attr[int | None] = ttl(default=None)


class StreamedVisit(Visit, table="visits", stream=True):
    pass


class KeysOfVisit(Visit, table="visits", stream="KEYS_ONLY"):
    pass


class ProvisionedVisit(VisitByReader, table="visits", billing=Provisioned(read=4, write=3)):
    pass


class MoreVisits(VisitByReader, table="visits", billing=Provisioned(read=6, write=3)):
    pass


class PaidVisit(VisitByReader, table="visits", billing=OnDemand(max_read=100, max_write=50)):
    pass


class GuardedVisit(Visit, table="visits", deletion_protection=True, tags={"team": "web", "tier": "1"}):
    pass


class UnguardedVisit(Visit, table="visits", deletion_protection=False, tags={"team": "mobile"}):
    pass


class RareVisit(Visit, table="visits", table_class="STANDARD_INFREQUENT_ACCESS"):
    pass


class UsualVisit(Visit, table="visits", table_class="STANDARD"):
    pass


class RecentVisit(Visit, table="visits"):
    recent = LocalIndex(sort_key="reader")


class ScaledVisit(VisitByReader, table="visits", billing=AutoScale(read=(2, 20), write=(1, 10), target_percent=60)):
    pass


@pytest.fixture
def one_table(fresh: Any) -> Any:
    """Give models that all have the table that the first one of a test got."""
    tables: list[str] = []

    def of(model: type[Model]) -> Any:
        if not tables:
            tables.append(fresh(model).__ddb_schema__.table)

        class Named(model, table=tables[0]):  # type: ignore[misc, valid-type]
            pass

        Named.__name__ = model.__name__
        return Named

    return of


async def described(db: Database, model: Any) -> dict[str, Any]:
    answer = await db.executor.execute("DescribeTable", {"TableName": model.__ddb_schema__.table})
    table: dict[str, Any] = answer["Table"]
    return table


async def test_indexes_come_and_go_one_at_a_time_and_items_stay(db: Database, backend: str, one_table: Any) -> None:
    if backend == "dynamodb-local":
        pytest.skip("DynamoDB Local that has served hundreds of tables leaves a deleted index in DELETING for good")
    before, after = one_table(VisitByReader), one_table(VisitByCountry)
    last = one_table(Visit)
    await db.create_tables(before)
    await db.put_many([before(page="/", at=number, reader=f"r{number}") for number in range(30)])

    added = await db.update_tables(after)
    found = await db.query(after.by_country, after.country == "no").count()
    kept = await db.update_tables(last)
    removed = await db.update_tables(last, remove_indexes=True)

    assert [step.words for step in added] == ["add the index 'by_country', global (country HASH, at RANGE) ALL"]
    assert found == 30
    assert kept == []
    assert len(removed) == 2
    assert not (await described(db, last)).get("GlobalSecondaryIndexes")
    assert await db.scan(last).count() == 30


async def test_a_plan_is_told_and_not_carried_out(db: Database, one_table: Any) -> None:
    before, after = one_table(Visit), one_table(VisitByCountry)
    await db.create_tables(before)

    plan = await db.update_tables(after, dry_run=True)

    assert [step.operation for step in plan] == ["UpdateTable", "UpdateTable"]
    assert [step.request["GlobalSecondaryIndexUpdates"][0]["Create"]["IndexName"] for step in plan] == [
        "by_country",
        "by_reader",
    ]
    with pytest.raises(TableMismatch, match="'by_country' is missing"):
        await db.check_tables(after)


async def test_what_is_not_there_is_created(db: Database, one_table: Any) -> None:
    visits = one_table(ExpiringVisit)

    steps = await db.update_tables(visits)

    assert [step.operation for step in steps] == ["CreateTable", "UpdateTimeToLive"]
    assert await db.update_tables(visits) == []
    await db.check_tables(visits)


async def test_time_to_live_is_enabled_and_disabled_by_choice(db: Database, one_table: Any) -> None:
    plain, expiring = one_table(Visit), one_table(ExpiringVisit)
    await db.create_tables(plain)

    enabled = await db.update_tables(expiring)
    told = [difference.words for difference in await db.table_differences(plain)]
    kept = await db.update_tables(plain)

    assert [step.words for step in enabled] == ["let items expire by 'gone_at'"]
    assert told == ["items expire by 'gone_at', which no model declares as ttl()"]
    assert kept == []
    await db.check_tables(expiring, plain)


async def test_a_stream_is_started_and_no_other_by_itself(db: Database, one_table: Any) -> None:
    plain, whole, keys = one_table(Visit), one_table(StreamedVisit), one_table(KeysOfVisit)
    await db.create_tables(plain)

    started = await db.update_tables(whole)
    with pytest.raises(TableMismatch, match="stop_streams=True"):
        await db.update_tables(keys)

    assert [step.words for step in started] == ["start a stream of NEW_AND_OLD_IMAGES"]
    assert await db.update_tables(plain) == []
    assert (await described(db, keys))["StreamSpecification"]["StreamViewType"] == "NEW_AND_OLD_IMAGES"


@pytest.mark.differs("streams that end")
async def test_a_stream_is_exchanged_and_stopped_by_choice(
    db: Database, one_table: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ddbmodel.tables.update._IN_USE_S", 0.1)
    plain, whole, keys = one_table(Visit), one_table(StreamedVisit), one_table(KeysOfVisit)
    await db.create_tables(whole)

    await db.update_tables(keys, stop_streams=True)
    exchanged = await described(db, keys)
    await db.update_tables(plain, stop_streams=True)

    assert exchanged["StreamSpecification"]["StreamViewType"] == "KEYS_ONLY"
    assert not (await described(db, plain)).get("StreamSpecification", {}).get("StreamEnabled")


async def test_billing_changes_with_the_model(db: Database, one_table: Any) -> None:
    models = [one_table(model) for model in (ProvisionedVisit, MoreVisits, VisitByReader)]
    provisioned, more, undecided = models
    await db.create_tables(provisioned)
    await db.check_tables(provisioned)

    with pytest.raises(TableMismatch, match="the table has 4 read capacity units, the models want 6"):
        await db.check_tables(more)
    await db.update_tables(more)
    await db.check_tables(more, undecided)

    units = (await described(db, more))["GlobalSecondaryIndexes"][0]["ProvisionedThroughput"]
    assert (units["ReadCapacityUnits"], units["WriteCapacityUnits"]) == (6, 3)


@pytest.mark.differs("limits on demand")
async def test_what_is_on_demand_can_be_limited(db: Database, one_table: Any) -> None:
    provisioned, paid = one_table(ProvisionedVisit), one_table(PaidVisit)
    await db.create_tables(paid)
    await db.check_tables(paid)

    await db.update_tables(provisioned)
    await db.update_tables(paid)
    await db.check_tables(paid)

    table = await described(db, paid)
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert table["OnDemandThroughput"] == {"MaxReadRequestUnits": 100, "MaxWriteRequestUnits": 50}


@pytest.mark.differs("tags")
async def test_protection_and_tags_are_set_and_changed(db: Database, one_table: Any) -> None:
    guarded, open_ = one_table(GuardedVisit), one_table(UnguardedVisit)
    await db.create_tables(guarded)
    await db.check_tables(guarded)

    found = {difference.words: difference.is_mismatch for difference in await db.table_differences(open_)}

    assert found == {
        "it is protected from deletion, the models want it not to be": True,
        "the tag 'team' is 'web', the models want 'mobile'": True,
        "no model names the tag 'tier'": False,
    }
    await db.update_tables(open_)
    await db.check_tables(open_)
    assert not (await described(db, open_))["DeletionProtectionEnabled"]


@pytest.mark.differs("table classes")
async def test_the_class_of_a_table_changes(db: Database, one_table: Any) -> None:
    rare, usual = one_table(RareVisit), one_table(UsualVisit)
    await db.create_tables(rare)
    await db.check_tables(rare)

    await db.update_tables(usual)

    assert (await described(db, rare))["TableClassSummary"]["TableClass"] == "STANDARD"
    await db.check_tables(usual)


async def test_what_cannot_be_changed_is_refused_before_anything_is(db: Database, one_table: Any) -> None:
    plain, recent, indexed = one_table(Visit), one_table(RecentVisit), one_table(VisitByCountry)
    await db.create_tables(plain)

    with pytest.raises(TableMismatch, match="the local index 'recent' is missing") as refused:
        await db.update_tables(recent, indexed)

    assert not (await described(db, plain)).get("GlobalSecondaryIndexes")
    assert len(refused.value.differences) == 1


async def test_a_table_that_was_left_half_made_is_finished(db: Database, one_table: Any) -> None:
    plain, expiring = one_table(Visit), one_table(ExpiringVisit)
    await db.create_tables(plain)

    await db.create_tables(expiring)

    await db.check_tables(expiring)


@pytest.mark.differs("capacity that follows the load")
async def test_capacity_can_follow_the_load(db: Database, one_table: Any) -> None:
    scaled, fixed = one_table(ScaledVisit), one_table(ProvisionedVisit)
    await db.create_tables(scaled)
    await db.check_tables(scaled)

    told = [difference.words for difference in await db.table_differences(fixed)]
    await db.update_tables(fixed)
    await db.check_tables(fixed)

    assert "the read capacity of the table follows the load, the models want Provisioned(read=4, write=3)" in told
    await db.update_tables(scaled)
    await db.check_tables(scaled)


async def test_capacity_cannot_follow_the_load_where_nothing_moves_it(dynamodb_local_url: str, one_table: Any) -> None:
    scaled = one_table(ScaledVisit)
    async with Database.connect(dynamodb_local_url) as db:
        with pytest.raises(NotSupportedHere):
            await db.create_tables(scaled)
        with pytest.raises(TableMismatch, match="does not exist"):
            await db.check_tables(scaled)


async def test_environments_share_one_account(db: Database, one_table: Any) -> None:
    visits = one_table(VisitByReader)
    table = visits.__ddb_schema__.table
    dev, test = Database(db.executor, table_prefix="dev-"), Database(db.executor, table_prefix="test-")
    await dev.create_tables(visits)
    await test.create_tables(visits)

    await dev.put(visits(page="/", at=1, reader="ann"))
    await test.put_many([visits(page="/", at=number) for number in range(3)])
    async with dev.transaction() as tx:
        tx.create(visits(page="/", at=2, reader="ann"))
    async with test.unit_of_work() as uow:
        (await uow.get(visits, page="/", at=0)).reader = "ben"

    found = await dev.execute(f'SELECT * FROM "{table}" WHERE page = ?', ["/"], model=visits)
    assert [visit.at for visit in found] == [1, 2]
    assert await dev.query(visits.by_reader, visits.reader == "ann").count() == 2
    assert [visit and visit.at for visit in await test.get_many(visits, [visits.key(page="/", at=2)])] == [2]
    names = [await names_of_tables(each) for each in (dev, test)]
    assert all(table in of and "dev-" not in str(of) for of in names)
    assert {f"dev-{table}", f"test-{table}"} <= set(await names_of_tables(db))


async def names_of_tables(db: Database) -> list[str]:
    """Return the names of all tables, of all pages: servers are shared, and one page has a hundred."""
    names: list[str] = []
    request: dict[str, Any] = {}
    while True:
        answer = await db.executor.execute("ListTables", request)
        names += answer["TableNames"]
        if "LastEvaluatedTableName" not in answer:
            return names
        request = {"ExclusiveStartTableName": answer["LastEvaluatedTableName"]}
