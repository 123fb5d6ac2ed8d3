"""Inputs of any length: iterables and async iterables, read one by one."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Collection, Iterable
from typing import TypeAlias, TypeVar

from ddbmodel.errors import InvalidRequest
from ddbmodel.model import Model

__all__ = ["AnyIterable", "check_iterable", "each_of", "known_length"]

T = TypeVar("T")

AnyIterable: TypeAlias = Iterable[T] | AsyncIterable[T]


def check_iterable(call: str, given: object, takes: str) -> None:
    """Raise `InvalidRequest` for what cannot be iterated over, or is one thing instead of many."""
    if isinstance(given, Model) or not isinstance(given, (Iterable, AsyncIterable)):
        raise InvalidRequest(f"{call} takes an iterable or async iterable of {takes}, got a {type(given).__name__}")


def known_length(given: AnyIterable[T]) -> int | None:
    """Return how many things there are, None where only reading them tells."""
    return len(given) if isinstance(given, Collection) else None


async def each_of(given: AnyIterable[T]) -> AsyncIterator[T]:
    """Yield the things of either kind of iterable."""
    if isinstance(given, AsyncIterable):
        async for thing in given:
            yield thing
    else:
        for thing in given:
            yield thing
