"""Secondary indexes: how a class body declares them, and what `Score.leaderboard` is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from ddbmodel.model.schema import IndexSchema

if TYPE_CHECKING:
    from ddbmodel.model.base import Model

__all__ = ["DeclaredIndex", "GlobalIndex", "Index", "LocalIndex"]

M = TypeVar("M", bound="Model")
M_co = TypeVar("M_co", bound="Model", covariant=True)


@dataclass(frozen=True, slots=True)
class Index(Generic[M_co]):
    """An index of a model; what a query takes in the model's place."""

    model: type[M_co]
    name: str

    @property
    def schema(self) -> IndexSchema:
        """The index as plain data."""
        return self.model.__ddb_schema__.indexes[self.name]


class DeclaredIndex:
    """What both kinds of index have in common; fields are those of the class body, or names."""

    kind: Literal["global", "local"]

    def __init__(self, partition_key: Any, sort_key: Any, projection: Any) -> None:
        self.partition_fields: tuple[Any, ...] = _as_tuple(partition_key)
        self.sort_fields: tuple[Any, ...] = _as_tuple(sort_key)
        self.projection: Literal["ALL", "KEYS_ONLY"] | tuple[Any, ...] = (
            projection if projection in ("ALL", "KEYS_ONLY") else _as_tuple(projection)
        )
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, instance: object, owner: type[M]) -> Index[M]:
        return Index(owner, self.name)


class GlobalIndex(DeclaredIndex):
    """An index over any fields; each key is one field or several."""

    kind = "global"

    def __init__(
        self,
        *,
        partition_key: Any,
        sort_key: Any = None,
        projection: Literal["ALL", "KEYS_ONLY"] | Sequence[Any] = "ALL",
    ) -> None:
        super().__init__(partition_key, sort_key, projection)


class LocalIndex(DeclaredIndex):
    """Another order of the items of a partition."""

    kind = "local"

    def __init__(self, *, sort_key: Any, projection: Literal["ALL", "KEYS_ONLY"] | Sequence[Any] = "ALL") -> None:
        super().__init__(None, sort_key, projection)


def _as_tuple(keys: Any) -> tuple[Any, ...]:
    if keys is None:
        return ()
    return tuple(keys) if isinstance(keys, (tuple, list)) else (keys,)
