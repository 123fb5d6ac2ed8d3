"""From the fields of a pydantic model to a `FieldPlan` each: name, shape, template and codec, and their rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import BaseModel

from ddbmodel.errors import ModelDefinitionError
from ddbmodel.model.encode import FieldPlan
from ddbmodel.model.field_codecs import declared_codec
from ddbmodel.model.field_options import KEY_LIMIT_BYTES, FieldOptions
from ddbmodel.model.fields import options_of
from ddbmodel.model.key_template import parse_template, template_fields
from ddbmodel.model.shapes import AmbiguousUnion, Coded, Nullable, Scalar, Shape, bare, is_nullable, shape_of

__all__ = ["field_plans"]


def field_plans(model: type[BaseModel], inner: Any, definitions: Mapping[str, Any]) -> tuple[FieldPlan, ...]:
    """Return one plan for each field.

    Args:
        inner: the core schema of the model's fields; one that is no list of fields has no plans.

    Raises:
        ModelDefinitionError: a type that loses its class when stored, or a template or codec that cannot work.
    """
    if inner["type"] != "model-fields":
        return ()
    index_keys = model.__dict__.get("__ddb_index_keys__", frozenset())
    index_sort_keys = model.__dict__.get("__ddb_index_sort_keys__", frozenset())
    made: list[FieldPlan] = []
    shapes: dict[str, Shape] = {}
    for name, field in inner["fields"].items():
        options = options_of(model.__pydantic_fields__[name])
        shape = _shape_of_field(model, name, field["schema"], definitions)
        if options.role == "ttl":
            shape = _as_epoch(shape)
        shapes[name] = shape = _coded(model, name, options, shape)
        is_key = options.role in ("partition_key", "sort_key") or name in index_keys
        limited_as = options.role
        if options.role == "derived" and is_key:
            limited_as = "sort_key" if name in index_sort_keys else "partition_key"
        made.append(
            FieldPlan(
                name,
                _stored_name(name, field),
                shape,
                is_key,
                key_limit_bytes=KEY_LIMIT_BYTES.get(limited_as),
                is_derived=options.role == "derived",
                is_stored=options.stored,
            )
        )
    for at, plan in enumerate(made):
        options = options_of(model.__pydantic_fields__[plan.field])
        if options.template is not None:
            for name in template_fields(model.__name__, options.template):
                if name in shapes and isinstance(bare(shapes[name]), Coded):
                    raise _codec_refused(model, name, f"what {plan.field!r} is made from")
            template = parse_template(
                model.__name__,
                options.template,
                {name: shape for name, shape in shapes.items() if name != plan.field},
                sorts=options.role == "sort_key" or plan.field in index_sort_keys,
                known=list(shapes),
                optional=plan.is_derived,
                escape=options.escape,
            )
            made[at] = replace(plan, is_key=True, template=template)
    return tuple(made)


def _shape_of_field(model: type[BaseModel], name: str, schema: Any, definitions: Mapping[str, Any]) -> Shape:
    try:
        return shape_of(schema, definitions)
    except AmbiguousUnion as union:
        first, second = union.args
        raise ModelDefinitionError(
            f"{model.__name__}.{name}: {first} and {second} look the same when stored, so the class of a "
            "value would be lost; use one of them, or models with Field(discriminator=...)"
        ) from None


def _coded(model: type[BaseModel], field: str, options: FieldOptions, shape: Shape) -> Shape:
    """Return the shape of a field with its codec, where it has one."""
    info = model.__pydantic_fields__[field]
    codec = declared_codec(f"{model.__name__}.{field}", options.codec, info.metadata, info.annotation)
    if codec is None:
        return shape
    if options.role != "attribute":
        raise _codec_refused(model, field, f"a {options.role}() field")
    if field in model.__dict__.get("__ddb_index_keys__", ()):
        raise _codec_refused(model, field, "the key of an index")
    if options.unique or not options.stored:
        raise _codec_refused(model, field, "a unique field" if options.unique else "a field of the key")
    coded = Coded(codec, bare(shape))
    return Nullable(coded) if is_nullable(shape) else coded


def _codec_refused(model: type[BaseModel], field: str, use: str) -> ModelDefinitionError:
    return ModelDefinitionError(
        f"{model.__name__}.{field}: a codec is not for {use}, which must be stored as it is; leave the codec out, or "
        "have a second field with it"
    )


def _stored_name(name: str, field: Any) -> str:
    alias = field.get("serialization_alias") or field.get("validation_alias")
    return alias if isinstance(alias, str) else name


def _as_epoch(shape: Shape) -> Shape:
    if shape == Scalar("moment"):
        return Scalar("epoch")
    return Nullable(Scalar("epoch")) if shape == Nullable(Scalar("moment")) else shape
