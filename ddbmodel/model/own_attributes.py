"""Attributes that items carry for the mapper itself, beside those of their models."""

from __future__ import annotations

from typing import Final

__all__ = ["ENTITY", "EVENTS", "GUARD", "OWN_ATTRIBUTES", "SCHEMA_VERSION"]

ENTITY: Final = "_entity"
"""Which class of one table an item belongs to."""

SCHEMA_VERSION: Final = "_schema"
"""In which version of its class's way of storing an item was written."""

GUARD: Final = "_guard"
"""Marks an item that only holds a unique value, and names the constraint."""

EVENTS: Final = "_events"
"""Events that the last commit of a unit of work emitted within the item, and which commit that was."""

OWN_ATTRIBUTES: Final = frozenset({ENTITY, EVENTS, SCHEMA_VERSION, GUARD})
