"""Queries by the fields that a key is made from: which condition on the key they become."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from ddbmodel.errors import InvalidRequest, ValueNotStorable
from ddbmodel.expressions.render import Renderer
from ddbmodel.expressions.tree import Condition
from ddbmodel.model import Attr, GlobalIndex, Model, attr, derived, partition_key, sort_key
from ddbmodel.query.key_conditions import key_condition_of
from ddbmodel.query.sources import source_of


class Order(Model, table="conditions-shop", entity="order"):
    pk: Attr[str] = partition_key("TENANT#{tenant}#CUSTOMER#{customer}")
    sk: Attr[str] = sort_key("ORDER#{placed}#{number:04d}")
    tenant: Attr[str] = attr()
    customer: Attr[str] = attr()
    placed: Attr[datetime] = attr()
    number: Attr[int] = attr()
    status: Attr[str] = attr(default="open")
    due: Attr[date | None] = attr(default=None)
    state: Attr[str | None] = derived("STATE#{status}")
    state_due: Attr[str | None] = derived("DUE#{due}#{customer}")

    by_state = GlobalIndex(partition_key=state, sort_key=state_due)


class Account(Model, table="conditions-accounts"):
    pk: Attr[str] = partition_key("ACCOUNT#{name}")
    sk: Attr[str] = sort_key("{name}")
    name: Attr[str] = attr()


class File(Model, table="conditions-files"):
    disk: Attr[str] = partition_key()
    sk: Attr[str] = sort_key("{folder}#{name}")
    folder: Attr[str] = attr()
    name: Attr[str] = attr()


class Escaped(Model, table="conditions-escaped"):
    disk: Attr[str] = partition_key()
    sk: Attr[str] = sort_key("F#{folder}#{name}", escape=True)
    folder: Attr[str] = attr()
    name: Attr[str] = attr()


NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
T = "2026-01-02T12:00:00.000000Z"
MINE = (Order.tenant == "t", Order.customer == "ann")


def asked(source: Any, *conditions: Condition) -> str:
    """The key condition in words."""
    renderer = Renderer()
    text = renderer.condition(key_condition_of(source_of(source), conditions))
    placeholders = renderer.placeholders()
    for placeholder, name in placeholders.get("ExpressionAttributeNames", {}).items():
        text = text.replace(placeholder, name)
    for placeholder, value in placeholders["ExpressionAttributeValues"].items():
        text = text.replace(placeholder, repr(next(iter(value.values()))))
    return text


@pytest.mark.parametrize(
    ("conditions", "sort"),
    [
        ((), "begins_with(sk, 'ORDER#')"),
        ((Order.placed == NOON,), f"begins_with(sk, 'ORDER#{T}#')"),
        ((Order.placed == NOON, Order.number == 7), f"sk = 'ORDER#{T}#0007'"),
        ((Order.placed >= NOON,), f"sk BETWEEN 'ORDER#{T}' AND 'ORDER$'"),
        ((Order.placed > NOON,), f"sk BETWEEN 'ORDER#{T}$' AND 'ORDER$'"),
        ((Order.placed <= NOON,), f"sk BETWEEN 'ORDER#' AND 'ORDER#{T}$'"),
        ((Order.placed < NOON,), f"sk BETWEEN 'ORDER#' AND 'ORDER#{T}'"),
        ((Order.placed.between(NOON, NOON),), f"sk BETWEEN 'ORDER#{T}' AND 'ORDER#{T}$'"),
        ((Order.placed == NOON, Order.number >= 7), f"sk BETWEEN 'ORDER#{T}#0007' AND 'ORDER#{T}$'"),
        ((Order.placed == NOON, Order.number > 7), f"sk BETWEEN 'ORDER#{T}#0007\\x00' AND 'ORDER#{T}$'"),
        ((Order.placed == NOON, Order.number <= 7), f"sk BETWEEN 'ORDER#{T}#' AND 'ORDER#{T}#0007'"),
        ((Order.placed == NOON, Order.number < 7), f"sk BETWEEN 'ORDER#{T}#' AND 'ORDER#{T}#0006'"),
        ((Order.sk == "mine",), "sk = 'mine'"),
    ],
)
def test_conditions_on_the_fields_of_a_sort_key_become_one_on_its_text(
    conditions: tuple[Condition, ...], sort: str
) -> None:
    text = asked(Order, *MINE, *conditions)

    assert text == f"pk = 'TENANT#t#CUSTOMER#ann' AND {sort}"


def test_the_key_itself_may_be_given_instead() -> None:
    assert asked(Order, Order.pk == "x") == "pk = 'x' AND begins_with(sk, 'ORDER#')"


def test_an_index_whose_keys_are_derived_is_queried_by_what_they_are_made_from() -> None:
    text = asked(Order.by_state, Order.status == "open", Order.due <= date(2026, 1, 31))

    assert text == "state = 'STATE#open' AND state_due BETWEEN 'DUE#' AND 'DUE#2026-01-31$'"


def test_a_field_that_is_in_both_keys_counts_for_both() -> None:
    assert asked(Account, Account.name == "ann") == "pk = 'ACCOUNT#ann' AND sk = 'ann'"


def test_a_field_of_the_partition_key_later_in_the_sort_key_makes_no_gap() -> None:
    text = asked(Order.by_state, Order.state == "STATE#open", Order.due == date(2026, 1, 31), Order.customer == "ann")

    assert text == "state = 'STATE#open' AND state_due = 'DUE#2026-01-31#ann'"


def test_a_template_that_begins_with_a_field_needs_no_end_of_its_range() -> None:
    assert asked(File, File.disk == "c") == "disk = 'c'"
    assert asked(File, File.disk == "c", File.folder == "a") == "disk = 'c' AND begins_with(sk, 'a#')"
    assert asked(File, File.disk == "c", File.folder.begins_with("a")) == "disk = 'c' AND begins_with(sk, 'a')"


@pytest.mark.parametrize(
    ("condition", "sort"),
    [
        (File.name >= "n", "sk BETWEEN 'a#n' AND 'a$'"),
        (File.name > "n", "sk BETWEEN 'a#n\\x00' AND 'a$'"),
        (File.name <= "n", "sk BETWEEN 'a#' AND 'a#n'"),
        (File.name.between("m", "n"), "sk BETWEEN 'a#m' AND 'a#n'"),
        (File.name.begins_with("n"), "begins_with(sk, 'a#n')"),
    ],
)
def test_text_at_the_end_of_a_template_takes_a_range(condition: Condition, sort: str) -> None:
    assert asked(File, File.disk == "c", File.folder == "a", condition) == f"disk = 'c' AND {sort}"


def test_escaped_text_takes_a_range_anywhere() -> None:
    text = asked(Escaped, Escaped.disk == "c", Escaped.folder.between("a b", "a#"))

    assert text == "disk = 'c' AND sk BETWEEN 'F#a%20b' AND 'F#a%23$'"


@pytest.mark.parametrize(
    ("source", "conditions", "rule"),
    [
        (Order, (Order.tenant == "t",), "made from tenant, customer, and a query needs == on each of them; 'customer'"),
        (Order, (Order.tenant == "t", Order.customer > "a"), "'customer' has none"),
        (
            Order,
            (Order.status == "open",),
            "needs == on the partition key 'pk', or on tenant and customer|'status' is not",
        ),
        (Order, (*MINE, Order.number == 7), "on 'number', .* needs == on 'placed' before it"),
        (Order, (*MINE, Order.placed > NOON, Order.number == 7), "on 'number', .* needs == on 'placed' before it"),
        (Order, (*MINE, Order.pk == "x"), "'tenant' is not a key attribute"),
        (Order, (*MINE, Order.placed > NOON, Order.placed < NOON), "two conditions on 'placed'"),
        (Order, (*MINE, Order.placed != NOON), "not a key condition"),
        (File, (File.disk == "c", File.folder >= "a"), "do not sort as 'folder' does"),
        (File, (File.disk == "c", File.folder == "a", File.name < "n"), "where < has no range; use <="),
    ],
)
def test_what_no_range_of_the_text_can_say_is_refused(
    source: Any, conditions: tuple[Condition, ...], rule: str
) -> None:
    with pytest.raises(InvalidRequest, match=rule):
        asked(source, *conditions)


@pytest.mark.parametrize(
    ("source", "conditions", "rule"),
    [
        (Order, (Order.tenant == "a#b", Order.customer == "ann"), "Order.pk: 'tenant' contains a delimiter"),
        (Order, (*MINE, Order.placed == NOON, Order.number < -1), "Order.sk: 'number' does not fit 4 digits"),
        (File, (File.disk == "c", File.folder.begins_with("a#")), "File.sk: 'folder' contains a delimiter"),
        (Order, (Order.tenant == "", Order.customer == "ann"), "non-empty 'tenant'"),
    ],
)
def test_a_value_that_no_key_can_have_is_refused(source: Any, conditions: tuple[Condition, ...], rule: str) -> None:
    with pytest.raises(ValueNotStorable, match=rule):
        asked(source, *conditions)


class Payment(Model, table="conditions-payments"):
    pk: Attr[str] = partition_key("CUSTOMER#{customer}")
    sk: Attr[str] = sort_key("PAYMENT#{number:04d}")
    customer: Attr[str] = attr()
    number: Attr[int] = attr()


class Card(Payment, entity="card"):
    pass


class Refund(Payment, entity="refund"):
    sk: Attr[str] = sort_key("REFUND#{number:04d}")


def test_keys_of_subclasses_that_begin_otherwise_are_not_left_out() -> None:
    assert asked(Payment, Payment.customer == "ann") == "pk = 'CUSTOMER#ann'"
    assert asked(Card, Card.customer == "ann") == "pk = 'CUSTOMER#ann' AND begins_with(sk, 'PAYMENT#')"
    assert asked(Refund, Refund.customer == "ann", Refund.number == 1) == "pk = 'CUSTOMER#ann' AND sk = 'REFUND#0001'"
