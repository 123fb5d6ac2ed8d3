"""What an object looked like when the unit of work met it, and what has become of it since; pure.

Changes are found by comparing encoded items, not by watching assignments: a model holds plain lists, dicts and nested
models, and those change in place without the model's knowledge.
"""

from __future__ import annotations

from dataclasses import dataclass

from ddbmodel.model import Model, schema_of, stored_version
from ddbmodel.model.stored_form import with_stored_forms
from ddbmodel.query.stored_migrations import is_older_item
from ddbmodel.values.equality import same_value
from ddbmodel.values.numbers import add_numbers
from ddbmodel.values.wire import Item

__all__ = ["Snapshot", "add_to_field", "changed_item", "snapshot_of"]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An object at the moment it became tracked.

    Attributes:
        stored: the item as the table has it, as far as the unit knows.
        encoded: the object's own encoding. It differs from `stored` where the model fills in a default for an
            attribute that is not stored, or writes a value in another form; neither is a change by the user.
        version: the version that is stored, None for a model without one.
    """

    stored: Item
    encoded: Item
    version: int | None


def snapshot_of(instance: Model, stored: Item | None = None) -> Snapshot:
    """Return the snapshot of an object now; without `stored`, its encoding is taken for what is stored."""
    encoded = instance.to_item()
    if stored is not None:
        encoded = with_stored_forms(instance, stored, encoded)
    return Snapshot(encoded if stored is None else stored, encoded, stored_version(instance))


def changed_item(snapshot: Snapshot, instance: Model) -> Item | None:
    """Return the item to have in the table, or None when the user changed nothing.

    The version attribute is left as it is stored: it is not the user's to change, and whoever writes raises it.

    Raises:
        ValueNotStorable: the object holds a value that the wire cannot carry.
    """
    before, now = snapshot.encoded, instance.to_item()
    if now == before:
        # Nearly always of what was only read, and far faster than to look at every value by itself.
        return None
    now = with_stored_forms(instance, before, now)
    version = schema_of(type(instance)).version
    # An item of an earlier schema version is brought up to date as a whole, or the next read would migrate it again.
    is_older = is_older_item(type(instance), snapshot.stored)
    target = dict(snapshot.encoded if is_older else snapshot.stored)
    if version is not None and version[1] not in snapshot.stored:
        target.pop(version[1], None)
    changed = False
    for name in before.keys() | now.keys():
        if version is not None and name == version[1]:
            continue
        if name not in now:
            target.pop(name, None)
        elif name not in before or not (before[name] == now[name] or same_value(before[name], now[name])):
            target[name] = now[name]
        else:
            continue
        changed = True
    return target if changed else None


def add_to_field(instance: Model, attribute: str, amount: str) -> None:
    """Add a canonical number to the field of an object that is stored under a name; None counts as zero."""
    model = type(instance)
    field = next(field for field, stored in schema_of(model).attributes.items() if stored == attribute)
    bound = getattr(model, field)
    values = vars(instance)
    value = values[field]
    before = "0" if value is None else bound.encode(value)["N"]
    # Past the model's own assignment: a frozen model shows what is stored all the same.
    values[field] = bound.decode({"N": add_numbers(before, amount)})
