"""The codec of a model: its two directions, compiled when they are first needed and kept on the class."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from threading import RLock
from typing import Any, Final, get_args
from weakref import WeakSet

import orjson
from pydantic import BaseModel, ValidationError
from pydantic_core import SchemaValidator
from pydantic_core.core_schema import ErrorType

from ddbmodel.errors import ItemNotDecodable, ItemTooLarge, ModelDefinitionError, ValueNotStorable
from ddbmodel.model.decode import definitions_of, lax_schema, model_fields_of, models_in, wire_schema
from ddbmodel.model.encode import FieldPlan, compile_model, compile_value, locate_in_model, locate_refusal
from ddbmodel.model.field_codecs import WireCodec
from ddbmodel.model.field_options import KEY_LIMIT_BYTES
from ddbmodel.model.field_plans import field_plans
from ddbmodel.model.fields import options_of
from ddbmodel.model.instance_state import keep_unknown
from ddbmodel.model.own_attributes import ENTITY, OWN_ATTRIBUTES, SCHEMA_VERSION
from ddbmodel.model.plain_values import NotPlain, decoded_by, plain_map, plain_value, uncoded
from ddbmodel.model.scalars import Refused
from ddbmodel.model.settings import ModelSettings
from ddbmodel.model.shapes import (
    AnyShape,
    Coded,
    DictOf,
    ListOf,
    Nested,
    Nullable,
    SetOf,
    Shape,
    Tagged,
    TupleOf,
    bare,
)
from ddbmodel.values.binary import with_base64_text
from ddbmodel.values.item_size import MAX_ITEM_BYTES, item_size_bytes
from ddbmodel.values.wire import AttributeValue, Item

__all__ = ["Codec", "codec_of", "forget_codecs", "stored_fields_of"]

CODEC: Final = "__ddb_codec__"
_TOO_DEEP: Final = "nested deeper than 32 levels"

# Reentrant: the codec of a model builds those of the models inside it.
_building: Final = RLock()
_built: Final[WeakSet[type[BaseModel]]] = WeakSet()
_MAY_QUOTE: Final = frozenset({"value_error", "assertion_error", "union_tag_invalid"})
_MESSAGE_IS_SAFE: Final = frozenset(
    kind for kind in get_args(ErrorType) if not kind.endswith("_parsing") and kind not in _MAY_QUOTE
)


class Codec:
    """Both directions of one model.

    Attributes:
        plans: one for each field.
        plan_of: the same by field.
        encode_map: the generated encoder; raises `Refused` without a path.
        source: the text that `encode_map` was generated from.
        own: the attributes that the items of the model carry for the mapper.
        recoded: field, attribute and shape of what a codec may store otherwise when nothing changed.
        not_stored: attributes, by the name they would have, of fields that stand only in the key.
    """

    def __init__(self, model: type[BaseModel]) -> None:
        if not model.__pydantic_complete__:
            model.model_rebuild()
        self.model = model
        own = model.__pydantic_core_schema__
        main, self._definitions = definitions_of(own)
        _, inner, _ = model_fields_of(main, self._definitions)
        self.plans = field_plans(model, inner, self._definitions)
        self.plan_of: Mapping[str, FieldPlan] = {plan.field: plan for plan in self.plans}
        self._value_encoders: dict[Shape, Callable[[Any], AttributeValue]] = {}
        self.fields: Mapping[str, tuple[str, Shape]] = {plan.field: (plan.attribute, plan.shape) for plan in self.plans}
        self._own_schema = own
        self._decode_fast: Callable[[Item], Any] | None = None
        self._decode_plain: Callable[..., Any] | None = None
        self.own = _own_attributes(model)
        self._texts = [plan for plan in self.plans if plan.template is not None]
        self.not_stored = frozenset(plan.attribute for plan in self.plans if not plan.is_stored)
        self._keys_read_back = self._reversible_keys()
        self._known = frozenset(attribute for attribute, _ in self.fields.values()) | self.own.keys()
        self._holders = [(name, *stored) for name, stored in self.fields.items() if _may_hold_models(stored[1])]
        self.recoded = [
            (name, *stored)
            for name, stored in self.fields.items()
            if isinstance(bare(stored[1]), Coded) or _may_hold_models(stored[1])
        ]
        self._keeps_extras = model.model_config.get("extra") == "allow"
        self.encode_map, self.source = compile_model(
            model.__name__, self.plans, has_extras=self._keeps_extras, encoder_of=codec_of
        )

    def encode(self, instance: BaseModel) -> Item:
        """Return the item of an instance.

        Raises:
            ValueNotStorable: a value that the wire cannot carry, named by its path.
            ItemTooLarge: more than 400 KB.
        """
        try:
            item = self.encode_map(instance)
        except (Refused, KeyError):
            path, rule = locate_in_model(self.plans, instance, codec_of)
            raise ValueNotStorable(self.model.__name__, path, rule) from None
        except RecursionError:
            raise ValueNotStorable(self.model.__name__, "", _TOO_DEEP) from None
        if self.own:
            item.update((name, dict(value)) for name, value in self.own.items())
        try:
            # An item is never larger than its JSON text, which is cheap to make, and which finds broken Unicode.
            json_bytes = len(orjson.dumps(item))
        except (orjson.JSONEncodeError, RecursionError):
            found = _broken_text(item) if _is_shallow(item) else ("", _TOO_DEEP)
            raise ValueNotStorable(self.model.__name__, *found) from None
        if json_bytes > MAX_ITEM_BYTES and (size_bytes := item_size_bytes(item)) > MAX_ITEM_BYTES:
            raise ItemTooLarge(self.model.__name__, size_bytes, MAX_ITEM_BYTES)
        return item

    def encode_value(self, path: str, shape: Shape, value: Any) -> AttributeValue:
        """Return the attribute value of one value of a shape; `path` is for the error."""
        encode = self._value_encoders.get(shape)
        if encode is None:
            encode = self._value_encoders[shape] = compile_value(shape, codec_of)
        try:
            return encode(value)
        except (Refused, KeyError) as error:
            below, rule = locate_refusal(shape, value, codec_of) or ("", str(error))
            raise ValueNotStorable(self.model.__name__, path + below, rule) from None
        except RecursionError:
            raise ValueNotStorable(self.model.__name__, path, _TOO_DEEP) from None

    def decode_value(self, path: str, shape: Shape, value: AttributeValue) -> Any:
        """Return the Python value of one attribute value of a shape; models inside are built."""
        try:
            return _built_value(shape, value)
        except NotPlain as problem:
            raise ItemNotDecodable(self.model.__name__, [(path + problem.path, problem.rule)]) from None

    def decode(self, item: Item) -> Any:
        """Return the validated instance of an item.

        Raises:
            ItemNotDecodable: what does not fit, by path; without values.
        """
        decode = self._decode_fast or self._compiled_fast()
        if self.not_stored:
            item = {**item, **self.fields_in_key(item, needed_only=True)}
        try:
            instance = decode(item)
        except (ValueError, ArithmeticError, KeyError, TypeError, AttributeError):
            instance = self._decode_slowly(item)
        if self._holders or not self._known.issuperset(item):
            self.attach_unknown(instance, item)
        return instance

    def show_texts(self, instance: Any) -> None:
        """Let an instance show the texts that are made from its other fields, where they can be made now."""
        values = instance.__dict__
        for plan in self._texts:
            assert plan.template is not None, "only what has a template is made from other fields"
            with suppress(Refused):
                text = plan.template.format_known(values)
                if text is not None or plan.is_derived:
                    values[plan.field] = text

    def attach_unknown(self, instance: Any, values: Item) -> None:
        """Keep with an instance, and those inside it, the attributes that their models do not know."""
        if not self._known.issuperset(values):
            unknown = {
                name: value
                for name, value in values.items()
                if name not in self._known and (name in OWN_ATTRIBUTES or not self._keeps_extras)
            }
            if unknown:
                # boto3's form has bytes, and what is kept is written back as it stands.
                keep_unknown(instance, with_base64_text(unknown))
        for name, attribute, shape in self._holders:
            if attribute in values:
                value, inner = values[attribute], bare(shape)
                if isinstance(inner, Coded) and isinstance(inner.codec, WireCodec):
                    value = uncoded(inner.codec, value)
                _attach_below(instance.__dict__.get(name), value)

    def fields_in_key(self, key: Item, *, needed_only: bool = False) -> Item:
        """Return the attributes that the text of the table's key says, by stored name.

        Args:
            key: the key attributes, or an item with them.
            needed_only: leave out those that have an attribute of their own.

        Raises:
            ItemNotDecodable: a text is none of the template that fields are only read from.
        """
        found: Item = {}
        for plan, needed in self._keys_read_back.items():
            text = key.get(plan.attribute, {}).get("S")
            if not isinstance(text, str) or plan.template is None or (needed_only and not needed):
                continue
            try:
                values = plan.template.parse(text)
            except Refused as refusal:
                if not needed:
                    continue
                raise ItemNotDecodable(self.model.__name__, [(plan.field, refusal.rule)]) from None
            names = {self.plan_of[field].attribute: value for field, value in values.items()}
            found.update((name, value) for name, value in names.items() if not needed_only or name in self.not_stored)
        return found

    def _reversible_keys(self) -> dict[FieldPlan, bool]:
        """Return the keys of the table that can be read back, each with whether fields stand only there."""
        roles = {name: options_of(info).role for name, info in self.model.__pydantic_fields__.items()}
        found: dict[FieldPlan, bool] = {}
        why_not: dict[str, str] = {}
        needed = {plan.field for plan in self.plans if not plan.is_stored}
        for plan in self._texts:
            if plan.template is None or roles[plan.field] not in KEY_LIMIT_BYTES:
                continue
            if plan.template.not_reversible is None:
                found[plan] = not needed.isdisjoint(plan.template.fields)
            else:
                way_back = f"{plan.template.template!r} cannot be read back, since {plan.template.not_reversible}"
                why_not.update(dict.fromkeys(plan.template.fields, way_back))
        readable = {field for plan in found if plan.template is not None for field in plan.template.fields}
        for field in sorted(needed - readable):
            raise ModelDefinitionError(
                f"{self.model.__name__}.{field}: stored=False is for a field that can be read from a key of the table; "
                + why_not.get(field, "no template of a partition_key() or sort_key() has it")
            )
        return found

    def _compiled_fast(self) -> Callable[[Item], Any]:
        with _building:
            if self._decode_fast is None:
                schema = wire_schema(lax_schema(self._own_schema), stored_fields_of)
                self._decode_fast = _validator(schema, self._own_schema).validate_python
            return self._decode_fast

    def _decode_slowly(self, item: Item) -> Any:
        with _building:
            if self._decode_plain is None:
                self._decode_plain = _validator(lax_schema(self._own_schema), self._own_schema).validate_python
        problems: list[tuple[str, str]] = []
        try:
            return self._decode_plain(plain_map(stored_fields_of, self.model, item))
        except NotPlain as problem:
            problems.append((problem.path.removeprefix("."), problem.rule))
        except ValidationError as error:
            for found in error.errors(include_url=False, include_context=False, include_input=False):
                problems.append((_path_of(found["loc"]), _rule_of(found["type"], found["msg"])))
        # Not chained: pydantic's own error holds the values.
        raise ItemNotDecodable(self.model.__name__, problems) from None


def codec_of(model: type[BaseModel]) -> Codec:
    """Return the codec of a model; built when first asked for, because of forward references."""
    codec: Codec | None = model.__dict__.get(CODEC)
    if codec is None:
        with _building:
            codec = model.__dict__.get(CODEC)
            if codec is None:
                codec = Codec(model)
                setattr(model, CODEC, codec)
                _built.add(model)
    return codec


def forget_codecs() -> None:
    """Drop every codec, since one model was rebuilt and others may contain it."""
    with _building:
        for model in list(_built):
            if CODEC in model.__dict__:
                delattr(model, CODEC)
        _built.clear()


def stored_fields_of(model: type[BaseModel]) -> Mapping[str, tuple[str, Shape]]:
    """Return field name to stored name and shape."""
    return codec_of(model).fields


def _validator(schema: Any, own: Any) -> SchemaValidator:
    # pydantic-core would put the finished validator of each complete model in place of our changed schema.
    models = [model for model in models_in(own) if model.__pydantic_complete__]
    try:
        for model in models:
            model.__pydantic_complete__ = False
        return SchemaValidator(schema)
    finally:
        for model in models:
            model.__pydantic_complete__ = True


def _own_attributes(model: type[BaseModel]) -> Item:
    settings: ModelSettings | None = model.__dict__.get("__ddb_settings__")
    own: Item = {}
    if settings is not None and settings.entity is not None:
        own[ENTITY] = {"S": settings.entity}
    if settings is not None and settings.schema_version is not None:
        own[SCHEMA_VERSION] = {"N": str(settings.schema_version)}
    return own


def _may_hold_models(shape: Shape) -> bool:
    match shape:
        case Nested() | Tagged() | AnyShape():
            return True
        case Nullable(inner) | ListOf(inner) | SetOf(inner) | DictOf(_, inner):
            return _may_hold_models(inner)
        case TupleOf(items):
            return any(_may_hold_models(item) for item in items)
        case Coded(WireCodec(), inner):
            return _may_hold_models(inner)
        case _:
            return False


def _attach_below(value: Any, wire: AttributeValue) -> None:
    if isinstance(value, BaseModel):
        if "M" in wire:
            codec, values = type(value).__dict__.get(CODEC) or codec_of(type(value)), wire["M"]
            # Nearly every map has only known names, and most hold no further models.
            if codec._holders or not codec._known.issuperset(values):
                codec.attach_unknown(value, values)
    elif isinstance(value, (list, tuple)):
        for part, part_wire in zip(value, wire.get("L", ()), strict=False):
            _attach_below(part, part_wire)
    elif isinstance(value, dict) and "M" in wire:
        for name, part in value.items():
            if name in wire["M"]:
                _attach_below(part, wire["M"][name])


def _built_value(shape: Shape, value: AttributeValue) -> Any:
    match shape:
        case Nullable(inner):
            return None if "NULL" in value else _built_value(inner, value)
        case Nested(model) if "M" in value:
            return codec_of(model).decode(value["M"])
        case Tagged(discriminator, choices) if "M" in value and discriminator in value["M"]:
            chosen = choices.get(next(iter(value["M"][discriminator].values())))
            return plain_value(stored_fields_of, shape, value) if chosen is None else _built_value(chosen, value)
        case ListOf(item, python) if "L" in value:
            return python(_built_value(item, part) for part in value["L"])
        case DictOf(_, item) if "M" in value:
            return {name: _built_value(item, part) for name, part in value["M"].items()}
        case Coded(codec, inner):
            if isinstance(codec, WireCodec):
                return _built_value(inner, uncoded(codec, value))
            return decoded_by(codec, value)
        case _:
            return plain_value(stored_fields_of, shape, value)


def _path_of(location: tuple[int | str, ...]) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in location).removeprefix(".")


def _rule_of(kind: str, message: str) -> str:
    # Texts of the user's validators, and of parsers, may quote the value.
    return message if kind in _MESSAGE_IS_SAFE else f"refused by validation ({kind})"


def _is_shallow(item: Item) -> bool:
    level: list[Any] = list(item.values())
    for _ in range(33):
        level = [
            part
            for value in level
            for tag, inner in value.items()
            if tag in ("M", "L")
            for part in (inner.values() if tag == "M" else inner)
        ]
        if not level:
            return True
    return False


def _broken_text(item: Item) -> tuple[str, str]:
    for attribute, value in item.items():
        try:
            orjson.dumps({attribute: value})
        except orjson.JSONEncodeError:
            name = attribute.encode(errors="replace").decode()
            return name, "a text is not valid Unicode (it holds half of a surrogate pair)"
    return "", "the item has no form on the wire"
