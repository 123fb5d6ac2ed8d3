"""S1: how deep and how long items, keys and expressions may be, and how many a request may name."""

from __future__ import annotations

from typing import Any, Final

from facts.form import (
    API,
    GUIDE,
    KNOWN,
    QUOTED,
    Fact,
    L,
    N,
    S,
    Step,
    ask,
    fact,
    get,
    put,
    scan,
    update,
)
from facts.matching import Pattern
from facts.tables import RANGE, table

__all__ = ["FACTS"]

_ENVELOPE: Final = "1 validation error detected: "
_INVALID: Final = "One or more parameter values were invalid: "
_KEY: Final = {"pk": S("a")}
_CONSTRAINTS: Final = GUIDE("Quotas in Amazon DynamoDB")
_NESTED: Final = (
    "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit"
)
_HASH_SIZE: Final = _INVALID + "Size of hashkey has exceeded the maximum size limit of2048 bytes"
_RANGE_SIZE: Final = _INVALID + "Aggregated size of all range keys has exceeded the size limit of 1024 bytes"


def _lists(levels: int) -> dict[str, Any]:
    value: dict[str, Any] = S("x")
    for _ in range(levels):
        value = L(value)
    return value


def _maps(levels: int) -> dict[str, Any]:
    value: dict[str, Any] = S("x")
    for _ in range(levels):
        value = {"M": {"k": value}}
    return value


def _create(name: str, keys: str, **more: Any) -> Step:
    return ask("CreateTable", **table(name, keys, **more))


_OF_300: Final = "NOT " + " OR ".join(["x = :v"] * 150)
_OF_301: Final = " OR ".join(["x = :v"] * 151)
_PADDED: Final = "x = :v" + " " * (4096 - len("x = :v"))

FACTS: Final[tuple[Fact, ...]] = (
    fact(
        "S1.nesting.lists.accepted",
        "31 lists in each other with a text in the innermost are kept",
        KNOWN,
        put({**_KEY, "d": _lists(31)}),
        get(_KEY).gives(Item={**_KEY, "d": _lists(31)}),
    ),
    fact(
        "S1.nesting.lists.refused",
        "32 lists in each other are too deep",
        KNOWN,
        put({**_KEY, "d": _lists(32)}).refused(_ENVELOPE + _NESTED),
    ),
    fact("S1.nesting.maps.accepted", "31 maps in each other are kept", KNOWN, put({**_KEY, "d": _maps(31)})),
    fact(
        "S1.nesting.maps.refused",
        "32 maps in each other are too deep",
        KNOWN,
        put({**_KEY, "d": _maps(32)}).refused(_ENVELOPE + _NESTED),
    ),
    fact(
        "S1.nesting.update",
        "an update may not nest deeper either",
        KNOWN,
        update(_KEY, "SET d = :d", {":d": _lists(32)}).refused(_ENVELOPE + _NESTED),
    ),
    fact(
        "S1.nesting.path",
        "a path of a projection has at most 32 levels",
        QUOTED,
        get(_KEY, ProjectionExpression="a" + ".b" * 32).refused(
            "Invalid ProjectionExpression: The document path has too many nesting levels; nesting levels: 33"
        ),
    ),
    fact("S1.hash.2048", "a partition key of 2,048 bytes", _CONSTRAINTS, put({"pk": S("k" * 2048)})),
    fact(
        "S1.hash.2049",
        "a partition key of 2,049 bytes is too long",
        KNOWN,
        put({"pk": S("k" * 2049)}).refused(_HASH_SIZE),
    ),
    fact(
        "S1.hash.utf8",
        "keys are measured in UTF-8",
        KNOWN,
        put({"pk": S("é" * 1025)}).refused(_HASH_SIZE),
    ),
    fact(
        "S1.hash.get",
        "a key that is looked up is measured too",
        KNOWN,
        get({"pk": S("k" * 2049)}).refused(_HASH_SIZE),
    ),
    fact(
        "S1.range.1024",
        "a sort key of 1,024 bytes",
        _CONSTRAINTS,
        put({**_KEY, "sk": S("k" * 1024)}, "ranged"),
        tables=(RANGE,),
    ),
    fact(
        "S1.range.1025",
        "a sort key of 1,025 bytes is too long",
        KNOWN,
        put({**_KEY, "sk": S("k" * 1025)}, "ranged").refused(_RANGE_SIZE),
        tables=(RANGE,),
    ),
    fact(
        "S1.names.empty",
        "an attribute has a name",
        KNOWN,
        put({**_KEY, "": N(1)}).refused(Pattern(r".*Empty attribute name")),
    ),
    fact(
        "S1.names.long",
        "a name of an attribute may have 65,535 bytes",
        _CONSTRAINTS,
        put({**_KEY, "n" * 65535: N(1)}),
    ),
    fact(
        "S1.names.key",
        "a name of a key attribute has at most 255 characters",
        _CONSTRAINTS,
        _create("made", "k" * 256 + ":S").refused(Pattern(r".*Member must have length less than or equal to 255.*")),
        tables=(),
    ),
    fact(
        "S1.expressions.4096",
        "an expression may have 4,096 bytes",
        _CONSTRAINTS,
        scan(FilterExpression=_PADDED, ExpressionAttributeValues={":v": N(1)}),
    ),
    fact(
        "S1.expressions.condition",
        "a longer condition is told its size",
        KNOWN,
        put(_KEY, ConditionExpression="x = :v" + " " * 4103, ExpressionAttributeValues={":v": N(1)}).refused(
            _ENVELOPE + "Invalid ConditionExpression: Expression size has exceeded the maximum allowed size; "
            "expression size: 4109"
        ),
    ),
    fact(
        "S1.expressions.update",
        "a longer update is not told its size",
        KNOWN,
        update(_KEY, "SET x = :v" + " " * 4103, {":v": N(1)}).refused(
            _ENVELOPE + "Invalid UpdateExpression: Expression size has exceeded the maximum allowed size;"
        ),
    ),
    fact(
        "S1.expressions.aliases",
        "an expression is measured before names are put in",
        KNOWN,
        scan(
            FilterExpression="#n = :v",
            ExpressionAttributeNames={"#n": "n" * 5000},
            ExpressionAttributeValues={":v": N(1)},
        ),
    ),
    fact(
        "S1.operators.300",
        "an expression may have 300 operators",
        _CONSTRAINTS,
        scan(FilterExpression=_OF_300, ExpressionAttributeValues={":v": N(1)}),
    ),
    fact(
        "S1.operators.301",
        "an expression of 301 operators is told their number",
        KNOWN,
        put(_KEY, ConditionExpression=_OF_301, ExpressionAttributeValues={":v": N(1)}).refused(
            _ENVELOPE + "Invalid ConditionExpression: The expression contains too many operators; operator count: 301"
        ),
    ),
    fact(
        "S1.operators.parentheses",
        "parentheses are no operators",
        KNOWN,
        scan(FilterExpression="(" + _OF_300[4:-9] + ") OR (x = :v)", ExpressionAttributeValues={":v": N(1)}),
    ),
    fact(
        "S1.placeholders.name_form",
        "a placeholder of a name begins with #",
        KNOWN,
        get(_KEY, ProjectionExpression="x", ExpressionAttributeNames={"a": "x"}).refused(
            'ExpressionAttributeNames contains invalid key: Syntax error; key: "a"'
        ),
    ),
    fact(
        "S1.placeholders.no_names",
        "names are given or left out, not empty",
        KNOWN,
        get(_KEY, ProjectionExpression="x", ExpressionAttributeNames={}).refused(
            "ExpressionAttributeNames must not be empty"
        ),
    ),
    fact(
        "S1.placeholders.no_values",
        "values are given or left out, not empty",
        KNOWN,
        scan(FilterExpression="attribute_exists(x)", ExpressionAttributeValues={}).refused(
            "ExpressionAttributeValues must not be empty"
        ),
    ),
    fact(
        "S1.in.100",
        "IN takes 100 operands",
        GUIDE("Condition expressions"),
        scan(
            FilterExpression="x IN (" + ", ".join(f":v{n}" for n in range(100)) + ")",
            ExpressionAttributeValues={f":v{n}": N(n) for n in range(100)},
        ),
    ),
    fact(
        "S1.in.101",
        "IN of 101 operands is refused",
        QUOTED,
        scan(
            FilterExpression="x IN (" + ", ".join(f":v{n}" for n in range(101)) + ")",
            ExpressionAttributeValues={f":v{n}": N(n) for n in range(101)},
        ).refused(
            "Invalid FilterExpression: The IN operator is provided with too many operands; number of operands: 101"
        ),
    ),
    fact(
        "S1.batch_get.100",
        "BatchGetItem takes 100 keys",
        API("BatchGetItem"),
        ask("BatchGetItem", RequestItems={"plain": {"Keys": [{"pk": S(str(n))} for n in range(100)]}}).gives(
            Responses={"plain": []}, UnprocessedKeys={}
        ),
    ),
    fact(
        "S1.batch_write.25",
        "BatchWriteItem takes 25 requests",
        API("BatchWriteItem"),
        ask(
            "BatchWriteItem", RequestItems={"plain": [{"PutRequest": {"Item": {"pk": S(str(n))}}} for n in range(25)]}
        ).gives(UnprocessedItems={}),
        scan().gives(Count=25),
    ),
    fact(
        "S1.batch_write.duplicates",
        "BatchWriteItem takes one request an item",
        KNOWN,
        ask(
            "BatchWriteItem",
            RequestItems={"plain": [{"PutRequest": {"Item": _KEY}}, {"DeleteRequest": {"Key": _KEY}}]},
        ).refused("Provided list of item keys contains duplicates"),
    ),
    fact(
        "S1.transact.100",
        "a transaction takes 100 actions",
        API("TransactWriteItems"),
        ask(
            "TransactWriteItems",
            TransactItems=[{"Put": {"TableName": "plain", "Item": {"pk": S(str(n))}}} for n in range(100)],
        ),
        scan().gives(Count=100),
    ),
    fact(
        "S1.transact.targets",
        "a transaction takes one action an item",
        KNOWN,
        ask(
            "TransactWriteItems",
            TransactItems=[
                {"Put": {"TableName": "plain", "Item": _KEY}},
                {
                    "ConditionCheck": {
                        "TableName": "plain",
                        "Key": _KEY,
                        "ConditionExpression": "attribute_not_exists(pk)",
                    }
                },
            ],
        ).refused("Transaction request cannot include multiple operations on one item"),
    ),
    *(
        fact(
            f"S1.reserved.{word}",
            f"{word} is a reserved word, told as it is written",
            GUIDE("Reserved words in DynamoDB"),
            get(_KEY, ProjectionExpression=word).refused(
                f"Invalid ProjectionExpression: Attribute name is a reserved keyword; reserved keyword: {word}"
            ),
        )
        for word in ("name", "STATUS", "Zone", "abort")
    ),
)
