"""S0.order: which of two faults of one request is told."""

from __future__ import annotations

from typing import Any, Final

from facts.form import CAPTURED, Fact, L, N, S, Step, ask, fact, get, put, query, scan, update
from facts.matching import Pattern
from facts.tables import INDEXED, RANGE

__all__ = ["FACTS"]

_ENVELOPE: Final = "1 validation error detected: "
_KEY: Final = {"pk": S("a")}
_NOT_FOUND: Final = "ResourceNotFoundException"
_NO_NUMBER: Final = "The parameter cannot be converted to a numeric value: abc"
_NESTED: Final = (
    "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit"
)
_UNDEFINED: Final = (
    "Invalid ConditionExpression: An expression attribute value used in expression is not defined; attribute value: :v"
)


def _deep(levels: int) -> dict[str, Any]:
    value: dict[str, Any] = S("x")
    for _ in range(levels):
        value = L(value)
    return value


def _transact(*actions: dict[str, Any]) -> Step:
    return ask("TransactWriteItems", TransactItems=list(actions))


def _put(item: dict[str, Any], table: str = "plain", **more: Any) -> dict[str, Any]:
    return {"Put": {"TableName": table, "Item": item, **more}}


def _check(key: dict[str, Any], condition: str, table: str = "plain", **more: Any) -> dict[str, Any]:
    return {"ConditionCheck": {"TableName": table, "Key": key, "ConditionExpression": condition, **more}}


FACTS: Final[tuple[Fact, ...]] = (
    fact(
        "S0.order.value_before_table",
        "a bad value is told before the lookup of the table",
        CAPTURED,
        put({"pk": S("a"), "n": N("abc")}, "missing").refused(_ENVELOPE + _NO_NUMBER),
        tables=(),
    ),
    fact(
        "S0.order.syntax_before_table",
        "a syntax error is told before the lookup of the table",
        CAPTURED,
        put(_KEY, "missing", ConditionExpression="x =").refused(
            Pattern(r"1 validation error detected: Invalid ConditionExpression: Syntax error; .*")
        ),
        tables=(),
    ),
    fact(
        "S0.order.undefined_before_table",
        "an undefined value is told before the lookup of the table",
        CAPTURED,
        put(_KEY, "missing", ConditionExpression="x = :v").refused(_ENVELOPE + _UNDEFINED),
        tables=(),
    ),
    fact(
        "S0.order.duplicates_before_table",
        "repeated keys are told before the lookup of the table",
        CAPTURED,
        ask("BatchGetItem", RequestItems={"missing": {"Keys": [_KEY, _KEY]}}).refused(
            "Provided list of item keys contains duplicates"
        ),
        tables=(),
    ),
    fact(
        "S0.order.table_before_key",
        "the lookup of the table comes before the shape of the key",
        CAPTURED,
        get({"other": S("a")}, "missing").refused("Requested resource not found", _NOT_FOUND),
        tables=(),
    ),
    fact(
        "S0.order.key_before_condition",
        "the shape of the key is checked before the condition is evaluated",
        CAPTURED,
        update({"other": S("a")}, "SET x = :v", {":v": N(1)}, ConditionExpression="attribute_exists(pk)").refused(
            "The provided key element does not match the schema"
        ),
    ),
    fact(
        "S0.order.key_update_before_condition",
        "an update of the key is refused before the condition is evaluated",
        CAPTURED,
        update(_KEY, "SET pk = :v", {":v": S("b")}, ConditionExpression="attribute_exists(pk)").refused(
            "One or more parameter values were invalid: Cannot update attribute pk. This attribute is part of the key"
        ),
    ),
    fact(
        "S0.order.condition_before_update",
        "a failed condition is told before an update that does not fit the item",
        CAPTURED,
        put({"pk": S("a"), "x": S("text")}),
        update(_KEY, "SET x = x + :v", {":v": N(1)}, ConditionExpression="attribute_not_exists(pk)").refused(
            "The conditional request failed", "ConditionalCheckFailedException"
        ),
    ),
    fact(
        "S0.order.depth",
        "a value that is nested too deep is told before the lookup of the table",
        CAPTURED,
        put({"pk": S("a"), "d": _deep(32)}, "missing").refused(_ENVELOPE + _NESTED),
        tables=(),
    ),
    # Transactions
    fact(
        "S0.order.transact.first_action",
        "a fault of an earlier action is told, not a later one's",
        CAPTURED,
        _transact(_put(_KEY, ConditionExpression="x = :v"), _put({"pk": S("b"), "n": N("abc")})).refused(_UNDEFINED),
    ),
    fact(
        "S0.order.transact.second_action",
        "the same faults the other way round",
        CAPTURED,
        _transact(_put({"pk": S("b"), "n": N("abc")}), _put(_KEY, ConditionExpression="x = :v")).refused(_NO_NUMBER),
    ),
    fact(
        "S0.order.transact.duplicates_before_table",
        "two actions on one key are told before the lookup of tables",
        CAPTURED,
        _transact(
            {"Delete": {"TableName": "missing", "Key": _KEY}}, _check(_KEY, "attribute_exists(pk)", "missing")
        ).refused("Transaction request cannot include multiple operations on one item"),
        tables=(),
    ),
    fact(
        "S0.order.transact.values_before_duplicates",
        "a bad value is told before two actions on one item",
        CAPTURED,
        _transact(_put(_KEY), _put({"pk": S("a"), "n": N("abc")})).refused(_NO_NUMBER),
    ),
    fact(
        "S0.order.transact.table_before_conditions",
        "a missing table is told before any condition is evaluated",
        CAPTURED,
        _transact(_check(_KEY, "attribute_exists(pk)"), _put({"pk": S("b")}, "missing")).refused(
            "Requested resource not found", _NOT_FOUND
        ),
    ),
    fact(
        "S0.order.transact.condition_before_key_depth",
        "within an action the syntax of its condition comes before the depth of its key",
        CAPTURED,
        _transact(_check({"pk": _deep(33)}, "x = :v")).refused(_UNDEFINED),
    ),
    # Queries
    fact(
        "S0.order.query.operand_before_table",
        "the types of operands are checked before the lookup of the table",
        CAPTURED,
        query("pk = :p AND begins_with(sk, :n)", {":p": S("a"), ":n": N(1)}, table="missing").refused(
            "Invalid KeyConditionExpression: Incorrect operand type for operator or function; operator or function: "
            "begins_with, operand type: N"
        ),
        tables=(),
    ),
    fact(
        "S0.order.query.operand_before_count",
        "the types of operands are checked before conditions are counted",
        CAPTURED,
        query("pk = :p AND begins_with(sk, :n) AND x = :p", {":p": S("a"), ":n": N(1)}, table="ranged").refused(
            "Invalid KeyConditionExpression: Incorrect operand type for operator or function; operator or function: "
            "begins_with, operand type: N"
        ),
        tables=(RANGE,),
    ),
    fact(
        "S0.order.query.left_to_right",
        "of two faults of a key condition the left one is told",
        CAPTURED,
        query("begins_with(sk, :n) AND begins_with(pk, :b)", {":n": N(1), ":b": {"BOOL": True}}).refused(
            "Invalid KeyConditionExpression: Incorrect operand type for operator or function; operator or function: "
            "begins_with, operand type: N"
        ),
    ),
    fact(
        "S0.order.query.index_before_consistency",
        "an index is looked up before consistent reads are refused",
        CAPTURED,
        query("a = :p", {":p": S("a")}, table="indexed", IndexName="nowhere", ConsistentRead=True).refused(
            "The table does not have the specified index: nowhere"
        ),
        tables=(INDEXED,),
    ),
    fact(
        "S0.order.scan.index_before_consistency",
        "so does a scan",
        CAPTURED,
        scan("indexed", IndexName="nowhere", ConsistentRead=True).refused(
            "The table does not have the specified index: nowhere"
        ),
        tables=(INDEXED,),
    ),
    fact(
        "S0.order.scan.table",
        "a scan of no table",
        CAPTURED,
        scan("missing").refused("Requested resource not found", _NOT_FOUND),
        tables=(),
    ),
    fact(
        "S0.order.empty_name_before_depth",
        "an attribute without a name is told before depth",
        CAPTURED,
        put({"pk": S("a"), "": N(1), "d": _deep(32)}).refused(
            Pattern(r"1 validation error detected: .*mpty attribute name.*")
        ),
    ),
    fact(
        "S0.order.depth_before_empty_map_key",
        "depth is told before a key without a name inside a map",
        CAPTURED,
        put({"pk": S("a"), "m": {"M": {"": _deep(32)}}}).refused(_ENVELOPE + _NESTED),
    ),
)
