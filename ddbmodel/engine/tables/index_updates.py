"""``GlobalSecondaryIndexUpdates`` of UpdateTable: an index is created, changed or deleted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple

from ddbmodel.engine.catalog import Index, KeyType, Table
from ddbmodel.engine.context import RequestContext
from ddbmodel.engine.messages import capacity_settings
from ddbmodel.engine.messages import tables as messages
from ddbmodel.engine.messages.message import refused
from ddbmodel.engine.tables.capacity import (
    changed_on_demand,
    changed_units,
    changed_warm,
    new_on_demand,
    new_warm,
    raised_warm,
    units_of,
)
from ddbmodel.engine.tables.schema import (
    MAX_GLOBAL_INDEXES,
    attribute_types,
    check_index,
    check_projected,
    index_keys,
    index_of,
    key_names,
)
from ddbmodel.engine.tables.states import check_index_is_free

__all__ = ["Moments", "check_alone", "check_named", "online_changes", "updated_indexes", "without_gone_indexes"]

_ACTIONS: Final = ("Create", "Update", "Delete")
_SETTINGS: Final = ("IndexThroughput", "IndexOnDemandThroughput", "IndexWarmThroughput")


class Moments(NamedTuple):
    """When a change is over."""

    table_until_s: float
    index_until_s: float


def online_changes(updates: Iterable[Mapping[str, Any]]) -> int:
    """Return how many indexes are to be created or deleted."""
    return sum("Create" in update or "Delete" in update for update in updates)


def check_alone(updates: Iterable[Mapping[str, Any]], definitions: object) -> None:
    """Check what can be said of updates without knowing the table."""
    named: set[str] = set()
    for update in updates:
        actions = [action for action in _ACTIONS if action in update]
        if len(actions) > 1:
            raise refused(messages.ONE_INDEX_ACTION)
        if not actions:
            raise refused(messages.NO_INDEX_ACTION)
        change = update[actions[0]]
        name = change["IndexName"]
        if name in named:
            raise refused(messages.ONE_UPDATE_PER_INDEX, index=name)
        named.add(name)
        if actions == ["Update"] and change.get("WarmThroughput") == {}:
            raise refused(capacity_settings.WARM_WITHOUT_MEMBER, index=name)
        if actions == ["Create"] and definitions is None:
            raise refused(messages.INDEX_WITHOUT_DEFINITIONS, index=name)


def check_named(table: Table, updates: Iterable[Mapping[str, Any]], now_s: float) -> None:
    """Refuse updates of indexes that are not there, are none to be updated, or are busy."""
    for update in updates:
        _check_named(table, update, now_s)


def updated_indexes(
    table: Table,
    updates: Sequence[Mapping[str, Any]],
    definitions: Iterable[Mapping[str, Any]],
    space: int,
    context: RequestContext,
    moments: Moments,
    *,
    has_units: bool,
    filled_to: str | None,
) -> Table:
    """Return a table with its indexes changed; its settings, which are the caller's own, are changed in place.

    Args:
        has_units: a switch of the billing mode in the same request has set the units of the indexes already.
        filled_to: how far a new index is filled, see `filling.first_mark`.
    """
    now_s = context.now_s
    # One that is being filled can be deleted: it is the same index that is online.
    deleted = {update["Delete"]["IndexName"] for update in updates if "Delete" in update}
    busy = _online(table, now_s) - deleted
    if online_changes(updates) > 1 or (online_changes(updates) and busy):
        raise refused(messages.ONE_ONLINE_INDEX)
    for update in updates:
        if "Create" in update:
            table = _with_index(table, update["Create"], definitions, space, context, moments)
            table = _replaced(table, replace(table.indexes[-1], filled_to=filled_to))
        elif "Delete" in update:
            index = table.index(update["Delete"]["IndexName"])
            assert index is not None
            table = _replaced(table, replace(index, gone_at_s=moments.index_until_s))
        else:
            index = table.index(update["Update"]["IndexName"])
            assert index is not None
            change = dict(update["Update"])
            if has_units:
                change.pop("ProvisionedThroughput", None)
            if not has_units or len(change) > 1:
                _change_settings(table.settings, index.name, change, context, moments.index_until_s)
            # Warm throughput changes behind an index that stays as it is.
            if update["Update"].keys() & {"ProvisionedThroughput", "OnDemandThroughput"}:
                table = _replaced(table, replace(index, updated_at_s=moments.index_until_s))
    return table


def without_gone_indexes(table: Table, now_s: float) -> Table:
    """Return a table without the indexes whose deletion is over, the table itself when there are none."""
    gone = {index.name for index in table.indexes if index.gone_at_s is not None and index.gone_at_s <= now_s}
    if not gone:
        return table
    settings = dict(table.settings)
    for setting in _SETTINGS:
        if setting in settings:
            settings[setting] = {name: value for name, value in settings[setting].items() if name not in gone}
    return replace(table, indexes=tuple(i for i in table.indexes if i.name not in gone), settings=settings)


def _check_named(table: Table, update: Mapping[str, Any], now_s: float) -> None:
    # Exactly one action, see `check_alone`.
    (action, change), *_ = ((action, update[action]) for action in _ACTIONS if action in update)
    name = change["IndexName"]
    index = table.index(name)
    if action == "Create":
        if index is not None:
            if index.gone_at_s is not None:
                raise refused(messages.INDEX_BEING_DELETED, table=table.name, index=name)
            raise refused(messages.INDEX_EXISTS)
        return
    if index is None:
        raise refused(messages.INDEX_NOT_FOUND, table=table.name, index=name)
    if index.kind != "global":
        raise refused(messages.NOT_A_GLOBAL_INDEX, action=action.lower(), index=name)
    check_index_is_free(table, index, action, now_s)


def _online(table: Table, now_s: float) -> set[str]:
    return {
        index.name
        for index in table.indexes
        if index.gone_at_s is not None or (index.added and index.status(now_s) == "CREATING")
    }


def _with_index(
    table: Table,
    definition: Mapping[str, Any],
    definitions: Iterable[Mapping[str, Any]],
    space: int,
    context: RequestContext,
    moments: Moments,
) -> Table:
    name, settings = definition["IndexName"], table.settings
    defined = attribute_types(definitions)
    existing = key_names([table.keys, *(index.keys for index in table.indexes)])
    for attribute, type_ in defined.items():
        if existing.get(attribute, type_) != type_:
            raise refused(
                messages.ATTRIBUTES_REDEFINED,
                existing=_schema_text(table, existing),
                new=_schema_text(table, existing | defined),
            )
    keys = index_keys(definition, "global", defined, table.keys, known=existing)
    check_index(definition, set())
    on_demand, asked = settings["BillingMode"] == "PAY_PER_REQUEST", definition.get("ProvisionedThroughput")
    units = None
    if on_demand and asked is not None:
        raise refused(capacity_settings.NEW_INDEX_UNITS_WHEN_ON_DEMAND, index=name)
    if not on_demand:
        if asked is None:
            raise refused(capacity_settings.NO_NEW_INDEX_UNITS, index=name)
        units = settings.setdefault("IndexThroughput", {})[name] = units_of(asked, context.region, name)
    limits = new_on_demand(definition.get("OnDemandThroughput"), on_demand=on_demand, region=context.region, index=name)
    if limits:
        settings.setdefault("IndexOnDemandThroughput", {})[name] = limits
    settings.setdefault("IndexWarmThroughput", {})[name] = new_warm(
        definition.get("WarmThroughput"), units, context.region, name
    )
    if sum(index.kind == "global" for index in table.indexes) >= MAX_GLOBAL_INDEXES:
        raise refused(messages.NO_ROOM_FOR_INDEX, most=MAX_GLOBAL_INDEXES)
    index = replace(
        index_of(definition, "global", keys, space),
        added=True,
        allocated_at_s=moments.table_until_s,
        ready_at_s=moments.index_until_s,
    )
    check_projected([*table.indexes, index])
    return replace(table, indexes=(*table.indexes, index))


def _change_settings(
    settings: dict[str, Any], name: str, change: Mapping[str, Any], context: RequestContext, until_s: float
) -> None:
    on_demand, region = settings["BillingMode"] == "PAY_PER_REQUEST", context.region
    units, limits = change.get("ProvisionedThroughput"), change.get("OnDemandThroughput")
    warm = change.get("WarmThroughput")
    if on_demand and (units is not None or not (limits or warm)):
        raise refused(capacity_settings.UPDATE_OF_INDEX_ON_DEMAND, index=name)
    if units is None and not limits and not warm:
        raise refused(capacity_settings.NO_INDEX_UNITS_FOR_SWITCH, index=name)
    if units is not None:
        kept = settings["IndexThroughput"]
        kept[name] = changed_units(kept[name], units, context.now_s, until_s, region, name)
        kept = settings["IndexWarmThroughput"]
        kept[name] = raised_warm(kept[name], units)
    if limits:
        kept = settings.setdefault("IndexOnDemandThroughput", {})
        kept[name] = changed_on_demand(kept.get(name, {}), limits, on_demand=on_demand, region=region, index=name)
    if warm:
        kept = settings["IndexWarmThroughput"]
        kept[name] = changed_warm(kept[name], warm, until_s, region, name)


def _replaced(table: Table, index: Index) -> Table:
    return replace(table, indexes=tuple(index if each.name == index.name else each for each in table.indexes))


def _schema_text(table: Table, types: Mapping[str, KeyType]) -> str:
    kinds = [(key.name, "HASH") for key in table.keys.partition] + [(key.name, "RANGE") for key in table.keys.sort]
    shown = ",".join(f"key{{{name}:{types[name]}:{kind}}}" for name, kind in kinds)
    return f"Schema:[SchemaElement: {shown}]"
