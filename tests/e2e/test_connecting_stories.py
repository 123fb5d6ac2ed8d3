"""Stories of connecting: each form of URL, and tables that are made once and checked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from story_models import Account, Score

from ddbmodel import Attr, Database, InvalidCursor, InvalidRequest, Model, TableMismatch, attr, partition_key


async def test_tables_are_created_once(db: Database, fresh: Any) -> None:
    scores, accounts = fresh(Score), fresh(Account)

    await db.create_tables(scores, accounts)
    await db.create(accounts(id="a"))
    await db.create_tables(scores, accounts, wait=False)

    await db.check_tables(scores, accounts)
    assert await db.get(accounts, id="a") is not None


async def test_a_table_that_differs_is_told_in_words(db: Database, new_table: Any) -> None:
    accounts = await new_table(Account)

    class Other(Model, table=accounts.__ddb_schema__.table):
        name: Attr[str] = partition_key()
        size: Attr[int] = attr(default=0)

    with pytest.raises(TableMismatch, match=r"its key is \(id HASH\), the models want \(name HASH\)"):
        await db.create_tables(Other)
    with pytest.raises(TableMismatch):
        await db.check_tables(Other)


async def test_a_file_keeps_what_was_written(tmp_path: Path) -> None:
    url = f"file:{tmp_path / 'game.db'}"
    async with Database.connect(url) as db:
        await db.create_tables(Account)
        await db.create(Account(id="a", balance=3))

    async with Database.connect(url) as db:
        await db.check_tables(Account)
        assert (await db.get_or_raise(Account, id="a")).balance == 3


async def test_memory_is_each_connections_own() -> None:
    async with Database.connect("memory:") as one, Database.connect("memory:") as other:
        await one.create_tables(Account)

        with pytest.raises(TableMismatch, match="does not exist"):
            await other.check_tables(Account)


async def test_a_cursor_outlives_its_connection_under_one_secret(tmp_path: Path) -> None:
    url = f"file:{tmp_path / 'game.db'}"
    async with Database.connect(url, cursor_secret="one") as db:
        await db.create_tables(Account)
        await db.put_many([Account(id=f"a{number}") for number in range(3)])
        first = await db.scan(Account).page_size(2).page()
    async with Database.connect(url, cursor_secret=b"one") as db:
        second = await db.scan(Account).page_size(2).page(first.cursor)
    async with Database.connect(url) as db:
        with pytest.raises(InvalidCursor):
            await db.scan(Account).page_size(2).page(first.cursor)

    assert len({account.id for account in [*first.items, *second.items]}) == 3


@pytest.mark.slow
async def test_a_given_session_is_used(moto_url: str) -> None:
    import aioboto3

    session = aioboto3.Session(aws_access_key_id="mine", aws_secret_access_key="own", region_name="eu-west-1")
    async with Database.connect(moto_url, session=session) as db:
        await db.create_tables(Account)
        described = await db.executor.execute("DescribeTable", {"TableName": "accounts"})

    assert ":eu-west-1:" in described["Table"]["TableArn"]


async def test_a_database_is_used_inside_its_block(tmp_path: Path) -> None:
    db = Database.connect("memory:")
    with pytest.raises(InvalidRequest, match="not open yet"):
        await db.get(Account, id="a")
    async with db:
        await db.create_tables(Account)

    with pytest.raises(InvalidRequest, match="closed"):
        await db.get(Account, id="a")


@pytest.mark.slow
async def test_a_region_is_reached_as_every_aws_tool_reaches_it(
    moto_url: str, monkeypatch: pytest.MonkeyPatch, fresh: Any
) -> None:
    # The environment is where an AWS tool finds credentials, and here a stand-in for the region's endpoint.
    monkeypatch.setenv("AWS_ENDPOINT_URL", moto_url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "id")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    accounts = fresh(Account)

    async with Database.connect("aws://eu-west-1") as db:
        await db.create_tables(accounts)
        await db.create(accounts(id="a"))
        described = await db.executor.execute("DescribeTable", {"TableName": accounts.__ddb_schema__.table})
        read = await db.get(accounts, id="a")

    assert ":eu-west-1:" in described["Table"]["TableArn"]
    assert read is not None
