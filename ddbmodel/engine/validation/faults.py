"""Faults of a request, found below the place that knows how the service words them there."""

from __future__ import annotations

from ddbmodel.errors import ServiceError, service_error

__all__ = ["InvalidValue", "invalid", "unreadable"]


class InvalidValue(Exception):
    """An attribute value breaks a rule of the service.

    Attributes:
        message: the service's text without what some operations put around it.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def invalid(message: str) -> ServiceError:
    """Return the error of a request that breaks a rule."""
    return service_error("ValidationException", message)


def unreadable(message: str) -> ServiceError:
    """Return the error of a request whose JSON has another shape than the operation's."""
    return service_error("SerializationException", message)
