"""How many tables there can be, and how many of them can be on their way at once."""

from __future__ import annotations

from pathlib import Path

from table_requests import create_request, refusal

from ddbmodel.engine import Engine, EngineOptions, ManualClock

TOO_MANY = "LimitExceededException: Subscriber limit exceeded: There is a limit of 2 tables per subscriber"
TOO_MANY_AT_ONCE = (
    "LimitExceededException: Subscriber limit exceeded: Only 2 tables can be created, updated, or deleted "
    "simultaneously"
)


async def test_there_can_be_as_many_tables_as_the_limit() -> None:
    engine = Engine.open(options=EngineOptions(table_limit=2))
    for name in ("one", "two"):
        await engine.execute("CreateTable", create_request(TableName=name))

    assert await refusal(engine, "CreateTable", create_request(TableName="three")) == TOO_MANY
    assert "ResourceInUseException" in await refusal(engine, "CreateTable", create_request(TableName="two"))
    await engine.execute("DeleteTable", {"TableName": "one"})
    await engine.execute("CreateTable", create_request(TableName="three"))
    await engine.close()


async def test_tables_on_their_way_are_counted_until_they_are_there() -> None:
    clock = ManualClock(1_700_000_000.0)
    engine = Engine.open(clock=clock, options=EngineOptions(changing_table_limit=2, table_delay_s=10.0))
    for name in ("one", "two"):
        await engine.execute("CreateTable", create_request(TableName=name))

    assert await refusal(engine, "CreateTable", create_request(TableName="three")) == TOO_MANY_AT_ONCE
    clock.advance(10.0)
    await engine.execute("CreateTable", create_request(TableName="three"))
    await engine.execute("DeleteTable", {"TableName": "one"})
    assert await refusal(engine, "DeleteTable", {"TableName": "two"}) == TOO_MANY_AT_ONCE
    update = {"TableName": "two", "TableClass": "STANDARD_INFREQUENT_ACCESS"}
    assert await refusal(engine, "UpdateTable", update) == TOO_MANY_AT_ONCE
    clock.advance(10.0)
    await engine.execute("UpdateTable", update)
    await engine.close()


async def test_tables_that_take_no_time_are_never_on_their_way() -> None:
    engine = Engine.open(options=EngineOptions(changing_table_limit=1))
    for number in range(3):
        await engine.execute("CreateTable", create_request(TableName=f"table{number}"))

    assert len((await engine.execute("ListTables", {}))["TableNames"]) == 3
    await engine.close()


async def test_tables_on_their_way_are_known_to_an_engine_that_is_opened_again(tmp_path: Path) -> None:
    clock, options = ManualClock(1_700_000_000.0), EngineOptions(changing_table_limit=1, table_delay_s=10.0)
    url = f"file:{tmp_path / 'tables.ddb'}"
    engine = Engine.open(url, clock=clock, options=options)
    await engine.execute("CreateTable", create_request(TableName="one"))
    await engine.close()

    engine = Engine.open(url, clock=clock, options=options)

    assert "Only 1 tables" in await refusal(engine, "CreateTable", create_request(TableName="two"))
    await engine.close()
