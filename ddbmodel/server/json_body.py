"""The body of a request, from bytes to a document that can only be read one way.

orjson refuses lone surrogates, NaN, infinities and bytes that are not UTF-8, and is fast, but takes an object with the
same key twice. Two facts tell such a body from others without parsing it again: every colon outside of strings belongs
to one key, and what orjson writes back keeps every colon inside of the strings that it kept. So the body has a key
twice exactly when it has more colons than the same document written back. (An escaped colon would be counted wrongly;
such a body goes to the slow parser.)
"""

from __future__ import annotations

import json
from typing import Any, Final

import orjson

from ddbmodel.engine.messages.message import refused
from ddbmodel.engine.messages.protocol import (
    BODY_HAS_A_KEY_TWICE,
    BODY_HAS_TOO_MANY_PARTS,
    BODY_IS_NOT_JSON,
    BODY_IS_TOO_DEEP,
)

__all__ = ["MAX_DEPTH", "MAX_PARTS", "parse_body"]

MAX_DEPTH: Final = 240
"""How many objects and lists may lie in one another: the service reads values of a hundred levels, two of these each,
before it refuses them, and orjson writes no more than 254."""

MAX_PARTS: Final = 2_000_000
"""How many objects and lists a request may have: 16 MiB of one-digit numbers, each ``{"N":"1"}``, have fewer. Lists of
nothing in lists of nothing would have four times as many and keep the server busy for seconds."""


def parse_body(body: bytes) -> dict[str, Any]:
    """Return the document of a request's body.

    Raises:
        Refusal: ``SerializationException``: it is not an object of JSON, or not safe to read.
    """
    opened = body.count(b"{") + body.count(b"[")
    if opened > MAX_PARTS and _parts_of(body) > MAX_PARTS:
        raise refused(BODY_HAS_TOO_MANY_PARTS, limit=MAX_PARTS)
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise refused(BODY_IS_NOT_JSON) from None
    if type(document) is not dict:
        raise refused(BODY_IS_NOT_JSON)
    if opened > MAX_DEPTH and _is_too_deep(document):
        raise refused(BODY_IS_TOO_DEEP, limit=MAX_DEPTH)
    if _has_a_key_twice(body, document):
        raise refused(BODY_HAS_A_KEY_TWICE)
    return document


def _parts_of(body: bytes) -> int:
    """Return how many objects and lists open in a body, of which strings may hold any number of brackets."""
    # Without escapes, every second piece between quotes is outside of strings.
    outside = body.replace(rb"\\", b"").replace(rb"\"", b"").split(b'"')[::2]
    return sum(piece.count(b"{") + piece.count(b"[") for piece in outside)


def _is_too_deep(document: Any) -> bool:
    level = [document]
    for _ in range(MAX_DEPTH):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if type(outer) is dict else outer)
            if type(inner) is dict or type(inner) is list
        ]
        if not level:
            return False
    return True


def _has_a_key_twice(body: bytes, document: Any) -> bool:
    if b"u003a" not in body and b"u003A" not in body:
        return body.count(b":") != orjson.dumps(document).count(b":")
    twice = False

    def note(pairs: list[tuple[str, Any]]) -> None:
        nonlocal twice
        twice = twice or len({name for name, _ in pairs}) != len(pairs)

    # Floats stay text: only keys matter here, and a long number is slow to turn into an int.
    json.loads(body, object_pairs_hook=note, parse_int=str, parse_float=str)
    return twice
