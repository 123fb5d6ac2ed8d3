"""S9, time to live and tags."""

from __future__ import annotations

from typing import Any, Final

from facts.form import API, GUIDE, KNOWN, QUOTED, Backend, Fact, L, N, S, Step, ask, fact, get, put, scan, update
from facts.matching import Pattern, Some, Unordered
from facts.s9_streams import records_of
from facts.tables import STREAMED, table

__all__ = ["FACTS"]

_KEY: Final = {"pk": S("a")}
_TTL: Final = GUIDE("Using time to live (TTL) in DynamoDB")
_NOW_S: Final = 1_760_000_000
_NOBODY: Final = "arn:aws:dynamodb:us-east-1:000000000000:table/missing"


def _set(enabled: bool, attribute: str = "ttl", name: str = "plain") -> Step:
    return ask(
        "UpdateTimeToLive",
        TableName=name,
        TimeToLiveSpecification={"Enabled": enabled, "AttributeName": attribute},
    )


def _described(**members: Any) -> Step:
    return ask("DescribeTimeToLive", TableName="plain").gives(TimeToLiveDescription=members)


def _swept(backend: Backend) -> str | None:
    """Of items with all kinds of times, after an hour only those that can expire and have are gone."""
    items: dict[str, dict[str, Any]] = {
        "past": N(_NOW_S - 60),
        "soon": N(_NOW_S + 60),
        "later": N(_NOW_S + 86_400),
        "text": S(str(_NOW_S - 60)),
        "list": L(N(_NOW_S - 60)),
        "six years ago": N(_NOW_S - 6 * 366 * 86_400),
    }
    steps = [_set(True), put({"pk": S("none")}), *(put({"pk": S(name), "ttl": ttl}) for name, ttl in items.items())]
    for step in steps:
        if (found := step.failure(backend)) is not None:
            return found
    backend.advance(3600)
    backend.ask("ListTables", {})
    left = {item["pk"]["S"] for item in backend.ask("Scan", {"TableName": "plain"}).body["Items"]}
    expected = {"none", "later", "text", "list", "six years ago"}
    return None if left == expected else f"an hour later there are {sorted(left)}"


def _recorded(backend: Backend) -> str | None:
    steps = (_set(True, name="streamed"), put({**_KEY, "ttl": N(_NOW_S + 60)}, "streamed"))
    for step in steps:
        if (found := step.failure(backend)) is not None:
            return found
    backend.advance(3600)
    backend.ask("ListTables", {})
    removed = [record for record in records_of(backend) if record["eventName"] == "REMOVE"]
    identities = [record.get("userIdentity") for record in removed]
    expected = {"Type": "Service", "PrincipalId": "dynamodb.amazonaws.com"}
    return None if identities == [expected] else f"the records of removals have the identities {identities}"


def _changed_often(backend: Backend) -> str | None:
    steps = (
        _set(True),
        _set(False).refused("Time to live has been modified multiple times within a fixed interval"),
    )
    for step in steps:
        if (found := step.failure(backend)) is not None:
            return found
    backend.advance(2 * 3600)
    return _set(False).failure(backend) or _described(TimeToLiveStatus="DISABLED").failure(backend)


def _arn(backend: Backend) -> str:
    return str(backend.ask("DescribeTable", {"TableName": "plain"}).body["Table"]["TableArn"])


def _tagged(backend: Backend) -> str | None:
    arn = _arn(backend)
    steps = (
        ask("TagResource", ResourceArn=arn, Tags=[{"Key": "one", "Value": "1"}, {"Key": "two", "Value": ""}]),
        ask("TagResource", ResourceArn=arn, Tags=[{"Key": "one", "Value": "new"}]),
        ask("ListTagsOfResource", ResourceArn=arn).gives(
            Tags=Unordered([{"Key": "one", "Value": "new"}, {"Key": "two", "Value": ""}])
        ),
        ask("UntagResource", ResourceArn=arn, TagKeys=["one", "never"]),
        ask("ListTagsOfResource", ResourceArn=arn).gives(Tags=[{"Key": "two", "Value": ""}]),
    )
    return next((found for step in steps if (found := step.failure(backend)) is not None), None)


def _too_many_tags(backend: Backend) -> str | None:
    arn = _arn(backend)
    fifty = [{"Key": f"key{n}", "Value": "x"} for n in range(50)]
    return ask("TagResource", ResourceArn=arn, Tags=fifty).failure(backend) or ask(
        "TagResource", ResourceArn=arn, Tags=[{"Key": "more", "Value": "x"}]
    ).refused(Pattern(r"(Too many tags|Number of Tags exceed).*")).failure(backend)


def _no_tags(backend: Backend) -> str | None:
    step = ask("TagResource", ResourceArn=_arn(backend), Tags=[])
    return step.refused("Atleast one Tag needs to be provided as Input.").failure(backend)


FACTS: Final[tuple[Fact, ...]] = (
    # Time to live
    fact(
        "S9.ttl.off",
        "a new table has no time to live",
        API("DescribeTimeToLive"),
        _described(TimeToLiveStatus="DISABLED"),
    ),
    fact(
        "S9.ttl.on",
        "time to live is turned on with an attribute",
        API("UpdateTimeToLive"),
        _set(True).gives(TimeToLiveSpecification={"Enabled": True, "AttributeName": "ttl"}),
        ask("DescribeTimeToLive", TableName="plain").gives(TimeToLiveDescription=Some({"AttributeName": "ttl"})),
    ),
    fact(
        "S9.ttl.off_already",
        "what is off is not turned off",
        KNOWN,
        _set(False).refused("TimeToLive is already disabled"),
    ),
    fact(
        "S9.ttl.on_already",
        "what is on is not turned on",
        KNOWN,
        _set(True),
        _set(True).refused("TimeToLive is already enabled"),
    ),
    fact(
        "S9.ttl.often",
        "it is changed once in an hour",
        KNOWN,
        check=_changed_often,
    ),
    fact(
        "S9.ttl.attribute.0",
        "the attribute has a name",
        API("UpdateTimeToLive"),
        _set(True, "").refused(Pattern(r".*length greater than or equal to 1.*")),
    ),
    fact(
        "S9.ttl.attribute.256",
        "of at most 255 characters",
        API("UpdateTimeToLive"),
        _set(True, "t" * 256).refused(Pattern(r".*length less than or equal to 255.*")),
    ),
    fact(
        "S9.ttl.visible",
        "an item that has expired can be read and written until it is swept",
        _TTL,
        put({**_KEY, "ttl": N(1)}),
        get(_KEY).gives(Item={**_KEY, "ttl": N(1)}),
        update(_KEY, "SET x = :x", {":x": N(1)}),
        scan().gives(Count=1),
    ),
    fact(
        "S9.ttl.swept",
        "only a number within the last five years expires an item",
        _TTL,
        check=_swept,
    ),
    fact(
        "S9.ttl.record",
        "the record of an item that expired says that the service removed it",
        _TTL,
        tables=(STREAMED,),
        check=_recorded,
    ),
    # Tags
    fact("S9.tags", "tags are set, replaced, listed and taken away", API("TagResource"), check=_tagged),
    fact(
        "S9.tags.created",
        "a table is made with tags",
        API("CreateTable"),
        check=lambda backend: (
            ask("ListTagsOfResource", ResourceArn=_arn(backend))
            .gives(Tags=[{"Key": "k", "Value": "v"}])
            .failure(backend)
        ),
        tables=(table("plain", "pk:S", Tags=[{"Key": "k", "Value": "v"}]),),
    ),
    fact("S9.tags.50", "a table has at most 50 tags", API("TagResource"), check=_too_many_tags),
    fact("S9.tags.none", "a request of no tags is refused", KNOWN, check=_no_tags),
    fact(
        "S9.tags.missing",
        "a table that is not there is named by its ARN, and ResourceArn misspelt",
        KNOWN,
        check=lambda backend: (
            ask("ListTagsOfResource", ResourceArn=_arn(backend).replace("plain", "missing"))
            .refused(
                Pattern(r"Requested resource not found: ResourcArn: arn:aws:dynamodb:.*:table/missing not found"),
                "ResourceNotFoundException",
            )
            .failure(backend)
        ),
    ),
    fact(
        "S9.tags.elsewhere",
        "an ARN of another account is refused with its text",
        KNOWN,
        ask("ListTagsOfResource", ResourceArn="arn:aws:dynamodb:eu-north-1:999999999999:table/plain").refused(
            Pattern(r"(Invalid TableArn: )?Invalid ResourceArn provided as input .*|.*is not authorized.*"),
        ),
        tables=(),
    ),
    fact(
        "S9.tags.index",
        "an index has no tags",
        KNOWN,
        check=lambda backend: (
            ask("TagResource", ResourceArn=_arn(backend) + "/index/gsi_a", Tags=[{"Key": "k", "Value": "v"}])
            .refused(
                Pattern(
                    "One or more parameter values were invalid: Invalid resource arn provided, only table or stream "
                    "is accepted. Provided resource arn: arn:.*"
                )
            )
            .failure(backend)
        ),
    ),
    fact(
        "S9.tags.key_length",
        "a tag's key has at most 128 characters",
        API("Tag"),
        ask("TagResource", ResourceArn=_NOBODY, Tags=[{"Key": "k" * 129, "Value": "v"}]).refused(
            Pattern(r".*(128|Tag Key provided is invalid).*")
        ),
        tables=(),
    ),
    fact(
        "S9.tags.value_length",
        "a tag's value has at most 256 characters",
        API("Tag"),
        ask("TagResource", ResourceArn=_NOBODY, Tags=[{"Key": "k", "Value": "v" * 257}]).refused(
            Pattern(r".*(256|Tag Value provided is invalid).*")
        ),
        tables=(),
    ),
    fact(
        "S9.ttl.missing",
        "time to live of a missing table",
        QUOTED,
        _set(True, name="missing").refused(
            "Requested resource not found: Table: missing not found", "ResourceNotFoundException"
        ),
        tables=(),
    ),
)
