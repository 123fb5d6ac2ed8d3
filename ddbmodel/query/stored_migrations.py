"""Stored items of an earlier schema version: how one is found, and the write that brings it up to date."""

from __future__ import annotations

import uuid

from ddbmodel.errors import ServiceError
from ddbmodel.expressions.render import Renderer
from ddbmodel.expressions.tree import AttributeTest, Comparison, Condition, Path, Value, all_of
from ddbmodel.model import Model, schema_of
from ddbmodel.model.migrations import stored_schema_version
from ddbmodel.model.own_attributes import SCHEMA_VERSION
from ddbmodel.query.unique_guards import guard_actions, guard_changes
from ddbmodel.transport.executor import Executor, Request
from ddbmodel.values.wire import Item

__all__ = ["is_current", "is_older", "is_older_item", "store_migrated"]


def is_current(model: type[Model]) -> Condition | None:
    """Return the condition that an item is of the model's version; None where there has been one version only."""
    version = schema_of(model).settings.schema_version
    if version is None or version == 1:
        return None
    return Comparison("=", Path((SCHEMA_VERSION,)), Value({"N": str(version)}))


def is_older(model: type[Model]) -> Condition | None:
    """Return the condition that an item is of an earlier version; None where there is none."""
    version = schema_of(model).settings.schema_version
    if version is None or version == 1:
        return None
    path = Path((SCHEMA_VERSION,))
    return AttributeTest("attribute_not_exists", (path,)) | Comparison("<", path, Value({"N": str(version)}))


def is_older_item(model: type[Model], item: Item | None) -> bool:
    """Return whether an item is there and of an earlier version than the model's."""
    version = schema_of(model).settings.schema_version
    return bool(item) and version is not None and stored_schema_version(item or {}) < version


async def store_migrated(executor: Executor, model: type[Model], found: Item) -> bool:
    """Store an item as the model's version does; return False when it is no longer what was found.

    Guards of its unique values are taken too, also those that the item did not have before its model was unique.

    Raises:
        ItemNotDecodable, ValueNotStorable, ItemTooLarge: its migration fails.
        UniqueViolation: another item has one of its unique values.
        ServiceError: any other refusal.
    """
    key, put = model.key_of_item(found), _put(model, found)
    guards = guard_actions(guard_changes(key, found, put["Item"]))
    try:
        if not guards:
            await executor.execute("PutItem", put)
            return True
        items = [{"Put": put}, *(guard.request for guard in guards)]
        await executor.execute("TransactWriteItems", {"TransactItems": items, "ClientRequestToken": str(uuid.uuid4())})
        return True
    except ServiceError as error:
        if error.code == "ConditionalCheckFailedException":
            return False
        reasons = error.cancellation_reasons
        if any(reason.code == "ConditionalCheckFailed" for reason in reasons[:1]):
            return False
        for guard, reason in zip(guards, reasons[1:], strict=False):
            if reason.code == "ConditionalCheckFailed":
                raise guard.violation() from error
        if reasons and {reason.code for reason in reasons} <= {None, "None", "TransactionConflict"}:
            return False
        raise


def _put(model: type[Model], found: Item) -> Request:
    schema, renderer = schema_of(model), Renderer()
    keys = {schema.partition.attribute} | ({schema.sort.attribute} if schema.sort else set())
    terms: list[Condition] = [AttributeTest("attribute_exists", (Path((schema.partition.attribute,)),))]
    terms += [Comparison("=", Path((name,)), Value(found[name])) for name in sorted(found.keys() - keys)]
    if SCHEMA_VERSION not in found:
        terms.append(AttributeTest("attribute_not_exists", (Path((SCHEMA_VERSION,)),)))
    condition = all_of(tuple(terms))
    assert condition is not None, "there is at least the first term"
    return {
        "TableName": schema.table,
        "Item": model.from_item(found).to_item(),
        "ConditionExpression": renderer.condition(condition),
        **renderer.placeholders(),
    }
