"""What a request says about keys, indexes, throughput and streams: checked, and turned into catalog values.

Texts are the service's. Sources: AWS API reference, CreateTable and UpdateTable; observed answers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, cast

from ddbmodel.engine.arn import table_name_of
from ddbmodel.engine.catalog import (
    Catalog,
    Index,
    IndexKind,
    KeyAttribute,
    KeySchema,
    KeyType,
    StreamViewType,
    Table,
)
from ddbmodel.errors import ServiceError, service_error

__all__ = [
    "MAX_GLOBAL_INDEXES",
    "attribute_types",
    "check_indexes",
    "existing_table",
    "index_of",
    "invalid",
    "key_schema",
    "new_table_name",
    "stream_view",
    "throughput",
]

MAX_GLOBAL_INDEXES: Final = 20
MAX_LOCAL_INDEXES: Final = 5
MAX_KEY_NAME_BYTES: Final = 255
# A table, or a local index, has one attribute of each kind; a global index up to four.
_MOST_ATTRIBUTES: Final[Mapping[str, int]] = {"table": 1, "local": 1, "global": 4}
_NAME: Final = re.compile(r"[a-zA-Z0-9_.-]+\Z")
_PARAMETER: Final = "One or more parameter values were invalid: "
_VIEWS: Final = ("NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES", "KEYS_ONLY")


def invalid(message: str) -> ServiceError:
    """Return a ValidationException."""
    return service_error("ValidationException", message)


def existing_table(request: Mapping[str, Any], catalog: Catalog) -> Table:
    """Return the table that a request of the control plane names.

    Raises:
        ServiceError: ``ValidationException`` or ``ResourceNotFoundException``.
    """
    name = table_name_of(_name(request, "TableName", "tableName"))
    table = catalog.table(name)
    if table is None:
        raise service_error("ResourceNotFoundException", f"Requested resource not found: Table: {name} not found")
    return table


def new_table_name(request: Mapping[str, Any], catalog: Catalog) -> str:
    """Return the name that a table is to be created under.

    Raises:
        ServiceError: ``ValidationException``, or ``ResourceInUseException`` when there is a table of this name.
    """
    name = table_name_of(_name(request, "TableName", "tableName"))
    _check_name(name, "tableName")
    if catalog.table(name) is not None:
        raise service_error("ResourceInUseException", f"Table already exists: {name}")
    return name


def attribute_types(definitions: object) -> dict[str, KeyType]:
    """Return the type of every attribute in ``AttributeDefinitions``, in their order."""
    types: dict[str, KeyType] = {}
    for position, definition in enumerate(_list(definitions, "AttributeDefinitions"), 1):
        name, type_ = definition.get("AttributeName"), definition.get("AttributeType")
        if type_ not in ("S", "N", "B"):
            raise _constraint(
                type_, f"attributeDefinitions.{position}.member.attributeType", "satisfy enum value set: [B, N, S]"
            )
        if not isinstance(name, str) or not 1 <= len(name.encode()) <= MAX_KEY_NAME_BYTES:
            raise _constraint(
                name,
                f"attributeDefinitions.{position}.member.attributeName",
                f"have length less than or equal to {MAX_KEY_NAME_BYTES}" if name else "not be null",
            )
        if types.setdefault(name, type_) != type_:
            raise invalid(f"{_PARAMETER}Duplicate AttributeName with different types: {name}")
    return types


def key_schema(elements: object, types: Mapping[str, KeyType], kind: str, where: str = "keySchema") -> KeySchema:
    """Return the key that ``KeySchema`` elements describe; `kind` is ``table``, ``local`` or ``global``."""
    members = _list(elements, "KeySchema")
    most = _MOST_ATTRIBUTES[kind]
    if not 1 <= len(members) <= 2 * most:
        shown = ", ".join(
            f"KeySchemaElement(attributeName={member.get('AttributeName')}, keyType={member.get('KeyType')})"
            for member in members
        )
        bound = f"less than or equal to {2 * most}" if members else "greater than or equal to 1"
        raise _constraint(f"[{shown}]", where, f"have length {bound}")
    for position, member in enumerate(members, 1):
        if member.get("KeyType") not in ("HASH", "RANGE"):
            raise _constraint(
                member.get("KeyType"), f"{where}.{position}.member.keyType", "satisfy enum value set: [HASH, RANGE]"
            )
    kinds = [member["KeyType"] for member in members]
    names = [member.get("AttributeName") for member in members]
    if kinds[0] != "HASH":
        raise invalid("Invalid KeySchema: The first KeySchemaElement is not a HASH key type")
    if most == 1 and kinds[1:] not in ([], ["RANGE"]):
        raise invalid("Invalid KeySchema: The second KeySchemaElement is not a RANGE key type")
    hashes = kinds.count("HASH")
    if kinds != sorted(kinds) or hashes > most or len(kinds) - hashes > most:
        raise invalid(
            f"{_PARAMETER}Invalid KeySchema: up to {most} HASH key elements come first, then up to {most} RANGE ones"
        )
    if len(set(names)) != len(names):
        raise invalid(
            "Invalid KeySchema: Both the Hash Key and the Range Key element in the KeySchema have the same name"
            if len(names) == 2
            else f"{_PARAMETER}Invalid KeySchema: an attribute appears more than once"
        )
    undefined = [name for name in names if name not in types]
    if undefined:
        subject = "hash or range key" if kind == "table" else "index key"
        raise invalid(
            f"{_PARAMETER}Some {subject} attributes are not defined in AttributeDefinitions. "
            f"Keys: [{', '.join(map(str, names))}], AttributeDefinitions: [{', '.join(types)}]"
        )
    attributes = [KeyAttribute(cast(str, name), types[cast(str, name)]) for name in names]
    return KeySchema(tuple(attributes[:hashes]), tuple(attributes[hashes:]))


def index_of(
    definition: Mapping[str, Any], kind: IndexKind, types: Mapping[str, KeyType], table_keys: KeySchema, space: int
) -> Index:
    """Return the index that an element of ``GlobalSecondaryIndexes`` or ``LocalSecondaryIndexes`` describes."""
    name = definition.get("IndexName")
    member = "globalSecondaryIndexes" if kind == "global" else "localSecondaryIndexes"
    if not isinstance(name, str):
        raise _constraint(None, f"{member}.1.member.indexName", "not be null")
    _check_name(name, f"{member}.1.member.indexName")
    keys = key_schema(definition.get("KeySchema"), types, kind, f"{member}.1.member.keySchema")
    if kind == "local":
        _check_local_keys(name, keys, table_keys)
    projection = definition.get("Projection") or {}
    type_ = projection.get("ProjectionType")
    included = projection.get("NonKeyAttributes")
    if type_ not in ("ALL", "KEYS_ONLY", "INCLUDE"):
        raise invalid(f"{_PARAMETER}Unknown ProjectionType: {'null' if type_ is None else type_}")
    if type_ != "INCLUDE" and included is not None:
        raise invalid(f"{_PARAMETER}ProjectionType is {type_}, but NonKeyAttributes is specified")
    if type_ == "INCLUDE" and not included:
        raise invalid(f"{_PARAMETER}ProjectionType is INCLUDE, but NonKeyAttributes is not specified")
    return Index(name, kind, keys, space, type_, tuple(included or ()))


def check_indexes(table_keys: KeySchema, indexes: Sequence[Index], types: Mapping[str, KeyType]) -> None:
    """Check what holds for the indexes of a table together, and that no defined attribute is left over."""
    names: set[str] = set()
    for index in indexes:
        if index.name in names:
            raise invalid(f"{_PARAMETER}Duplicate index name: {index.name}")
        names.add(index.name)
    for kind, most, text in (("global", MAX_GLOBAL_INDEXES, "Global"), ("local", MAX_LOCAL_INDEXES, "Local")):
        if sum(index.kind == kind for index in indexes) > most:
            raise invalid(f"{_PARAMETER}{text}SecondaryIndex count exceeds the per-table limit of {most}")
    used = _names(table_keys, *(index.keys for index in indexes))
    if used != set(types):
        text = "Number of attributes in KeySchema does not exactly match number of attributes defined in"
        raise invalid(f"{_PARAMETER}{text} AttributeDefinitions")


def throughput(request: Mapping[str, Any], billing: str, subject: str) -> dict[str, int] | None:
    """Return the throughput that a table or index asks for, or None when it is paid by request.

    Args:
        subject: ``table``, or words for the index, for the text of a refusal.
    """
    if billing not in ("PROVISIONED", "PAY_PER_REQUEST"):
        raise _constraint(billing, "billingMode", "satisfy enum value set: [PROVISIONED, PAY_PER_REQUEST]")
    asked = request.get("ProvisionedThroughput")
    if billing == "PAY_PER_REQUEST":
        if asked is not None:
            raise invalid(
                f"{_PARAMETER}Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is "
                "PAY_PER_REQUEST"
            )
        return None
    if asked is None:
        raise invalid(f"{_PARAMETER}No provisioned throughput specified for the {subject}")
    units: dict[str, int] = {}
    for name in ("ReadCapacityUnits", "WriteCapacityUnits"):
        value = asked.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            path = f"provisionedThroughput.{name[0].lower()}{name[1:]}"
            rule = "not be null" if value is None else "have value greater than or equal to 1"
            raise _constraint(value, path, rule)
        units[name] = value
    return units


def stream_view(specification: Mapping[str, Any] | None) -> StreamViewType | None:
    """Return the view type of an enabled ``StreamSpecification``, or None when there is to be no stream."""
    if not specification or not specification.get("StreamEnabled"):
        if specification and specification.get("StreamViewType") is not None:
            raise invalid(f"{_PARAMETER}StreamViewType cannot be specified when StreamEnabled is false")
        return None
    view = specification.get("StreamViewType")
    if view is None:
        raise invalid(f"{_PARAMETER}StreamViewType must be specified when StreamEnabled is true")
    if view not in _VIEWS:
        raise _constraint(view, "streamSpecification.streamViewType", f"satisfy enum value set: [{', '.join(_VIEWS)}]")
    return cast(StreamViewType, view)


def _check_local_keys(name: str, keys: KeySchema, table_keys: KeySchema) -> None:
    if not table_keys.sort:
        raise invalid(
            f"{_PARAMETER}Table KeySchema does not have a range key, which is required when specifying a "
            "LocalSecondaryIndex"
        )
    ours, tables = keys.partition[0].name, table_keys.partition[0].name
    if ours != tables:
        raise invalid(
            f"{_PARAMETER}Index KeySchema does not have the same leading hash key as table KeySchema for index: "
            f"{name}. index hash key: {ours}, table hash key: {tables}"
        )
    if not keys.sort:
        raise invalid(f"{_PARAMETER}Index KeySchema does not have a range key for index: {name}")


def _names(*schemas: KeySchema) -> set[str]:
    return {attribute.name for schema in schemas for attribute in schema.attributes}


def _name(request: Mapping[str, Any], parameter: str, path: str) -> str:
    name = request.get(parameter)
    if not isinstance(name, str):
        raise invalid(f"The parameter '{parameter}' is required but was not present in the request")
    if not name:
        raise _constraint(name, path, "have length greater than or equal to 1")
    return name


def _check_name(name: str, path: str) -> None:
    if len(name) < 3:
        raise _constraint(name, path, "have length greater than or equal to 3")
    if len(name) > MAX_KEY_NAME_BYTES:
        raise _constraint(name, path, "have length less than or equal to 255")
    if _NAME.match(name) is None:
        raise _constraint(name, path, "satisfy regular expression pattern: [a-zA-Z0-9_.-]+")


def _list(value: object, parameter: str) -> list[dict[str, Any]]:
    if value is None:
        path = parameter[0].lower() + parameter[1:]
        raise _constraint(None, path, "not be null")
    if not isinstance(value, Iterable) or not all(isinstance(member, dict) for member in value):
        raise service_error("SerializationException", "Start of structure or map found where not expected")
    return cast("list[dict[str, Any]]", list(value))


def _constraint(value: object, path: str, rule: str) -> ServiceError:
    shown = "Value null" if value is None else f"Value '{value}'"
    return invalid(f"1 validation error detected: {shown} at '{path}' failed to satisfy constraint: Member must {rule}")
