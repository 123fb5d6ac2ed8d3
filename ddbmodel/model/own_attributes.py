"""Attributes that items carry for the mapper itself, beside those of their models."""

from __future__ import annotations

from typing import Final

__all__ = ["ENTITY", "GUARD", "OWN_ATTRIBUTES", "SCHEMA_VERSION"]

ENTITY: Final = "_entity"
"""Which class of one table an item belongs to."""

SCHEMA_VERSION: Final = "_schema"
"""In which version of its class's way of storing an item was written."""

GUARD: Final = "_guard"
"""Marks an item that only holds a unique value, and names the constraint."""

OWN_ATTRIBUTES: Final = frozenset({ENTITY, SCHEMA_VERSION, GUARD})
