"""S0.constraints: enumerations, lengths, ranges and patterns, which come first and all in one message."""

from __future__ import annotations

from typing import Any, Final

from facts.form import CAPTURED, QUOTED, Backend, Fact, N, S, Step, ask, delete, fact, get, put, query, scan, update
from facts.matching import ABSENT, Pattern
from facts.tables import INDEXED, table

__all__ = ["FACTS"]

_ONE: Final = "1 validation error detected: "
_KEY: Final = {"pk": S("a")}
_FAILED: Final = "failed to satisfy constraint: Member must"
_CAPACITY: Final = f"Value 'X' at 'returnConsumedCapacity' {_FAILED} satisfy enum value set: [INDEXES, TOTAL, NONE]"
_METRICS: Final = f"Value 'X' at 'returnItemCollectionMetrics' {_FAILED} satisfy enum value set: [SIZE, NONE]"
_RETURN: Final = (
    "Failed to satisfy constraint: Member must satisfy enum value set: "
    "[ALL_OLD, UPDATED_OLD, ALL_NEW, UPDATE_NEW, NONE]"
)
_NO_TABLE: Final = f"{_ONE}Value null at 'tableName' {_FAILED} not be null"
_EMPTY_TABLE: Final = f"{_ONE}Value at 'TableName' {_FAILED} have length greater than or equal to 1"
_PATTERN: Final = "satisfy regular expression pattern: [a-zA-Z0-9_.-]+"


def _transact(*actions: dict[str, Any], **more: Any) -> Step:
    return ask("TransactWriteItems", TransactItems=list(actions), **more)


def _action(key: str = "a") -> dict[str, Any]:
    return {"Put": {"TableName": "plain", "Item": {"pk": S(key)}}}


def _write(key: str = "a") -> dict[str, Any]:
    return {"PutRequest": {"Item": {"pk": S(key)}}}


def _arn_is_a_name(backend: Backend) -> str | None:
    arn = backend.ask("DescribeTable", {"TableName": "indexed"}).body["Table"]["TableArn"]
    key = {"pk": S("a"), "sk": S("b")}
    steps = (
        put(key, arn),
        get(key, arn).gives(Item=key),
        update(key, "SET x = :x", {":x": N(1)}, table=arn),
        query("pk = :p", {":p": S("a")}, table=arn).gives(Count=1),
        scan(arn).gives(Count=1),
        ask("BatchGetItem", RequestItems={arn: {"Keys": [key]}}).gives(Responses={arn: [{**key, "x": N(1)}]}),
        ask("TransactWriteItems", TransactItems=[{"Delete": {"TableName": arn, "Key": key}}]),
        delete(key, arn),
        get(key, "indexed").gives(Item=ABSENT),
    )
    return next((found for step in steps if (found := step.failure(backend)) is not None), None)


# Every data operation with a table, without its name
_BODIES: Final[dict[str, dict[str, Any]]] = {
    "PutItem": {"Item": _KEY},
    "GetItem": {"Key": _KEY},
    "UpdateItem": {"Key": _KEY},
    "DeleteItem": {"Key": _KEY},
    "Query": {"KeyConditionExpression": "pk = :p", "ExpressionAttributeValues": {":p": S("a")}},
    "Scan": {},
}
_READS_WITH_CAPACITY: Final = {
    "get": get(_KEY, ReturnConsumedCapacity="X"),
    "query": query("pk = :p", {":p": S("a")}, ReturnConsumedCapacity="X"),
    "scan": scan(ReturnConsumedCapacity="X"),
    "batch_get": ask("BatchGetItem", RequestItems={"plain": {"Keys": [_KEY]}}, ReturnConsumedCapacity="X"),
    "batch_write": ask("BatchWriteItem", RequestItems={"plain": [_write()]}, ReturnConsumedCapacity="X"),
    "transact_write": _transact(_action(), ReturnConsumedCapacity="X"),
    "transact_get": ask(
        "TransactGetItems",
        TransactItems=[{"Get": {"TableName": "plain", "Key": _KEY}}],
        ReturnConsumedCapacity="X",
    ),
}

FACTS: Final[tuple[Fact, ...]] = (
    fact(
        "S0.constraints.put.all",
        "PutItem lists all three enumerations in the order capacity, return values, metrics",
        CAPTURED,
        put(_KEY, ReturnConsumedCapacity="X", ReturnValues="X", ReturnItemCollectionMetrics="X").refused(
            f"3 validation errors detected: {_CAPACITY}; {_RETURN}; {_METRICS}"
        ),
    ),
    fact(
        "S0.constraints.delete.all",
        "DeleteItem lists all three enumerations in the order capacity, return values, metrics",
        CAPTURED,
        delete(_KEY, ReturnConsumedCapacity="X", ReturnValues="X", ReturnItemCollectionMetrics="X").refused(
            f"3 validation errors detected: {_CAPACITY}; {_RETURN}; {_METRICS}"
        ),
    ),
    fact(
        "S0.constraints.update.return_values",
        "UpdateItem stops at a wrong ReturnValues and reports it alone",
        CAPTURED,
        update(_KEY, ReturnConsumedCapacity="X", ReturnValues="X", ReturnItemCollectionMetrics="X").refused(
            _ONE + _RETURN
        ),
    ),
    fact(
        "S0.constraints.update.two",
        "UpdateItem lists the other two enumerations together",
        CAPTURED,
        update(_KEY, ReturnConsumedCapacity="X", ReturnItemCollectionMetrics="X").refused(
            f"2 validation errors detected: {_CAPACITY}; {_METRICS}"
        ),
    ),
    fact(
        "S0.constraints.put.return_values",
        "a wrong ReturnValues is neither echoed nor located, and UPDATED_NEW misspelt",
        CAPTURED,
        put(_KEY, ReturnValues="X").refused(_ONE + _RETURN),
    ),
    *(
        fact(
            f"S0.constraints.capacity.{name}",
            f"{step.operation} renders the values of ReturnConsumedCapacity as INDEXES, TOTAL, NONE",
            CAPTURED,
            step.refused(_ONE + _CAPACITY),
        )
        for name, step in _READS_WITH_CAPACITY.items()
    ),
    *(
        fact(
            f"S0.constraints.table.missing.{operation}",
            f"{operation} without TableName says that it must not be null",
            CAPTURED,
            ask(operation, **body).refused(_NO_TABLE),
            tables=(),
        )
        for operation, body in _BODIES.items()
    ),
    *(
        fact(
            f"S0.constraints.table.empty.{operation}",
            f"{operation} with an empty TableName says so alone, whatever else is wrong",
            CAPTURED,
            ask(operation, TableName="", ReturnConsumedCapacity="X", **body).refused(_EMPTY_TABLE),
            tables=(),
        )
        for operation, body in _BODIES.items()
        if operation != "Scan"
    ),
    fact(
        "S0.constraints.table.long",
        "a table name of 256 characters is echoed and too long",
        CAPTURED,
        get(_KEY, "a" * 256).refused(
            f"{_ONE}Value '{'a' * 256}' at 'tableName' {_FAILED} have length less than or equal to 255"
        ),
        tables=(),
    ),
    fact(
        "S0.constraints.table.pattern",
        "a table name with other characters is echoed with the pattern",
        CAPTURED,
        get(_KEY, "bad!name").refused(f"{_ONE}Value 'bad!name' at 'tableName' {_FAILED} {_PATTERN}"),
        tables=(),
    ),
    *(
        fact(
            f"S0.constraints.control.missing.{operation}",
            f"{operation} without TableName says that the parameter is required",
            CAPTURED,
            ask(operation).refused("The parameter 'TableName' is required but was not present in the request"),
            tables=(),
        )
        for operation in ("DescribeTable", "DeleteTable")
    ),
    fact(
        "S0.constraints.control.short",
        "the control plane wants three characters of a table name",
        CAPTURED,
        ask("DescribeTable", TableName="ab").refused(
            f"{_ONE}Value 'ab' at 'tableName' {_FAILED} have length greater than or equal to 3"
        ),
        tables=(),
    ),
    fact(
        "S0.constraints.conditional_operator.value",
        "a wrong ConditionalOperator is reported alone, and AND misspelt",
        CAPTURED,
        query(
            None,
            KeyConditions={"pk": {"ComparisonOperator": "EQ", "AttributeValueList": [S("a")]}},
            ConditionalOperator="XOR",
            Select="X",
        ).refused("Failed to satisfy constraint: Member must satisfy enum value set: [ALL, OR]"),
    ),
    fact(
        "S0.constraints.conditional_operator.alone",
        "ConditionalOperator needs two conditions",
        CAPTURED,
        query(
            None,
            KeyConditions={"pk": {"ComparisonOperator": "EQ", "AttributeValueList": [S("a")]}},
            QueryFilter={"x": {"ComparisonOperator": "NOT_NULL"}},
            ConditionalOperator="OR",
        ).refused("ConditionalOperator can only be used when Filter or Expected has two or more elements"),
    ),
    fact(
        "S0.constraints.limit.query",
        "Query names a Limit of 0 without echo",
        CAPTURED,
        query("pk = :p", {":p": S("a")}, Limit=0).refused(
            f"{_ONE}Value at 'Limit' {_FAILED} have value greater than or equal to 1"
        ),
    ),
    fact(
        "S0.constraints.limit.scan",
        "Scan echoes a Limit of 0",
        CAPTURED,
        scan(Limit=0).refused(f"{_ONE}Value '0' at 'limit' {_FAILED} have value greater than or equal to 1"),
    ),
    *(
        fact(
            f"S0.constraints.select.{step.operation}",
            f"{step.operation} renders the values of Select",
            CAPTURED,
            step.refused(
                f"{_ONE}Value 'X' at 'select' {_FAILED} satisfy enum value set: "
                "[SPECIFIC_ATTRIBUTES, COUNT, ALL_ATTRIBUTES, ALL_PROJECTED_ATTRIBUTES]"
            ),
        )
        for step in (query("pk = :p", {":p": S("a")}, Select="X"), scan(Select="X"))
    ),
    # Batches
    fact(
        "S0.constraints.batch_get.empty",
        "BatchGetItem of nothing is too short",
        CAPTURED,
        ask("BatchGetItem", RequestItems={}).refused(
            f"{_ONE}Value at 'RequestItems' {_FAILED} have length greater than or equal to 1"
        ),
    ),
    fact(
        "S0.constraints.batch_get.no_keys",
        "BatchGetItem of no keys names the table's keys",
        CAPTURED,
        ask("BatchGetItem", RequestItems={"plain": {"Keys": []}}).refused(
            f"{_ONE}Value at 'RequestItems.plain.member.Keys' {_FAILED} have length greater than or equal to 1"
        ),
    ),
    fact(
        "S0.constraints.batch_get.many_keys",
        "BatchGetItem of 101 keys names the table's keys",
        CAPTURED,
        ask("BatchGetItem", RequestItems={"plain": {"Keys": [{"pk": S(str(n))} for n in range(101)]}}).refused(
            f"{_ONE}Value at 'RequestItems.plain.member.Keys' {_FAILED} have length less than or equal to 100"
        ),
    ),
    fact(
        "S0.constraints.batch_get.table",
        "BatchGetItem echoes its map as JSON when a table has no possible name",
        CAPTURED,
        ask("BatchGetItem", RequestItems={"bad!name": {"Keys": [_KEY]}}).refused(
            f'{_ONE}Value \'{{"bad!name":{{"Keys":[{{"pk":{{"S":"a"}}}}]}}}}\' at \'requestItems\' failed to satisfy '
            "constraint: Map keys must satisfy constraint: [Member must have length less than or equal to 255, "
            "Member must have length greater than or equal to 3, Member must satisfy regular expression pattern: "
            "[a-zA-Z0-9_.-]+]"
        ),
    ),
    fact(
        "S0.constraints.batch_get.table_and_enum",
        "BatchGetItem reports a bad table name together with a bad enumeration",
        CAPTURED,
        ask("BatchGetItem", RequestItems={"bad!name": {"Keys": [_KEY]}}, ReturnConsumedCapacity="X").refused(
            Pattern(r"2 validation errors detected: .*returnConsumedCapacity.*")
        ),
    ),
    fact(
        "S0.constraints.batch_write.empty",
        "BatchWriteItem of nothing says that the parameter is required",
        "captured on the service, 2026, 32 of 33 regions",
        ask("BatchWriteItem", RequestItems={}).refused("The requestItems parameter is required for BatchWriteItem"),
    ),
    fact(
        "S0.constraints.batch_write.many",
        "BatchWriteItem of 26 requests echoes its map in the words of Java",
        CAPTURED,
        ask("BatchWriteItem", RequestItems={"plain": [_write(f"bw-{n}") for n in range(26)]}).refused(
            Pattern(
                r"1 validation error detected: Value '\{plain=\[WriteRequest\(putRequest=PutRequest\("
                r"item=\{pk=AttributeValue\(s=bw-0, n=null, .*\)\]\}' at 'requestItems' failed to satisfy constraint: "
                r"Map value must satisfy constraint: \[Member must have length less than or equal to 25, "
                r"Member must have length greater than or equal to 1\]"
            )
        ),
    ),
    fact(
        "S0.constraints.batch_write.enum_first",
        "BatchWriteItem reports only a bad enumeration when a table has no possible name either",
        CAPTURED,
        ask("BatchWriteItem", RequestItems={"bad!name": [_write()]}, ReturnConsumedCapacity="X").refused(
            _ONE + _CAPACITY
        ),
    ),
    fact(
        "S0.constraints.batch_write.enum_before_count",
        "BatchWriteItem reports only a bad enumeration when there are too many requests too",
        CAPTURED,
        ask(
            "BatchWriteItem",
            RequestItems={"plain": [_write(f"bw-{n}") for n in range(26)]},
            ReturnConsumedCapacity="X",
        ).refused(_ONE + _CAPACITY),
    ),
    # Transactions
    fact(
        "S0.constraints.transact.empty",
        "a transaction of nothing echoes it",
        "captured on the service, 2026, 30 of 33 regions",
        _transact().refused(f"{_ONE}Value '[]' at 'transactItems' {_FAILED} have length greater than or equal to 1"),
    ),
    fact(
        "S0.constraints.transact.many",
        "a transaction of 101 actions is too long",
        CAPTURED,
        _transact(*(_action(str(n)) for n in range(101))).refused(
            Pattern(
                r"1 validation error detected: Value '\[.*\]' at 'transactItems' failed to satisfy constraint: "
                r"Member must have length less than or equal to 100"
            )
        ),
    ),
    fact(
        "S0.constraints.transact.token",
        "a token of 37 characters is listed before what else is wrong",
        CAPTURED,
        _transact(_action(), ClientRequestToken="t" * 37, ReturnConsumedCapacity="X").refused(
            f"2 validation errors detected: Value '{'t' * 37}' at 'clientRequestToken' {_FAILED} have length less "
            f"than or equal to 36; {_CAPACITY}"
        ),
    ),
    fact(
        "S0.constraints.transact_get.empty",
        "a reading transaction of nothing echoes it",
        CAPTURED,
        ask("TransactGetItems", TransactItems=[]).refused(
            f"{_ONE}Value '[]' at 'transactItems' {_FAILED} have length greater than or equal to 1"
        ),
    ),
    # CreateTable
    fact(
        "S0.constraints.create.keys",
        "three key elements are echoed in the words of Java",
        CAPTURED,
        ask("CreateTable", **table("made", "pk:S sk:S xk:S")).refused(
            f"{_ONE}Value '[KeySchemaElement(attributeName=pk, keyType=HASH), KeySchemaElement(attributeName=sk, "
            "keyType=RANGE), KeySchemaElement(attributeName=xk, keyType=RANGE)]' at 'keySchema' "
            f"{_FAILED} have length less than or equal to 2"
        ),
        tables=(),
    ),
    fact(
        "S0.constraints.create.key_type",
        "a key type is HASH or RANGE",
        CAPTURED,
        ask("CreateTable", **{**table("made", "pk:S"), "KeySchema": [{"AttributeName": "pk", "KeyType": "X"}]}).refused(
            f"{_ONE}Value 'X' at 'keySchema.1.member.keyType' {_FAILED} satisfy enum value set: [HASH, RANGE]"
        ),
        tables=(),
    ),
    fact(
        "S0.constraints.create.attribute_type",
        "an attribute type is B, N or S",
        CAPTURED,
        ask("CreateTable", **table("made", "pk:X")).refused(
            f"{_ONE}Value 'X' at 'attributeDefinitions.1.member.attributeType' {_FAILED} satisfy enum value set: "
            "[B, N, S]"
        ),
        tables=(),
    ),
    fact(
        "S0.constraints.create.billing_mode",
        "a billing mode is PROVISIONED or PAY_PER_REQUEST",
        CAPTURED,
        ask("CreateTable", **{**table("made", "pk:S"), "BillingMode": "X"}).refused(
            f"{_ONE}Value 'X' at 'billingMode' {_FAILED} satisfy enum value set: [PROVISIONED, PAY_PER_REQUEST]"
        ),
        tables=(),
    ),
    fact(
        "S0.constraints.create.index_name",
        "an index name has three characters",
        CAPTURED,
        ask("CreateTable", **table("made", "pk:S", indexes={"g1": ("a:S", "ALL")})).refused(
            f"{_ONE}Value 'g1' at 'globalSecondaryIndexes.1.member.indexName' {_FAILED} have length greater than or "
            "equal to 3"
        ),
        tables=(),
    ),
    fact(
        "S0.constraints.create.index_order",
        "faults of global indexes are listed before those of local ones",
        CAPTURED,
        ask(
            "CreateTable",
            **table("made", "pk:S sk:S", indexes={"g1": ("a:S", "ALL")}, local={"l1": ("pk:S a:S", "ALL")}),
        ).refused(
            f"2 validation errors detected: Value 'g1' at 'globalSecondaryIndexes.1.member.indexName' {_FAILED} have "
            f"length greater than or equal to 3; Value 'l1' at 'localSecondaryIndexes.1.member.indexName' {_FAILED} "
            "have length greater than or equal to 3"
        ),
        tables=(),
    ),
    fact(
        "S0.constraints.before.table",
        "a constraint comes before the lookup of the table",
        CAPTURED,
        put(_KEY, "missing", ReturnConsumedCapacity="X").refused(_ONE + _CAPACITY),
        tables=(),
    ),
    fact(
        "S0.constraints.before.values",
        "a constraint comes before a bad value",
        CAPTURED,
        put({"pk": S("a"), "n": N("abc")}, ReturnConsumedCapacity="X").refused(_ONE + _CAPACITY),
    ),
    fact(
        "S0.constraints.before.duplicates",
        "a constraint comes before repeated keys",
        CAPTURED,
        ask("BatchGetItem", RequestItems={"plain": {"Keys": [_KEY, _KEY]}}, ReturnConsumedCapacity="X").refused(
            _ONE + _CAPACITY
        ),
    ),
    fact(
        "S0.constraints.arn",
        "a table's ARN is taken wherever its name is",
        QUOTED,
        tables=(INDEXED,),
        check=_arn_is_a_name,
    ),
)
