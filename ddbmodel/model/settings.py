"""What a class statement says beside its fields: ``class Order(Model, table="shop", entity="order", billing=...)``.

A subclass inherits every setting that it does not name itself, save the entity: each class says its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import Any, Final, Literal, TypeAlias

from ddbmodel.errors import ModelDefinitionError

__all__ = [
    "SETTING_NAMES",
    "AutoScale",
    "Billing",
    "GuardMode",
    "ModelSettings",
    "OnDemand",
    "Provisioned",
    "StreamView",
    "TableClass",
    "settings_from",
]

StreamView: TypeAlias = Literal["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"]
TableClass: TypeAlias = Literal["STANDARD", "STANDARD_INFREQUENT_ACCESS"]
GuardMode: TypeAlias = Literal["version", "changed", "none"]
"""What protects an object of a unit of work: its version, the old values of what changes, or nothing."""

_STREAM_VIEWS: Final = ("KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES")
_GUARD_MODES: Final = ("version", "changed", "none")
_MOST_TAGS: Final = 50
_LONGEST_TAG_KEY: Final = 128
_LONGEST_TAG_VALUE: Final = 256
_TABLE_CLASSES: Final = ("STANDARD", "STANDARD_INFREQUENT_ACCESS")


@dataclass(frozen=True, slots=True)
class OnDemand:
    """Billing by request.

    Attributes:
        max_read: read request units a second at most, of the table and of each of its indexes; None for no limit.
        max_write: the same of writes.
    """

    max_read: int | None = None
    max_write: int | None = None

    def __post_init__(self) -> None:
        for name, units in (("max_read", self.max_read), ("max_write", self.max_write)):
            if units is not None:
                _check_units(f"OnDemand({name}=...)", units)


@dataclass(frozen=True, slots=True)
class Provisioned:
    """Billing by capacity: units a second of the table, and as many of each global index."""

    read: int
    write: int

    def __post_init__(self) -> None:
        _check_units("Provisioned(read=...)", self.read)
        _check_units("Provisioned(write=...)", self.write)


@dataclass(frozen=True, slots=True)
class AutoScale:
    """Billing by capacity that follows the load between two bounds.

    Attributes:
        read: the lowest and the highest units a second, of the table and of each global index.
        write: the same of writes.
        target_percent: the share of the capacity that is to be in use, 20 to 90.
    """

    read: tuple[int, int]
    write: tuple[int, int]
    target_percent: int = 70

    def __post_init__(self) -> None:
        for name, bounds in (("read", self.read), ("write", self.write)):
            if not isinstance(bounds, tuple) or len(bounds) != 2:
                raise ModelDefinitionError(
                    f"AutoScale({name}=...) takes (lowest, highest), got {type(bounds).__name__}"
                )
            for units in bounds:
                _check_units(f"AutoScale({name}=...)", units)
            if bounds[0] > bounds[1]:
                raise ModelDefinitionError(f"AutoScale({name}=...) takes the lowest first, got {bounds}")
        # Source: AWS Developer Guide, "Managing throughput capacity with DynamoDB auto scaling": 20 to 90 percent.
        if not isinstance(self.target_percent, int) or not 20 <= self.target_percent <= 90:
            raise ModelDefinitionError(f"AutoScale(target_percent=...) takes 20 to 90, got {self.target_percent!r}")


Billing: TypeAlias = OnDemand | Provisioned | AutoScale


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """The settings of one class, inherited ones included.

    Attributes:
        table: the table's name, before any prefix of the database; None for a base class without a table.
        entity: what marks the items of this class among those of other classes in one table.
        stream: what the table's stream carries; None for no stream.
        schema_version: the version of the way in which items of this class are stored; None without migrations.
        guard: what protects objects in a unit of work; None for the version where there is one, else what changes.
        tags: those of the table.
    """

    table: str | None = None
    entity: str | None = None
    stream: StreamView | None = None
    billing: Billing | None = None
    table_class: TableClass | None = None
    deletion_protection: bool | None = None
    tags: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    schema_version: int | None = None
    guard: GuardMode | None = None


SETTING_NAMES: Final = frozenset(each.name for each in fields(ModelSettings))
"""The keywords of a class statement that are ours; all others are pydantic's."""


def settings_from(name: str, inherited: ModelSettings, given: Mapping[str, Any]) -> ModelSettings:
    """Return the settings of a class.

    Args:
        given: the keywords of the class statement, by name; None stands for one that was left out.

    Raises:
        ModelDefinitionError: a keyword has a value that cannot work.
    """
    named = {key: value for key, value in given.items() if value is not None}
    for key in ("table", "entity"):
        if key in named and (not isinstance(named[key], str) or not named[key]):
            raise ModelDefinitionError(f"{name}: {key}= takes a text that is not empty, got {_kind(named[key])}")
    if "stream" in named:
        stream = named["stream"]
        named["stream"] = "NEW_AND_OLD_IMAGES" if stream is True else stream or None
        if named["stream"] is not None and named["stream"] not in _STREAM_VIEWS:
            raise ModelDefinitionError(f"{name}: stream= takes True or one of {', '.join(_STREAM_VIEWS)}")
    if "billing" in named and not isinstance(named["billing"], (OnDemand, Provisioned, AutoScale)):
        raise ModelDefinitionError(
            f"{name}: billing= takes OnDemand(), Provisioned(...) or AutoScale(...), got {_kind(named['billing'])}"
        )
    if "table_class" in named and named["table_class"] not in _TABLE_CLASSES:
        raise ModelDefinitionError(f"{name}: table_class= takes one of {', '.join(_TABLE_CLASSES)}")
    if "deletion_protection" in named and not isinstance(named["deletion_protection"], bool):
        raise ModelDefinitionError(f"{name}: deletion_protection= takes True or False")
    if "tags" in named:
        tags = named["tags"]
        if not isinstance(tags, Mapping) or not all(isinstance(part, str) for pair in tags.items() for part in pair):
            raise ModelDefinitionError(f"{name}: tags= takes a dict of texts by text, got {_kind(tags)}")
        _check_tags(name, tags)
        named["tags"] = MappingProxyType(dict(tags))
    if "schema_version" in named:
        number = named["schema_version"]
        if not isinstance(number, int) or isinstance(number, bool) or number < 1:
            raise ModelDefinitionError(f"{name}: schema_version= takes a whole number, 1 or more")
    if "guard" in named and named["guard"] not in _GUARD_MODES:
        raise ModelDefinitionError(f"{name}: guard= takes one of {', '.join(_GUARD_MODES)}")
    return replace(inherited, entity=named.pop("entity", None), **named)


def _check_tags(name: str, tags: Mapping[str, str]) -> None:
    # Source: API reference of DynamoDB, Tag and TagResource.
    if len(tags) > _MOST_TAGS:
        raise ModelDefinitionError(f"{name}: a table has at most {_MOST_TAGS} tags, got {len(tags)}")
    for key, value in tags.items():
        if not 1 <= len(key) <= _LONGEST_TAG_KEY or key[:4].lower() == "aws:":
            raise ModelDefinitionError(
                f"{name}: the key of a tag has 1 to {_LONGEST_TAG_KEY} characters and does not begin with 'aws:', "
                f"got {key[:20]!r} of {len(key)}"
            )
        if len(value) > _LONGEST_TAG_VALUE:
            raise ModelDefinitionError(
                f"{name}: the value of a tag has at most {_LONGEST_TAG_VALUE} characters, that of {key!r} has "
                f"{len(value)}"
            )


def _check_units(what: str, units: object) -> None:
    if not isinstance(units, int) or isinstance(units, bool) or units < 1:
        raise ModelDefinitionError(f"{what} takes a whole number of units, 1 or more, got {_kind(units)}")


def _kind(value: object) -> str:
    return type(value).__name__
