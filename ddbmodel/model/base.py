"""`Model` and `Document`: pydantic models whose fields are attributes, and the metaclass that binds them."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, Self, dataclass_transform

from pydantic import BaseModel, ConfigDict, Field
from pydantic._internal._model_construction import ModelMetaclass, build_lenient_weakvaluedict
from pydantic._internal._typing_extra import parent_frame_namespace
from pydantic_core.core_schema import no_info_after_validator_function
from typing_extensions import Unpack

from ddbmodel.errors import ModelDefinitionError
from ddbmodel.expressions.tree import Path
from ddbmodel.model.attribute import Attr
from ddbmodel.model.codec import codec_of, forget_codecs
from ddbmodel.model.encode import dynamic_value
from ddbmodel.model.entities import class_of_item, declare_entity
from ddbmodel.model.fields import (
    attr,
    created_at,
    deleted_at,
    derived,
    options_of,
    partition_key,
    sort_key,
    ttl,
    updated_at,
    version,
)
from ddbmodel.model.hooks import hooks_of
from ddbmodel.model.indexes import DeclaredIndex
from ddbmodel.model.instance_state import set_stored_version
from ddbmodel.model.key import Key, key_from_names
from ddbmodel.model.migrations import migrated
from ddbmodel.model.own_attributes import ENTITY, SCHEMA_VERSION
from ddbmodel.model.schema import BUILT_SCHEMA, ModelSchema
from ddbmodel.model.schema_build import build_schema, check_declarations, name_of_key_fields, name_unique_fields
from ddbmodel.model.settings import (
    SETTING_NAMES,
    Billing,
    GuardMode,
    ModelSettings,
    StreamView,
    TableClass,
    settings_from,
)
from ddbmodel.model.unique import Unique
from ddbmodel.values.binary import with_base64_text, with_raw_bytes
from ddbmodel.values.wire import Item

__all__ = ["Document", "Model"]

_RESET: Final = "__pydantic_reset_parent_namespace__"


def _show_texts(instance: Any) -> Any:
    codec_of(type(instance)).show_texts(instance)
    return instance


class _Creating(threading.local):
    depth = 0


_creating: Final = _Creating()


@contextmanager
def _class_creation() -> Iterator[None]:
    # While pydantic builds a subclass it asks the base classes for defaults; a bound field is none.
    _creating.depth += 1
    try:
        yield
    finally:
        _creating.depth -= 1


def _check_names(name: str, namespace: dict[str, Any]) -> None:
    # The two base classes themselves are made before there are any names to collide with.
    reserved = {method for class_ in (Document, Model, BaseModel) for method in class_.__dict__} - {"model_config"}
    for field in namespace.get("__annotations__", {}):
        if not field.startswith("_") and field in reserved:
            raise ModelDefinitionError(
                f"{name}.{field}: this is the name of a method of every model; call the field {field}_ and keep the "
                f"stored name with an alias: {field}_: Attr[...] = attr(alias={field!r})"
            )


@dataclass_transform(
    kw_only_default=True,
    field_specifiers=(attr, partition_key, sort_key, derived, ttl, version, created_at, updated_at, deleted_at, Field),
)
class _MappedMeta(ModelMetaclass):
    if not TYPE_CHECKING:

        def __new__(mcs, name, bases, namespace, **kwargs):
            given = {key: kwargs.pop(key) for key in SETTING_NAMES & kwargs.keys()}
            if namespace.get("__module__") != __name__:
                _check_names(name, namespace)
            indexes = {key: value for key, value in namespace.items() if isinstance(value, DeclaredIndex)}
            constraints = {key: value for key, value in namespace.items() if isinstance(value, Unique)}
            for key in (*indexes, *constraints):
                del namespace[key]
            declared = {id(value): key for key, value in namespace.items()}
            if kwargs.setdefault(_RESET, True):
                # Pydantic would take names of this function for those of the scope that the class stands in.
                kwargs[_RESET] = False
                namespace["__pydantic_parent_namespace__"] = build_lenient_weakvaluedict(parent_frame_namespace())
            with _class_creation():
                cls = super().__new__(mcs, name, bases, namespace, **kwargs)
            inherited = getattr(cls, "__ddb_settings__", None) or ModelSettings()
            if (kwargs.get("__pydantic_generic_metadata__") or {}).get("origin") is not None:
                given.setdefault("entity", inherited.entity)
            type.__setattr__(cls, "__ddb_settings__", settings_from(name, inherited, given))
            for key, index in indexes.items():
                index.__set_name__(cls, key)
                name_of_key_fields(name, index, declared)
                type.__setattr__(cls, key, index)
            for key, constraint in constraints.items():
                constraint.__set_name__(cls, key)
                name_unique_fields(name, constraint, declared)
                type.__setattr__(cls, key, constraint)
            check_declarations(cls)
            hooks_of(cls)
            declare_entity(cls)
            if cls.__ddb_settings__.entity is not None:
                # Its base classes are read otherwise from now on.
                for base in cls.__mro__[1:]:
                    if BUILT_SCHEMA in base.__dict__:
                        type.__delattr__(base, BUILT_SCHEMA)
            if cls.__ddb_settings__.table is not None and cls.__pydantic_complete__:
                cls.__ddb_schema__  # noqa: B018  # bad declarations fail here, not at the first request
            return cls

        def __getattr__(cls, name):  # noqa: N805  # of a class
            if not _creating.depth and not name.startswith("__"):
                fields = cls.__dict__.get("__pydantic_fields__", {})
                if name in fields:
                    attribute, shape = codec_of(cls).fields[name]
                    return Attr(cls, Path((attribute,)), shape)
            return super().__getattr__(name)

    @property
    def __ddb_schema__(cls) -> ModelSchema:  # noqa: N805  # of a class
        schema: ModelSchema | None = cls.__dict__.get(BUILT_SCHEMA)
        if schema is None:
            schema = build_schema(cls)
            type.__setattr__(cls, BUILT_SCHEMA, schema)
        return schema


class Document(BaseModel, metaclass=_MappedMeta):
    """A nested document, stored as a map."""

    if not TYPE_CHECKING:

        @classmethod
        def model_rebuild(cls, **options):
            forget_codecs()
            return super().model_rebuild(**{"_parent_namespace_depth": 3, **options})


class Model(Document):
    """An item of a table."""

    if TYPE_CHECKING:

        def __init_subclass__(
            cls,
            *,
            table: str | None = None,
            entity: str | None = None,
            stream: bool | StreamView | None = None,
            billing: Billing | None = None,
            table_class: TableClass | None = None,
            deletion_protection: bool | None = None,
            tags: Mapping[str, str] | None = None,
            schema_version: int | None = None,
            guard: GuardMode | None = None,
            **kwargs: Unpack[ConfigDict],
        ) -> None: ...

    if not TYPE_CHECKING:

        @classmethod
        def __get_pydantic_core_schema__(cls, source, handler):
            schema = handler(source)
            made = (options_of(info).template for info in cls.__pydantic_fields__.values())
            return no_info_after_validator_function(_show_texts, schema) if any(made) else schema

    def to_item(self, *, binary: bool = False) -> Item:
        """Return the item; binary values are base64 text, or ``bytes`` as boto3 takes them.

        Raises:
            ValueNotStorable: a value that the wire cannot carry.
            ItemTooLarge: more than 400 KB.
        """
        item = codec_of(self.__class__).encode(self)
        return with_raw_bytes(item) if binary else item

    @classmethod
    def from_item(cls, item: Item) -> Self:
        """Return the validated model of a whole item, with binary in either form.

        An item of the entity of a subclass becomes an instance of that.

        Raises:
            ItemNotDecodable: the item does not fit; a partial item never does, nor does one of another entity.
        """
        codec = codec_of(cls)
        if item.get(ENTITY) != codec.own.get(ENTITY):
            found: Any = class_of_item(cls, item)
            if found is not cls:
                other: Self = found.from_item(item)
                return other
        if item.get(SCHEMA_VERSION) != codec.own.get(SCHEMA_VERSION):
            item = migrated(cls, with_base64_text(item), lambda value: dynamic_value(value, codec_of))
        instance: Self = codec.decode(item)
        declared = cls.__ddb_schema__.version
        if declared is not None and declared[1] in item:
            set_stored_version(instance, getattr(instance, declared[0]))
        return instance

    @classmethod
    def key(cls, **names: Any) -> Key[Self]:
        """Return the key made from its fields, or from the fields that its templates use.

        Raises:
            InvalidRequest: a name is missing or unknown.
            ValueNotStorable: a value that cannot be a key.
        """
        return key_from_names(cls, names)

    def item_key(self) -> Key[Self]:
        """Return the instance's own key."""
        schema, values = type(self).__ddb_schema__, self.__dict__
        plan_of = codec_of(type(self)).plan_of
        names: dict[str, Any] = {}
        for part in (schema.partition, schema.sort):
            if part is not None:
                template = plan_of[part.field].template
                needed = (part.field,) if template is None else template.fields
                names.update({name: values[name] for name in needed})
        return type(self).key(**names)

    @classmethod
    def key_of_item(cls, item: Item) -> Key[Self]:
        """Return the key of a stored item, or of a part of one that has the key attributes."""
        schema = cls.__ddb_schema__
        parts = (schema.partition,) if schema.sort is None else (schema.partition, schema.sort)
        return Key(cls, {part.attribute: item[part.attribute] for part in parts})
