"""PartiQL statements: plain Python values in, wire items or models out, page after page until the end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ddbmodel.errors import AlreadyExists, ConditionFailed, DdbModelError, ServiceError, ValueNotStorable
from ddbmodel.model.codec import codec_of
from ddbmodel.model.encode import dynamic_value
from ddbmodel.model.scalars import Refused
from ddbmodel.transport.executor import Executor, Request
from ddbmodel.values.wire import AttributeValue, Item

__all__ = ["execute_statement"]


async def execute_statement(
    executor: Executor, statement: str, parameters: Sequence[Any], *, consistent: bool = False
) -> list[Item]:
    """Return all items that a statement answers; see `Database.execute`."""
    request: Request = {"Statement": statement}
    if parameters:
        request["Parameters"] = [_encoded(position, value) for position, value in enumerate(parameters)]
    if consistent:
        request["ConsistentRead"] = True
    items: list[Item] = []
    while True:
        try:
            answer = await executor.execute("ExecuteStatement", request)
        except ServiceError as error:
            raise _failure(error) from error
        items += answer.get("Items", [])
        token = answer.get("NextToken")
        if token is None:
            return items
        request = {**request, "NextToken": token}


def _encoded(position: int, value: Any) -> AttributeValue:
    try:
        return dynamic_value(value, codec_of)
    except Refused as refusal:
        raise ValueNotStorable("statement", f"parameters[{position}]", refusal.rule) from None
    except RecursionError:
        raise ValueNotStorable("statement", f"parameters[{position}]", "nested deeper than 32 levels") from None


def _failure(error: ServiceError) -> DdbModelError:
    if error.code == "ConditionalCheckFailedException":
        return ConditionFailed("statement: its condition does not hold, or there is no item to update")
    if error.code == "DuplicateItemException":
        return AlreadyExists("statement: an item with this key exists already; UPDATE changes it")
    return error
