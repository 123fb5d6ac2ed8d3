"""Faults that any request can have: members that are gone, null, of another type, or out of their bounds."""

from __future__ import annotations

from typing import Any

from differential.generator.world import Request, World

__all__ = ["mutated"]

_OTHERS: tuple[Any, ...] = (
    None,
    "",
    "x",
    0,
    -1,
    1.5,
    True,
    [],
    {},
    [{}],
    {"x": {}},
    "x" * 300,
    ["x"],
    {"S": "a"},
    [None],
)


def mutated(w: World, request: Request) -> Request:
    """Return the request with one of its members replaced, lost or added."""
    operation, body = request
    places = list(_places(body))
    changed: Any = _copied(body)
    if not places or w.chance(0.1):
        changed[w.pick("Unknown", "tableName", "Limit", "Select", "Expected", "ReturnValues", "ConsistentRead")] = (
            w.pick(*_OTHERS)
        )
        return operation, changed
    # Places near the top are few and matter most.
    path = w.pick(*[place for place in places if len(place) == 1]) if w.chance(0.5) else w.pick(*places)
    inner = changed
    for step in path[:-1]:
        inner = inner[step]
    if w.chance(0.3):
        del inner[path[-1]]
    else:
        inner[path[-1]] = w.pick(*_OTHERS)
    return operation, changed


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if path and "$" in str(path[-1]):
        return []
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = [path] if path else []
    for name, member in members:
        found += _places(member, (*path, name))
    return found


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _copied(member) for name, member in value.items()}
    return [_copied(member) for member in value] if isinstance(value, list) else value
