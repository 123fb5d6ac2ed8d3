"""INSERT, UPDATE, DELETE and EXISTS as the write actions that the native operations have.

| statement | action | what must hold besides its own condition |
|---|---|---|
| INSERT | put | there is no item: ``DuplicateItemException`` |
| UPDATE | update | there is an item |
| DELETE | delete | nothing: without an item the condition is not asked |
| EXISTS | check | there is an item |
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from ddbmodel.engine.catalog import Table
from ddbmodel.engine.items.write_actions import Decision, WriteAction, decide
from ddbmodel.engine.messages import partiql as messages
from ddbmodel.engine.messages.items import ITEM_TOO_LARGE
from ddbmodel.engine.messages.message import Refusal, refused
from ddbmodel.engine.messages.values import TOO_DEEP
from ddbmodel.expressions.partiql.statements import Delete, Exists, Insert, UpdateItem
from ddbmodel.expressions.paths import paths_of
from ddbmodel.expressions.project import project
from ddbmodel.expressions.tree import (
    And,
    AttributeTest,
    Comparison,
    Condition,
    Or,
    Path,
    Projection,
    Value,
    all_of,
)
from ddbmodel.values.item_size import MAX_ITEM_BYTES, item_size_bytes
from ddbmodel.values.wire import Item

__all__ = [
    "KeyAndCondition",
    "WriteStatement",
    "check_key_values",
    "decided",
    "key_and_condition",
    "returned",
    "write_action",
]

WriteStatement: TypeAlias = Insert | UpdateItem | Delete | Exists


@dataclass(frozen=True, slots=True)
class KeyAndCondition:
    """A WHERE clause taken apart; the key may lack attributes."""

    key: Item
    condition: Condition | None
    twice: str | None = None
    """A key attribute that must equal two values; the second is in the condition."""


def key_and_condition(where: Condition | None, table: Table) -> KeyAndCondition:
    """Return the key that a condition gives by equalities, and what else it says."""
    names = {attribute.name for attribute in table.keys.attributes}
    key: Item = {}
    rest: list[Condition] = []
    twice: str | None = None
    for term in () if where is None else where.terms if isinstance(where, And) else (where,):
        name, value = _equality(term)
        if name is None or value is None or name not in names:
            rest.append(term)
        elif name not in key:
            key[name] = value.value
        elif key[name] != value.value:
            rest.append(term)
            twice = twice or name
    return KeyAndCondition(key, all_of(tuple(rest)), twice)


def write_action(statement: WriteStatement, found: KeyAndCondition | None, *, shows_item: bool = False) -> WriteAction:
    """Return the action of a statement; `found` is its WHERE clause, None for an INSERT.

    Raises:
        Refusal: the item of an INSERT is too large.
    """
    if isinstance(statement, Insert):
        size_bytes = item_size_bytes(statement.item)
        if size_bytes > MAX_ITEM_BYTES:
            raise refused(ITEM_TOO_LARGE)
        return WriteAction("put", statement.table, statement.item, size_bytes, None, None, shows_item)
    assert found is not None, "only an INSERT has no WHERE clause"
    key, condition = found.key, found.condition
    is_there = tuple(AttributeTest("attribute_exists", (Path((name,)),)) for name in list(key)[:1])
    if isinstance(statement, Delete):
        if condition is not None and is_there:
            condition = Or((AttributeTest("attribute_not_exists", is_there[0].arguments), condition))
        return WriteAction("delete", statement.table, key, 0, condition, None, shows_item)
    condition = all_of(is_there + (() if condition is None else (condition,)))
    if isinstance(statement, Exists):
        return WriteAction("check", statement.select.table, key, 0, condition, None, shows_item)
    return WriteAction("update", statement.table, key, 0, condition, statement.update, shows_item)


def check_key_values(statement: WriteStatement, found: KeyAndCondition | None, table: Table) -> None:
    """Refuse a statement that does not say which one item it writes, in the words of a statement of its own."""
    if isinstance(statement, Insert):
        for attribute in table.keys.attributes:
            value = statement.item.get(attribute.name)
            if value is None:
                raise refused(messages.KEY_MISSING, name=attribute.name)
            if attribute.type not in value:
                raise refused(messages.KEY_TYPE, name=attribute.name)
        return
    assert found is not None, "only an INSERT has no WHERE clause"
    where = statement.select.where if isinstance(statement, Exists) else statement.where
    if where is not None:
        _check_paths(where, table)
    if found.twice is not None:
        raise refused(messages.KEY_TWICE, name=found.twice)
    if any(attribute.name not in found.key for attribute in table.keys.attributes):
        raise refused(messages.KEY_NOT_GIVEN)
    for attribute in table.keys.attributes:
        if attribute.type not in found.key[attribute.name]:
            raise refused(messages.KEY_TYPE, name=attribute.name)


def decided(action: WriteAction, table: Table, key: bytes, old: Item | None) -> Decision:
    """Return what an action does to the item that is there now; raises as `decide`, and for an INSERT of it."""
    if action.kind == "put" and old is not None:
        raise refused(messages.DUPLICATE_ITEM)
    try:
        return decide(action, table, key, old)
    except Refusal as refusal:
        if refusal.message is TOO_DEEP:
            raise refused(messages.NESTING_OF_ITEM) from None
        raise


def returned(statement: WriteStatement, decision: Decision) -> Item | None:
    """Return what RETURNING shows, None when it shows nothing."""
    returning = statement.returning if isinstance(statement, (UpdateItem, Delete)) else None
    if returning is None:
        return None
    image = decision.new if returning.endswith("NEW") else decision.old
    if image is None or returning.startswith("ALL"):
        return image
    return project(Projection(decision.touched), image) or None


def _check_paths(where: Condition, table: Table) -> None:
    names = {attribute.name for attribute in table.keys.attributes}
    for path in paths_of(where):
        if len(path.steps) > 1 and path.steps[0] in names:
            raise refused(messages.PATH_INTO_KEY, name=path.steps[0])


def _equality(term: Condition) -> tuple[str | None, Value | None]:
    if isinstance(term, Comparison) and term.comparator == "=":
        for path, value in ((term.left, term.right), (term.right, term.left)):
            if isinstance(path, Path) and len(path.steps) == 1 and isinstance(value, Value):
                return str(path.steps[0]), value
    return None, None
