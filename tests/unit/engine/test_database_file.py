"""Whose file it is, and who may use it now."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from ddbmodel.engine import Engine, ManualClock
from ddbmodel.engine.catalog import Index, KeyAttribute, KeySchema, Table
from ddbmodel.engine.key_bytes import item_key
from ddbmodel.engine.options import EngineOptions
from ddbmodel.engine.outcome import ItemChange
from ddbmodel.engine.writes import entry_writes
from ddbmodel.errors import DatabaseFileLocked, InvalidUrl, NotADatabaseFile, StorageFailed

TABLE = {
    "TableName": "films",
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}


async def test_what_was_created_is_there_after_reopening(tmp_path: Path) -> None:
    url = f"file:{tmp_path / 'a.db'}"
    first = Engine.open(url)
    await first.execute("CreateTable", TABLE)
    described = await first.execute("DescribeTable", {"TableName": "films"})
    await first.close()

    second = Engine.open(url)

    assert await second.execute("DescribeTable", {"TableName": "films"}) == described
    await second.close()


async def test_a_closed_database_leaves_one_file(tmp_path: Path) -> None:
    engine = Engine.open(f"file:{tmp_path / 'a.db'}")
    await engine.execute("CreateTable", TABLE)

    await engine.close()

    assert os.listdir(tmp_path) == ["a.db"]


def _text_file(path: Path) -> None:
    path.write_text("dear diary " * 100)


def _short_text_file(path: Path) -> None:
    path.write_text("x")


def _other_sqlite_database(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE t (a)")
    connection.close()


def _newer_version(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA application_id = 0x44444D31")
        connection.execute("PRAGMA user_version = 3")
        connection.execute("CREATE TABLE t (a)")
    connection.close()


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (_text_file, "not a ddbmodel database"),
        (_short_text_file, "not a ddbmodel database"),
        (_other_sqlite_database, "SQLite database of another program"),
        (_newer_version, "format version 3"),
    ],
)
def test_a_file_that_is_not_ours_is_refused_and_not_touched(tmp_path: Path, make: object, says: str) -> None:
    path = tmp_path / "a.db"
    make(path)  # type: ignore[operator]
    before = path.read_bytes(), path.stat().st_mtime_ns

    with pytest.raises(NotADatabaseFile, match=says):
        Engine.open(f"file:{path}")

    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    assert os.listdir(tmp_path) == ["a.db"]


async def test_a_file_of_version_1_becomes_one_of_version_2_with_all_that_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    url, clock = f"file:{path}", ManualClock()
    table = TABLE | {"StreamSpecification": {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}}
    engine = Engine.open(url, clock=clock)
    await engine.execute("CreateTable", table)
    await engine.execute("PutItem", {"TableName": "films", "Item": {"id": {"S": "a"}}})
    [stream] = (await engine.execute("ListStreams", {}))["Streams"]
    before = await engine.execute("DescribeStream", {"StreamArn": stream["StreamArn"]})
    await engine.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("ALTER TABLE stream_records RENAME COLUMN shard TO stream")
        connection.execute("PRAGMA user_version = 1")

    # Twice: the second time it is one of version 2, whatever the file's header still says.
    for _ in range(2):
        engine = Engine.open(url, clock=clock, options=EngineOptions(shard_records=2))
        assert await engine.execute("DescribeStream", {"StreamArn": stream["StreamArn"]}) == before
        await engine.close()
    engine = Engine.open(url, clock=clock, options=EngineOptions(shard_records=2))
    await engine.execute("PutItem", {"TableName": "films", "Item": {"id": {"S": "b"}}})
    shards = (await engine.execute("DescribeStream", {"StreamArn": stream["StreamArn"]}))["StreamDescription"]["Shards"]
    [first] = before["StreamDescription"]["Shards"]
    assert [shard.get("ParentShardId") for shard in shards] == [None, first["ShardId"], first["ShardId"]]
    await engine.close()


VERSION_1_TABLE = {
    "id": "6c0b7a3e-2f0e-5a52-9c38-5a1f3f5fd001",
    "name": "old",
    "keys": {"partition": [{"name": "id", "type": "S"}], "sort": []},
    "space": 1,
    "created_at_s": 1_700_000_000.0,
    "indexes": [
        {
            "name": "by-genre",
            "kind": "global",
            "keys": {"partition": [{"name": "genre", "type": "S"}], "sort": []},
            "space": 2,
            "projection": "ALL",
            "included": [],
        }
    ],
    "stream": None,
    "settings": {
        "BillingMode": "PROVISIONED",
        "ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 6},
        "IndexThroughput": {"by-genre": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 2}},
        "Tags": [{"Key": "team", "Value": "films"}],
        "TableClass": "STANDARD_INFREQUENT_ACCESS",
        "SSESpecification": {"Enabled": True},
        "TimeToLiveAttribute": "until",
    },
}


async def test_the_settings_of_a_table_of_version_1_are_those_of_version_2(tmp_path: Path) -> None:
    path, clock = tmp_path / "a.db", ManualClock(1_700_000_000.0)
    engine = Engine.open(f"file:{path}", clock=clock)
    await engine.close()
    item = {"id": {"S": "a"}, "until": {"N": "1700000010"}, "genre": {"S": "noir"}}
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("ALTER TABLE stream_records RENAME COLUMN shard TO stream")
        connection.execute("PRAGMA user_version = 1")
        for space in (1, 2):
            connection.execute(
                f"CREATE TABLE space_{space} (key BLOB NOT NULL, size INTEGER NOT NULL, item BLOB NOT NULL)"
            )
            connection.execute(f"CREATE UNIQUE INDEX space_{space}_key ON space_{space} (key)")
        for kind, name, body in (("table", "old", VERSION_1_TABLE), ("counter", "space", {"next": 3})):
            connection.execute("INSERT INTO catalog VALUES (?, ?, ?)", (kind, name, json.dumps(body)))
        keys = KeySchema((KeyAttribute("id", "S"),))
        index = Index("by-genre", "global", KeySchema((KeyAttribute("genre", "S"),)), 2)
        table = Table("id", "old", keys, 1, 0.0, (index,))
        for write in entry_writes(ItemChange(table, item_key(keys, item), None, item)):
            row = (write.key, write.size_bytes, write.item_json)
            connection.execute(f"INSERT INTO space_{write.space} VALUES (?, ?, ?)", row)

    engine = Engine.open(f"file:{path}", clock=clock)
    described = (await engine.execute("DescribeTable", {"TableName": "old"}))["Table"]
    assert described["TableClassSummary"] == {"TableClass": "STANDARD_INFREQUENT_ACCESS"}
    assert described["SSEDescription"]["Status"] == "ENABLED"
    assert described["WarmThroughput"] == {"ReadUnitsPerSecond": 5, "WriteUnitsPerSecond": 6, "Status": "ACTIVE"}
    of_index = described["GlobalSecondaryIndexes"][0]["WarmThroughput"]
    assert of_index == {"ReadUnitsPerSecond": 1, "WriteUnitsPerSecond": 2, "Status": "ACTIVE"}
    tags = await engine.execute("ListTagsOfResource", {"ResourceArn": described["TableArn"]})
    assert tags == {"Tags": [{"Key": "team", "Value": "films"}]}
    assert engine.verify() == []
    clock.advance(20)
    await engine.execute("ListTables", {})
    assert (await engine.execute("DescribeTimeToLive", {"TableName": "old"}))["TimeToLiveDescription"] == {
        "TimeToLiveStatus": "ENABLED",
        "AttributeName": "until",
    }
    assert (await engine.execute("Scan", {"TableName": "old"}))["Count"] == 0
    assert engine.verify() == []
    await engine.close()


async def test_an_empty_file_becomes_a_database(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    path.touch()

    engine = Engine.open(f"file:{path}")

    assert await engine.execute("ListTables", {}) == {"TableNames": []}
    await engine.close()


async def test_a_second_opener_in_the_process_is_told_who_has_the_file(tmp_path: Path) -> None:
    url = f"file:{tmp_path / 'a.db'}"
    owner = Engine.open(url)

    with pytest.raises(DatabaseFileLocked, match=r"another engine in this process since 20.*close the other"):
        Engine.open(url)

    assert await owner.execute("ListTables", {}) == {"TableNames": []}
    await owner.close()
    await Engine.open(url).close()


def test_a_second_process_is_told_which_process_has_the_file(tmp_path: Path) -> None:
    url = f"file:{tmp_path / 'a.db'}"
    owner = Engine.open(url)
    program = "import sys; from ddbmodel.engine import Engine; Engine.open(sys.argv[1])"

    other = subprocess.run([sys.executable, "-c", program, url], capture_output=True, text=True, check=False)

    assert "DatabaseFileLocked" in other.stderr
    assert f"process {os.getpid()} since" in other.stderr
    asyncio.run(owner.close())


def test_a_lock_file_without_an_owner_does_not_lock(tmp_path: Path) -> None:
    (tmp_path / "a.db.lock").write_text('{"pid": 1, "since": "long ago"}')

    engine = Engine.open(f"file:{tmp_path / 'a.db'}")

    engine._store.close()


def test_a_missing_directory_is_named(tmp_path: Path) -> None:
    with pytest.raises(StorageFailed, match="directory exists"):
        Engine.open(f"file:{tmp_path / 'no' / 'a.db'}")


def test_a_directory_is_not_a_database(tmp_path: Path) -> None:
    (tmp_path / "a.db").mkdir()

    with pytest.raises(StorageFailed, match="cannot open"):
        Engine.open(f"file:{tmp_path / 'a.db'}")


@pytest.mark.parametrize("url", ["", "memory", "file:", "file:/", "sqlite:a.db", "file://host/a.db"])
def test_other_urls_are_refused(url: str) -> None:
    with pytest.raises(InvalidUrl):
        Engine.open(url)


async def test_a_file_url_with_an_empty_host_is_a_path(tmp_path: Path) -> None:
    engine = Engine.open(f"file://{tmp_path / 'a.db'}")

    await engine.close()

    assert (tmp_path / "a.db").exists()


async def test_a_damaged_file_is_an_error_of_the_library(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    await Engine.open(f"file:{path}").close()
    path.write_bytes(path.read_bytes()[:100] + b"\xff" * 5000)

    with pytest.raises(StorageFailed, match="SQLite says"):
        Engine.open(f"file:{path}")
