"""Random attribute values, keys and items of a world; from small pools, so that requests meet each other's items."""

from __future__ import annotations

from typing import Any

from differential.generator.world import World

__all__ = ["NAMES", "any_key", "any_value", "item", "key", "key_value", "list_of", "number", "set_of", "text", "value"]

NAMES = ("x", "y", "l", "m", "z", "data", "size")

_KEY_POOLS = {
    "S": ({"S": "a"}, {"S": "b"}, {"S": "ab"}, {"S": "c\u00e9"}),
    "N": ({"N": "0"}, {"N": "1"}, {"N": "-2.5"}, {"N": "10"}, {"N": "3e1"}, {"N": "1.0"}),
    "B": ({"B": "YQ=="}, {"B": "YWI="}, {"B": "/w=="}, {"B": "AA=="}),
}
_NUMBERS = ("0", "1", "2", "-1", "1.50", "1e2", "0.1", "-0", "00042", "+.5", "1E-130", "9" * 38, "123456.789")
_BROKEN_NUMBERS = (
    "", "abc", "1e126", "1e-131", "1" * 39, " 1", "1 ", "0x10", "1e", "NaN", "Infinity", "1.2.3", "+", "1_000",
    "-1e126", "--1",
)  # fmt: skip
_BROKEN_VALUES: tuple[dict[str, Any], ...] = (
    {"SS": []},
    {"NS": []},
    {"BS": []},
    {"SS": ["a", "a"]},
    {"SS": ["b", "a", "b"]},
    {"NS": ["1", "1.0"]},
    {"NS": ["1", "abc"]},
    {"BS": ["YQ==", "YQ=="]},
    {"NULL": False},
    {},
    {"S": "a", "N": "1"},
    {"L": [{"N": "abc"}]},
    {"M": {"x": {"N": "1e126"}}},
    {"M": {"x": {"SS": []}}},
    {"L": [{}]},
    {"M": {"": {"S": "a"}}},
)


def number(w: World) -> dict[str, Any]:
    """Return a number."""
    if w.broken():
        return {"N": w.pick(*_BROKEN_NUMBERS)}
    return {"N": w.pick("0", "1", "2", "-1", "1.50") if w.chance(0.7) else w.pick(*_NUMBERS)}


def text(w: World) -> dict[str, Any]:
    """Return a text."""
    return {"S": w.pick("a", "ab", "b", "\u00e9", "z", "", "a b\n\U0001f600")}


def value(w: World, depth: int = 0) -> dict[str, Any]:
    """Return a value of any type; seldom one that no item can carry."""
    if w.broken():
        return _broken(w)
    kind = w.random.randrange(13 if depth < 3 else 9)
    if kind < 2:
        return number(w)
    if kind < 4:
        return text(w)
    if kind == 4:
        return {"BOOL": w.chance(0.5)}
    if kind == 5:
        return {"NULL": True}
    if kind == 6:
        return {"SS": w.random.sample(("a", "b", "c", ""), w.random.randrange(1, 4))}
    if kind == 7:
        return {"NS": w.random.sample(("1", "2", "3.0", "-1e1"), w.random.randrange(1, 4))}
    if kind == 8:
        return w.pick({"B": "YQ=="}, {"B": "AAE="}, {"B": ""}, {"BS": ["YQ==", "AAE="]}, {"BS": ["/w=="]})
    if kind < 11:
        return list_of(w, depth)
    return map_of(w, depth)


def list_of(w: World, depth: int = 0) -> dict[str, Any]:
    """Return a list."""
    return {"L": [value(w, depth + 1) for _ in range(w.pick(0, 1, 1, 2, 2))]}


def map_of(w: World, depth: int = 0) -> dict[str, Any]:
    """Return a map."""
    return {"M": {name: value(w, depth + 1) for name in w.random.sample(("x", "y", "l"), w.pick(0, 1, 2, 3))}}


def set_of(w: World, _depth: int = 0) -> dict[str, Any]:
    """Return a set, mostly of texts."""
    if w.chance(0.2):
        return {"NS": w.random.sample(("1", "2", "3.0"), w.random.randrange(1, 4))}
    return {"SS": w.random.sample(("a", "b", "z"), w.random.randrange(1, 4))}


# What attributes of these names mostly are, so that conditions on them mostly compare what can be compared.
_TYPED: dict[str, Any] = {"x": text, "z": number, "size": number, "data": set_of, "l": list_of, "m": map_of}


def any_value(w: World, name: str) -> dict[str, Any]:
    """Return a value that an attribute of this name mostly has."""
    if name in w.types and w.chance(0.9):
        return key_value(w, w.types[name])
    return _TYPED.get(name, value)(w) if w.chance(0.85) else value(w)


def key_value(w: World, type_: str) -> dict[str, Any]:
    """Return a value of a key of a type."""
    if w.broken():
        if w.chance(0.4):
            return _broken(w)
        return w.pick(
            {"S": ""}, {"B": ""}, {"N": "1"}, {"S": "a"}, {"BOOL": True}, {"S": "a" * 2049}, {"B": "YQ=="},
            {"NULL": True}, {"SS": ["a"]}, {"B": "YWFh" * 400},
        )  # fmt: skip
    pool = _KEY_POOLS[type_]
    # Few keys, so that most requests meet an item.
    made: dict[str, Any] = dict(w.pick(*pool[:2]) if w.chance(0.75) else w.pick(*pool))
    return made


def key(w: World) -> dict[str, Any]:
    """Return the key of an item."""
    made = {"pk": key_value(w, w.types["pk"])}
    if w.sort:
        made["sk"] = key_value(w, w.types["sk"])
    if w.broken():
        return any_key(w, made)
    return made


def any_key(w: World, made: dict[str, Any]) -> dict[str, Any]:
    """Return a key that does not fit the schema."""
    return w.pick(
        {}, {"pk": made["pk"]}, {**made, "x": {"N": "1"}}, {"other": {"S": "a"}}, {"pk": {}}, {"": {"S": "a"}}
    )


def item(w: World) -> dict[str, Any]:
    """Return an item, often with the keys of indexes."""
    made = key(w)
    for name in w.types:
        if name not in made and w.chance(0.5):
            made[name] = key_value(w, w.types[name]) if not w.broken() else value(w)
    for name in w.random.sample(NAMES, w.random.randrange(0, 7)):
        if name not in w.types:
            made[name] = any_value(w, name)
    return made


def _broken(w: World) -> dict[str, Any]:
    if w.chance(0.3):
        return {"N": w.pick(*_BROKEN_NUMBERS)}
    if w.chance(0.1):
        return nested(w.pick(31, 32, 33))
    made: dict[str, Any] = w.pick(*_BROKEN_VALUES)
    return made


def nested(depth: int) -> dict[str, Any]:
    """Return a text below so many lists."""
    made: dict[str, Any] = {"S": "a"}
    for _ in range(depth):
        made = {"L": [made]}
    return made
