"""S5: what expressions find, project and do."""

from __future__ import annotations

from typing import Any, Final

from facts.form import GUIDE, KNOWN, QUOTED, SS, Fact, L, M, N, S, Step, ask, fact, get, put, scan, update
from facts.matching import ABSENT

__all__ = ["FACTS"]

_KEY: Final = {"pk": S("a")}
_ITEM: Final = {
    **_KEY,
    "n": N(5),
    "s": S("hello"),
    "l": L(N(1), N(2), N(3)),
    "m": M(x=N(1), y=M(z=S("deep"))),
    "ss": SS("a", "b"),
    "b": {"BOOL": True},
    "nil": {"NULL": True},
    "bin": {"B": "AAEC"},
}


# Conditions that hold of the item
_TRUE: Final = [
    "n = :five", "n <> :six", "nope <> :five", "n < :six", "n <= :five", "n > :four", "n >= :five",
    "n BETWEEN :four AND :six", "n IN (:four, :five)", "s = :hello", "begins_with(s, :he)", "contains(s, :ll)",
    "contains(ss, :a)", "contains(l, :two)", "size(s) = :five", "size(l) = :three", "size(m) = :two", "size(ss) = :two",
    "size(bin) = :three", "attribute_exists(m.y.z)", "attribute_not_exists(m.y.w)", "attribute_type(nil, :null)",
    "attribute_type(m, :map)", "l[1] = :two", "m.y.z = :deep", "NOT n = :six", "n = :six OR s = :hello",
    "n = :five AND s = :hello", "NOT (n = :six OR s = :he)", "n = :six AND n = :four OR b = :true",
]  # fmt: skip
_FALSE: Final = [
    "nope = :five", "nope < :six", "nope > :four", "n = :hello", "s < :six", "contains(nope, :a)",
    "begins_with(n, :he)", "size(nope) = :five", "size(n) = :five", "l[9] = :two", "attribute_exists(nope)",
    "contains(s, :two)", "nope IN (:four, :five)", "nope BETWEEN :four AND :six",
]  # fmt: skip
_OPERANDS: Final = {
    ":two": N(2), ":three": N(3), ":four": N(4), ":five": N(5), ":six": N(6), ":hello": S("hello"), ":he": S("he"),
    ":ll": S("ll"), ":a": S("a"), ":null": S("NULL"), ":map": S("M"), ":deep": S("deep"), ":true": {"BOOL": True},
}  # fmt: skip


def _used(condition: str) -> dict[str, Any]:
    words = condition.replace("(", " ").replace(")", " ").replace(",", " ").split()
    return {word: _OPERANDS[word] for word in words if word.startswith(":")}


def _filtered(condition: str) -> Step:
    values = _used(condition)
    return scan(FilterExpression=condition, **({"ExpressionAttributeValues": values} if values else {}))


FACTS: Final[tuple[Fact, ...]] = (
    *(
        fact(
            f"S5.true.{at:02}",
            f"{text} holds",
            GUIDE("Comparison operator and function reference"),
            put(_ITEM),
            _filtered(text).gives(Count=1),
        )
        for at, text in enumerate(_TRUE, 1)
    ),
    *(
        fact(
            f"S5.false.{at:02}",
            f"{text} does not hold",
            GUIDE("Comparison operator and function reference"),
            put(_ITEM),
            _filtered(text).gives(Count=0),
        )
        for at, text in enumerate(_FALSE, 1)
    ),
    # Projections
    fact(
        "S5.projected.nested",
        "a projection keeps the shape, and moves list elements up in index order",
        KNOWN,
        put(_ITEM),
        get(_KEY, ProjectionExpression="l[2], l[0], m.y.z").gives(Item={"l": L(N(1), N(3)), "m": M(y=M(z=S("deep")))}),
    ),
    fact(
        "S5.projected.nothing",
        "of an item of which nothing is projected GetItem and BatchGetItem answer an empty one",
        KNOWN,
        put(_ITEM),
        get(_KEY, ProjectionExpression="nope").gives(Item={}),
        ask("BatchGetItem", RequestItems={"plain": {"Keys": [_KEY], "ProjectionExpression": "nope"}}).gives(
            Responses={"plain": [{}]}
        ),
    ),
    fact(
        "S5.projected.nothing_transact",
        "TransactGetItems answers no item then",
        KNOWN,
        put(_ITEM),
        ask(
            "TransactGetItems",
            TransactItems=[{"Get": {"TableName": "plain", "Key": _KEY, "ProjectionExpression": "nope"}}],
        ).gives(Responses=[{}]),
    ),
    # What updates do
    fact(
        "S5.does.if_not_exists",
        "if_not_exists takes the attribute where it is",
        GUIDE("Update expressions"),
        put(_ITEM),
        update(
            _KEY, "SET n = if_not_exists(n, :v), o = if_not_exists(o, :v)", {":v": N(9)}, ReturnValues="UPDATED_NEW"
        ).gives(Attributes={"n": N(5), "o": N(9)}),
    ),
    fact(
        "S5.does.list_append",
        "list_append puts lists together",
        GUIDE("Update expressions"),
        put(_ITEM),
        update(_KEY, "SET l = list_append(:v, l)", {":v": L(N(0))}, ReturnValues="UPDATED_NEW").gives(
            Attributes={"l": L(N(0), N(1), N(2), N(3))}
        ),
    ),
    fact(
        "S5.does.add",
        "ADD begins a number at zero, and a set empty",
        GUIDE("Update expressions"),
        update(_KEY, "ADD n :v, t :t", {":v": N(2), ":t": SS("q")}, ReturnValues="UPDATED_NEW").gives(
            Attributes={"n": N(2), "t": SS("q")}
        ),
    ),
    fact(
        "S5.does.delete",
        "DELETE of the last member takes the attribute away",
        GUIDE("Update expressions"),
        put(_ITEM),
        update(_KEY, "DELETE ss :t", {":t": SS("a", "b", "c")}, ReturnValues="ALL_NEW"),
        get(_KEY, ProjectionExpression="ss").gives(Item={}),
    ),
    fact(
        "S5.does.names",
        "a placeholder stands for a name with any characters",
        GUIDE("Expression attribute names"),
        put({**_KEY, "a.b c": N(1)}),
        get(_KEY, ProjectionExpression="#n", ExpressionAttributeNames={"#n": "a.b c"}).gives(Item={"a.b c": N(1)}),
    ),
    # Legacy parameters
    fact(
        "S5.legacy.expected",
        "Expected is a condition",
        "AWS developer guide, Legacy conditional parameters",
        put(_ITEM),
        put(_KEY, Expected={"n": {"Value": N(6)}}).refused(
            "The conditional request failed", "ConditionalCheckFailedException"
        ),
        put(_KEY, Expected={"n": {"ComparisonOperator": "GE", "AttributeValueList": [N(5)]}}),
    ),
    fact(
        "S5.legacy.updates",
        "AttributeUpdates puts, adds and deletes",
        "AWS developer guide, Legacy conditional parameters",
        put(_ITEM),
        update(
            _KEY,
            AttributeUpdates={
                "n": {"Action": "ADD", "Value": N(1)},
                "s": {"Value": S("new")},
                "b": {"Action": "DELETE"},
                "l": {"Action": "ADD", "Value": L(N(4))},
            },
            ReturnValues="ALL_NEW",
        ),
        get(_KEY, AttributesToGet=["n", "s", "b", "l"]).gives(
            Item={"n": N(6), "s": S("new"), "l": L(N(1), N(2), N(3), N(4))}
        ),
    ),
    fact(
        "S5.legacy.filter",
        "ScanFilter filters",
        "AWS developer guide, Legacy conditional parameters",
        put(_ITEM),
        scan(ScanFilter={"n": {"ComparisonOperator": "LT", "AttributeValueList": [N(5)]}}).gives(
            Count=0, ScannedCount=1, LastEvaluatedKey=ABSENT
        ),
    ),
    fact(
        "S5.missing.remove",
        "REMOVE of what is not there does nothing",
        QUOTED,
        put(_KEY),
        update(_KEY, "REMOVE nope, m.x", ReturnValues="ALL_NEW").refused(
            "The document path provided in the update expression is invalid for update"
        ),
        update(_KEY, "REMOVE nope", ReturnValues="ALL_NEW").gives(Attributes=_KEY),
    ),
)
