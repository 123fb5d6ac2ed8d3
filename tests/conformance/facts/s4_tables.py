"""S4, tables: how they are made, changed, described and deleted, and the operations that are not there."""

from __future__ import annotations

from typing import Any, Final

from facts.form import API, KNOWN, Fact, N, S, Step, ask, fact, put, scan
from facts.matching import ABSENT, ANY, Pattern, Some, Unordered
from facts.tables import HASH, INDEXED, RANGE, table

__all__ = ["FACTS"]

_INVALID: Final = "One or more parameter values were invalid: "
_IN_USE: Final = "ResourceInUseException"
_NOT_FOUND: Final = "ResourceNotFoundException"
_PROTECTED: Final = (
    "Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first."
)
_PROVISIONED: Final = {"ReadCapacityUnits": 3, "WriteCapacityUnits": 2}


def _create(definition: dict[str, Any], **more: Any) -> Step:
    return ask("CreateTable", **{**definition, **more})


def _update(name: str = "plain", **more: Any) -> Step:
    return ask("UpdateTable", TableName=name, **more)


def _described(name: str = "plain", **members: Any) -> Step:
    return ask("DescribeTable", TableName=name).gives(Table=Some(members))


def _attribute(name: str, kind: str = "S") -> dict[str, str]:
    return {"AttributeName": name, "AttributeType": kind}


def _new_index(name: str, key: str, **more: Any) -> dict[str, Any]:
    return {
        "Create": {
            "IndexName": name,
            "KeySchema": [{"AttributeName": key, "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "ALL"},
            **more,
        }
    }


def _without_projection() -> dict[str, Any]:
    made = table("made", "pk:S sk:S", indexes={"gsi_a": ("a:S", "ALL")})
    made["GlobalSecondaryIndexes"][0]["Projection"] = {}
    return made


_BACKFILLED: Final = [
    put({"pk": S("right"), "v": S("x")}),
    put({"pk": S("wrong type"), "v": N(1)}),
    put({"pk": S("too long"), "v": S("x" * 2049)}),
    put({"pk": S("absent")}),
    put({"pk": S("empty"), "v": S("")}),
]

FACTS: Final[tuple[Fact, ...]] = (
    # CreateTable
    fact(
        "S4.create.described",
        "a new table is described with its identity",
        API("CreateTable"),
        _described(
            TableName="plain",
            TableStatus="ACTIVE",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            AttributeDefinitions=[_attribute("pk")],
            BillingModeSummary=Some({"BillingMode": "PAY_PER_REQUEST"}),
            ProvisionedThroughput=Some({"ReadCapacityUnits": 0, "WriteCapacityUnits": 0, "NumberOfDecreasesToday": 0}),
            ItemCount=0,
            TableSizeBytes=0,
            TableArn=Pattern(r"arn:aws:dynamodb:[a-z0-9-]+:\d{12}:table/plain"),
            TableId=Pattern(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"),
            CreationDateTime=ANY,
            DeletionProtectionEnabled=False,
            LatestStreamArn=ABSENT,
            GlobalSecondaryIndexes=ABSENT,
        ),
    ),
    fact(
        "S4.create.warm",
        "a new table on demand can serve 12,000 reads and 4,000 writes a second",
        API("DescribeTable") + "; developer guide, warm throughput",
        _described(WarmThroughput={"ReadUnitsPerSecond": 12000, "WriteUnitsPerSecond": 4000, "Status": "ACTIVE"}),
    ),
    fact(
        "S4.create.exists",
        "a table that is there cannot be made again",
        KNOWN,
        _create(HASH).refused("Table already exists: plain", _IN_USE),
    ),
    fact(
        "S4.create.indexes",
        "the indexes of a new table are described",
        API("CreateTable"),
        _described(
            "indexed",
            GlobalSecondaryIndexes=Unordered(
                [
                    Some({"IndexName": "gsi_all", "IndexStatus": "ACTIVE", "Projection": {"ProjectionType": "ALL"}}),
                    Some({"IndexName": "gsi_keys", "IndexArn": Pattern(r"arn:.*:table/indexed/index/gsi_keys")}),
                ]
            ),
            LocalSecondaryIndexes=Unordered(
                [
                    Some({"IndexName": "lsi_all", "IndexStatus": ABSENT}),
                    Some(
                        {
                            "IndexName": "lsi_some",
                            "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["x"]},
                        }
                    ),
                ]
            ),
        ),
        tables=(INDEXED,),
    ),
    fact(
        "S4.create.unused_attribute",
        "an attribute that no key uses is not defined",
        KNOWN,
        _create(table("made", "pk:S"), AttributeDefinitions=[_attribute("pk"), _attribute("x")]).refused(
            _INVALID + "Number of attributes in KeySchema does not exactly match number of attributes defined in "
            "AttributeDefinitions"
        ),
        tables=(),
    ),
    fact(
        "S4.create.undefined_attribute",
        "an attribute of an index key is defined",
        KNOWN,
        _create(
            table("made", "b:S", indexes={"gsi_a": ("a:S", "ALL")}), AttributeDefinitions=[_attribute("b")]
        ).refused(
            _INVALID + "Some index key attributes are not defined in AttributeDefinitions. Keys: [a], "
            "AttributeDefinitions: [b]"
        ),
        tables=(),
    ),
    fact(
        "S4.create.first_is_hash",
        "the first key element is a partition key",
        KNOWN,
        _create(table("made", "pk:S"), KeySchema=[{"AttributeName": "pk", "KeyType": "RANGE"}]).refused(
            "Invalid KeySchema: The first KeySchemaElement is not a HASH key type"
        ),
        tables=(),
    ),
    fact(
        "S4.create.second_is_range",
        "the second key element is a sort key",
        KNOWN,
        _create(
            table("made", "pk:S sk:S"),
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "HASH"}],
        ).refused("Invalid KeySchema: The second KeySchemaElement is not a RANGE key type"),
        tables=(),
    ),
    fact(
        "S4.create.same_name",
        "partition and sort key are two attributes",
        KNOWN,
        _create(
            table("made", "pk:S sk:S"),
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "pk", "KeyType": "RANGE"}],
        ).refused("Both the Hash Key and the Range Key element in the KeySchema have the same name"),
        tables=(),
    ),
    fact(
        "S4.create.local_without_range",
        "a local index needs a table with a sort key",
        KNOWN,
        _create(table("made", "pk:S", local={"lsi_a": ("pk:S a:S", "ALL")})).refused(
            _INVALID + "Table KeySchema does not have a range key, which is required when specifying a "
            "LocalSecondaryIndex"
        ),
        tables=(),
    ),
    fact(
        "S4.create.local_other_hash",
        "a local index has the table's partition key",
        KNOWN,
        _create(table("made", "a:S sk:S", local={"lsi_b": ("b:S sk:S", "ALL")})).refused(
            _INVALID + "Index KeySchema does not have the same leading hash key as table KeySchema for index: lsi_b. "
            "index hash key: b, table hash key: a"
        ),
        tables=(),
    ),
    fact(
        "S4.create.index_twice",
        "index names are different",
        KNOWN,
        _create(
            table("made", "pk:S sk:S", indexes={"index_x": ("a:S", "ALL")}, local={"index_x": ("pk:S a:S", "ALL")})
        ).refused(_INVALID + "Duplicate index name: index_x"),
        tables=(),
    ),
    fact(
        "S4.create.no_projection_type",
        "a projection has a type",
        KNOWN,
        _create(_without_projection()).refused(_INVALID + "Unknown ProjectionType: null"),
        tables=(),
    ),
    fact(
        "S4.create.throughput_on_demand",
        "a table on demand has no capacity",
        KNOWN,
        _create(table("made", "pk:S"), ProvisionedThroughput=_PROVISIONED).refused(
            _INVALID + "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is "
            "PAY_PER_REQUEST"
        ),
        tables=(),
    ),
    fact(
        "S4.create.provisioned",
        "a provisioned table is described with its capacity and without a billing mode",
        API("DescribeTable"),
        _create(
            {name: value for name, value in table("made", "pk:S").items() if name != "BillingMode"},
            ProvisionedThroughput=_PROVISIONED,
        ),
        _described(
            "made",
            ProvisionedThroughput=Some({**_PROVISIONED, "NumberOfDecreasesToday": 0}),
            BillingModeSummary=ABSENT,
        ),
        tables=(),
    ),
    # Tables that are not there
    *(
        fact(
            f"S4.not_found.{operation}",
            f"{operation} of a missing table names it",
            KNOWN,
            ask(operation, TableName="missing", **more).refused(
                "Requested resource not found: Table: missing not found", _NOT_FOUND
            ),
            tables=(),
        )
        for operation, more in (
            ("DescribeTable", {}),
            ("DeleteTable", {}),
            ("UpdateTable", {"BillingMode": "PAY_PER_REQUEST"}),
            ("DescribeTimeToLive", {}),
        )
    ),
    # DeleteTable
    fact(
        "S4.delete.gone",
        "a table that is deleted is gone",
        API("DeleteTable"),
        ask("DeleteTable", TableName="plain").gives(
            TableDescription=Some({"TableName": "plain", "TableStatus": "DELETING"})
        ),
        scan().refused("Requested resource not found", _NOT_FOUND),
    ),
    fact(
        "S4.delete.protected",
        "a protected table is not deleted until the protection ends",
        KNOWN,
        _update(DeletionProtectionEnabled=True),
        ask("DeleteTable", TableName="plain").refused(_PROTECTED),
        _update(DeletionProtectionEnabled=False),
        ask("DeleteTable", TableName="plain"),
    ),
    fact(
        "S4.delete.and_made_again",
        "a table of the same name is another one, without items",
        API("DeleteTable"),
        put({"pk": S("a")}),
        ask("DeleteTable", TableName="plain"),
        _create(HASH),
        scan().gives(Count=0),
    ),
    # UpdateTable
    fact(
        "S4.update.nothing",
        "an update of a table changes something",
        KNOWN,
        # The list has grown over the years.
        _update().refused(
            Pattern(
                "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates"
                ".* is required"
            )
        ),
    ),
    fact(
        "S4.update.redefined",
        "an attribute keeps its type",
        KNOWN,
        ask(
            "UpdateTable",
            TableName="made",
            AttributeDefinitions=[_attribute("xyz", "N")],
            GlobalSecondaryIndexUpdates=[_new_index("gsi_x", "xyz")],
        ).refused(
            _INVALID + "Attributes cannot be redefined. Please check that your attribute has the same type as "
            "previously defined. Existing schema: Schema:[SchemaElement: key{xyz:S:HASH}] New schema: "
            "Schema:[SchemaElement: key{xyz:N:HASH}]"
        ),
        tables=(table("made", "xyz:S"),),
    ),
    fact(
        "S4.update.backfill",
        "a new index leaves out items whose attribute cannot be its key",
        KNOWN,
        *_BACKFILLED,
        _update(
            AttributeDefinitions=[_attribute("pk"), _attribute("v")],
            GlobalSecondaryIndexUpdates=[_new_index("by_v", "v")],
        ),
        scan(IndexName="by_v").gives(Items=[{"pk": S("right"), "v": S("x")}]),
        scan().gives(Count=5),
    ),
    fact(
        "S4.update.index_deleted",
        "an index that is deleted can no longer be read",
        API("UpdateTable"),
        _update("indexed", GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "gsi_keys"}}]),
        scan("indexed", IndexName="gsi_keys").refused("The table does not have the specified index: gsi_keys"),
        tables=(INDEXED,),
    ),
    fact(
        "S4.update.billing",
        "a table becomes provisioned and on demand again",
        API("UpdateTable"),
        _update(BillingMode="PROVISIONED", ProvisionedThroughput=_PROVISIONED),
        _described(ProvisionedThroughput=Some(_PROVISIONED), BillingModeSummary=Some({"BillingMode": "PROVISIONED"})),
        _update(BillingMode="PAY_PER_REQUEST"),
        _described(BillingModeSummary=Some({"BillingMode": "PAY_PER_REQUEST"})),
    ),
    fact(
        "S4.update.table_class",
        "the table class is changed and described",
        API("UpdateTable"),
        _update(TableClass="STANDARD_INFREQUENT_ACCESS"),
        _described(TableClassSummary=Some({"TableClass": "STANDARD_INFREQUENT_ACCESS"})),
    ),
    fact(
        "S4.update.stream",
        "a stream is turned on and described",
        API("UpdateTable"),
        _update(StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}),
        _described(
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
            LatestStreamArn=Pattern(r"arn:aws:dynamodb:.*:table/plain/stream/.*"),
            LatestStreamLabel=Pattern(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}"),
        ),
    ),
    # The account
    fact(
        "S4.account.limits",
        "DescribeLimits tells the default quotas",
        API("DescribeLimits"),
        ask("DescribeLimits").gives(
            AccountMaxReadCapacityUnits=80000,
            AccountMaxWriteCapacityUnits=80000,
            TableMaxReadCapacityUnits=40000,
            TableMaxWriteCapacityUnits=40000,
        ),
        tables=(),
    ),
    fact(
        "S4.account.endpoints",
        "DescribeEndpoints tells where to ask",
        API("DescribeEndpoints"),
        ask("DescribeEndpoints").gives(Endpoints=[{"Address": ANY, "CachePeriodInMinutes": 1440}]),
        tables=(),
    ),
    fact(
        "S4.account.tables",
        "ListTables tells names in their order",
        API("ListTables"),
        ask("ListTables").gives(TableNames=["plain", "ranged"], LastEvaluatedTableName=ABSENT),
        tables=(RANGE, HASH),
    ),
)
