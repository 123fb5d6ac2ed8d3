"""How an existing table differs from what its models want, in words; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from ddbmodel.model.settings import AutoScale, OnDemand, Provisioned
from ddbmodel.tables.definitions import (
    IndexDefinition,
    TableDefinition,
    billing_words,
    index_words,
    key_words,
)
from ddbmodel.tables.existing import ExistingTable
from ddbmodel.tables.scaling import scaled_words, wanted_targets

__all__ = ["Subject", "TableDifference", "differences", "missing"]

Subject: TypeAlias = Literal[
    "table", "key", "index", "stream", "time to live", "billing", "class", "deletion protection", "tags", "scaling"
]


@dataclass(frozen=True, slots=True)
class TableDifference:
    """One thing in which a table is not what its models say.

    Attributes:
        about: what it concerns, in a word or two.
        is_mismatch: False for what is there and no model says anything of, which is for information only.
    """

    table: str
    about: Subject
    words: str
    is_mismatch: bool = True

    def __str__(self) -> str:
        return self.words


def missing(wanted: TableDefinition) -> TableDifference:
    """Return the difference that the table is not there."""
    return TableDifference(wanted.name, "table", "it does not exist; create it with db.create_tables(...)")


def differences(wanted: TableDefinition, existing: ExistingTable) -> list[TableDifference]:
    """Return every difference; what no model says anything of is information, not a mismatch."""
    return [
        *_key_differences(wanted, existing),
        *_index_differences(wanted, existing),
        *_stream_differences(wanted, existing),
        *_ttl_differences(wanted, existing),
        *_billing_differences(wanted, existing),
        *_scaling_differences(wanted, existing),
        *_setting_differences(wanted, existing),
    ]


def _key_differences(wanted: TableDefinition, existing: ExistingTable) -> Iterator[TableDifference]:
    if existing.key != wanted.key:
        words = f"its key is {key_words(existing.key)}, the models want {key_words(wanted.key)}"
        yield TableDifference(wanted.name, "key", words)
    for name, type_ in wanted.types.items():
        if existing.types.get(name, type_) != type_:
            words = f"the key attribute {name!r} has type {existing.types[name]}, the models want {type_}"
            yield TableDifference(wanted.name, "key", words)


def _index_differences(wanted: TableDefinition, existing: ExistingTable) -> Iterator[TableDifference]:
    for name, index in wanted.indexes.items():
        there = existing.indexes.get(name)
        words = [f"the {index.kind} index {name!r} is missing"] if there is None else _unlike(index, there)
        yield from (TableDifference(wanted.name, "index", each) for each in words)
    for name, index in existing.indexes.items():
        if name not in wanted.indexes:
            words_ = f"no model declares the index {name!r}, which is {index_words(index)}"
            yield TableDifference(wanted.name, "index", words_, is_mismatch=False)


def _unlike(wanted: IndexDefinition, existing: IndexDefinition) -> list[str]:
    found = []
    where = f"the index {wanted.name!r}"
    if existing.kind != wanted.kind:
        found.append(f"{where} is {existing.kind}, the models want it {wanted.kind}")
    if existing.key != wanted.key:
        found.append(f"{where} has the key {key_words(existing.key)}, the models want {key_words(wanted.key)}")
    if existing.projection != wanted.projection:
        found.append(f"{where} projects {existing.projection}, the models want {wanted.projection}")
    elif missing_names := sorted(wanted.included - existing.included):
        found.append(f"{where} does not project {', '.join(missing_names)}")
    return found


def _stream_differences(wanted: TableDefinition, existing: ExistingTable) -> Iterator[TableDifference]:
    view = existing.stream
    if wanted.stream is None:
        if view is not None:
            words = f"it has a stream of {view}, which no model asks for"
            yield TableDifference(wanted.name, "stream", words, is_mismatch=False)
    elif view != wanted.stream:
        got = "is disabled" if view is None else f"carries {view}"
        yield TableDifference(wanted.name, "stream", f"its stream {got}, the models want {wanted.stream}")


def _ttl_differences(wanted: TableDefinition, existing: ExistingTable) -> Iterator[TableDifference]:
    attribute = existing.ttl_attribute
    if wanted.ttl_attribute is None:
        if attribute is not None:
            words = f"items expire by {attribute!r}, which no model declares as ttl()"
            yield TableDifference(wanted.name, "time to live", words, is_mismatch=False)
    elif attribute != wanted.ttl_attribute:
        got = "disabled" if attribute is None else f"by {attribute!r}"
        words = f"time to live is {got}, the models want it by {wanted.ttl_attribute!r}"
        yield TableDifference(wanted.name, "time to live", words)


def _billing_differences(wanted: TableDefinition, existing: ExistingTable) -> Iterator[TableDifference]:
    match wanted.billing:
        case None:
            return
        case OnDemand():
            if not existing.is_on_demand:
                yield TableDifference(wanted.name, "billing", "it is provisioned, the models want it on demand")
                return
            found = _limit_words(wanted, existing)
        case Provisioned() | AutoScale():
            if existing.is_on_demand:
                yield TableDifference(wanted.name, "billing", "it is on demand, the models want it provisioned")
                return
            found = _unit_words(wanted, existing)
    yield from (TableDifference(wanted.name, "billing", words) for words in found)


def _limit_words(wanted: TableDefinition, existing: ExistingTable) -> Iterator[str]:
    for name in _parts(wanted, existing):
        got = existing.limits.get(name, (None, None))
        for what, limit, asked in zip(("read", "write"), got, wanted.limits, strict=True):
            if limit != asked:
                most, wanted_most = ("any number" if each is None else f"at most {each}" for each in (limit, asked))
                yield f"{_of(name)} may use {most} of {what} request units a second, the models want {wanted_most}"


def _unit_words(wanted: TableDefinition, existing: ExistingTable) -> Iterator[str]:
    bounds: tuple[tuple[int, int], ...]
    match wanted.billing:
        case AutoScale(read, write):
            bounds = read, write
        case Provisioned(read, write):
            bounds = (read, read), (write, write)
        case _:
            return
    for name in _parts(wanted, existing):
        for what, units, (lowest, highest) in zip(("read", "write"), existing.units[name], bounds, strict=True):
            if not lowest <= units <= highest:
                asked = f"{lowest}" if lowest == highest else f"{lowest} to {highest}"
                yield f"{_of(name)} has {units} {what} capacity units, the models want {asked}"


def _scaling_differences(wanted: TableDefinition, existing: ExistingTable) -> Iterator[TableDifference]:
    targets = wanted_targets(wanted)
    for scaled, target in targets.items():
        there = existing.scaling.get(scaled)
        if scaled[0] and scaled[0] not in existing.indexes:
            continue
        asked = f"{target.lowest} to {target.highest} units at {target.target_percent} percent"
        if there is None:
            words = f"{scaled_words(scaled)} stays as it is, the models want {asked}"
        elif (there.lowest, there.highest, there.target_percent) != (
            target.lowest,
            target.highest,
            target.target_percent,
        ):
            percent = "without a target" if there.target_percent is None else f"at {there.target_percent:g} percent"
            words = (
                f"{scaled_words(scaled)} is {there.lowest} to {there.highest} units {percent}, the models want {asked}"
            )
        else:
            continue
        yield TableDifference(wanted.name, "scaling", words)
    if wanted.billing is not None and wanted.scaled is None:
        for scaled in existing.scaling:
            words = f"{scaled_words(scaled)} follows the load, the models want {billing_words(wanted.billing)}"
            yield TableDifference(wanted.name, "scaling", words)


def _setting_differences(wanted: TableDefinition, existing: ExistingTable) -> Iterator[TableDifference]:
    if wanted.table_class is not None and existing.table_class != wanted.table_class:
        words = f"its class is {existing.table_class}, the models want {wanted.table_class}"
        yield TableDifference(wanted.name, "class", words)
    if wanted.deletion_protection is not None and existing.is_protected != wanted.deletion_protection:
        got, asked = ("can be deleted", "protected from it")
        if existing.is_protected:
            got, asked = ("is protected from deletion", "not to be")
        yield TableDifference(wanted.name, "deletion protection", f"it {got}, the models want it {asked}")
    if existing.tags is not None:
        yield from _tag_differences(wanted, existing.tags)
    elif wanted.tags:
        yield TableDifference(wanted.name, "tags", "tags are not kept here", is_mismatch=False)


def _tag_differences(wanted: TableDefinition, tags: Mapping[str, str]) -> Iterator[TableDifference]:
    for key, value in wanted.tags.items():
        if key not in tags:
            yield TableDifference(wanted.name, "tags", f"the tag {key!r} is missing, the models want it {value!r}")
        elif tags[key] != value:
            words = f"the tag {key!r} is {tags[key]!r}, the models want {value!r}"
            yield TableDifference(wanted.name, "tags", words)
    for key in tags.keys() - wanted.tags.keys():
        words = f"no model names the tag {key!r}"
        yield TableDifference(wanted.name, "tags", words, is_mismatch=False)


def _parts(wanted: TableDefinition, existing: ExistingTable) -> Iterator[str]:
    """Yield what has a capacity that the models speak of: the table, and its global indexes that are there."""
    yield ""
    for name, index in wanted.indexes.items():
        if index.kind == "global" and name in existing.states:
            yield name


def _of(name: str) -> str:
    return f"the index {name!r}" if name else "the table"
