"""Clients of others work against the server unchanged, and sign what the server checks."""

from __future__ import annotations

import json
import stat
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from boto3.dynamodb.conditions import Attr, Key
from botocore.config import Config
from client_programs import aws_command_line, run_javascript
from served import Served, free_of, served

KEY, SECRET = "AKIDCLIENTS", "a/secret+of=clients"
Aws = Callable[..., Any]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Served]:
    """Give a server that checks signatures, so that every client here shows that its own are accepted."""
    keys = tmp_path / "keys"
    keys.write_text(f"[default]\naws_access_key_id={KEY}\naws_secret_access_key={SECRET}\n", encoding="utf-8")
    keys.chmod(stat.S_IRUSR | stat.S_IWUSR)
    with served("--credentials", keys, "--region", "us-east-1") as running:
        yield running
        assert running.stop() == 0
        assert "failed inside" not in running.said


def boto(kind: Callable[..., Any], name: str, url: str) -> Any:
    return kind(
        name,
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id=KEY,
        aws_secret_access_key=SECRET,
        config=Config(retries={"total_max_attempts": 1}),
    )


def test_boto3_works_unchanged(server: Served) -> None:
    dynamodb = boto(boto3.resource, "dynamodb", server.url)
    table = dynamodb.create_table(
        TableName="scores",
        KeySchema=[{"AttributeName": "game", "KeyType": "HASH"}, {"AttributeName": "player", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": "game", "AttributeType": "S"},
            {"AttributeName": "player", "AttributeType": "S"},
        ],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
    )
    table.wait_until_exists()
    with table.batch_writer() as batch:
        for n in range(60):
            batch.put_item(Item={"game": "go", "player": f"p{n:02}", "points": n, "raw": b"\x00\xff", "tags": {"a"}})

    page = table.query(KeyConditionExpression=Key("game").eq("go") & Key("player").lt("p30"), Limit=20)
    rest = table.query(
        KeyConditionExpression=Key("game").eq("go") & Key("player").lt("p30"),
        ExclusiveStartKey=page["LastEvaluatedKey"],
        FilterExpression=Attr("points").gt(24),
    )
    client = dynamodb.meta.client
    with pytest.raises(client.exceptions.TransactionCanceledException) as cancelled:
        client.transact_write_items(
            TransactItems=[
                {
                    "Put": {
                        "TableName": "scores",
                        "Item": {"game": "go", "player": "p00"},
                        "ConditionExpression": "attribute_not_exists(game)",
                    }
                }
            ]
        )
    with pytest.raises(client.exceptions.ConditionalCheckFailedException) as failed:
        table.put_item(
            Item={"game": "go", "player": "p00"},
            ConditionExpression=Attr("game").not_exists(),
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.describe_table(TableName="nowhere")

    assert (page["Count"], rest["Count"], rest["ScannedCount"]) == (20, 5, 10)
    assert page["Items"][7]["points"] == 7
    assert page["Items"][7]["raw"].value == b"\x00\xff"
    assert page["Items"][7]["tags"] == {"a"}
    assert page["ResponseMetadata"]["HTTPHeaders"]["x-amz-crc32"]
    assert len(page["ResponseMetadata"]["RequestId"]) == 52
    assert cancelled.value.response["CancellationReasons"][0]["Code"] == "ConditionalCheckFailed"
    assert failed.value.response["Item"]["points"] == {"N": "0"}
    assert sum(1 for _ in client.get_paginator("list_tables").paginate()) == 1

    streams = boto(boto3.client, "dynamodbstreams", server.url)
    shard = streams.describe_stream(StreamArn=table.latest_stream_arn)["StreamDescription"]["Shards"][0]["ShardId"]
    iterator = streams.get_shard_iterator(
        StreamArn=table.latest_stream_arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    records = streams.get_records(ShardIterator=iterator, Limit=10)["Records"]
    assert [record["eventName"] for record in records] == ["INSERT"] * 10
    assert records[0]["dynamodb"]["ApproximateCreationDateTime"].year >= 2024


@pytest.fixture
def aws(server: Served, tmp_path: Path) -> Aws:
    program = aws_command_line()
    environment = free_of() | {
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": server.url,
        "AWS_MAX_ATTEMPTS": "1",
        "AWS_CONFIG_FILE": str(tmp_path / "none"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none"),
    }

    def run(*arguments: str, fails: bool = False) -> Any:
        ended = subprocess.run([program, *arguments], env=environment, capture_output=True, text=True, timeout=60)
        assert (ended.returncode != 0) is fails, ended.stderr
        return ended.stderr if fails else json.loads(ended.stdout or "null")

    return run


@pytest.mark.slow
def test_the_aws_command_line_works_unchanged(aws: Aws) -> None:
    created = aws(
        "dynamodb", "create-table", "--table-name", "scores", "--billing-mode", "PAY_PER_REQUEST",
        "--key-schema", "AttributeName=id,KeyType=HASH",
        "--attribute-definitions", "AttributeName=id,AttributeType=S",
        "--stream-specification", "StreamEnabled=true,StreamViewType=NEW_IMAGE",
    )  # fmt: skip
    aws("dynamodb", "wait", "table-exists", "--table-name", "scores")
    for n in range(5):
        aws(
            "dynamodb",
            "put-item",
            "--table-name",
            "scores",
            "--item",
            json.dumps({"id": {"S": f"{n}"}, "n": {"N": "1"}}),
        )
    got = aws("dynamodb", "get-item", "--table-name", "scores", "--key", '{"id":{"S":"3"}}')
    updated = aws(
        "dynamodb", "update-item", "--table-name", "scores", "--key", '{"id":{"S":"3"}}', "--return-values", "ALL_NEW",
        "--update-expression", "ADD n :one", "--expression-attribute-values", '{":one":{"N":"1"}}',
    )  # fmt: skip
    scanned = aws("dynamodb", "scan", "--table-name", "scores", "--page-size", "2")
    selected = aws("dynamodb", "execute-statement", "--statement", "SELECT * FROM scores WHERE id='3'")
    transact = aws(
        "dynamodb", "transact-write-items", "--transact-items",
        '[{"Delete":{"TableName":"scores","Key":{"id":{"S":"0"}}}}]',
    )  # fmt: skip
    arn = created["TableDescription"]["LatestStreamArn"]
    stream = aws("dynamodbstreams", "describe-stream", "--stream-arn", arn)
    missing = aws("dynamodb", "describe-table", "--table-name", "nowhere", fails=True)

    assert float(created["TableDescription"]["CreationDateTime"]) > 1_700_000_000
    assert got["Item"] == {"id": {"S": "3"}, "n": {"N": "1"}}
    assert updated["Attributes"]["n"] == {"N": "2"}
    assert scanned["Count"] == 5
    assert selected["Items"] == [updated["Attributes"]]
    assert not transact
    assert len(stream["StreamDescription"]["Shards"]) == 1
    assert "(ResourceNotFoundException)" in missing
    assert "Requested resource not found: Table: nowhere not found" in missing


def test_the_javascript_sdk_works_unchanged(server: Served) -> None:
    seen = run_javascript("aws_sdk.mjs", ENDPOINT=server.url, KEY=KEY, SECRET=SECRET)

    assert seen == {
        "createdIsADate": True,
        "requestId": 52,
        "item": {
            "game": "chess", "player": "ann", "points": 7, "tags": ["a", "ü"], "raw": [0, 255],
            "deep": {"list": [1, None, True]},
        },
        "updated": {"points": 10},
        "pages": [20, 20, 10],
        "scanned": 51,
        "best": "p00",
        "cancelled": [
            True,
            "Transaction cancelled, please refer cancellation reasons for specific reasons "
            "[None, ConditionalCheckFailed]",
            ["None", "ConditionalCheckFailed"],
            {"game": {"S": "draughts"}, "player": {"S": "bob"}},
        ],
        "condition": [
            True, "The conditional request failed", {"game": {"S": "draughts"}, "player": {"S": "bob"}}, 400,
        ],
        "missing": [True, "ResourceNotFoundException", "Requested resource not found"],
        "invalid": ["ValidationException", "The provided key element does not match the schema"],
        "records": [["INSERT", "7", True], ["MODIFY", "10", True]],
    }  # fmt: skip


def test_electrodb_makes_its_round_trips(server: Served) -> None:
    seen = run_javascript("electrodb.mjs", ENDPOINT=server.url, KEY=KEY, SECRET=SECRET)

    assert seen == {
        "createdTwice": True,
        "got": {
            "project": "p2", "task": "t1", "owner": "ann", "status": "open", "points": 0, "labels": ["x", "y"],
            "notes": [{"text": "hello"}],
        },
        "updated": {
            "project": "p2", "task": "t1", "owner": "ann", "status": "done", "points": 5, "labels": ["y"],
            "notes": [{"text": "hello"}, {"text": "again"}],
        },
        "pages": [12, 12, 6],
        "between": ["t05", "t06", "t07", "t08", "t09"],
        "open": 4,
        "assigned": [1, 16],
        "transaction": False,
        "cancelled": [True, "ConditionalCheckFailed", "ann"],
        "batch": ["t01"],
        "scanned": 1,
    }  # fmt: skip


def test_pynamodb_makes_its_round_trips(server: Served) -> None:
    from pynamodb.attributes import (
        JSONAttribute,
        ListAttribute,
        NumberAttribute,
        UnicodeAttribute,
        UnicodeSetAttribute,
        UTCDateTimeAttribute,
        VersionAttribute,
    )
    from pynamodb.connection import Connection
    from pynamodb.exceptions import DoesNotExist, PutError, TransactWriteError
    from pynamodb.indexes import AllProjection, GlobalSecondaryIndex
    from pynamodb.models import Model
    from pynamodb.transactions import TransactWrite

    class ByAuthor(GlobalSecondaryIndex[Any]):
        class Meta:
            index_name = "by-author"
            projection = AllProjection()

        author = UnicodeAttribute(hash_key=True)
        views = NumberAttribute(range_key=True)

    class Thread(Model):
        class Meta:
            table_name = "threads"
            host = server.url
            region = "us-east-1"
            billing_mode = "PAY_PER_REQUEST"
            aws_access_key_id = KEY
            aws_secret_access_key = SECRET

        forum = UnicodeAttribute(hash_key=True)
        subject = UnicodeAttribute(range_key=True)
        author = UnicodeAttribute(default="nobody")
        views = NumberAttribute(default=0)
        tags = UnicodeSetAttribute(null=True)
        replies: ListAttribute[Any] = ListAttribute(default=list)
        facts = JSONAttribute(null=True)
        posted = UTCDateTimeAttribute(null=True)
        version = VersionAttribute()
        by_author = ByAuthor()

    Thread.create_table(wait=True)
    with Thread.batch_write() as batch:
        for n in range(40):
            batch.save(Thread("python", f"s{n:02}", author="ann" if n % 2 else "bob", views=n))
    first = Thread("dynamodb", "hello", tags={"a", "b"}, replies=[{"by": "ann"}], facts={"k": [1]})
    first.save()
    first.update(actions=[Thread.views.add(5), Thread.tags.delete({"a"}), Thread.replies.set([1])])
    again = Thread.get("dynamodb", "hello", consistent_read=True)
    stale = Thread.get("dynamodb", "hello")
    first.save()

    assert (again.views, again.tags, again.replies, again.facts, again.version) == (5, {"b"}, [1], {"k": [1]}, 2)
    with pytest.raises(PutError, match="ConditionalCheckFailed"):
        stale.save()
    with pytest.raises(DoesNotExist):
        Thread.get("dynamodb", "missing")
    pages = Thread.query("python", Thread.subject.startswith("s1"), page_size=4)
    assert [thread.subject for thread in pages] == [f"s{n}" for n in range(10, 20)]
    best = Thread.by_author.query("ann", ByAuthor.views > 30, scan_index_forward=False)
    assert [thread.views for thread in best] == [39, 37, 35, 33, 31]
    assert Thread.count("python", filter_condition=Thread.views >= 20) == 20
    assert len(list(Thread.scan(Thread.author == "bob", limit=7))) == 7
    assert {t.subject for t in Thread.batch_get([("python", "s01"), ("python", "s02"), ("x", "y")])} == {"s01", "s02"}

    connection = Connection(host=server.url, region="us-east-1")
    connection.session.set_credentials(KEY, SECRET)
    with TransactWrite(connection=connection) as transaction:
        transaction.save(Thread("new", "one"))
        transaction.update(Thread("python", "s01"), actions=[Thread.views.set(1000)])
    assert int(Thread.get("python", "s01").views) == 1000
    with (
        pytest.raises(TransactWriteError) as cancelled,
        TransactWrite(connection=connection) as transaction,
    ):
        transaction.save(Thread("new", "one"), condition=Thread.forum.does_not_exist())
    assert [reason.code for reason in cancelled.value.cancellation_reasons if reason] == ["ConditionalCheckFailed"]
    Thread.delete_table()
    assert not Thread.exists()
