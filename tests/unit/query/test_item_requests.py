"""The exact bodies of single-item requests, and what is refused before there is one."""

from __future__ import annotations

from typing import Any

import pytest
from query_models import Account, Score

from ddbmodel.errors import InvalidRequest
from ddbmodel.model import Attr, Model, attr, partition_key, set_stored_version, sort_key
from ddbmodel.query.item_requests import (
    check_write,
    create_write,
    delete_write,
    get_request,
    put_write,
    update_write,
)

ANN = Score.key(game="tetris", player="ann")
ANN_KEY = {"game": {"S": "tetris"}, "player": {"S": "ann"}}


def read_account(revision: int) -> Account:
    account = Account(id="a", owner="ann")
    set_stored_version(account, revision)
    return account


def test_a_get_is_a_table_and_a_key() -> None:
    assert get_request(ANN, consistent=False) == {"TableName": "scores", "Key": ANN_KEY}
    assert get_request(ANN, consistent=True) == {"TableName": "scores", "Key": ANN_KEY, "ConsistentRead": True}


def test_a_put_without_a_version_has_no_condition() -> None:
    write = put_write(Score(game="tetris", player="ann"))

    assert (write.operation, write.guard) == ("PutItem", None)
    assert write.request() == {
        "TableName": "scores",
        "Item": {**ANN_KEY, "points": {"N": "0"}, "r": {"S": "eu"}, "words": {"L": []}},
    }


def test_a_create_asks_for_an_absent_item_and_for_what_is_there() -> None:
    body = create_write(Score(game="tetris", player="ann"), condition=Score.points == 1).request()

    assert body["ConditionExpression"] == "attribute_not_exists(#0) AND #1 = :0"
    assert body["ExpressionAttributeNames"] == {"#0": "game", "#1": "points"}
    assert body["ExpressionAttributeValues"] == {":0": {"N": "1"}}
    assert body["ReturnValuesOnConditionCheckFailure"] == "ALL_OLD"


def test_a_put_over_a_read_version_writes_the_next_one() -> None:
    account = read_account(41)

    write = put_write(account)

    assert write.body["Item"]["revision"] == {"N": "42"}
    assert write.body["ConditionExpression"] == "#0 = :0"
    assert write.body["ExpressionAttributeValues"] == {":0": {"N": "41"}}
    assert (write.guard, write.expected_version, write.new_version) == ("version", 41, 42)
    assert account.revision == 41
    write.succeeded()
    assert account.revision == 42


def test_a_put_of_an_instance_that_was_never_read_asks_for_an_absent_item() -> None:
    write = put_write(Account(id="a", owner="ann"))

    assert write.body["ConditionExpression"] == "attribute_not_exists(#0)"
    assert write.new_version is not None
    assert 1 <= write.new_version <= 2**48


def test_a_blind_put_starts_a_new_line_of_versions() -> None:
    write = put_write(read_account(41), check_version=False)

    assert "ConditionExpression" not in write.body
    assert write.new_version not in (None, 42)


def test_an_update_returns_the_new_item_only_alone() -> None:
    write = update_write(ANN, [Score.points.add(1), Score.region.set("us")])

    assert write.body == {
        "TableName": "scores",
        "Key": ANN_KEY,
        "UpdateExpression": "SET #0 = :0 ADD #1 :1",
        "ExpressionAttributeNames": {"#0": "r", "#1": "points"},
        "ExpressionAttributeValues": {":0": {"S": "us"}, ":1": {"N": "1"}},
    }
    assert write.request() == {**write.body, "ReturnValues": "ALL_NEW"}
    assert write.transact_item() == {"Update": write.body}


def test_an_update_raises_the_version_and_starts_one_where_there_is_none() -> None:
    body = update_write(Account.key(id="a"), [Account.balance.add(1)]).body

    assert body["UpdateExpression"] == "SET #0 = if_not_exists(#0, :0) + :1 ADD #1 :1"
    assert body["ExpressionAttributeNames"] == {"#0": "revision", "#1": "balance", "#2": "id"}


def test_an_update_that_could_not_make_a_whole_model_asks_for_an_item() -> None:
    key = Account.key(id="a")

    assert update_write(key, [Account.balance.add(1)]).guard == "present"
    assert update_write(key, [Account.owner.set("ben")]).guard is None
    assert update_write(key, [Account.owner.set("ben")], upsert=False).guard == "present"
    assert update_write(key, [Account.balance.add(1)], condition=Account.balance > 0).guard is None
    with pytest.raises(InvalidRequest, match="without owner"):
        update_write(key, [Account.balance.add(1)], upsert=True)


def test_a_delete_of_a_model_checks_its_version_and_of_a_key_does_not() -> None:
    assert delete_write(read_account(7)).body["ExpressionAttributeValues"] == {":0": {"N": "7"}}
    assert delete_write(Account.key(id="a")).body == {"TableName": "accounts", "Key": {"id": {"S": "a"}}}
    assert delete_write(Score(game="tetris", player="ann")).body == {"TableName": "scores", "Key": ANN_KEY}
    with pytest.raises(InvalidRequest, match="never read or written"):
        delete_write(Account(id="a", owner="ann"))


def test_a_check_changes_nothing() -> None:
    assert check_write(ANN, Score.points > 1).transact_item() == {
        "ConditionCheck": {
            "TableName": "scores",
            "Key": ANN_KEY,
            "ConditionExpression": "#0 > :0",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            "ExpressionAttributeNames": {"#0": "points"},
            "ExpressionAttributeValues": {":0": {"N": "1"}},
        }
    }


@pytest.mark.parametrize(
    ("actions", "told"),
    [
        ([], "at least one action"),
        ([Score.game.set("x")], "key attribute 'game' cannot be updated"),
        ([Account.balance.add(1)], "Score has no attribute 'balance', so the action is another model's"),
        ([Score.points.set(1), Score.points.add(1)], "Score: Two document paths overlap"),
        ([Score.points > 1], "Score: an update is made of actions.* got a Comparison"),
        ([None], "got a NoneType"),
    ],
)
def test_actions_that_cannot_be_are_refused(actions: list[Any], told: str) -> None:
    with pytest.raises(InvalidRequest, match=told):
        update_write(ANN, actions)


def test_a_version_is_not_set_by_hand() -> None:
    with pytest.raises(InvalidRequest, match="raised by every update"):
        update_write(Account.key(id="a"), [Account.revision.set(1)])


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        (True, "Score: a condition is built from attributes of a model.*got a bool"),
        (Score.points, "got a Attr"),
        ((Score.points > 1) & Score.points.changed(), "for stream filters only"),
    ],
)
def test_what_is_no_condition_of_a_request_is_refused(condition: Any, told: str) -> None:
    writes = [
        lambda: create_write(Score(game="tetris", player="ann"), condition=condition),
        lambda: put_write(Score(game="tetris", player="ann"), condition=condition),
        lambda: update_write(ANN, [Score.points.add(1)], condition=condition),
        lambda: delete_write(ANN, condition=condition),
        lambda: check_write(ANN, condition),
    ]
    for write in writes:
        with pytest.raises(InvalidRequest, match=told):
            write()


def test_what_is_no_model_or_key_is_refused() -> None:
    nothing: Any = {"game": "tetris"}
    calls = {
        "create takes a model, got a dict": lambda: create_write(nothing),
        "put takes a model, got a dict": lambda: put_write(nothing),
        "delete takes a model or a key, got a dict": lambda: delete_write(nothing),
        "update takes the key of an item": lambda: update_write(nothing, [Score.points.add(1)]),
        "check takes the key of an item": lambda: check_write(nothing, Score.points > 1),
    }
    for told, call in calls.items():
        with pytest.raises(InvalidRequest, match=told):
            call()


class Placed(Model, table="placed"):
    pk: Attr[str] = partition_key("CUSTOMER#{customer_id}")
    sk: Attr[str] = sort_key("ORDER#{region}#{number:04d}")
    customer_id: Attr[str] = attr()
    region: Attr[str] = attr()
    number: Attr[int] = attr()
    total: Attr[int] = attr(default=0)


PLACED = Placed.key(customer_id="c", region="eu", number=7)


@pytest.mark.parametrize(
    "actions",
    [
        [Placed.customer_id.set("d")],
        [Placed.region.set("us")],
        [Placed.region.set("us"), Placed.number.set(7)],
        [Placed.number.add(1)],
        [Placed.customer_id.remove()],
    ],
)
def test_an_update_does_not_leave_an_item_under_another_key_than_its_inputs_say(actions: list[Any]) -> None:
    with pytest.raises(InvalidRequest, match=r"is made from .* under its new key"):
        update_write(PLACED, actions)


def test_an_update_may_set_the_inputs_of_a_key_to_what_the_key_says() -> None:
    write = update_write(
        PLACED, [Placed.customer_id.set("c"), Placed.region.set("eu"), Placed.number.set(7)], upsert=True
    )

    assert write.guard is None


def test_an_input_that_the_key_says_may_be_set_without_the_others() -> None:
    assert update_write(PLACED, [Placed.region.set("eu")]).guard == "present"


def test_an_update_of_anything_else_needs_no_inputs() -> None:
    assert update_write(PLACED, [Placed.total.add(1)]).guard == "present"
