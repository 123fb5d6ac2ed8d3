"""SELECT of one item by its whole key, as batches and transactions need it."""

from __future__ import annotations

from ddbmodel.engine.catalog import Table
from ddbmodel.engine.messages import partiql as messages
from ddbmodel.engine.messages.message import refused
from ddbmodel.engine.partiql.branches import Branch, branches_of
from ddbmodel.expressions.partiql.statements import Select
from ddbmodel.values.wire import Item

__all__ = ["key_of_read"]


def key_of_read(select: Select, table: Table) -> Item | None:
    """Return the key that a condition gives when it gives nothing else, None otherwise; types are not looked at.

    Raises:
        Refusal: it gives one key more than once, or too many.
    """
    branches = branches_of(select.where, table.keys)
    if branches is None:
        return None
    keys = [_key_of(branch, table) for branch in branches]
    known = [key for key in keys if key is not None]
    if any(key in known[:index] for index, key in enumerate(known)):
        raise refused(messages.OVERLAPPING)
    return keys[0] if len(keys) == 1 else None


def _key_of(branch: Branch, table: Table) -> Item | None:
    if branch.filters or branch.partition is None:
        return None
    key = {table.keys.partition[0].name: branch.partition}
    for sort in branch.sorts:
        if sort.operator != "=" or sort.attribute in key:
            return None
        key[sort.attribute] = sort.values[0]
    return key if len(key) == len(table.keys.attributes) else None
