"""Field specifiers: what stands to the right of ``name: Attr[T] =`` in a model.

Each returns a pydantic field whose metadata carries our `FieldOptions`; further keywords (``ge``, ``alias``,
``description``, …) go to `pydantic.Field` as they are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, overload

from pydantic import Field
from pydantic.fields import FieldInfo

from ddbmodel.errors import ModelDefinitionError
from ddbmodel.model.field_codecs import AnyCodec
from ddbmodel.model.field_options import FieldOptions

__all__ = [
    "attr",
    "created_at",
    "deleted_at",
    "derived",
    "options_of",
    "partition_key",
    "sort_key",
    "ttl",
    "updated_at",
    "version",
]


def attr(
    *,
    default: Any = ...,
    default_factory: Callable[[], Any] | None = None,
    unique: bool = False,
    stored: bool = True,
    codec: AnyCodec | None = None,
    **constraints: Any,
) -> Any:
    """Return a field that is one attribute of the item; required without a default.

    Args:
        unique: no two items of the model have the same value; a value that is None or absent may repeat. Every write
            that changes the value becomes a transaction with a guard item.
        stored: False for a field of which the table's key is made, and that is read from there: the item has no second
            copy of it.
        codec: how the value is stored, where that is not how its type is: `Compressed`, or a `FieldCodec` of one's own.
    """
    options = FieldOptions("attribute", unique=unique, stored=stored, codec=codec)
    return _declared(options, default, default_factory, constraints)


@overload
def partition_key(template: str, *, escape: bool = False, init: Literal[False] = False, **constraints: Any) -> Any: ...
@overload
def partition_key(template: None = None, *, default: Any = ..., **constraints: Any) -> Any: ...
def partition_key(template: str | None = None, **constraints: Any) -> Any:
    """Return the field that the table is partitioned by.

    Args:
        template: text made from other fields, ``"CUSTOMER#{customer_id}"``; such a field takes no argument.
        escape: write delimiters in values as ``%23``, instead of refusing the values.
    """
    return _key("partition_key", template, constraints)


@overload
def sort_key(template: str, *, escape: bool = False, init: Literal[False] = False, **constraints: Any) -> Any: ...
@overload
def sort_key(template: None = None, *, default: Any = ..., **constraints: Any) -> Any: ...
def sort_key(template: str | None = None, **constraints: Any) -> Any:
    """Return the field that orders the items of a partition; `template` and `escape` as for `partition_key`."""
    return _key("sort_key", template, constraints)


def derived(template: str, *, escape: bool = False, init: Literal[False] = False, **constraints: Any) -> Any:
    """Return a text that every write makes from other fields, for the keys of indexes; never set by hand.

    It is absent while one of these fields is None, so that an index over it holds only items that have them all.

    Args:
        template: as for `partition_key`, ``"STATUS#{status}#{due}"``.
        escape: write delimiters in values as ``%23``, instead of refusing the values.
    """
    assert not init, "init=False tells type checkers that the constructor does not take it"
    return _declared(FieldOptions("derived", template, escape=escape), None, None, constraints)


def ttl(*, default: Any = ..., default_factory: Callable[[], Any] | None = None, **constraints: Any) -> Any:
    """Return the field that says when the service may delete the item: epoch seconds on the wire, rounded down."""
    return _declared(FieldOptions("ttl"), default, default_factory, constraints)


def version(*, init: Literal[False] = False, default: int = 0, **constraints: Any) -> Any:
    """Return the field of the optimistic lock; it moves with every successful write and is never set by hand."""
    assert not init, "init=False tells type checkers that the constructor does not take it"
    return _declared(FieldOptions("version"), default, None, constraints)


def created_at(*, init: Literal[False] = False, default: Any = None, **constraints: Any) -> Any:
    """Return the time of the first write: an aware datetime, or None before it; never set by hand."""
    assert not init, "init=False tells type checkers that the constructor does not take it"
    return _declared(FieldOptions("created_at"), default, None, constraints)


def updated_at(*, init: Literal[False] = False, default: Any = None, **constraints: Any) -> Any:
    """Return the time of the last write: an aware datetime, or None before the first; never set by hand."""
    assert not init, "init=False tells type checkers that the constructor does not take it"
    return _declared(FieldOptions("updated_at"), default, None, constraints)


def deleted_at(*, init: Literal[False] = False, default: Any = None, **constraints: Any) -> Any:
    """Return the time of a soft delete: ``db.delete`` sets it and keeps the item, and reads leave the item out."""
    assert not init, "init=False tells type checkers that the constructor does not take it"
    return _declared(FieldOptions("deleted_at"), default, None, constraints)


def options_of(info: FieldInfo) -> FieldOptions:
    """Return what a field declared beyond pydantic; a plain annotation is an attribute like any other."""
    for entry in info.metadata:
        if isinstance(entry, FieldOptions):
            return entry
    return FieldOptions()


def _key(role: Literal["partition_key", "sort_key"], template: str | None, constraints: dict[str, Any]) -> Any:
    constraints.pop("init", None)
    escape = constraints.pop("escape", False)
    default = constraints.pop("default", ... if template is None else "")
    return _declared(
        FieldOptions(role, template, escape=escape), default, constraints.pop("default_factory", None), constraints
    )


def _declared(
    options: FieldOptions, default: Any, default_factory: Callable[[], Any] | None, constraints: dict[str, Any]
) -> Any:
    if "codec" in constraints:
        raise ModelDefinitionError(
            f"{options.role}(): a codec is for fields declared with attr(); the service, or the library, reads this one"
        )
    if default_factory is not None:
        constraints["default_factory"] = default_factory
    elif default is not ...:
        constraints["default"] = default
    info: Any = Field(**constraints)
    info.metadata.append(options)
    return info
