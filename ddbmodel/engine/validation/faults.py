"""A request whose JSON has another shape than the operation's: it is unreadable, whatever else is wrong with it."""

from __future__ import annotations

from typing import Any, Final, Literal

from ddbmodel.engine.messages import serialization as messages
from ddbmodel.engine.messages.message import Message, Wording, refused
from ddbmodel.errors import ServiceError

__all__ = ["not_convertible", "not_the_kind", "unreadable"]

_TOKENS: Final = {bool: "TRUE_VALUE", str: "STRING_VALUE", int: "NUMBER_VALUE", float: "DECIMAL_VALUE"}


def unreadable(message: Message, **values: object) -> ServiceError:
    """Return the error with a message about serialization; no wording and no transaction changes it."""
    return refused(message, **values).error(Wording.CURRENT)


def not_convertible(value: Any, wanted: str) -> ServiceError:
    """Return the error of a scalar of another type; `wanted` is the type as the service names it."""
    if isinstance(value, (dict, list)):
        return unreadable(messages.UNEXPECTED_STRUCTURE)
    token = "FALSE_VALUE" if value is False else _TOKENS.get(value.__class__, "NULL_VALUE")
    return unreadable(messages.NOT_CONVERTIBLE, token=token, type=wanted)


def not_the_kind(value: Any, kind: Literal["structure", "list", "map"]) -> ServiceError:
    """Return the error of something else where a structure, a list or a map is expected."""
    if isinstance(value, dict):
        return unreadable(messages.UNEXPECTED_STRUCTURE)
    if isinstance(value, list):
        return unreadable(messages.UNEXPECTED_LIST if kind == "map" else messages.UNEXPECTED_TOKEN)
    if isinstance(value, str) and kind != "structure":
        return unreadable(messages.NO_COLLECTION)
    return unreadable(messages.UNEXPECTED_TOKEN)
