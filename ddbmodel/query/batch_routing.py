"""Which models a batch of writes can carry, and which are written one by one."""

from __future__ import annotations

from typing import Literal

from ddbmodel.model import Model, schema_of
from ddbmodel.model.hooks import hooks_of

__all__ = ["needs_single_writes"]


def needs_single_writes(model: type[Model], purpose: Literal["put", "delete"]) -> bool:
    """Return whether writes of a model have more to do than BatchWriteItem can.

    Its puts and deletes have no conditions and no company: guard items of unique values move in a transaction with
    their item, a soft delete is an update, and hooks are awaited one write after the other.
    """
    schema = schema_of(model)
    return bool(schema.unique) or hooks_of(model).of_writes or (purpose == "delete" and schema.deleted is not None)
