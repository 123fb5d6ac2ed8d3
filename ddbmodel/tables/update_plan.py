"""What is to be done so that a table becomes what its models want: ordered steps as data; pure.

```
protect ──▶ scale no more ──▶ remove indexes ──▶ billing, capacity ──▶ add indexes ──▶ stream ──▶ class ──▶ time to live
                                                                          ──▶ tags ──▶ scaling ──▶ protect no more
```
Indexes go before others come, so that there is room for them, and come after the billing mode, so that they begin with
the right capacity. What would lose data, or make readers start anew, is done only by choice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ddbmodel.errors import TableMismatch
from ddbmodel.model.settings import AutoScale, OnDemand, Provisioned
from ddbmodel.tables.definitions import IndexDefinition, TableDefinition, index_words, key_words
from ddbmodel.tables.existing import ExistingTable
from ddbmodel.tables.requests import (
    add_index_request,
    create_request,
    limits_request,
    remove_index_request,
    tags_request,
    time_to_live_request,
    units_request,
    update_request,
)
from ddbmodel.tables.scaling import (
    Scaled,
    ScalingTarget,
    deregister_request,
    policy_request,
    register_request,
    scaled_words,
    wanted_targets,
)
from ddbmodel.transport.executor import Request

__all__ = ["TableStep", "UpdateChoices", "creation_steps", "finishing_steps", "update_steps"]


@dataclass(frozen=True, slots=True)
class UpdateChoices:
    """What an update may do beside adding.

    Attributes:
        remove_indexes: remove global indexes that no model declares, and replace those that are declared otherwise.
        stop_streams: turn off streams that no model asks for, and replace those that carry something else.
        stop_ttl: turn off time to live that no model declares.
    """

    remove_indexes: bool = False
    stop_streams: bool = False
    stop_ttl: bool = False


@dataclass(frozen=True, slots=True)
class TableStep:
    """One request that brings a table nearer to its models; `words` say what it does."""

    table: str
    words: str
    operation: str
    request: Request = field(repr=False)

    def __str__(self) -> str:
        return f"{self.table}: {self.words}"


def creation_steps(wanted: TableDefinition) -> list[TableStep]:
    """Return what makes a table that is not there."""
    step = TableStep(wanted.name, "create the table", "CreateTable", create_request(wanted))
    steps = [step]
    if wanted.ttl_attribute is not None:
        steps.append(_enable_ttl(wanted.name, wanted.ttl_attribute))
    return steps + list(_target_steps(wanted, {}))


def finishing_steps(wanted: TableDefinition, existing: ExistingTable) -> list[TableStep]:
    """Return what CreateTable cannot do and is missing still: time to live, and scaling."""
    steps: list[TableStep] = []
    if wanted.ttl_attribute is not None and existing.ttl_attribute is None:
        steps.append(_enable_ttl(wanted.name, wanted.ttl_attribute))
    return steps + list(_target_steps(wanted, existing.scaling))


def update_steps(wanted: TableDefinition, existing: ExistingTable | None, choices: UpdateChoices) -> list[TableStep]:
    """Return everything that is to be done, in order.

    Raises:
        TableMismatch: something cannot be changed, or only by a choice that was not made; with the way out.
    """
    if existing is None:
        return creation_steps(wanted)
    refused = [*_impossible(wanted, existing, choices)]
    if refused:
        raise TableMismatch({wanted.name: refused})
    return [
        *_protection_steps(wanted, existing, on=True),
        *_scale_no_more_steps(wanted, existing, choices),
        *_removed_index_steps(wanted, existing, choices),
        *_billing_steps(wanted, existing, choices),
        *_added_index_steps(wanted, existing),
        *_stream_steps(wanted, existing, choices),
        *_class_steps(wanted, existing),
        *_ttl_steps(wanted, existing, choices),
        *_tag_steps(wanted, existing),
        *_target_steps(wanted, _kept_scaling(wanted, existing, choices)),
        *_protection_steps(wanted, existing, on=False),
    ]


def _impossible(wanted: TableDefinition, existing: ExistingTable, choices: UpdateChoices) -> Iterator[str]:
    anew = "it cannot be changed: create another table, copy the items, and give the models its name"
    if existing.key != wanted.key:
        yield f"its key is {key_words(existing.key)}, the models want {key_words(wanted.key)}; {anew}"
    for attribute, _ in wanted.key:
        type_, asked = existing.types.get(attribute), wanted.types[attribute]
        if type_ is not None and type_ != asked:
            yield f"the key attribute {attribute!r} has type {type_}, the models want {asked}; {anew}"
    going = set(_removed_indexes(wanted, existing, choices))
    for name, index in wanted.indexes.items():
        there = existing.indexes.get(name)
        if "local" in (index.kind, None if there is None else there.kind):
            if not _serves(index, there):
                state = "is missing" if there is None else f"is {index_words(there)}"
                yield (
                    f"the local index {name!r} {state}, the models want {index_words(index)}; local indexes come and "
                    "go with their table: declare a GlobalIndex under another name, or create another table"
                )
        elif there is not None and not _serves(index, there) and not choices.remove_indexes:
            yield (
                f"the index {name!r} is {index_words(there)}, the models want {index_words(index)}; an index cannot be "
                "changed: declare it under another name, which is added beside the old one, or let it be removed and "
                "added again with remove_indexes=True, while it cannot be queried"
            )
    staying = {part for name, index in existing.indexes.items() if name not in going for part, _ in index.key}
    for name, type_ in wanted.types.items():
        if name in staying and name not in dict(wanted.key) and existing.types.get(name, type_) != type_:
            yield (
                f"the index key attribute {name!r} has type {existing.types[name]}, the models want {type_}; its "
                "type cannot be changed while an index has it as a key: remove the index first with "
                "remove_indexes=True, or store the new values under another name"
            )
    if wanted.stream is not None and existing.stream not in (None, wanted.stream) and not choices.stop_streams:
        yield (
            f"its stream carries {existing.stream}, the models want {wanted.stream}; a stream cannot be changed: let "
            "it be stopped and another be started with stop_streams=True, whose readers begin anew"
        )


def _serves(wanted: IndexDefinition, existing: IndexDefinition | None) -> bool:
    """Return whether an index is what is wanted; more attributes in it than wanted do no harm."""
    return existing is not None and (
        (existing.kind, existing.key, existing.projection) == (wanted.kind, wanted.key, wanted.projection)
        and wanted.included <= existing.included
    )


def _removed_indexes(wanted: TableDefinition, existing: ExistingTable, choices: UpdateChoices) -> Iterator[str]:
    for name, index in existing.indexes.items():
        asked = wanted.indexes.get(name)
        if choices.remove_indexes and index.kind == "global" and (asked is None or not _serves(asked, index)):
            yield name


def _removed_index_steps(
    wanted: TableDefinition, existing: ExistingTable, choices: UpdateChoices
) -> Iterator[TableStep]:
    for name in _removed_indexes(wanted, existing, choices):
        words = f"remove the index {name!r}, which is {index_words(existing.indexes[name])}"
        yield TableStep(wanted.name, words, "UpdateTable", remove_index_request(wanted.name, name))


def _added_index_steps(wanted: TableDefinition, existing: ExistingTable) -> Iterator[TableStep]:
    units = wanted.units
    if wanted.billing is None and not existing.is_on_demand:
        # No model says how it is billed, so a new index gets as much as the table has.
        units = existing.units[""]
    for name, index in wanted.indexes.items():
        if index.kind == "global" and not _serves(index, existing.indexes.get(name)):
            # Those that no key uses yet are for later requests.
            types = {**existing.types, **{attribute: wanted.types[attribute] for attribute, _ in index.key}}
            request = add_index_request(wanted.name, index, types, units, wanted.limits)
            yield TableStep(wanted.name, f"add the index {name!r}, {index_words(index)}", "UpdateTable", request)


def _billing_steps(wanted: TableDefinition, existing: ExistingTable, choices: UpdateChoices) -> Iterator[TableStep]:
    going = set(_removed_indexes(wanted, existing, choices))
    names = [name for name, index in existing.indexes.items() if index.kind == "global" and name not in going]
    match wanted.billing:
        case None:
            return
        case OnDemand():
            if not existing.is_on_demand:
                request = update_request(wanted.name, BillingMode="PAY_PER_REQUEST")
                yield TableStep(wanted.name, "bill by request", "UpdateTable", request)
            yield from _limit_steps(wanted, existing, names)
        case Provisioned() | AutoScale():
            yield from _unit_steps(wanted, existing, names)


def _limit_steps(wanted: TableDefinition, existing: ExistingTable, names: list[str]) -> Iterator[TableStep]:
    read, write = ("no limit" if limit is None else f"{limit}" for limit in wanted.limits)
    for name in ("", *names):
        if existing.limits.get(name, (None, None)) == wanted.limits:
            continue
        of, limits = _of(name), limits_request(wanted.limits)
        members = limits if not name else {"GlobalSecondaryIndexUpdates": [{"Update": {"IndexName": name} | limits}]}
        words = f"limit the request units a second of {of} to {read} for reads and {write} for writes"
        yield TableStep(wanted.name, words, "UpdateTable", update_request(wanted.name, **members))


def _unit_steps(wanted: TableDefinition, existing: ExistingTable, names: list[str]) -> Iterator[TableStep]:
    units_of: dict[str, tuple[int, int]] = {}
    for name in ("", *names):
        units = _units_to_be(wanted, existing.units.get(name))
        # The service refuses what changes nothing, and wants all of it when the way of billing changes.
        if units != existing.units.get(name):
            units_of[name] = units
    if not units_of:
        return
    members: dict[str, Any] = {}
    if existing.is_on_demand:
        members["BillingMode"] = "PROVISIONED"
    if "" in units_of:
        members |= units_request(units_of[""])
    updates = [{"Update": {"IndexName": name} | units_request(units_of[name])} for name in units_of if name]
    if updates:
        members["GlobalSecondaryIndexUpdates"] = updates
    said = ", ".join(f"{_of(name)} {read} read and {write} write units" for name, (read, write) in units_of.items())
    request = update_request(wanted.name, **members)
    yield TableStep(wanted.name, f"give {said}", "UpdateTable", request)


def _units_to_be(wanted: TableDefinition, current: tuple[int, int] | None) -> tuple[int, int]:
    assert wanted.units is not None, "asked only where the models want capacity"
    if current is None or wanted.scaled is None:
        return wanted.units
    # What follows the load is left where it is, as long as that is within the bounds.
    (lowest_read, highest_read), (lowest_write, highest_write) = wanted.scaled.read, wanted.scaled.write
    return min(max(current[0], lowest_read), highest_read), min(max(current[1], lowest_write), highest_write)


def _stream_steps(wanted: TableDefinition, existing: ExistingTable, choices: UpdateChoices) -> Iterator[TableStep]:
    if existing.stream == wanted.stream:
        return
    if existing.stream is not None:
        if not choices.stop_streams:
            return
        request = update_request(wanted.name, StreamSpecification={"StreamEnabled": False})
        yield TableStep(wanted.name, f"stop the stream of {existing.stream}", "UpdateTable", request)
    if wanted.stream is not None:
        specification = {"StreamEnabled": True, "StreamViewType": wanted.stream}
        request = update_request(wanted.name, StreamSpecification=specification)
        yield TableStep(wanted.name, f"start a stream of {wanted.stream}", "UpdateTable", request)


def _class_steps(wanted: TableDefinition, existing: ExistingTable) -> Iterator[TableStep]:
    if wanted.table_class is not None and existing.table_class != wanted.table_class:
        request = update_request(wanted.name, TableClass=wanted.table_class)
        yield TableStep(wanted.name, f"change its class to {wanted.table_class}", "UpdateTable", request)


def _protection_steps(wanted: TableDefinition, existing: ExistingTable, *, on: bool) -> Iterator[TableStep]:
    if wanted.deletion_protection is on and existing.is_protected is not on:
        words = "protect it from deletion" if on else "protect it from deletion no more"
        request = update_request(wanted.name, DeletionProtectionEnabled=on)
        yield TableStep(wanted.name, words, "UpdateTable", request)


def _ttl_steps(wanted: TableDefinition, existing: ExistingTable, choices: UpdateChoices) -> Iterator[TableStep]:
    current, asked = existing.ttl_attribute, wanted.ttl_attribute
    if current == asked or (asked is None and not choices.stop_ttl):
        return
    if current is not None:
        request = time_to_live_request(wanted.name, current, enabled=False)
        yield TableStep(wanted.name, f"let items expire by {current!r} no more", "UpdateTimeToLive", request)
    if asked is not None:
        yield _enable_ttl(wanted.name, asked)


def _tag_steps(wanted: TableDefinition, existing: ExistingTable) -> Iterator[TableStep]:
    tags = existing.tags
    changed = {} if tags is None else {key: value for key, value in wanted.tags.items() if tags.get(key) != value}
    if changed:
        words = f"tag it with {', '.join(changed)}"
        yield TableStep(wanted.name, words, "TagResource", tags_request(existing.arn, changed))


def _kept_scaling(
    wanted: TableDefinition, existing: ExistingTable, choices: UpdateChoices
) -> dict[Scaled, ScalingTarget]:
    going = set(_removed_indexes(wanted, existing, choices))
    keeps_none = wanted.billing is not None and wanted.scaled is None
    return {} if keeps_none else {place: of for place, of in existing.scaling.items() if place[0] not in going}


def _scale_no_more_steps(
    wanted: TableDefinition, existing: ExistingTable, choices: UpdateChoices
) -> Iterator[TableStep]:
    # They would outlive what they scale.
    for scaled in sorted(existing.scaling.keys() - _kept_scaling(wanted, existing, choices).keys()):
        request = deregister_request(wanted.name, scaled)
        words = f"let {scaled_words(scaled)} follow the load no more"
        yield TableStep(wanted.name, words, "DeregisterScalableTarget", request)


def _target_steps(wanted: TableDefinition, scaling: Mapping[Scaled, ScalingTarget]) -> Iterator[TableStep]:
    for scaled, target in wanted_targets(wanted).items():
        there = scaling.get(scaled)
        if there is None or (there.lowest, there.highest) != (target.lowest, target.highest):
            words = f"keep {scaled_words(scaled)} between {target.lowest} and {target.highest} units"
            request = register_request(wanted.name, scaled, target)
            yield TableStep(wanted.name, words, "RegisterScalableTarget", request)
        if there is None or there.target_percent != target.target_percent:
            words = f"let {scaled_words(scaled)} follow the load, {target.target_percent} percent of it in use"
            request = policy_request(wanted.name, scaled, target, None if there is None else there.policy)
            yield TableStep(wanted.name, words, "PutScalingPolicy", request)


def _enable_ttl(table: str, attribute: str) -> TableStep:
    return TableStep(
        table, f"let items expire by {attribute!r}", "UpdateTimeToLive", time_to_live_request(table, attribute)
    )


def _of(name: str) -> str:
    return f"the index {name!r}" if name else "the table"
