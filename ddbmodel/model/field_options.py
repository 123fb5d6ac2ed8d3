"""What a field declaration says beyond pydantic: its role in the table, kept on the class as ``__ddb_fields__``.

Every `Model` and `Document` class has class attributes that the codec and the schema read:

* ``__ddb_fields__``: field name to `FieldOptions`, own and inherited;
* ``__ddb_index_keys__``: the names of fields that are key attributes of an index;
* ``__ddb_index_sort_keys__``: those of them that an index sorts by.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from ddbmodel.model.field_codecs import AnyCodec

__all__ = ["KEY_LIMIT_BYTES", "FieldOptions", "FieldRole"]

FieldRole: TypeAlias = Literal[
    "attribute", "partition_key", "sort_key", "derived", "version", "ttl", "created_at", "updated_at", "deleted_at"
]


KEY_LIMIT_BYTES: Final[Mapping[str, int]] = MappingProxyType({"partition_key": 2048, "sort_key": 1024})
"""The largest value of a key attribute of the table, by role."""


@dataclass(frozen=True, slots=True)
class FieldOptions:
    """What a field is for.

    Attributes:
        role: what the table, or the mapper, uses it for.
        template: of a text made from other fields.
        unique: no two items of the model have the same value.
        escape: whether the values in the template are escaped instead of refused.
        stored: whether it has an attribute of its own; without one it is read from a key of the table.
        codec: stores it in a way of its own.
    """

    role: FieldRole = "attribute"
    template: str | None = None
    unique: bool = False
    escape: bool = False
    stored: bool = True
    codec: AnyCodec | None = None
