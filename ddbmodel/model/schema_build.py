"""From a class to its `ModelSchema`, and every rule that a declaration must keep."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from ddbmodel.errors import KeyAttributeMissing, ModelDefinitionError
from ddbmodel.model.codec import codec_of
from ddbmodel.model.decode import models_in
from ddbmodel.model.encode import FieldPlan
from ddbmodel.model.entities import entities_of
from ddbmodel.model.fields import options_of
from ddbmodel.model.indexes import DeclaredIndex
from ddbmodel.model.key_template import template_fields
from ddbmodel.model.own_attributes import ENTITY
from ddbmodel.model.schema import DerivedField, FieldRef, IndexSchema, KeyField, ModelSchema, UniqueConstraint
from ddbmodel.model.settings import ModelSettings
from ddbmodel.model.shapes import Scalar, bare, is_nullable, key_type_of
from ddbmodel.model.unique import Unique

__all__ = ["build_schema", "check_declarations", "name_of_key_fields", "name_unique_fields"]

# Source: API reference, CreateTable, IndexName.
_INDEX_NAME: Final = re.compile(r"[a-zA-Z0-9_.-]{3,255}")


def name_of_key_fields(model: str, index: DeclaredIndex, declared: dict[int, str]) -> None:
    """Replace the fields that an index was declared with by their names.

    Args:
        declared: names of the objects in the class body, by identity.
    """

    where = f"{model}.{index.name}: an index"
    index.partition_fields = _names(where, index.partition_fields, declared)
    index.sort_fields = _names(where, index.sort_fields, declared)
    if not isinstance(index.projection, str):
        index.projection = _names(where, index.projection, declared)


def name_unique_fields(model: str, constraint: Unique, declared: dict[int, str]) -> None:
    """Replace the fields that a constraint was declared with by their names; `declared` as for indexes."""
    constraint.fields = _names(f"{model}.{constraint.name}: Unique", constraint.fields, declared)


def _names(where: str, references: tuple[Any, ...], declared: dict[int, str]) -> tuple[str, ...]:
    def name_of(reference: Any) -> str:
        if isinstance(reference, str):
            return reference
        if id(reference) in declared:
            return declared[id(reference)]
        if hasattr(reference, "path"):
            return str(reference.path.steps[0])
        raise ModelDefinitionError(
            f"{where} is declared over fields of the class or their names, got {type(reference).__name__}"
        )

    return tuple(name_of(reference) for reference in references)


def check_declarations(cls: Any) -> None:
    """Check what can be checked before forward references are known, and note the key fields of indexes.

    Raises:
        ModelDefinitionError: roles, templates or indexes that cannot work.
    """
    fields = cls.__dict__.get("__pydantic_fields__", {})
    cls.__ddb_fields__ = {name: options_of(info) for name, info in fields.items()}
    indexes = _indexes_of(cls)
    index_keys: set[str] = set()
    index_sort_keys: set[str] = set()
    for index in indexes.values():
        if not _INDEX_NAME.fullmatch(index.name):
            raise ModelDefinitionError(
                f"{cls.__name__}.{index.name}: the name of an index has 3 to 255 characters; call it by a longer one"
            )
        for name in (*index.partition_fields, *index.sort_fields, *_included(index)):
            if name not in fields:
                raise KeyAttributeMissing(cls.__name__, f"index {index.name!r}", name, list(fields))
        index_keys.update(index.partition_fields, index.sort_fields)
        index_sort_keys.update(index.sort_fields)
    cls.__ddb_index_keys__, cls.__ddb_index_sort_keys__ = frozenset(index_keys), frozenset(index_sort_keys)
    for name, options in cls.__ddb_fields__.items():
        for used in template_fields(cls.__name__, options.template) if options.template else ():
            if used not in fields or used == name:
                raise KeyAttributeMissing(cls.__name__, f"key template {options.template!r}", used, list(fields))
    for role in ("partition_key", "sort_key", "version", "ttl", "created_at", "updated_at", "deleted_at"):
        names = _with_role(cls, role)
        if len(names) > 1:
            raise ModelDefinitionError(f"{cls.__name__}: a model has one {role}(), got {', '.join(names)}")
    has_table = cls.__ddb_settings__.table is not None
    if cls.__ddb_settings__.guard == "version" and has_table and not _with_role(cls, "version"):
        raise ModelDefinitionError(
            f"{cls.__name__}: guard='version' needs a version; declare a field with version(), or use 'changed'"
        )
    if has_table and not _with_role(cls, "partition_key"):
        raise ModelDefinitionError(
            f"{cls.__name__}: a model with a table needs a key; declare a field with partition_key()"
        )


def build_schema(cls: Any) -> ModelSchema:
    """Return the schema of a class whose forward references are known.

    Raises:
        ModelDefinitionError: no table, or a field whose type does not fit its role.
    """
    settings: ModelSettings = cls.__ddb_settings__
    table = settings.table
    if table is None:
        raise ModelDefinitionError(f"{cls.__name__}: the model has no table; declare it with table='...'")
    plans = codec_of(cls).plan_of
    for nested in models_in(cls.__pydantic_core_schema__):
        if nested.__pydantic_complete__:
            codec_of(nested)  # declarations inside fail here as well, not at the first request
    attributes = {plan.field: plan.attribute for plan in plans.values()}
    if len(set(attributes.values())) < len(attributes):
        raise ModelDefinitionError(f"{cls.__name__}: two fields are stored under one name; change an alias")
    sort_names = _with_role(cls, "sort_key")
    partition = _key_field(cls, plans[_with_role(cls, "partition_key")[0]], of_table=True)
    sort = _key_field(cls, plans[sort_names[0]], of_table=True) if sort_names else None
    return ModelSchema(
        model_name=cls.__name__,
        table=table,
        partition=partition,
        sort=sort,
        indexes=MappingProxyType(
            {name: _index(cls, index, plans, partition, sort) for name, index in _indexes_of(cls).items()}
        ),
        version=_typed_role(cls, plans, "version", ("integer",), "int"),
        ttl=_typed_role(cls, plans, "ttl", ("epoch", "integer"), "datetime or int"),
        created=_typed_role(cls, plans, "created_at", ("moment", "epoch"), "datetime | None"),
        updated=_typed_role(cls, plans, "updated_at", ("moment", "epoch"), "datetime | None"),
        deleted=_typed_role(cls, plans, "deleted_at", ("moment", "epoch"), "datetime | None"),
        unique=_unique_constraints(cls, plans, partition),
        derived=_derived_fields(cls, plans),
        attributes=MappingProxyType(attributes),
        not_stored=_not_stored(cls, plans),
        settings=settings,
    )


def _indexes_of(cls: Any) -> dict[str, DeclaredIndex]:
    found: dict[str, DeclaredIndex] = {}
    for base in reversed(cls.__mro__):
        found.update({name: value for name, value in base.__dict__.items() if isinstance(value, DeclaredIndex)})
    return found


def _included(index: DeclaredIndex) -> tuple[str, ...]:
    return () if isinstance(index.projection, str) else index.projection


def _with_role(cls: Any, role: str) -> list[str]:
    return [name for name, options in cls.__ddb_fields__.items() if options.role == role]


def _key_field(cls: Any, plan: FieldPlan, *, of_table: bool) -> KeyField:
    type_ = key_type_of(plan.shape)
    if type_ is None:
        raise ModelDefinitionError(
            f"{cls.__name__}.{plan.field}: values of this type cannot be a key; a key is text, a number or binary"
        )
    if of_table and is_nullable(plan.shape):
        raise ModelDefinitionError(f"{cls.__name__}.{plan.field}: a key of the table cannot be None; drop the None")
    if plan.template is not None and type_ != "S":
        raise ModelDefinitionError(f"{cls.__name__}.{plan.field}: a template makes text; declare the field as str")
    return KeyField(plan.field, plan.attribute, type_, plan.template.template if plan.template else None)


def _derived_fields(cls: Any, plans: Mapping[str, FieldPlan]) -> tuple[DerivedField, ...]:
    made = []
    for plan in plans.values():
        if not plan.is_derived or plan.template is None:
            continue
        inputs = plan.template.fields
        if bare(plan.shape) != Scalar("text"):
            raise ModelDefinitionError(
                f"{cls.__name__}.{plan.field}: a derived() field is text; declare it as str | None"
            )
        optional = [name for name in inputs if is_nullable(plans[name].shape)]
        if optional and not is_nullable(plan.shape):
            raise ModelDefinitionError(
                f"{cls.__name__}.{plan.field}: {optional[0]!r} may be None, and then there is no text; declare it as "
                "str | None"
            )
        made_of_text = [name for name in inputs if plans[name].template is not None]
        if made_of_text:
            raise ModelDefinitionError(
                f"{cls.__name__}.{plan.field}: {made_of_text[0]!r} is made from other fields itself; use these"
            )
        refs = tuple((name, plans[name].attribute) for name in inputs)
        made.append(DerivedField(plan.field, plan.attribute, plan.template.template, refs))
    return tuple(made)


def _not_stored(cls: Any, plans: Mapping[str, FieldPlan]) -> Mapping[str, str]:
    used = {name for index in _indexes_of(cls).values() for name in (*index.sort_fields, *_included(index))}
    used |= {name for index in _indexes_of(cls).values() for name in index.partition_fields}
    found: dict[str, str] = {}
    for plan in plans.values():
        if plan.is_stored:
            continue
        if plan.field in used:
            raise ModelDefinitionError(
                f"{cls.__name__}.{plan.field}: stored=False leaves no attribute for an index; store it, or use "
                "derived() for the key of the index"
            )
        for key in plans.values():
            template = key.template
            if template is None or key.is_derived or template.not_reversible or plan.field not in template.fields:
                continue
            found.setdefault(plan.attribute, key.field)
    return MappingProxyType(found)


def _index(
    cls: Any, index: DeclaredIndex, plans: Mapping[str, FieldPlan], partition: KeyField, sort: KeyField | None
) -> IndexSchema:
    if index.kind == "local" and sort is None:
        raise ModelDefinitionError(
            f"{cls.__name__}.{index.name}: a local index needs a table with a sort key; use GlobalIndex"
        )
    partitions = tuple(_key_field(cls, plans[name], of_table=False) for name in index.partition_fields)
    # Without it nobody could tell whose an entry is.
    own = () if entities_of(cls) is None else (ENTITY,)
    return IndexSchema(
        name=index.name,
        kind=index.kind,
        partition=(partition,) if index.kind == "local" else partitions,
        sort=tuple(_key_field(cls, plans[name], of_table=False) for name in index.sort_fields),
        projection=index.projection
        if isinstance(index.projection, str)
        else (*(plans[name].attribute for name in index.projection), *own),
    )


def _unique_constraints(cls: Any, plans: Mapping[str, FieldPlan], partition: KeyField) -> tuple[UniqueConstraint, ...]:
    declared = {name: (name,) for name, options in cls.__ddb_fields__.items() if options.unique}
    for base in reversed(cls.__mro__):
        declared.update({name: each.fields for name, each in base.__dict__.items() if isinstance(each, Unique)})
    if declared and partition.type == "N":
        raise ModelDefinitionError(
            f"{cls.__name__}: unique values are held by guard items in the table, whose partition key is a number and "
            "has no room for them; use a partition key of text"
        )
    made = []
    for name, names in declared.items():
        for field in names:
            if field not in plans:
                raise KeyAttributeMissing(cls.__name__, f"unique constraint {name!r}", field, list(plans))
            if not plans[field].is_stored:
                raise ModelDefinitionError(
                    f"{cls.__name__}.{field}: stored=False leaves no attribute for a unique constraint; store it"
                )
            if key_type_of(plans[field].shape) is None:
                raise ModelDefinitionError(
                    f"{cls.__name__}.{field}: values of this type cannot be unique; unique values are texts, numbers, "
                    "binaries, or what is stored as one"
                )
        fields = tuple((field, plans[field].attribute) for field in names)
        made.append(UniqueConstraint(name, _scope_of(cls, name), fields))
    return tuple(made)


def _scope_of(cls: Any, name: str) -> str:
    # Of the class that declared it: subclasses of one base share its guard items.
    for base in reversed(cls.__mro__):
        if name in base.__dict__.get("__pydantic_fields__", {}) or isinstance(base.__dict__.get(name), Unique):
            settings: ModelSettings | None = base.__dict__.get("__ddb_settings__")
            return (settings.entity or "") if settings else ""
    return ""


def _typed_role(
    cls: Any, plans: Mapping[str, FieldPlan], role: str, kinds: tuple[str, ...], expected: str
) -> FieldRef | None:
    for name in _with_role(cls, role):
        shape = bare(plans[name].shape)
        if not isinstance(shape, Scalar) or shape.kind not in kinds:
            raise ModelDefinitionError(f"{cls.__name__}.{name}: a {role}() field is declared as {expected}")
        return name, plans[name].attribute
    return None
