"""Requests with less in them: to find out which of its faults a request was refused for, and to shrink reports."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

__all__ = ["simpler", "smaller"]

_PLACEHOLDERS = {"ExpressionAttributeNames": "#", "ExpressionAttributeValues": ":"}
_EXPRESSIONS = (
    "ConditionExpression",
    "FilterExpression",
    "KeyConditionExpression",
    "ProjectionExpression",
    "UpdateExpression",
)
_PARTS = re.compile(r"(,| AND | OR | SET | REMOVE | ADD | DELETE |^SET |^REMOVE |^ADD |^DELETE )", re.IGNORECASE)


def simpler(request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Give the request without one of its parts, and without what no expression uses then."""
    yield _without_expressions(request)
    for less in smaller(request):
        yield less
        tidy = _tidied(less)
        if tidy != less:
            yield tidy


def smaller(value: Any) -> list[Any]:
    """Return the value without one of its parts, at any depth, the greatest parts first."""
    made: list[Any] = []
    if isinstance(value, dict):
        made += [{n: v for n, v in value.items() if n != name} for name in value]
        for name, member in value.items():
            parts = _shorter(member) if name in _EXPRESSIONS and isinstance(member, str) else smaller(member)
            made += [{**value, name: less} for less in parts]
    elif isinstance(value, list):
        made += [[*value[:place], *value[place + 1 :]] for place in range(len(value))]
        for place, member in enumerate(value):
            made += [[*value[:place], less, *value[place + 1 :]] for less in smaller(member)]
    return made


def _shorter(expression: str) -> list[str]:
    """Return an expression without one of its terms, and without the comma or word that joins it to the rest."""
    parts = _PARTS.split(expression)
    made = []
    for place in range(0, len(parts), 2):
        for joint in (place - 1, place + 1):
            if 0 <= joint < len(parts):
                low, high = min(place, joint), max(place, joint)
                made.append("".join([*parts[:low], *parts[high + 1 :]]).strip())
    return [text for text in made if text]


def _without_expressions(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_expressions(member) for member in value]
    if not isinstance(value, dict):
        return value
    dropped = (*_PLACEHOLDERS, *(name for name in _EXPRESSIONS if name != "KeyConditionExpression"))
    return {name: _without_expressions(member) for name, member in value.items() if name not in dropped}


def _tidied(value: Any) -> Any:
    """Return a request without the names, values and definitions that nothing in it uses."""
    if isinstance(value, list):
        return [_tidied(member) for member in value]
    if not isinstance(value, dict):
        return value
    used = json.dumps([member for name, member in value.items() if name in _EXPRESSIONS])
    made: dict[str, Any] = {}
    for name, member in value.items():
        if name == "AttributeDefinitions" and isinstance(member, list):
            keys = json.dumps([part for other, part in value.items() if other != name])
            made[name] = [one for one in member if isinstance(one, dict) and f'"{one.get("AttributeName")}"' in keys]
        elif name in _PLACEHOLDERS and isinstance(member, dict):
            kept = {place: v for place, v in member.items() if re.search(re.escape(place) + r"\b", used)}
            if kept:
                made[name] = kept
        else:
            made[name] = _tidied(member)
    return made
