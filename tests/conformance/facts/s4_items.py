"""S4, items: keys, types, conditions, and what updates do."""

from __future__ import annotations

from typing import Any, Final

from facts.form import (
    API,
    BS,
    GUIDE,
    KNOWN,
    NS,
    QUOTED,
    SS,
    Fact,
    L,
    M,
    N,
    S,
    Step,
    ask,
    delete,
    fact,
    get,
    put,
    query,
    scan,
    update,
)
from facts.matching import ABSENT
from facts.tables import INDEXED, RANGE, RANGE_N, table

__all__ = ["FACTS"]

_INVALID: Final = "One or more parameter values were invalid: "
_NOT_VALID: Final = "One or more parameter values are not valid. "
_SCHEMA: Final = "The provided key element does not match the schema"
_EMPTY: Final = _NOT_VALID + "The AttributeValue for a key attribute cannot contain an empty string value. Key: pk"
_KEY: Final = {"pk": S("a")}
_FULL: Final = {"pk": S("a"), "sk": S("b")}
_BINARY: Final = table("binary", "pk:B")
_CANCELLED: Final = "Transaction cancelled, please refer cancellation reasons for specific reasons [ValidationError]"


def _cancelled(action: str, body: dict[str, Any], message: str) -> Step:
    return ask("TransactWriteItems", TransactItems=[{action: {"TableName": "plain", **body}}]).refused(
        _CANCELLED,
        "TransactionCanceledException",
        CancellationReasons=[{"Code": "ValidationError", "Message": message}],
    )


# Keys of another shape, for every operation that looks one up
_SHAPES: Final[list[tuple[str, str, dict[str, Any]]]] = [
    ("other", "of another name", {"x": S("a")}),
    ("more", "with an attribute more", {"pk": S("a"), "x": S("a")}),
    ("type", "of another type", {"pk": N(1)}),
    ("none", "without attributes", {}),
]

FACTS: Final[tuple[Fact, ...]] = (
    # Puts
    fact(
        "S4.put.missing",
        "an item without its key is refused by the key's name",
        KNOWN,
        put({"pk": S("a")}, "ranged").refused(_INVALID + "Missing the key sk in the item"),
        tables=(RANGE,),
    ),
    fact(
        "S4.put.type",
        "an item whose key has another type is told both",
        KNOWN,
        put({"pk": S("a"), "sk": N(1)}, "ranged").refused(_INVALID + "Type mismatch for key sk expected: S actual: N"),
        tables=(RANGE,),
    ),
    fact(
        "S4.put.index_type",
        "an item whose index key has another type is told the index",
        KNOWN,
        put({**_FULL, "c": N(1)}, "indexed").refused(
            _INVALID + "Type mismatch for Index Key c Expected: S Actual: N IndexName: lsi_all"
        ),
        tables=(INDEXED,),
    ),
    fact(
        "S4.put.index_empty",
        "an empty text in an index key is refused with index and key",
        KNOWN,
        put({**_FULL, "c": S("")}, "indexed").refused(
            _NOT_VALID + "A value specified for a secondary index key is not supported. The AttributeValue for a key "
            "attribute cannot contain an empty string value. IndexName: lsi_all, IndexKey: c"
        ),
        tables=(INDEXED,),
    ),
    fact(
        "S4.put.index_missing",
        "an item without an index's key is kept and not in the index",
        GUIDE("Global secondary indexes, sparse indexes"),
        put(_FULL, "indexed"),
        scan("indexed", IndexName="gsi_keys").gives(Count=0),
        tables=(INDEXED,),
    ),
    fact("S4.put.empty_key", "a key text is not empty", KNOWN, put({"pk": S("")}).refused(_EMPTY)),
    fact(
        "S4.put.empty_binary_key",
        "a key binary is not empty",
        KNOWN,
        put({"pk": {"B": ""}}, "binary").refused(
            _NOT_VALID + "The AttributeValue for a key attribute cannot contain an empty binary value. Key: pk"
        ),
        tables=(_BINARY,),
    ),
    fact(
        "S4.put.empty_others",
        "other texts and binaries may be empty",
        GUIDE("Supported data types"),
        put({**_KEY, "s": S(""), "b": {"B": ""}}),
        get(_KEY).gives(Item={**_KEY, "s": S(""), "b": {"B": ""}}),
    ),
    fact(
        "S4.update.index_type",
        "an update of an index key to another type is refused",
        KNOWN,
        put(_FULL, "indexed"),
        update(_FULL, "SET c = :n", {":n": N(1)}, table="indexed").refused(
            "The update expression attempted to update the secondary index key to unsupported type"
        ),
        tables=(INDEXED,),
    ),
    # Lookups
    *(
        fact(
            f"S4.lookup.{mark}.{step.operation}",
            f"{step.operation} refuses a key {what}",
            KNOWN,
            step.refused(_SCHEMA),
        )
        for mark, what, key in _SHAPES
        for step in (
            get(key),
            update(key, "SET y = :y", {":y": N(1)}),
            delete(key),
            ask("BatchGetItem", RequestItems={"plain": {"Keys": [key]}}),
            ask("BatchWriteItem", RequestItems={"plain": [{"DeleteRequest": {"Key": key}}]}),
        )
    ),
    fact(
        "S4.lookup.batch_put",
        "BatchWriteItem refuses a put without its key in the words of lookups",
        KNOWN,
        ask("BatchWriteItem", RequestItems={"plain": [{"PutRequest": {"Item": {"x": S("a")}}}]}).refused(_SCHEMA),
    ),
    fact(
        "S4.transact.key.update",
        "a transaction is cancelled for a key of another shape",
        KNOWN,
        _cancelled(
            "Update",
            {"Key": {"x": S("a")}, "UpdateExpression": "SET y = :y", "ExpressionAttributeValues": {":y": N(1)}},
            _SCHEMA,
        ),
    ),
    fact(
        "S4.transact.key.delete",
        "a transaction is cancelled for a key of another type",
        KNOWN,
        _cancelled("Delete", {"Key": {"pk": N(1)}}, _SCHEMA),
    ),
    fact(
        "S4.transact.key.put",
        "a transaction is cancelled for a put with a key of another type, in the words of puts",
        KNOWN,
        _cancelled("Put", {"Item": {"pk": N(1)}}, _INVALID + "Type mismatch for key pk expected: S actual: N"),
    ),
    fact(
        "S4.transact.key.empty",
        "an empty key refuses a transaction as a whole",
        KNOWN,
        ask("TransactWriteItems", TransactItems=[{"Delete": {"TableName": "plain", "Key": {"pk": S("")}}}]).refused(
            _EMPTY
        ),
    ),
    # Values
    fact(
        "S4.sets.unordered",
        "sets are equal whatever their order",
        GUIDE("Supported data types"),
        put({**_KEY, "s": SS("a", "b"), "n": NS("1", "2"), "b": BS("AA==", "AQ==")}),
        put(
            {**_KEY, "done": N(1)},
            ConditionExpression="s = :s AND n = :n AND b = :b",
            ExpressionAttributeValues={":s": SS("b", "a"), ":n": NS("2.0", "1"), ":b": BS("AQ==", "AA==")},
        ),
    ),
    fact(
        "S4.numbers.keys",
        "number keys are equal by value",
        GUIDE("Supported data types"),
        put({**_KEY, "sk": N("1.0"), "x": N(1)}, "numbered"),
        get({**_KEY, "sk": N("1")}, "numbered").gives(Item={**_KEY, "sk": N(1), "x": N(1)}),
        put({**_KEY, "sk": N("1e0"), "x": N(2)}, "numbered"),
        scan("numbered").gives(Items=[{**_KEY, "sk": N(1), "x": N(2)}]),
        tables=(RANGE_N,),
    ),
    fact(
        "S4.numbers.conditions",
        "numbers in conditions are equal by value, in documents too",
        GUIDE("Supported data types"),
        put({**_KEY, "m": M(l=L(N("1.00")))}),
        put(_KEY, ConditionExpression="m = :m", ExpressionAttributeValues={":m": M(l=L(N("1e0")))}),
    ),
    # Tables that are not there
    *(
        fact(
            f"S4.not_found.{step.operation}",
            f"{step.operation} of a missing table",
            KNOWN,
            step.refused("Requested resource not found", "ResourceNotFoundException"),
            tables=(),
        )
        for step in (
            put(_KEY, "missing"),
            get(_KEY, "missing"),
            update(_KEY, "SET y = :y", {":y": N(1)}, table="missing"),
            delete(_KEY, "missing"),
            query("pk = :p", {":p": S("a")}, table="missing"),
            scan("missing"),
            ask("BatchGetItem", RequestItems={"missing": {"Keys": [_KEY]}}),
            ask("BatchWriteItem", RequestItems={"missing": [{"PutRequest": {"Item": _KEY}}]}),
            ask("TransactGetItems", TransactItems=[{"Get": {"TableName": "missing", "Key": _KEY}}]),
            ask("TransactWriteItems", TransactItems=[{"Put": {"TableName": "missing", "Item": _KEY}}]),
            ask("ExecuteStatement", Statement='SELECT * FROM "missing"'),
        )
    ),
    # Conditions
    *(
        fact(
            f"S4.condition.old.{step.operation}",
            f"a condition that fails in {step.operation} shows the item when it is asked for",
            API(step.operation),
            put({**_KEY, "x": N(1)}),
            step.refused("The conditional request failed", "ConditionalCheckFailedException", Item={**_KEY, "x": N(1)}),
        )
        for step in (
            put(
                _KEY,
                ConditionExpression="attribute_not_exists(pk)",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            ),
            update(
                _KEY,
                "REMOVE x",
                ConditionExpression="attribute_not_exists(pk)",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            ),
            delete(
                _KEY,
                ConditionExpression="attribute_not_exists(pk)",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            ),
        )
    ),
    fact(
        "S4.condition.not_asked",
        "a condition that fails shows nothing when it is not asked for",
        API("PutItem"),
        put({**_KEY, "x": N(1)}),
        put(_KEY, ConditionExpression="attribute_not_exists(pk)").refused(
            "The conditional request failed", "ConditionalCheckFailedException", Item=ABSENT
        ),
    ),
    fact(
        "S4.condition.no_item",
        "a condition that fails on no item shows nothing",
        API("PutItem"),
        put(_KEY, ConditionExpression="attribute_exists(pk)", ReturnValuesOnConditionCheckFailure="ALL_OLD").refused(
            "The conditional request failed", "ConditionalCheckFailedException", Item=ABSENT
        ),
    ),
    # Updates
    fact(
        "S4.update.creates",
        "an update without an expression makes an item of its key",
        API("UpdateItem"),
        update(_KEY),
        get(_KEY).gives(Item=_KEY),
    ),
    fact(
        "S4.update.remove_creates_nothing",
        "an update that only removes does not make an item",
        QUOTED,
        update(_KEY, "REMOVE x"),
        get(_KEY).gives(Item=ABSENT),
    ),
    fact(
        "S4.update.delete_creates_nothing",
        "a legacy update that only deletes does not make an item",
        QUOTED,
        update(_KEY, AttributeUpdates={"x": {"Action": "DELETE"}}),
        get(_KEY).gives(Item=ABSENT),
    ),
    fact(
        "S4.update.append",
        "SET past the end of a list appends, without a gap",
        GUIDE("Update expressions"),
        put({**_KEY, "l": L(N(1))}),
        update(_KEY, "SET l[7] = :v", {":v": N(2)}, ReturnValues="ALL_NEW").gives(
            Attributes={**_KEY, "l": L(N(1), N(2))}
        ),
    ),
    fact(
        "S4.update.remove_shifts",
        "an element that is removed from a list moves up those behind it",
        GUIDE("Update expressions"),
        put({**_KEY, "l": L(N(0), N(1), N(2), N(3))}),
        update(_KEY, "REMOVE l[1], l[2]", ReturnValues="ALL_NEW").gives(Attributes={**_KEY, "l": L(N(0), N(3))}),
    ),
    fact(
        "S4.update.before",
        "all right-hand sides see the item as it was",
        API("UpdateItem"),
        put({**_KEY, "x": N(1), "y": N(2)}),
        update(_KEY, "SET x = y, y = x", ReturnValues="ALL_NEW").gives(Attributes={**_KEY, "x": N(2), "y": N(1)}),
    ),
    fact(
        "S4.update.touched",
        "UPDATED_NEW and UPDATED_OLD show only the paths that were touched",
        API("UpdateItem"),
        put({**_KEY, "m": M(x=N(1), y=N(2))}),
        update(_KEY, "SET m.x = :v", {":v": N(3)}, ReturnValues="UPDATED_OLD").gives(Attributes={"m": M(x=N(1))}),
        update(_KEY, "SET m.x = :v", {":v": N(4)}, ReturnValues="UPDATED_NEW").gives(Attributes={"m": M(x=N(4))}),
    ),
    fact(
        "S4.update.old_and_new",
        "ALL_OLD and ALL_NEW show the item before and after",
        API("UpdateItem"),
        put({**_KEY, "x": N(1)}),
        update(_KEY, "SET x = :v", {":v": N(2)}, ReturnValues="ALL_OLD").gives(Attributes={**_KEY, "x": N(1)}),
        update(_KEY, "SET x = :v", {":v": N(3)}, ReturnValues="ALL_NEW").gives(Attributes={**_KEY, "x": N(3)}),
        update(_KEY, "SET x = :v", {":v": N(4)}).gives(Attributes=ABSENT),
    ),
    fact(
        "S4.put.old",
        "a put shows what it replaced, and nothing where nothing was",
        API("PutItem"),
        put(_KEY, ReturnValues="ALL_OLD").gives(Attributes=ABSENT),
        put({**_KEY, "x": N(1)}, ReturnValues="ALL_OLD").gives(Attributes=_KEY),
    ),
    fact(
        "S4.delete.old",
        "a delete shows what it deleted, and nothing where nothing was",
        API("DeleteItem"),
        put(_KEY),
        delete(_KEY, ReturnValues="ALL_OLD").gives(Attributes=_KEY),
        delete(_KEY, ReturnValues="ALL_OLD").gives(Attributes=ABSENT),
    ),
)
