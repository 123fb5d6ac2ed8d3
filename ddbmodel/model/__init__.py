"""Models: pydantic classes that say how an item looks; the codec between them and the wire; expressions on fields."""

from ddbmodel.model.attribute import Attr
from ddbmodel.model.base import Document, Model
from ddbmodel.model.collection import ByModel, Collection, by_model, collection
from ddbmodel.model.fields import (
    attr,
    created_at,
    deleted_at,
    derived,
    partition_key,
    sort_key,
    ttl,
    updated_at,
    version,
)
from ddbmodel.model.indexes import GlobalIndex, Index, LocalIndex
from ddbmodel.model.instance_state import next_version, set_stored_version, stored_version
from ddbmodel.model.key import Key
from ddbmodel.model.references import Ref
from ddbmodel.model.schema import (
    DerivedField,
    FieldRef,
    IndexSchema,
    KeyField,
    ModelSchema,
    UniqueConstraint,
    schema_of,
)
from ddbmodel.model.unique import Unique

__all__ = [
    "Attr",
    "ByModel",
    "Collection",
    "DerivedField",
    "Document",
    "FieldRef",
    "GlobalIndex",
    "Index",
    "IndexSchema",
    "Key",
    "KeyField",
    "LocalIndex",
    "Model",
    "ModelSchema",
    "Ref",
    "Unique",
    "UniqueConstraint",
    "attr",
    "by_model",
    "collection",
    "created_at",
    "deleted_at",
    "derived",
    "next_version",
    "partition_key",
    "schema_of",
    "set_stored_version",
    "sort_key",
    "stored_version",
    "ttl",
    "updated_at",
    "version",
]
