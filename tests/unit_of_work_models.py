"""The models that tests of the unit of work share."""

from __future__ import annotations

from ddbmodel.model import Attr, Document, Model, attr, partition_key, sort_key, version


class Profile(Document):
    city: Attr[str] = attr(default="Oslo")
    bio: Attr[str] = attr(default="a text that costs more than a path does, and then some more")
    scores: Attr[dict[str, int]] = attr(default_factory=dict)


class Account(Model, table="accounts"):
    """Guarded by its version."""

    id: Attr[str] = partition_key()
    balance: Attr[int] = attr(default=0)
    history: Attr[list[str]] = attr(default_factory=list)
    labels: Attr[set[str]] = attr(default_factory=set)
    profile: Attr[Profile | None] = attr(default=None)
    revision: Attr[int] = version()


class Note(Model, table="notes"):
    """Guarded by the old values of what changes."""

    owner: Attr[str] = partition_key()
    number: Attr[int] = sort_key()
    title: Attr[str] = attr(default="untitled")
    text: Attr[str] = attr(default="")
    profile: Attr[Profile | None] = attr(default=None)
    pinned: Attr[bool | None] = attr(default=None)


class Counter(Model, table="counters"):
    """Made whole by its key alone, so an increment may create it."""

    id: Attr[str] = partition_key()
    total: Attr[int] = attr(default=0)
    other: Attr[int | None] = attr(default=None)
