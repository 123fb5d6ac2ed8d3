"""`Unique`: how a class body says that several fields together belong to one item."""

from __future__ import annotations

from typing import Any

from ddbmodel.errors import ModelDefinitionError

__all__ = ["Unique"]


class Unique:
    """A constraint over two or more fields: ``one_account = Unique(tenant, email)``; one field takes ``unique=True``.

    An item of which one of the fields is None or absent is not constrained.
    """

    def __init__(self, *fields: Any) -> None:
        if not fields:
            raise ModelDefinitionError("Unique(...) takes the fields whose values together are unique, got none")
        self.fields: tuple[Any, ...] = fields
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name
