"""Tags of tables: set, listed, removed, and refused."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from table_requests import create_request, refusal

from ddbmodel.engine import Engine, EngineOptions, ManualClock

ARN = "arn:aws:dynamodb:eu-west-2:000000000000:table/films"
INVALID = "ValidationException: One or more parameter values were invalid: "


@pytest.fixture
async def engine() -> AsyncIterator[Engine]:
    engine = Engine.open(clock=ManualClock(1_700_000_000.0), region="eu-west-2")
    await engine.execute("CreateTable", create_request(Tags=_tags(team="films")))
    yield engine
    await engine.close()


def _tags(**values: str) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in values.items()]


async def _listed(engine: Engine) -> dict[str, str]:
    tags: dict[str, str] = {}
    request: dict[str, Any] = {"ResourceArn": ARN}
    while True:
        page = await engine.execute("ListTagsOfResource", request)
        tags |= {tag["Key"]: tag["Value"] for tag in page["Tags"]}
        if "NextToken" not in page:
            return tags
        request["NextToken"] = page["NextToken"]


async def test_tags_given_at_creation_are_there(engine: Engine) -> None:
    assert await _listed(engine) == {"team": "films"}


async def test_a_tag_is_added_or_replaced_and_removed(engine: Engine) -> None:
    await engine.execute("TagResource", {"ResourceArn": ARN, "Tags": _tags(team="new", Team="", stage="test")})
    assert await _listed(engine) == {"team": "new", "Team": "", "stage": "test"}

    await engine.execute("UntagResource", {"ResourceArn": ARN, "TagKeys": ["team", "never-there"]})
    assert await _listed(engine) == {"Team": "", "stage": "test"}


async def test_tags_are_listed_ten_at_a_time(engine: Engine) -> None:
    await engine.execute(
        "TagResource", {"ResourceArn": ARN, "Tags": _tags(**{f"k{each:02}": "v" for each in range(24)})}
    )

    first = await engine.execute("ListTagsOfResource", {"ResourceArn": ARN})
    assert len(first["Tags"]) == 10
    assert len(await _listed(engine)) == 25
    for token in ("none of ours", "7" * 5000):
        assert await engine.execute("ListTagsOfResource", {"ResourceArn": ARN, "NextToken": token}) == first


async def test_a_table_has_fifty_tags_at_most(engine: Engine) -> None:
    limit = "ValidationException: Number of Tags exceed the current limit for the provided ResourceArn"
    fifty = _tags(**{f"k{each}": "v" for each in range(50)})

    assert await refusal(engine, "TagResource", {"ResourceArn": ARN, "Tags": fifty}) == limit
    assert await _listed(engine) == {"team": "films"}
    keys = [f"k{each}" for each in range(51)]
    assert await refusal(engine, "UntagResource", {"ResourceArn": ARN, "TagKeys": keys}) == limit
    assert await refusal(engine, "CreateTable", create_request(TableName="two", Tags=[*fifty, *_tags(k="v")])) == limit


BAD_TAGS: list[tuple[list[dict[str, str]], str]] = [
    ([], "Atleast one Tag needs to be provided as Input."),
    (_tags(**{"aws:x": "v"}), "Tag Key cannot be prefixed with aws:, Key: aws:x"),
    (_tags(**{"AWS:x": "v"}), "Tag Key cannot be prefixed with aws:, Key: AWS:x"),
    (_tags(**{"": "v"}), "The Tag Key provided is invalid, Key: "),
    (_tags(**{"k" * 129: "v"}), f"The Tag Key provided is invalid, Key: {'k' * 129}"),
    (_tags(k="v" * 257), f"The Tag Value provided is invalid, Value: {'v' * 257}"),
    (_tags(**{"a#b": "v"}), "The Tag Key provided is invalid, Key: a#b"),
    (_tags(k="100%"), "The Tag Value provided is invalid, Value: 100%"),
    ([{"Key": "k"}], "The Tag Value provided is invalid, Value: null"),
    ([{"Value": "v"}], "The Tag Key provided is invalid, Key: null"),
    (_tags(k="v") + _tags(k="w"), "Duplicate Tag Keys provided as input: Duplicate Tag Key found k"),
    (_tags(good="v", **{"a,b": "v"}), "The Tag Key provided is invalid, Key: a,b"),
]


@pytest.mark.parametrize(("tags", "says"), BAD_TAGS, ids=[says[:60] for _, says in BAD_TAGS])
async def test_tags_that_cannot_be_are_refused_all_together(
    engine: Engine, tags: list[dict[str, str]], says: str
) -> None:
    assert await refusal(engine, "TagResource", {"ResourceArn": ARN, "Tags": tags}) == f"ValidationException: {says}"
    assert await _listed(engine) == {"team": "films"}
    if tags:
        request = create_request(TableName="two", Tags=tags)
        assert await refusal(engine, "CreateTable", request) == f"ValidationException: {says}"


async def test_letters_of_every_script_and_some_marks_make_a_tag(engine: Engine) -> None:
    await engine.execute("TagResource", {"ResourceArn": ARN, "Tags": _tags(ключ="a+b-c=d.e_f:g/h@i", 表=" café 1")})

    assert (await _listed(engine))["ключ"] == "a+b-c=d.e_f:g/h@i"


@pytest.mark.parametrize(
    ("arn", "says"),
    [
        ("films", INVALID + "ARNs must start with 'arn:': films"),
        ("arn:aws:s3:::films", INVALID + "Provided Arn is not a DynamoDB resource arn: arn:aws:s3:::films"),
        (ARN + "/backup/one", INVALID + f"Provided Arn is not a DynamoDB resource arn: {ARN}/backup/one"),
        (
            ARN + "/index/one",
            INVALID + "Invalid resource arn provided, only table or stream is accepted. Provided resource arn: "
            f"{ARN}/index/one",
        ),
        (
            ARN.replace("eu-west-2", "us-east-1"),
            "ValidationException: Invalid TableArn: Invalid ResourceArn provided as input "
            + ARN.replace("eu-west-2", "us-east-1"),
        ),
        (
            ARN + "-2",
            f"ResourceNotFoundException: Requested resource not found: ResourcArn: {ARN}-2 not found",
        ),
    ],
)
async def test_what_is_not_a_table_here_has_no_tags(engine: Engine, arn: str, says: str) -> None:
    assert await refusal(engine, "ListTagsOfResource", {"ResourceArn": arn}) == says
    assert await refusal(engine, "TagResource", {"ResourceArn": arn, "Tags": _tags(k="v")}) == says
    assert await refusal(engine, "UntagResource", {"ResourceArn": arn, "TagKeys": ["k"]}) == says


async def test_removing_needs_keys_that_can_be(engine: Engine) -> None:
    assert await refusal(engine, "UntagResource", {"ResourceArn": ARN, "TagKeys": []}) == (
        "ValidationException: Atleast one Tag Key needs to be provided as Input."
    )
    assert "aws:" in await refusal(engine, "UntagResource", {"ResourceArn": ARN, "TagKeys": ["aws:x"]})


@pytest.fixture
async def slow() -> AsyncIterator[tuple[Engine, ManualClock]]:
    """Give an engine whose tags take two seconds, at the moment after one was set."""
    clock = ManualClock(1_700_000_000.0)
    engine = Engine.open(clock=clock, region="eu-west-2", options=EngineOptions(tag_delay_s=2.0))
    await engine.execute("CreateTable", create_request(Tags=_tags(team="films")))
    await engine.execute("TagResource", {"ResourceArn": ARN, "Tags": _tags(stage="test")})
    yield engine, clock
    await engine.close()


async def test_tags_that_take_a_while_are_listed_when_they_are_set(slow: tuple[Engine, ManualClock]) -> None:
    engine, clock = slow

    assert await _listed(engine) == {"team": "films"}
    clock.advance(2.0)
    assert await _listed(engine) == {"team": "films", "stage": "test"}


@pytest.mark.parametrize(
    ("operation", "request_of"),
    [
        ("TagResource", {"Tags": _tags(team="films")}),
        ("TagResource", {"Tags": _tags(stage="other")}),
        ("UntagResource", {"TagKeys": ["never-there"]}),
    ],
)
async def test_tags_on_their_way_keep_others_waiting(
    slow: tuple[Engine, ManualClock], operation: str, request_of: dict[str, Any]
) -> None:
    engine, clock = slow

    said = await refusal(engine, operation, {"ResourceArn": ARN, **request_of})

    assert said == "LimitExceededException: Subscriber limit exceeded: Table tags are being updated: films"
    clock.advance(2.0)
    await engine.execute(operation, {"ResourceArn": ARN, **request_of})


async def test_tags_on_their_way_can_be_set_again_with_others(slow: tuple[Engine, ManualClock]) -> None:
    engine, clock = slow

    await engine.execute("TagResource", {"ResourceArn": ARN, "Tags": _tags(stage="test")})
    await engine.execute("TagResource", {"ResourceArn": ARN, "Tags": _tags(stage="test", owner="me")})

    assert await _listed(engine) == {"team": "films"}
    clock.advance(2.0)
    assert await _listed(engine) == {"team": "films", "stage": "test", "owner": "me"}


async def test_tags_on_their_way_keep_the_table(slow: tuple[Engine, ManualClock]) -> None:
    engine, clock = slow

    said = await refusal(engine, "DeleteTable", {"TableName": "films"})

    assert said == (
        "ResourceInUseException: Attempt to change a resource which is still in use: Table tags are being updated: "
        "films"
    )
    await engine.execute("UpdateTable", {"TableName": "films", "DeletionProtectionEnabled": False})
    clock.advance(2.0)
    await engine.execute("DeleteTable", {"TableName": "films"})


async def test_tags_that_change_nothing_take_no_time(slow: tuple[Engine, ManualClock]) -> None:
    engine, clock = slow
    clock.advance(2.0)

    await engine.execute("TagResource", {"ResourceArn": ARN, "Tags": _tags(stage="test")})

    await engine.execute("UntagResource", {"ResourceArn": ARN, "TagKeys": ["stage"]})
