"""Responses in a form in which equal values are equal data."""

from __future__ import annotations

from typing import Any

from ddbmodel.values.numbers import canonical_number

__all__ = ["canonical"]


def canonical(document: Any) -> Any:
    """Return a document whose equal values are equal data.

    Sets have no order, and DynamoDB Local keeps numbers inside documents as they were written (``3.0``), where the
    service expands them.
    """
    if isinstance(document, list):
        return [canonical(value) for value in document]
    if not isinstance(document, dict):
        return document
    made: dict[str, Any] = {}
    for key, value in sorted(document.items()):
        if key in ("SS", "BS") and isinstance(value, list):
            made[key] = sorted(value)
        elif key == "NS" and isinstance(value, list):
            made[key] = sorted(canonical_number(member) for member in value)
        elif key == "N" and isinstance(value, str):
            made[key] = canonical_number(value)
        else:
            made[key] = canonical(value)
    return made
