"""Decoding: pydantic-core validates straight from the wire; a second, slow path finds words for what does not fit.

Fast: a copy of the model's core schema in which every field is looked up by a path into the wire dict
(``["points", "N"]``) and values inside containers are unwrapped by a C callable in front of the user's schema. It
raises for everything unusual: a wrong tag, NULL, a number in exponent form. Slow: the wire dict is turned into plain
Python values by the declared shapes, which the model's own schema then validates; right for everything, and its
errors name paths. Both keep the user's validators. Both are lax about leaves, because a number is text on the wire.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from operator import itemgetter
from typing import Any, Final

from pydantic import BaseModel
from pydantic_core import core_schema as cs

from ddbmodel.model.plain_values import plain_map, plain_value, python_value
from ddbmodel.model.scalars import binary_of, duration_of, epoch_of
from ddbmodel.model.shapes import (
    AnyShape,
    Choice,
    DictOf,
    ListOf,
    Nested,
    Scalar,
    SetOf,
    Shape,
    TupleOf,
    bare,
    is_nullable,
    resolved,
    set_in,
    tag_of_shape,
)

__all__ = ["definitions_of", "lax_schema", "model_fields_of", "models_in", "wire_schema"]

StoredFields = Callable[[type[BaseModel]], Mapping[str, tuple[str, Shape]]]
"""Field name to stored name and shape, of any model."""


def definitions_of(schema: Any) -> tuple[Any, dict[str, Any]]:
    """Return the schema of the model itself, and the definitions by reference."""
    if schema["type"] == "definitions":
        return schema["schema"], {definition["ref"]: definition for definition in schema["definitions"]}
    return schema, {}


def model_fields_of(schema: Any, definitions: Mapping[str, Any]) -> tuple[Any, Any, bool]:
    """Return the model schema, its fields schema, and whether only the user's schema can validate the whole.

    A model-level validator that runs before the fields must see Python values; so must a custom ``__init__`` and a
    root model. With extra fields allowed, pydantic must see the names as they are.
    """
    needs_plain = False
    schema = resolved(schema, definitions)
    while schema["type"] != "model":
        needs_plain |= schema["type"] != "function-after"
        schema = resolved(schema["schema"], definitions)
    inner = schema["schema"]
    while inner["type"] not in ("model-fields", "dict", "typed-dict") and "schema" in inner:
        needs_plain |= inner["type"] != "function-after"
        inner = resolved(inner["schema"], definitions)
    extra = inner.get("extra_behavior") or schema.get("config", {}).get("extra_fields_behavior")
    needs_plain |= bool(schema.get("custom_init")) or bool(schema.get("root_model")) or extra == "allow"
    return schema, inner, needs_plain or inner["type"] != "model-fields"


def models_in(schema: Any) -> set[type[BaseModel]]:
    """Return every model class that a core schema mentions."""
    found: set[type[BaseModel]] = set()
    pending = [schema]
    while pending:
        node = pending.pop()
        if isinstance(node, dict):
            if node.get("type") == "model":
                found.add(node["cls"])
            pending.extend(value for key, value in node.items() if key != "metadata")
        elif isinstance(node, (list, tuple)):
            pending.extend(node)
    return found


def lax_schema(schema: Any) -> Any:
    """Return a copy of a core schema that takes numbers and dates as text, by stored name only."""
    if isinstance(schema, dict):
        is_config = "type" not in schema
        made = {
            key: (
                value if key in ("metadata", "default", "cls", "function", "expected", "members") else lax_schema(value)
            )
            for key, value in schema.items()
            if not (key == "strict" and isinstance(value, bool))
            and not (is_config and key in ("populate_by_name", "validate_by_name") and isinstance(value, bool))
        }
        if schema.get("type") == "model":
            config = dict(made.get("config", {}))
            if config.get("extra_fields_behavior") == "forbid":
                config["extra_fields_behavior"] = "ignore"
            made["config"] = config
        if schema.get("type") == "model-fields" and schema.get("extra_behavior") == "forbid":
            made["extra_behavior"] = "ignore"
        return made
    if isinstance(schema, list):
        return [lax_schema(part) for part in schema]
    if isinstance(schema, tuple):
        return tuple(lax_schema(part) for part in schema)
    return schema


def wire_schema(schema: Any, stored_fields: StoredFields) -> Any:
    """Return a core schema that validates a model from its item; `schema` is the lax copy of the model's own."""
    main, definitions = definitions_of(schema)
    writer = _WireSchema(definitions, stored_fields)
    made = writer.model(main)
    kept = [definitions[reference] for reference in definitions]
    if not writer.made and not kept:
        return made
    return cs.definitions_schema(made, [*writer.made.values(), *kept])


class _WireSchema:
    def __init__(self, definitions: Mapping[str, Any], stored_fields: StoredFields) -> None:
        self._definitions = definitions
        self._stored_fields = stored_fields
        self.made: dict[str, Any] = {}
        self._open: set[str] = set()

    def model(self, schema: Any) -> Any:
        """Return a schema for the map of a model: its attributes by stored name."""
        if schema["type"] == "definition-ref":
            reference = "wire:" + schema["schema_ref"]
            # One definition for each model, made once; a model may contain itself.
            if reference not in self._open:
                self._open.add(reference)
                made = dict(self.model(self._definitions[schema["schema_ref"]]))
                self.made[reference] = {**made, "ref": reference}
            return cs.definition_reference_schema(reference)
        model, _, needs_plain = model_fields_of(schema, self._definitions)
        if needs_plain:
            plain = partial(plain_map, self._stored_fields, model["cls"])
            return cs.no_info_before_validator_function(plain, _without_ref(schema))
        return self._rewritten(schema)

    def _rewritten(self, schema: Any) -> Any:
        made = {key: value for key, value in schema.items() if key != "ref"}
        if schema["type"] == "model-fields":
            return made
        if schema["type"] != "model":
            return {**made, "schema": self._rewritten(resolved(schema["schema"], self._definitions))}
        inner = schema["schema"]
        made["schema"] = self._fields(resolved(inner, self._definitions), schema["cls"])
        return made

    def _fields(self, schema: Any, model: type[BaseModel]) -> Any:
        made = {key: value for key, value in schema.items() if key != "ref"}
        if schema["type"] != "model-fields":
            return {**made, "schema": self._fields(resolved(schema["schema"], self._definitions), model)}
        stored = self._stored_fields(model)
        made["fields"] = {name: self._field(field, *stored[name]) for name, field in schema["fields"].items()}
        return made

    def _field(self, field: Any, attribute: str, shape: Shape) -> Any:
        inner, tag = self._unwrapped(field["schema"], shape)
        if is_nullable(shape):
            inner = cs.with_default_schema(_without_default(inner), default=None)
        elif (absent := set_in(shape)) is not None:
            inner = cs.with_default_schema(_without_default(inner), default_factory=absent.python)
        # The second choice makes a wrong tag fail in the user's schema; without it a default would hide it.
        alias = [[attribute]] if tag is None else [[attribute, tag], [attribute]]
        return {**field, "schema": inner, "validation_alias": alias}

    def _unwrapped(self, schema: Any, shape: Shape) -> tuple[Any, str | None]:
        """Return a schema, and the tag below which it expects the value; None when it takes the attribute value."""
        default = _default_of(schema)
        if default is not None:
            inner, tag = self._unwrapped(schema["schema"], shape)
            return {**schema, "schema": inner}, tag
        tag = tag_of_shape(shape)
        if tag is None or not self._is_direct(schema, shape):
            return cs.no_info_before_validator_function(partial(plain_value, self._stored_fields, shape), schema), None
        if tag == "M":
            # An M must be an M before the fields are looked up: a model whose fields all have defaults takes any dict.
            target = schema["schema"] if schema["type"] == "nullable" else schema
            unwrapped = cs.no_info_before_validator_function(itemgetter("M"), self._content(target, bare(shape)))
            return unwrapped, None
        return self._content(schema, bare(shape)), tag

    def _is_direct(self, schema: Any, shape: Shape) -> bool:
        """Return whether no user function must see the Python value before the types do."""
        schema = resolved(schema, self._definitions)
        kind = schema["type"]
        if kind in ("function-before", "function-wrap", "function-plain", "tagged-union", "literal"):
            return kind == "literal" and bare(shape) == Scalar("text")
        if kind in ("nullable", "function-after", "default"):
            return self._is_direct(schema["schema"], shape)
        if isinstance(bare(shape), Choice) and bare(shape).tag != "S":  # type: ignore[union-attr]  # a Choice
            return False
        return kind not in ("lax-or-strict", "json-or-python", "chain")

    def _content(self, schema: Any, shape: Shape) -> Any:
        """Return a schema for what stands under the tag."""
        if schema["type"] == "definition-ref" and isinstance(shape, Nested):
            return self.model(schema)
        schema = resolved(schema, self._definitions)
        made = _without_ref(schema)
        if schema["type"] in ("nullable", "function-after", "default"):
            return {**made, "schema": self._content(schema["schema"], shape)}
        match shape:
            case Scalar("binary"):
                return cs.no_info_before_validator_function(binary_of, made)
            case Scalar("duration"):
                return cs.no_info_before_validator_function(duration_of, made)
            case Scalar("epoch"):
                return cs.no_info_before_validator_function(epoch_of, made)
            case Nested():
                return self.model(schema)
            case ListOf(item) | SetOf(item, _, "L"):
                parts = schema.get("items_schema", _ANY)
                if schema["type"] == "tuple":
                    return {**made, "items_schema": [self._element(part, item) for part in parts]}
                return {**made, "items_schema": self._element(parts, item)}
            case TupleOf(items):
                parts = zip(schema["items_schema"], items, strict=True)
                return {**made, "items_schema": [self._element(part, item) for part, item in parts]}
            case SetOf(item):
                return {**made, "items_schema": self._content(schema["items_schema"], item)}
            case DictOf(_, item):
                return {**made, "values_schema": self._element(schema.get("values_schema", _ANY), item)}
            case _:
                return made

    def _element(self, schema: Any, shape: Shape) -> Any:
        if isinstance(shape, AnyShape) and resolved(schema, self._definitions)["type"] == "any":
            return cs.no_info_plain_validator_function(python_value)
        unwrapped, tag = (schema, "?") if is_nullable(shape) else self._unwrapped(schema, shape)
        if tag == "?":
            return cs.no_info_before_validator_function(partial(plain_value, self._stored_fields, shape), schema)
        return unwrapped if tag is None else cs.no_info_before_validator_function(itemgetter(tag), unwrapped)


_ANY: Final = {"type": "any"}


def _default_of(schema: Any) -> Any:
    return schema if schema["type"] == "default" else None


def _without_default(schema: Any) -> Any:
    return schema["schema"] if schema["type"] == "default" else schema


def _without_ref(schema: Any) -> Any:
    return {key: value for key, value in schema.items() if key != "ref"}
