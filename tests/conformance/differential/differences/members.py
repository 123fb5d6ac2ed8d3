"""Members of responses that differ."""

from __future__ import annotations

from typing import Any

from differential.differences.difference import Difference, MemberDifference

__all__ = ["MEMBER_DIFFERENCES"]

_TABLE = r"\.(Table|TableDescription)"
_INDEX = _TABLE + r"\.GlobalSecondaryIndexes\[\]"
_LOCAL_INDEX = _TABLE + r"\.(Global|Local)SecondaryIndexes\[\]"

_COSTS = (
    r"\.ConsumedCapacity(\[\])?(\.Table|\.(Global|Local)SecondaryIndexes\.\w+)?\.(Write)?CapacityUnits"
    r"|\.ConsumedCapacity(\[\])?\.(Global|Local)SecondaryIndexes(\.\w+)?"
)
_STATEMENTS = frozenset({"ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction"})


def _absent(value: Any) -> bool:
    return bool(value == "-")


MEMBER_DIFFERENCES: tuple[Difference, ...] = (
    MemberDifference(
        name="DeleteItem reports capacity when it is asked to",
        local="reports it always",
        service="reports it when ReturnConsumedCapacity asks for it",
        source="API reference, ReturnConsumedCapacity: NONE is the default",
        operations=frozenset({"DeleteItem"}),
        path=r"\.ConsumedCapacity",
        accepts=lambda ours, _theirs: _absent(ours),
    ),
    MemberDifference(
        name="a table has an id and warm throughput",
        local="has neither",
        service="describes both",
        source="API reference, TableDescription: TableId, WarmThroughput",
        path=rf"{_TABLE}\.(TableId|WarmThroughput)|{_INDEX}\.WarmThroughput",
        accepts=lambda _ours, theirs: _absent(theirs),
    ),
    MemberDifference(
        name="throughput that was never changed has no time of a change",
        local="gives 1970-01-01 for LastIncreaseDateTime and LastDecreaseDateTime",
        service="leaves them out",
        source="API reference, ProvisionedThroughputDescription",
        path=rf"{_TABLE}\.ProvisionedThroughput\.Last(In|De)creaseDateTime",
    ),
    MemberDifference(
        name="the throughput of an index counts its decreases",
        local="leaves NumberOfDecreasesToday of an index out",
        service="gives it, as of a table",
        source="API reference, ProvisionedThroughputDescription",
        path=rf"{_INDEX}\.ProvisionedThroughput\.NumberOfDecreasesToday",
        accepts=lambda _ours, theirs: _absent(theirs),
    ),
    MemberDifference(
        name="a change of a table is answered while it is under way",
        local="answers CreateTable and DeleteTable with ACTIVE",
        service="answers with CREATING, UPDATING and DELETING",
        source="API reference, TableStatus and IndexStatus",
        operations=frozenset({"CreateTable", "UpdateTable", "DeleteTable"}),
        path=rf"{_TABLE}\.TableStatus|{_INDEX}\.(IndexStatus|Backfilling)",
    ),
    MemberDifference(
        name="a table that is being deleted is described in short",
        local="describes it as before",
        service="leaves keys, definitions, indexes and the time of creation out",
        source="examples of DeleteTable in the API reference; answers of the service that dynalite's tests were run on",
        operations=frozenset({"DeleteTable"}),
        path=rf"{_TABLE}\.(AttributeDefinitions|KeySchema|CreationDateTime|(Global|Local)SecondaryIndexes)",
        accepts=lambda ours, _theirs: _absent(ours),
    ),
    MemberDifference(
        name="a table that is being created is not yet billed on demand since a time",
        local="gives LastUpdateToPayPerRequestDateTime at once",
        service="gives it once the table is active",
        source="answers captured on the service, CreateTable",
        operations=frozenset({"CreateTable"}),
        path=rf"{_TABLE}\.BillingModeSummary\.LastUpdateToPayPerRequestDateTime",
        accepts=lambda ours, _theirs: _absent(ours),
    ),
    MemberDifference(
        name="the size of an index is that of its entries",
        local="counts the attributes of the table's keys otherwise",
        service="counts what is projected into the index",
        source="developer guide, 'Storage considerations for global secondary indexes'",
        path=rf"{_LOCAL_INDEX}\.IndexSizeBytes",
    ),
    MemberDifference(
        name="the size of an item collection is reported when it is asked for",
        local="never reports it",
        service="reports key and range of size on tables with a local index",
        source="API reference, ReturnItemCollectionMetrics",
        path=r"\.ItemCollectionMetrics",
        accepts=lambda _ours, theirs: _absent(theirs),
    ),
    MemberDifference(
        name="a read that finds nothing costs half a unit",
        local="charges nothing to queries, scans and batches that find nothing",
        service="charges the least: half a unit, or one for a consistent read",
        source="developer guide, 'Read consumption': at least 4 KB; API reference, ConsumedCapacity",
        operations=frozenset({"Query", "Scan", "BatchGetItem"}),
        path=r"\.ConsumedCapacity(\[\])?(\.Table|\.(Global|Local)SecondaryIndexes\.\w+)?\.CapacityUnits",
        accepts=lambda ours, theirs: ours > theirs,
    ),
    MemberDifference(
        name="transactions report read and write units apart",
        local="reports them on the top level only",
        service="reports them on the top level and for the table",
        source="answers captured on the service, ConsumedCapacity of transactions",
        operations=frozenset({"TransactGetItems", "TransactWriteItems"}),
        path=r"\.ConsumedCapacity\[\]\.Table\.(Read|Write)CapacityUnits",
        accepts=lambda _ours, theirs: _absent(theirs),
    ),
    MemberDifference(
        name="statements report capacity when they are asked to",
        local="never reports it",
        service="reports it",
        source="API reference, ReturnConsumedCapacity of ExecuteStatement",
        operations=_STATEMENTS,
        path=r"\.ConsumedCapacity",
        accepts=lambda _ours, theirs: _absent(theirs),
    ),
    MemberDifference(
        name="a statement that was paged names its last key",
        local="gives NextToken only",
        service="gives NextToken and LastEvaluatedKey",
        source="API reference, ExecuteStatement, LastEvaluatedKey",
        operations=frozenset({"ExecuteStatement"}),
        path=r"\.(LastEvaluatedKey|NextToken)",
        accepts=lambda ours, theirs: _absent(ours) or _absent(theirs),
    ),
    MemberDifference(
        name="a DELETE whose condition does not hold deletes nothing, in a batch too",
        local="answers an error for the statement",
        service="succeeds with nothing deleted",
        source="developer guide, 'PartiQL delete statements': SUCCESS is returned with 0 items deleted",
        operations=frozenset({"BatchExecuteStatement"}),
        path=r"\.Responses\[\]\.Error",
        accepts=lambda ours, theirs: _absent(ours) and theirs.get("Code") == "ConditionalCheckFailed",
    ),
    MemberDifference(
        name="an update of an index key to another type is refused in a batch too",
        local="stores the item, without an entry in the index",
        service="answers an error for the statement",
        source="AWS re:Post, and answers captured on the service",
        operations=frozenset({"BatchExecuteStatement"}),
        path=r"\.Responses\[\]\.Error",
        accepts=lambda ours, theirs: _absent(theirs) and "secondary index key to unsupported type" in str(ours),
    ),
    MemberDifference(
        name="the error of a statement in a batch has the text of the same error alone",
        local="words it in its own way",
        service="as of ExecuteStatement",
        source="developer guide, 'Error handling for batch operations with PartiQL'",
        operations=frozenset({"BatchExecuteStatement"}),
        path=r"\.Responses\[\]\.(Error\.Message|TableName)",
    ),
    MemberDifference(
        name="an item of which nothing is projected is left out of a transaction's responses",
        local="gives an empty Item",
        service="leaves Item out",
        source="answers captured on the service",
        operations=frozenset({"TransactGetItems", "ExecuteTransaction"}),
        path=r"\.Responses\[\]\.Item",
        accepts=lambda ours, theirs: _absent(ours) and theirs == {},
    ),
    MemberDifference(
        name="a write costs what it changes",
        local="charges indexes for entries that stay as they are, twice within transactions, and forgets that a write "
        "also costs the item that was there",
        service="charges the larger of the two images once, and every index by the change of its entry",
        source="answers captured on the service, ConsumedCapacity of writes",
        operations=frozenset({"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem"}),
        path=_COSTS,
        accepts=lambda ours, theirs: _absent(ours) or ours < theirs,
    ),
    MemberDifference(
        name="a write in a transaction costs twice, its indexes once",
        local="charges indexes twice, an item that was there again, and a delete that finds nothing once",
        service="charges every write twice what it costs alone, and indexes once",
        source="answers captured on the service, ConsumedCapacity of transactions",
        operations=frozenset({"TransactWriteItems"}),
        path=_COSTS,
    ),
    MemberDifference(
        name="an update that only removes does not create the item",
        local="creates it with nothing but its key, and answers with that",
        service="leaves the table as it is",
        source="seen on the service by several authors of emulators",
        operations=frozenset({"UpdateItem"}),
        path=r"\.Attributes",
        accepts=lambda ours, _theirs: _absent(ours),
    ),
    MemberDifference(
        name="a page that its limit ends at the bound of the sort key condition names where it ended",
        local="knows that nothing lies behind an inclusive bound, and ends the pages there",
        service="names the key of the last item that was read",
        source="developer guide, 'Paginating table query results'",
        operations=frozenset({"Query"}),
        path=r"\.LastEvaluatedKey",
        accepts=lambda ours, theirs: _absent(theirs),
    ),
    MemberDifference(
        name="a new table has no stream of an old one",
        local="names the stream of a deleted table of that name as its latest",
        service="names a table's own",
        source="API reference, TableDescription, LatestStreamArn",
        path=rf"{_TABLE}\.LatestStream(Arn|Label)",
        accepts=lambda ours, theirs: _absent(ours),
    ),
    MemberDifference(
        name="definitions of attributes that an index leaves behind go with it",
        local="keeps or drops them at another moment",
        service="not settled",
        source="API reference, UpdateTable: the definitions of the attributes of keys",
        takes="gone when the index is",
        operations=frozenset({"UpdateTable"}),
        path=rf"{_TABLE}\.AttributeDefinitions",
    ),
    MemberDifference(
        name="an index that is being created has no size yet",
        local="leaves size and count out while it is created in the background",
        service="the same; here an index is ready when the call returns",
        source="API reference, GlobalSecondaryIndexDescription",
        takes="its own: indexes are created at once",
        path=rf"{_INDEX}\.(IndexSizeBytes|ItemCount|Backfilling)|{_INDEX}",
    ),
    MemberDifference(
        name="throughput that was changed has the time of the change",
        local="gives none for indexes",
        service="gives LastIncreaseDateTime and LastDecreaseDateTime",
        source="API reference, ProvisionedThroughputDescription",
        path=rf"({_INDEX}|{_TABLE})\.ProvisionedThroughput\.(Last(In|De)creaseDateTime|NumberOfDecreasesToday)",
    ),
    MemberDifference(
        name="a table that was billed on demand is described by its settings",
        local="keeps the throughput of before, or forgets a setting that it does not have (table class)",
        service="describes BillingModeSummary, TableClassSummary and throughput as set",
        source="API reference, TableDescription",
        path=rf"{_TABLE}\.(TableClassSummary|BillingModeSummary.*|OnDemandThroughput|ProvisionedThroughput.*)"
        rf"|{_INDEX}\.(ProvisionedThroughput.*|OnDemandThroughput)",
    ),
    MemberDifference(
        name="deletion protection stays until it is taken away",
        local="drops it when another setting is changed",
        service="changes what the request names",
        source="API reference, UpdateTable",
        path=rf"{_TABLE}\.DeletionProtectionEnabled",
    ),
)
