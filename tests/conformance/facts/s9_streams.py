"""S9, streams: records, shards, iterators, and what has no record."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any, Final

from facts.form import API, GUIDE, KNOWN, QUOTED, Backend, Check, Fact, N, S, Step, ask, delete, fact, put, update
from facts.matching import ABSENT, ANY, Pattern, Some, Where, difference
from facts.tables import STREAMED, table

__all__ = ["FACTS", "records_of"]

_KEY: Final = {"pk": S("a")}
_STREAMS: Final = GUIDE("Change data capture for DynamoDB Streams")
_VIEWS: Final = ("NEW_AND_OLD_IMAGES", "NEW_IMAGE", "OLD_IMAGE", "KEYS_ONLY")


def _viewed(view: str) -> dict[str, Any]:
    return table("streamed", "pk:S", StreamSpecification={"StreamEnabled": True, "StreamViewType": view})


def _arn(backend: Backend) -> str:
    described: dict[str, Any] = backend.ask("DescribeTable", {"TableName": "streamed"}).body["Table"]
    return str(described["LatestStreamArn"])


def _stream(backend: Backend) -> dict[str, Any]:
    description: dict[str, Any] = backend.ask("DescribeStream", {"StreamArn": _arn(backend)}).body["StreamDescription"]
    return description


def _iterator(backend: Backend, kind: str = "TRIM_HORIZON", **more: Any) -> str:
    stream = _stream(backend)
    request = {
        "StreamArn": stream["StreamArn"],
        "ShardId": stream["Shards"][0]["ShardId"],
        "ShardIteratorType": kind,
        **more,
    }
    return str(backend.ask("GetShardIterator", request).body["ShardIterator"])


def records_of(backend: Backend, iterator: str | None = None, *, pages: int = 4) -> list[dict[str, Any]]:
    """Return the records behind an iterator, by default all of the first shard."""
    found: list[dict[str, Any]] = []
    position: str | None = iterator or _iterator(backend)
    for _ in range(pages):
        if position is None:
            break
        body = backend.ask("GetRecords", {"ShardIterator": position}).body
        if not body.get("Records"):
            break
        found += body["Records"]
        position = body.get("NextShardIterator")
    return found


def _asked(*steps: Step, backend: Backend) -> str | None:
    return next((found for step in steps if (found := step.failure(backend)) is not None), None)


def _recorded(steps: list[Step], records: list[Any]) -> Check:
    """Return the check that steps leave these records."""

    def check(backend: Backend) -> str | None:
        return _asked(*steps, backend=backend) or difference(records, records_of(backend), "records")

    return check


def _seen(**members: Any) -> Some:
    return Some({"dynamodb": Some(members)})


def _event(name: str) -> Some:
    return Some({"eventName": name})


def _resumed(kind: str, first: int) -> Check:
    """Return the check that an iterator at or after the second of three records begins with this one."""

    def check(backend: Backend) -> str | None:
        for number in range(3):
            put({"pk": S(str(number))}, "streamed").failure(backend)
        number = records_of(backend)[1]["dynamodb"]["SequenceNumber"]
        found = [
            each["dynamodb"]["Keys"]["pk"]["S"]
            for each in records_of(backend, _iterator(backend, kind, SequenceNumber=number))
        ]
        expected = [str(n) for n in range(first, 3)]
        return None if found == expected else f"{kind} the second of three records has {found}"

    return check


def _latest(backend: Backend) -> str | None:
    put({"pk": S("before")}, "streamed").failure(backend)
    iterator = _iterator(backend, "LATEST")
    put({"pk": S("after")}, "streamed").failure(backend)
    return difference([_seen(Keys={"pk": S("after")})], records_of(backend, iterator), "records")


def _ordered(backend: Backend) -> str | None:
    for number in range(5):
        update(_KEY, "SET n = :n", {":n": N(number)}, table="streamed").failure(backend)
    numbers = [int(record["dynamodb"]["SequenceNumber"]) for record in records_of(backend)]
    increasing = len(numbers) == 5 and all(one < other for one, other in pairwise(numbers))
    return None if increasing else f"sequence numbers {numbers}"


def _described(backend: Backend) -> str | None:
    expected = Some(
        {
            "StreamArn": Pattern(r"arn:aws:dynamodb:.*:table/streamed/stream/.*"),
            "StreamLabel": ANY,
            "StreamStatus": "ENABLED",
            "StreamViewType": "NEW_AND_OLD_IMAGES",
            "TableName": "streamed",
            "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
            "CreationRequestDateTime": ANY,
            "Shards": Where(
                "open shards, each with its first number",
                lambda shards: (
                    bool(shards)
                    and all(
                        "StartingSequenceNumber" in each["SequenceNumberRange"]
                        and "EndingSequenceNumber" not in each["SequenceNumberRange"]
                        for each in shards
                    )
                ),
            ),
        }
    )
    return difference(expected, _stream(backend), "StreamDescription")


def _listed(backend: Backend) -> str | None:
    arn = _arn(backend)
    entry = {"StreamArn": arn, "TableName": "streamed", "StreamLabel": arn.rpartition("/stream/")[2]}
    # Streams of earlier tables of this name may be there too, for a day.
    step = ask("ListStreams", TableName="streamed").gives(
        Streams=Where(f"a list with {entry}", lambda streams: entry in streams)
    )
    return step.failure(backend)


def _children(backend: Backend) -> str | None:
    stream = _stream(backend)
    answer = backend.ask(
        "DescribeStream",
        {
            "StreamArn": stream["StreamArn"],
            "ShardFilter": {"Type": "CHILD_SHARDS", "ShardId": stream["Shards"][0]["ShardId"]},
        },
    )
    shards = answer.body.get("StreamDescription", {}).get("Shards")
    return None if shards == [] else f"a shard that is open has the children {shards}, {answer.code}"


def _disabled(backend: Backend) -> str | None:
    put(_KEY, "streamed").failure(backend)
    arn = _arn(backend)
    turned_off = ask("UpdateTable", TableName="streamed", StreamSpecification={"StreamEnabled": False})
    if (found := turned_off.failure(backend)) is not None:
        return found
    described = backend.ask("DescribeStream", {"StreamArn": arn}).body.get("StreamDescription", {})
    if described.get("StreamStatus") not in ("DISABLING", "DISABLED"):
        return f"a stream that was turned off is {described.get('StreamStatus')}"
    shard = described["Shards"][0]
    if "EndingSequenceNumber" not in shard["SequenceNumberRange"]:
        return f"its shard is open: {shard}"
    request = {"StreamArn": arn, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
    iterator = backend.ask("GetShardIterator", request).body["ShardIterator"]
    body = backend.ask("GetRecords", {"ShardIterator": iterator}).body
    if len(body.get("Records", ())) != 1:
        return f"the closed shard has {body}"
    if body.get("NextShardIterator") is not None:
        again = backend.ask("GetRecords", {"ShardIterator": body["NextShardIterator"]}).body
        if again.get("Records") or "NextShardIterator" in again:
            return f"the closed shard does not end: {again}"
    return None


def _expired(backend: Backend) -> str | None:
    put(_KEY, "streamed").failure(backend)
    iterator = _iterator(backend)
    backend.advance(14 * 60)
    if (found := ask("GetRecords", ShardIterator=iterator).gives(Records=[ANY]).failure(backend)) is not None:
        return found
    backend.advance(2 * 60)
    return ask("GetRecords", ShardIterator=iterator).refused(ANY, "ExpiredIteratorException").failure(backend)


def _trimmed(backend: Backend) -> str | None:
    put(_KEY, "streamed").failure(backend)
    number = records_of(backend)[0]["dynamodb"]["SequenceNumber"]
    stream = _stream(backend)
    backend.advance(25 * 3600)
    put({"pk": S("later")}, "streamed").failure(backend)
    if len(records_of(backend)) != 1:
        return f"after 25 hours the stream has {records_of(backend)}"
    return (
        ask(
            "GetShardIterator",
            StreamArn=stream["StreamArn"],
            ShardId=stream["Shards"][0]["ShardId"],
            ShardIteratorType="AT_SEQUENCE_NUMBER",
            SequenceNumber=number,
        )
        .refused(ANY, "TrimmedDataAccessException")
        .failure(backend)
    )


def _of(test: Callable[[str], bool], says: str) -> Check:
    def check(backend: Backend) -> str | None:
        iterator = _iterator(backend)
        return None if test(iterator) else f"the iterator {iterator} is not {says}"

    return check


_PUT: Final = put({**_KEY, "n": N(1)}, "streamed")
_IMAGES: Final = {
    "NEW_AND_OLD_IMAGES": {"NewImage": {**_KEY, "n": N(2)}, "OldImage": {**_KEY, "n": N(1)}},
    "NEW_IMAGE": {"NewImage": {**_KEY, "n": N(2)}, "OldImage": ABSENT},
    "OLD_IMAGE": {"NewImage": ABSENT, "OldImage": {**_KEY, "n": N(1)}},
    "KEYS_ONLY": {"NewImage": ABSENT, "OldImage": ABSENT},
}

FACTS: Final[tuple[Fact, ...]] = (
    *(
        fact(
            f"S9.view.{view.lower()}",
            f"a record of {view} has the images of its name",
            _STREAMS,
            tables=(_viewed(view),),
            check=_recorded(
                [_PUT, update(_KEY, "SET n = :n", {":n": N(2)}, table="streamed")],
                [_event("INSERT"), _seen(Keys=_KEY, StreamViewType=view, **_IMAGES[view])],
            ),
        )
        for view in _VIEWS
    ),
    fact(
        "S9.record.identity",
        "a record says where it is from",
        API("GetRecords"),
        tables=(STREAMED,),
        check=_recorded(
            [_PUT],
            [
                {
                    "eventID": Pattern(r"[0-9a-f-]{32,36}"),
                    "eventVersion": "1.1",
                    "eventSource": "aws:dynamodb",
                    "eventName": "INSERT",
                    "awsRegion": Pattern(r"[a-z0-9-]+"),
                    "dynamodb": {
                        "ApproximateCreationDateTime": ANY,
                        "Keys": _KEY,
                        "NewImage": {**_KEY, "n": N(1)},
                        "SequenceNumber": Pattern(r"\d{21,40}"),
                        "SizeBytes": 3 + 3 + 3,
                        "StreamViewType": "NEW_AND_OLD_IMAGES",
                    },
                }
            ],
        ),
    ),
    fact(
        "S9.record.names",
        "an item is inserted, modified and removed",
        _STREAMS,
        tables=(STREAMED,),
        check=_recorded(
            [_PUT, put({**_KEY, "n": N(2)}, "streamed"), delete(_KEY, "streamed")],
            [_event("INSERT"), _event("MODIFY"), Some({"eventName": "REMOVE", "userIdentity": ABSENT})],
        ),
    ),
    fact(
        "S9.record.order",
        "the sequence numbers of an item go up",
        _STREAMS,
        tables=(STREAMED,),
        check=_ordered,
    ),
    fact(
        "S9.nothing.put",
        "a put of the same item has no record",
        QUOTED,
        tables=(STREAMED,),
        check=_recorded([_PUT, _PUT], [_event("INSERT")]),
    ),
    fact(
        "S9.nothing.update",
        "an update that changes nothing has no record",
        QUOTED,
        tables=(STREAMED,),
        check=_recorded([_PUT, update(_KEY, "SET n = :n", {":n": N("1.0")}, table="streamed")], [_event("INSERT")]),
    ),
    fact(
        "S9.nothing.delete",
        "a delete of no item has no record",
        QUOTED,
        tables=(STREAMED,),
        check=_recorded([delete(_KEY, "streamed")], []),
    ),
    fact(
        "S9.nothing.remove",
        "an update of no item that only removes has no record",
        QUOTED,
        tables=(STREAMED,),
        check=_recorded([update(_KEY, "REMOVE n", table="streamed")], []),
    ),
    fact(
        "S9.nothing.refused",
        "a write that is refused has no record",
        _STREAMS,
        tables=(STREAMED,),
        check=_recorded(
            [
                put(_KEY, "streamed", ConditionExpression="attribute_exists(pk)").refused(
                    ANY, "ConditionalCheckFailedException"
                )
            ],
            [],
        ),
    ),
    fact(
        "S9.transaction",
        "every write of a transaction has a record",
        _STREAMS,
        tables=(STREAMED,),
        check=_recorded(
            [
                ask(
                    "TransactWriteItems",
                    TransactItems=[{"Put": {"TableName": "streamed", "Item": {"pk": S(key)}}} for key in "ab"],
                )
            ],
            [_event("INSERT"), _event("INSERT")],
        ),
    ),
    fact(
        "S9.described",
        "a stream is described with its shards",
        API("DescribeStream"),
        tables=(STREAMED,),
        check=_described,
    ),
    fact("S9.listed", "a stream is listed with its label", API("ListStreams"), tables=(STREAMED,), check=_listed),
    fact(
        "S9.iterator.at",
        "AT_SEQUENCE_NUMBER begins with the record",
        API("GetShardIterator"),
        tables=(STREAMED,),
        check=_resumed("AT_SEQUENCE_NUMBER", 1),
    ),
    fact(
        "S9.iterator.after",
        "AFTER_SEQUENCE_NUMBER begins behind it",
        API("GetShardIterator"),
        tables=(STREAMED,),
        check=_resumed("AFTER_SEQUENCE_NUMBER", 2),
    ),
    fact(
        "S9.iterator.latest",
        "LATEST begins with what is written from now on",
        API("GetShardIterator"),
        tables=(STREAMED,),
        check=_latest,
    ),
    fact(
        "S9.iterator.form",
        "an iterator is the stream's ARN, a version and what nobody reads",
        KNOWN,
        tables=(STREAMED,),
        check=_of(
            lambda iterator: iterator.startswith("arn:aws:dynamodb:") and len(iterator.split("|")) == 3,
            "arn|version|opaque",
        ),
    ),
    fact(
        "S9.iterator.kind",
        "an iterator's type is one of four, or a time",
        API("GetShardIterator"),
        ask(
            "GetShardIterator",
            StreamArn="arn:aws:dynamodb:us-east-1:000000000000:table/x/stream/y",
            ShardId="shardId-00000001414576573621-f55eea83",
            ShardIteratorType="X",
        ).refused(
            Pattern(
                r".*'X' at 'shardIteratorType' failed to satisfy constraint: Member must satisfy enum value set: .*"
            )
        ),
        tables=(),
    ),
    fact(
        "S9.iterator.expired",
        "an iterator can be used for 15 minutes",
        API("GetShardIterator"),
        tables=(STREAMED,),
        check=_expired,
    ),
    fact("S9.trimmed", "records can be read for 24 hours", API("GetShardIterator"), tables=(STREAMED,), check=_trimmed),
    fact(
        "S9.children",
        "a ShardFilter shows the children of a shard",
        API("DescribeStream"),
        tables=(STREAMED,),
        check=_children,
    ),
    fact(
        "S9.disabled",
        "a stream that is turned off closes its shards, which stay readable",
        _STREAMS,
        tables=(STREAMED,),
        check=_disabled,
    ),
    fact(
        "S9.again",
        "a stream that is on cannot be turned on",
        API("UpdateTable"),
        ask(
            "UpdateTable",
            TableName="streamed",
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
        ).refused(Pattern(r".*already has an enabled stream.*")),
        tables=(STREAMED,),
    ),
    fact(
        "S9.missing",
        "a stream that is not there",
        API("DescribeStream"),
        ask(
            "DescribeStream",
            StreamArn="arn:aws:dynamodb:us-east-1:000000000000:table/missing/stream/2026-01-01T00:00:00.000",
        ).refused(Pattern("Requested resource not found.*"), "ResourceNotFoundException"),
        tables=(),
    ),
)
