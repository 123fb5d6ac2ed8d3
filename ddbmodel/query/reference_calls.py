"""The calls of a `Database` that read what references refer to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol, TypeVar, overload

from ddbmodel.errors import InvalidRequest
from ddbmodel.model import Attr, Key, Model
from ddbmodel.model.codec import codec_of
from ddbmodel.model.references import Ref
from ddbmodel.model.shapes import ListOf, Reference, bare
from ddbmodel.query.batches import get_many
from ddbmodel.transport.executor import Executor

__all__ = ["ReferenceCalls"]

M = TypeVar("M", bound=Model)


class _Connected(Protocol):
    @property
    def executor(self) -> Executor: ...


class ReferenceCalls:
    """Items that are expired or softly deleted are as good as gone."""

    async def load(self: _Connected, reference: Ref[M], /, *, consistent: bool = False) -> M | None:
        """Return the item of a reference, None where it is not there.

        Args:
            consistent: read strongly consistent, for twice the cost.
        """
        if not isinstance(reference, Ref):
            raise InvalidRequest(f"load takes a reference, as in order.customer; got a {type(reference).__name__}")
        (found,) = await get_many(self.executor, reference.model, [reference.key], consistent=consistent)
        return found

    @overload
    async def load_refs(
        self, instances: Iterable[Model], field: Attr[Ref[M]] | Attr[Ref[M] | None], /, *, consistent: bool = False
    ) -> list[M | None]: ...
    @overload
    async def load_refs(
        self, instances: Iterable[Model], field: Attr[list[Ref[M]]], /, *, consistent: bool = False
    ) -> list[list[M | None]]: ...
    async def load_refs(
        self: Any, instances: Iterable[Model], field: Attr[Any], /, *, consistent: bool = False
    ) -> list[Any]:
        """Return what a field of many instances refers to, in their order, None where there is nothing.

        All of it is read in batches, and each item once; for a field that is a list of references, lists.

        Args:
            field: ``Order.customer``, of which every instance has a reference, None, or a list of references.
            consistent: read strongly consistent, for twice the cost.

        Raises:
            InvalidRequest: the field holds no references, or an instance does not have it.
        """
        name, target = _field_and_target(field)
        owners = list(instances)
        for owner in owners:
            if not isinstance(owner, field.model):
                raise InvalidRequest(f"load_refs: a {type(owner).__name__} has no {field!r}")
        held = [getattr(owner, name) for owner in owners]
        keys = [Key(target, ref.key.item) for value in held for ref in _references(value)]
        found = dict(zip(keys, await get_many(self.executor, target, keys, consistent=consistent), strict=True))

        def shown(value: Any) -> Any:
            if isinstance(value, list):
                return [found[ref.key] for ref in value]
            return None if value is None else found[value.key]

        return [shown(value) for value in held]


def _field_and_target(field: object) -> tuple[str, type[Model]]:
    if isinstance(field, Attr) and len(field.path.steps) == 1:
        shape = bare(field.shape)
        reference = bare(shape.item) if isinstance(shape, ListOf) else shape
        names = [name for name, (stored, _) in codec_of(field.model).fields.items() if stored == field.path.steps[0]]
        if isinstance(reference, Reference) and names:
            return names[0], reference.model
    raise InvalidRequest("load_refs takes a field of references, as in db.load_refs(orders, Order.customer)")


def _references(value: Any) -> list[Ref[Any]]:
    if isinstance(value, list):
        return value
    return [] if value is None else [value]
