"""`Ref[Customer]`: a field that holds the key of another item, which `Database.load` and `load_refs` read.

On the wire it is a map of the key's attributes, ``{"M": {"id": {"S": "c1"}}}``; in JSON an object of them with values
as text, ``{"id": "c1"}``. Nothing keeps the other item from being deleted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeVar, get_args

from pydantic_core import core_schema

from ddbmodel.errors import ModelDefinitionError
from ddbmodel.model.key import Key
from ddbmodel.model.schema import KeyField, ModelSchema
from ddbmodel.model.shapes import REFERENCE, Reference
from ddbmodel.values.binary import with_base64_text
from ddbmodel.values.numbers import NumberError, canonical_number
from ddbmodel.values.wire import AttributeValue, Item

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler

    from ddbmodel.model.base import Model

__all__ = ["Ref"]

M = TypeVar("M", bound="Model")
M_co = TypeVar("M_co", bound="Model", covariant=True)


class Ref(Generic[M_co]):
    """The key of an item of another model; equal to every other reference to that item.

    Attributes:
        key: of the item, which need not be there.
    """

    __slots__ = ("key",)

    key: Key[M_co]

    def __init__(self, key: Key[M_co]) -> None:
        object.__setattr__(self, "key", key)

    @staticmethod
    def to(target: M | Key[M]) -> Ref[M]:
        """Return the reference to the item of an instance, or of a key.

        Raises:
            ValueNotStorable: the instance has a value that cannot be a key.
        """
        return Ref(target if isinstance(target, Key) else target.item_key())

    @property
    def model(self) -> type[M_co]:
        """The class whose item it is."""
        return self.key.model

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a reference is never changed, so {name!r} cannot be set; assign another one")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Ref) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __repr__(self) -> str:
        return f"Ref({self.key!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return Ref, (self.key,)

    def __deepcopy__(self, memo: object) -> Ref[M_co]:
        return self

    if not TYPE_CHECKING:

        @classmethod
        def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> Any:
            arguments = get_args(source)
            if len(arguments) != 1 or not isinstance(arguments[0], type):
                raise ModelDefinitionError("a Ref names the model that it refers to, as in Attr[Ref[Customer]]")
            target = arguments[0]
            return core_schema.no_info_plain_validator_function(
                lambda value: _reference(target, value),
                serialization=core_schema.plain_serializer_function_ser_schema(_as_json, when_used="json"),
                metadata={REFERENCE: Reference(target, lambda item: Ref(_key_of(target, item)))},
            )

        @classmethod
        def __get_pydantic_json_schema__(cls, schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
            return {"type": "object", "additionalProperties": {"type": "string"}, "title": "The key of an item"}


def _reference(target: type[Model], value: Any) -> Ref[Model]:
    """Return what a value refers to; ValueError, for pydantic, where it refers to nothing of the model."""
    if isinstance(value, Ref):
        value = value.key
    elif isinstance(value, target):
        value = value.item_key()
    elif isinstance(value, Mapping):
        return Ref(_key_of(target, {name: _attribute_value(target, name, part) for name, part in value.items()}))
    if not isinstance(value, Key) or not issubclass(value.model, target):
        raise ValueError(f"a reference to {target.__name__} is made with Ref.to(...) from an instance or a key")
    return Ref(value)


def _key_of(target: type[Model], item: Item) -> Key[Model]:
    keys = _keys_of(target)
    if item.keys() != keys.keys() or any(key.type not in item[name] for name, key in keys.items()):
        raise ValueError(f"not a key of {target.__name__}, which has {' and '.join(keys)}")
    return Key(target, with_base64_text({name: dict(item[name]) for name in keys}))


def _keys_of(target: type[Model]) -> dict[str, KeyField]:
    schema: ModelSchema = target.__ddb_schema__
    return {key.attribute: key for key in (schema.partition, schema.sort) if key is not None}


def _attribute_value(target: type[Model], name: str, value: Any) -> AttributeValue:
    key = _keys_of(target).get(name)
    if key is None or isinstance(value, bool) or not isinstance(value, (str, int) if key.type == "N" else str):
        raise ValueError(f"a key of {target.__name__} is an object of texts by {' and '.join(_keys_of(target))}")
    if key.type != "N":
        return {key.type: value}
    try:
        return {"N": canonical_number(str(value))}
    except NumberError:
        raise ValueError(f"{name!r} is no number") from None


def _as_json(value: Any) -> dict[str, str]:
    return {name: next(iter(part.values())) for name, part in value.key.item.items()}
