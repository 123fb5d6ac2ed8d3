"""Updates on items, the answers as observed on DynamoDB Local."""

from __future__ import annotations

import copy
from typing import Any, Final

import pytest

from ddbmodel.expressions.apply import apply_update
from ddbmodel.expressions.errors import UpdateNotApplicable
from ddbmodel.expressions.parse import parse_update
from ddbmodel.expressions.resolve import Resolver

ITEM: Final[dict[str, Any]] = {
    "s": {"S": "x"},
    "n": {"N": "10"},
    "l": {"L": [{"S": "a"}, {"S": "b"}, {"S": "c"}]},
    "m": {"M": {"n": {"N": "1"}}},
    "ss": {"SS": ["a", "b"]},
}
VALUES: Final[dict[str, Any]] = {
    ":a": {"S": "A"},
    ":b": {"S": "B"},
    ":one": {"N": "1"},
    ":l": {"L": [{"S": "z"}]},
    ":ss": {"SS": ["b", "c"]},
    ":all": {"SS": ["b", "a"]},
    ":ns": {"NS": ["1"]},
}
ABSENT: Final = "The provided expression refers to an attribute that does not exist in the item"
TYPE: Final = "An operand in the update expression has an incorrect data type"
PATH: Final = "The document path provided in the update expression is invalid for update"


def updated(text: str) -> dict[str, Any]:
    before = copy.deepcopy(ITEM)
    after = apply_update(Resolver(None, VALUES).update(parse_update(text)), ITEM).item
    assert before == ITEM, "the item that was given is never changed"
    return after


def texts(value: dict[str, Any]) -> str:
    return "".join(member["S"] for member in value["L"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SET l[9] = :a", "abcA"),
        ("SET l[9] = :a, l[7] = :b", "abcBA"),
        ("SET l[1] = :a REMOVE l[0]", "Ac"),
        ("SET l[9] = :a REMOVE l[0]", "bcA"),
        ("SET l[0] = l[1], l[1] = l[0]", "bac"),
        ("REMOVE l[0], l[1]", "c"),
        ("REMOVE l[0], l[9]", "bc"),
        ("SET l = list_append(:l, l)", "zabc"),
        ("SET l = list_append(l, l)", "abcabc"),
    ],
)
def test_list_positions_are_those_of_the_item_as_it_was(text: str, expected: str) -> None:
    assert texts(updated(text)["l"]) == expected


@pytest.mark.parametrize(
    ("text", "attribute", "expected"),
    [
        ("SET n = n - :one", "n", {"N": "9"}),
        ("SET n = if_not_exists(zz, :one) + :one", "n", {"N": "2"}),
        ("SET s = if_not_exists(s, :a)", "s", {"S": "x"}),
        ("ADD n :one", "n", {"N": "11"}),
        ("ADD zz :one", "zz", {"N": "1"}),
        ("ADD m.q :one", "m", {"M": {"n": {"N": "1"}, "q": {"N": "1"}}}),
        ("ADD ss :ss", "ss", {"SS": ["a", "b", "c"]}),
        ("DELETE ss :ss", "ss", {"SS": ["a"]}),
        ("DELETE ss :all", "ss", None),
        ("REMOVE zz", "zz", None),
        ("REMOVE m.zz", "m", {"M": {"n": {"N": "1"}}}),
        ("DELETE zz :ss", "zz", None),
    ],
)
def test_an_action_leaves_this_value(text: str, attribute: str, expected: dict[str, Any] | None) -> None:
    assert updated(text).get(attribute) == expected


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("SET s = zz", ABSENT),
        ("SET s = if_not_exists(s, zz)", ABSENT),
        ("SET n = n + zz", ABSENT),
        ("SET n = s + :one", TYPE),
        ("SET l = list_append(l, s)", TYPE),
        ("ADD s :one", TYPE),
        ("ADD ss :ns", TYPE),
        ("DELETE s :ss", TYPE),
        ("SET zz.x = :a", PATH),
        ("SET s.x = :a", PATH),
        ("SET l[9].x = :a", PATH),
        ("SET l.x = :a", PATH),
        ("SET m[0] = :a", PATH),
        ("SET zz[0] = :a", PATH),
        ("REMOVE zz.x", PATH),
        ("REMOVE m.n.x", PATH),
        ("ADD zz.x :one", PATH),
        ("DELETE zz.x :ss", PATH),
    ],
)
def test_what_does_not_fit_the_item_is_refused(text: str, fault: str) -> None:
    with pytest.raises(UpdateNotApplicable) as caught:
        updated(text)
    assert caught.value.message == fault


def test_untouched_parts_are_shared() -> None:
    assert updated("SET m.q = :a")["l"] is ITEM["l"]


@pytest.mark.parametrize("text", ["SET n = n + :huge", "SET n = n - :huge", "ADD n :huge"])
def test_a_result_of_more_than_38_digits_is_an_overflow(text: str) -> None:
    update = Resolver(None, {":huge": {"N": "1" + "0" * 50}}).update(parse_update(text))

    with pytest.raises(UpdateNotApplicable, match="Number overflow"):
        apply_update(update, {"n": {"N": "1"}})
