"""A message of the service and its wordings.

The service answers one fault in different words. Since its new request validation of 2026 the words depend on the
operation; before that they did not.

| wording | operations | form |
|---|---|---|
| enveloped | PutItem, UpdateItem, DeleteItem | ``1 validation error detected: <text>`` where the request is at fault |
| current | GetItem, BatchGetItem, Query, and whatever is not named here | ``<text>`` |
| older | BatchWriteItem, TransactWriteItems, TransactGetItems, Scan, PartiQL | ``<older text>`` |
| classic | all, when the engine is told so | ``<classic text>`` |

Source: answers captured on the service in 2026, us-east-1; DynamoDB Local 1.25.1 for the classic wording.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from ddbmodel.errors import ServiceError, service_error

__all__ = ["Message", "Refusal", "Wording", "refused", "wording_of"]

_ENVELOPE: Final = "1 validation error detected: "


class Wording(Enum):
    """In which words the service refuses a request."""

    ENVELOPED = "enveloped"
    CURRENT = "current"
    OLDER = "older"
    CLASSIC = "classic"


_WORDINGS: Final[Mapping[str, Wording]] = {
    "PutItem": Wording.ENVELOPED,
    "UpdateItem": Wording.ENVELOPED,
    "DeleteItem": Wording.ENVELOPED,
    "BatchWriteItem": Wording.OLDER,
    "TransactWriteItems": Wording.OLDER,
    "TransactGetItems": Wording.OLDER,
    "Scan": Wording.OLDER,
    "ExecuteStatement": Wording.OLDER,
    "BatchExecuteStatement": Wording.OLDER,
    "ExecuteTransaction": Wording.OLDER,
}


def wording_of(operation: str, *, classic: bool) -> Wording:
    """Return the wording in which an operation answers."""
    return Wording.CLASSIC if classic else _WORDINGS.get(operation, Wording.CURRENT)


@dataclass(frozen=True, slots=True)
class Message:
    """One text of the service; fields in braces are filled in by `refused`.

    `source` says where the text was seen. A wording that is None is that of the line before it.
    """

    text: str
    source: str
    older: str | None = None
    classic: str | None = None
    enveloped: bool = False
    """Whether the enveloped wording puts its envelope around it: faults that are found before the table is known."""
    code: str = "ValidationException"

    def worded(self, wording: Wording, values: Mapping[str, object]) -> str:
        """Return the text with its fields filled in."""
        template = self.text
        if wording is Wording.OLDER and self.older is not None:
            template = self.older
        elif wording is Wording.CLASSIC:
            template = next((t for t in (self.classic, self.older) if t is not None), template)
        text = template.format_map(values)
        return _ENVELOPE + text if wording is Wording.ENVELOPED and self.enveloped else text


class Refusal(Exception):
    """A request is refused with a message; the boundary of the engine turns it into a `ServiceError`.

    Attributes:
        message: what is wrong.
        values: the fields of its text.
        facts: keywords for the `ServiceError`, such as the item of a failed condition.
    """

    def __init__(self, message: Message, values: Mapping[str, object], facts: Mapping[str, Any] | None = None) -> None:
        super().__init__(message.text)
        self.message, self.values, self.facts = message, values, facts or {}

    @property
    def code(self) -> str:
        """The service's error name."""
        return self.message.code

    def text(self, wording: Wording) -> str:
        """Return what the service says."""
        return self.message.worded(wording, self.values)

    def error(self, wording: Wording) -> ServiceError:
        """Return the error that the caller gets."""
        return service_error(self.message.code, self.text(wording), **self.facts)


def refused(message: Message, **values: object) -> Refusal:
    """Return the refusal with a message of the table; to be raised."""
    return Refusal(message, values)
