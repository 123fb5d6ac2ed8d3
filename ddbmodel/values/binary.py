"""Binary on either side of the waist: base64 text inside, ``bytes`` for boto3 and its kin."""

from __future__ import annotations

from binascii import a2b_base64, b2a_base64
from collections.abc import Callable
from typing import Any

__all__ = ["from_base64", "to_base64", "with_base64_text", "with_raw_bytes"]


def to_base64(raw: bytes) -> str:
    """Return padded base64 text without line breaks."""
    return b2a_base64(raw, newline=False).decode()


def from_base64(text: str) -> bytes:
    """Return the bytes of base64 text.

    Raises:
        ValueError: the text is not strict, padded base64.
    """
    return a2b_base64(text, strict_mode=True)


def with_raw_bytes(document: Any) -> Any:
    """Return a request, response, item or value with every ``B`` and ``BS`` as ``bytes``.

    In wire data an attribute called ``B`` holds a dict, never text, so a text under ``B`` is always binary.
    """
    return _converted(document, str, from_base64)


def with_base64_text(document: Any) -> Any:
    """Return a request, response, item or value with every ``B`` and ``BS`` as base64 text."""
    return _converted(document, (bytes, bytearray), to_base64)


def _converted(document: Any, source: Any, convert: Callable[[Any], Any]) -> Any:
    holder: list[Any] = [None]
    pending: list[tuple[Any, Any, Any]] = [(holder, 0, document)]
    while pending:
        target, position, value = pending.pop()
        if isinstance(value, dict):
            made: Any = dict.fromkeys(value)
            for key, inner in value.items():
                if key == "B" and isinstance(inner, source):
                    made[key] = convert(inner)
                elif (
                    key == "BS" and isinstance(inner, (list, tuple, set)) and all(isinstance(i, source) for i in inner)
                ):
                    made[key] = [convert(member) for member in inner]
                else:
                    pending.append((made, key, inner))
        elif isinstance(value, list):
            made = [None] * len(value)
            pending.extend((made, index, inner) for index, inner in enumerate(value))
        else:
            made = value
        target[position] = made
    return holder[0]
