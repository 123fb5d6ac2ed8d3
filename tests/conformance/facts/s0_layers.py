"""S0.layers and S0.sets: the two validation layers of 2026, and what they say of the values of attributes."""

from __future__ import annotations

from typing import Any, Final

from facts.form import (
    BS,
    CAPTURED,
    GUIDE,
    NS,
    SS,
    Fact,
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

__all__ = ["FACTS"]

_ENVELOPE: Final = "1 validation error detected: "
_INVALID: Final = "One or more parameter values were invalid: "
_KEY: Final = {"pk": S("a")}
_UNUSED: Final = "Value provided in ExpressionAttributeNames unused in expressions: keys: {#u}"


def _batch_put(item: dict[str, Any]) -> Step:
    return ask("BatchWriteItem", RequestItems={"plain": [{"PutRequest": {"Item": item}}]})


def _transact_put(item: dict[str, Any], **more: Any) -> Step:
    return ask("TransactWriteItems", TransactItems=[{"Put": {"TableName": "plain", "Item": item, **more}}])


# One fault of a value, with what the layers say: (mark, what, the value, current words, older words).
_VALUES: Final = [
    (
        "strings_twice",
        "a string set with a member twice",
        SS("b", "a", "b"),
        _INVALID + 'Input collection ["a", "b", "b"] contains duplicates.',
        _INVALID + "Input collection [b, a, b] contains duplicates.",
    ),
    (
        "binaries_twice",
        "a binary set with a member twice",
        BS("/w==", "AA==", "AA=="),
        _INVALID + 'Input collection ["AA==","/w==","AA=="]of type BS contains duplicates.',
        _INVALID + "Input collection [/w==, AA==, AA==]of type BS contains duplicates.",
    ),
    (
        "numbers_twice",
        "a number set with a member twice",
        NS("2", "1", "2"),
        _INVALID + "Input collection contains duplicates.",
        "Input collection contains duplicates",
    ),
    (
        "no_strings",
        "an empty string set",
        SS(),
        _INVALID + "An string set  may not be empty",
        _INVALID + "An string set  may not be empty",
    ),
    (
        "no_numbers",
        "an empty number set",
        NS(),
        _INVALID + "An number set  may not be empty",
        _INVALID + "An number set  may not be empty",
    ),
    (
        "no_binaries",
        "an empty binary set",
        BS(),
        _INVALID + "Binary sets should not be empty",
        _INVALID + "Binary sets should not be empty",
    ),
    (
        "null_false",
        "a null that is false",
        {"NULL": False},
        _INVALID + "Null attribute value types must have the value of true",
        _INVALID + "Null attribute value types must have the value of true",
    ),
    (
        "no_type",
        "a value of no type",
        {},
        "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes",
        "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes",
    ),
    (
        "two_types",
        "a value of two types",
        {"S": "x", "N": "1"},
        "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes",
        "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes",
    ),
]

FACTS: Final[tuple[Fact, ...]] = (
    *(
        fact(
            f"S0.sets.put.{mark}",
            f"PutItem refuses {what} in the current words, in an envelope",
            CAPTURED,
            put({**_KEY, "v": value}).refused(_ENVELOPE + current),
        )
        for mark, what, value, current, _ in _VALUES
    ),
    *(
        fact(
            f"S0.sets.update.{mark}",
            f"UpdateItem refuses {what} among its expression values in an envelope, without the value's name",
            CAPTURED,
            update(_KEY, "SET v = :v", {":v": value}).refused(_ENVELOPE + current),
        )
        for mark, what, value, current, _ in _VALUES
    ),
    *(
        fact(
            f"S0.sets.get.{mark}",
            f"GetItem refuses {what} in its key in the current words, bare",
            CAPTURED,
            get({"pk": value}).refused(current),
        )
        for mark, what, value, current, _ in _VALUES
    ),
    *(
        fact(
            f"S0.sets.batch_write.{mark}",
            f"BatchWriteItem refuses {what} in the older words",
            CAPTURED,
            _batch_put({**_KEY, "v": value}).refused(older),
        )
        for mark, what, value, _, older in _VALUES
    ),
    *(
        fact(
            f"S0.sets.transact.{mark}",
            f"TransactWriteItems refuses {what} in the older words",
            CAPTURED,
            _transact_put({**_KEY, "v": value}).refused(older),
        )
        for mark, what, value, _, older in _VALUES
    ),
    *(
        fact(
            f"S0.sets.scan.{mark}",
            f"Scan refuses {what} among its expression values in the older words, with the value's name",
            CAPTURED,
            scan(FilterExpression="v = :v", ExpressionAttributeValues={":v": value}).refused(
                f"ExpressionAttributeValues contains invalid value: {older} for key :v"
            ),
        )
        for mark, what, value, _, older in _VALUES
    ),
    *(
        fact(
            f"S0.sets.query.{mark}",
            f"Query refuses {what} among its expression values in the current words, bare and without the value's name",
            CAPTURED,
            query("pk = :p AND sk = :v", {":p": S("a"), ":v": value}).refused(current),
        )
        for mark, what, value, current, _ in _VALUES
    ),
    *(
        fact(
            f"S0.sets.delete.{mark}",
            f"DeleteItem refuses {what} in its key in the current words, in an envelope",
            CAPTURED,
            delete({"pk": value}).refused(_ENVELOPE + current),
        )
        for mark, what, value, current, _ in _VALUES
    ),
    *(
        fact(
            f"S0.sets.batch_get.{mark}",
            f"BatchGetItem refuses {what} in a key in the current words, bare",
            CAPTURED,
            ask("BatchGetItem", RequestItems={"plain": {"Keys": [{"pk": value}]}}).refused(current),
        )
        for mark, what, value, current, _ in _VALUES
    ),
    *(
        fact(
            f"S0.sets.transact_get.{mark}",
            f"TransactGetItems refuses {what} in a key in the older words",
            CAPTURED,
            ask("TransactGetItems", TransactItems=[{"Get": {"TableName": "plain", "Key": {"pk": value}}}]).refused(
                older
            ),
        )
        for mark, what, value, _, older in _VALUES
    ),
    fact(
        "S0.layers.legacy.updates",
        "a bad value among AttributeUpdates stands in an envelope",
        CAPTURED,
        update(_KEY, AttributeUpdates={"n": {"Value": N("abc")}}).refused(
            _ENVELOPE + "The parameter cannot be converted to a numeric value: abc"
        ),
    ),
    fact(
        "S0.layers.legacy.expected",
        "a bad value in Expected stands in an envelope",
        CAPTURED,
        put(_KEY, Expected={"n": {"Value": N("abc")}}).refused(
            _ENVELOPE + "The parameter cannot be converted to a numeric value: abc"
        ),
    ),
    fact(
        "S0.sets.empty_members",
        "a set may have an empty member, of texts and of binaries",
        CAPTURED,
        put({**_KEY, "s": SS("", "x"), "b": BS("", "AA==")}),
        get(_KEY).gives(Item={**_KEY, "s": SS("", "x"), "b": BS("", "AA==")}),
    ),
    fact(
        "S0.sets.number_forms",
        "two forms of one number are one member, so they are there twice",
        CAPTURED,
        put({**_KEY, "n": NS("1", "1.0")}).refused(f"{_ENVELOPE}{_INVALID}Input collection contains duplicates."),
    ),
    # The form of what is wrong with expressions, by layer
    fact(
        "S0.layers.unused.put",
        "PutItem names an unused name in an envelope",
        CAPTURED,
        put(_KEY, ConditionExpression="attribute_not_exists(pk)", ExpressionAttributeNames={"#u": "u"}).refused(
            _ENVELOPE + _UNUSED
        ),
    ),
    fact(
        "S0.layers.unused.update",
        "UpdateItem names an unused name in an envelope",
        CAPTURED,
        update(_KEY, "REMOVE x", ExpressionAttributeNames={"#u": "u"}).refused(_ENVELOPE + _UNUSED),
    ),
    fact(
        "S0.layers.unused.delete",
        "DeleteItem names an unused name in an envelope",
        CAPTURED,
        delete(_KEY, ConditionExpression="attribute_exists(pk)", ExpressionAttributeNames={"#u": "u"}).refused(
            _ENVELOPE + _UNUSED
        ),
    ),
    fact(
        "S0.layers.unused.get",
        "GetItem names an unused name bare",
        CAPTURED,
        get(_KEY, ProjectionExpression="x", ExpressionAttributeNames={"#u": "u"}).refused(_UNUSED),
    ),
    fact(
        "S0.layers.unused.batch_get",
        "BatchGetItem names an unused name bare",
        CAPTURED,
        ask(
            "BatchGetItem",
            RequestItems={
                "plain": {"Keys": [_KEY], "ProjectionExpression": "x", "ExpressionAttributeNames": {"#u": "u"}}
            },
        ).refused(_UNUSED),
    ),
    fact(
        "S0.layers.unused.query",
        "Query names an unused name bare",
        CAPTURED,
        query("pk = :p", {":p": S("a")}, ExpressionAttributeNames={"#u": "u"}).refused(_UNUSED),
    ),
    fact(
        "S0.layers.unused.scan",
        "Scan names an unused name bare",
        CAPTURED,
        scan(FilterExpression="attribute_exists(x)", ExpressionAttributeNames={"#u": "u"}).refused(_UNUSED),
    ),
    fact(
        "S0.layers.unused.transact",
        "TransactWriteItems names an unused name bare",
        CAPTURED,
        _transact_put(
            _KEY, ConditionExpression="attribute_not_exists(pk)", ExpressionAttributeNames={"#u": "u"}
        ).refused(_UNUSED),
    ),
    fact(
        "S0.layers.unused_value",
        "an unused value is named like an unused name",
        CAPTURED,
        put(_KEY, ConditionExpression="attribute_not_exists(pk)", ExpressionAttributeValues={":u": N(1)}).refused(
            f"{_ENVELOPE}Value provided in ExpressionAttributeValues unused in expressions: keys: {{:u}}"
        ),
    ),
    fact(
        "S0.layers.syntax.put",
        "a syntax error of PutItem stands in an envelope",
        CAPTURED,
        put(_KEY, ConditionExpression="pk = = :p", ExpressionAttributeValues={":p": S("a")}).refused(
            f'{_ENVELOPE}Invalid ConditionExpression: Syntax error; token: "=", near: "= = :p"'
        ),
    ),
    fact(
        "S0.layers.syntax.transact",
        "a syntax error of TransactWriteItems stands bare",
        CAPTURED,
        _transact_put(_KEY, ConditionExpression="pk = = :p", ExpressionAttributeValues={":p": S("a")}).refused(
            'Invalid ConditionExpression: Syntax error; token: "=", near: "= = :p"'
        ),
    ),
    # What comes from the layer of tables has no envelope anywhere
    fact(
        "S0.layers.table.key_schema",
        "a key of another shape is refused without an envelope",
        CAPTURED,
        update({"other": S("a")}, "SET x = :x", {":x": N(1)}).refused(
            "The provided key element does not match the schema"
        ),
    ),
    fact(
        "S0.layers.table.missing_key",
        "an item without its key is refused without an envelope",
        CAPTURED,
        put({"x": N(1)}).refused(_INVALID + "Missing the key pk in the item"),
    ),
    fact(
        "S0.layers.table.key_type",
        "a key of another type is refused without an envelope",
        CAPTURED,
        put({"pk": N(1)}).refused(_INVALID + "Type mismatch for key pk expected: S actual: N"),
    ),
    fact(
        "S0.layers.table.update_key",
        "an update of the key is refused without an envelope",
        CAPTURED,
        update(_KEY, "SET pk = :x", {":x": S("b")}).refused(
            _INVALID + "Cannot update attribute pk. This attribute is part of the key"
        ),
    ),
    fact(
        "S0.layers.table.empty_key.put",
        "an empty key text is refused by PutItem without an envelope",
        CAPTURED,
        put({"pk": S("")}).refused(
            "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an "
            "empty string value. Key: pk"
        ),
    ),
    fact(
        "S0.layers.table.empty_key.get",
        "an empty key text is refused by GetItem in the same words",
        CAPTURED,
        get({"pk": S("")}).refused(
            "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an "
            "empty string value. Key: pk"
        ),
    ),
    fact(
        "S0.layers.table.condition",
        "a failed condition has no envelope",
        GUIDE("Error handling with DynamoDB"),
        put(_KEY, ConditionExpression="attribute_exists(pk)").refused(
            "The conditional request failed", "ConditionalCheckFailedException"
        ),
    ),
)
