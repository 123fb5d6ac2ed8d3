"""Refusals of a request that are made in many places."""

from __future__ import annotations

from ddbmodel.errors import ServiceError, service_error

__all__ = ["invalid", "unreadable"]


def invalid(message: str) -> ServiceError:
    """Return the error of a request that breaks a rule."""
    return service_error("ValidationException", message)


def unreadable(message: str) -> ServiceError:
    """Return the error of a request whose JSON has another shape than the operation's."""
    return service_error("SerializationException", message)
