"""The form of a fact: a sentence, where it is known from, and requests with what the service answers to each.

```
fact(
    "S0.numbers.01", "a text that is no number is refused", CAPTURED,
    put({"pk": S("a"), "n": N("abc")}).refused("1 validation error detected: ..."),
)
```
A request that nothing is said about must succeed. What a request cannot say, such as two answers compared, or time
that passes, is a function of the backend (`check`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

from facts.matching import ANY, Some, difference, without_words
from facts.tables import HASH

__all__ = [
    "API",
    "BS",
    "CAPTURED",
    "FILES_OF_THE_API",
    "GUIDE",
    "KNOWN",
    "NS",
    "QUOTED",
    "SS",
    "VALIDATION",
    "WIRE",
    "Answer",
    "Asked",
    "Backend",
    "CannotAsk",
    "Check",
    "Fact",
    "L",
    "M",
    "N",
    "S",
    "Step",
    "ask",
    "delete",
    "fact",
    "failure",
    "get",
    "put",
    "query",
    "scan",
    "statement",
    "update",
]

CAPTURED: Final = "captured on the service, 2026, us-east-1"
QUOTED: Final = "quoted as the service's answer by public tests that were run against it"
KNOWN: Final = "public tests and recorded answers of the service; not captured again in 2026"
WIRE: Final = "recorded HTTP answers of the service"
FILES_OF_THE_API: Final = "the API's own service model, 2012-08-10"
VALIDATION: Final = "ValidationException"


def API(operation: str) -> str:  # a constant with a hole
    """Return the source that is the reference page of an operation."""
    return f"AWS API reference, {operation}"


def GUIDE(page: str) -> str:
    """Return the source that is a page of the developer guide."""
    return f"AWS developer guide, {page}"


class CannotAsk(Exception):
    """A backend has no way to be asked this, such as a clock that can be moved."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a backend said: a body, and the code and words of an error."""

    body: dict[str, Any]
    code: str | None = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A raw answer over HTTP; the names of headers are small."""

    status: int
    headers: dict[str, str]
    body: bytes


class Backend(Protocol):
    """Answers requests."""

    words_count: bool
    """Whether the words of errors are compared, not only their codes."""

    def ask(self, operation: str, request: dict[str, Any]) -> Answer:
        """Return the answer to a request."""

    def send(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Asked:
        """Return the raw answer over HTTP."""

    def advance(self, seconds: float) -> None:
        """Move the backend's clock on; raises `CannotAsk` where it is not ours to move."""

    def configure(self, **options: Any) -> None:
        """Begin anew with these `EngineOptions`; raises `CannotAsk` where they cannot be had."""

    def secured(self) -> Backend:
        """Return the same with access keys that it knows; raises `CannotAsk` where every key is taken."""

    def behave(self, **behaviours: Any) -> None:
        """Make what only happens among many users happen; raises `CannotAsk` where we cannot."""


@dataclass(frozen=True, slots=True)
class Step:
    """A request and what is expected of the answer."""

    operation: str
    request: dict[str, Any]
    body: Any = None
    code: str | None = None
    message: Any = ANY

    def gives(self, **members: Any) -> Step:
        """Expect success, with these members of the response."""
        return replace(self, body=Some(members))

    def refused(self, message: Any, code: str = VALIDATION, **members: Any) -> Step:
        """Expect an error with these words, and these members of its body."""
        return replace(self, code=code, message=message, body=Some(members))

    def failure(self, backend: Backend) -> str | None:
        """Ask, and return in words what is not as expected, or None."""
        answer = backend.ask(self.operation, self.request)
        found = None
        if answer.code != self.code:
            found = f"expected {self.code or 'success'}, got {answer.code or answer.body}: {answer.message}"
        elif self.code is not None and backend.words_count:
            found = difference(self.message, answer.message, "message")
        if found is None and self.body is not None:
            found = difference(self.body if backend.words_count else without_words(self.body), answer.body)
        return None if found is None else f"{self.operation} {_short(self.request)}\n  {found}"


Check = Callable[[Backend], str | None]
"""Asks a backend, and returns in words what is not as the fact says, or None."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that the service does."""

    id: str
    says: str
    source: str
    steps: tuple[Step, ...]
    tables: tuple[dict[str, Any], ...]
    check: Check | None
    is_wire: bool
    """Whether it is about HTTP, and can only be asked that way."""

    @property
    def section(self) -> str:
        """The part of the list that the fact belongs to: ``S0``."""
        return self.id.partition(".")[0]


def fact(
    name: str,
    says: str,
    source: str,
    *steps: Step,
    tables: tuple[dict[str, Any], ...] = (HASH,),
    check: Check | None = None,
    is_wire: bool = False,
) -> Fact:
    """Return a fact; its tables exist before the first step."""
    assert steps or check, f"{name} asks nothing"
    return Fact(name, says, source, steps, tables, check, is_wire)


def failure(fact: Fact, backend: Backend) -> str | None:
    """Ask a backend everything that a fact says, and return in words what is not so, or None."""
    for definition in fact.tables:
        created = backend.ask("CreateTable", definition)
        if created.code is not None:
            return f"CreateTable {_short(definition)}\n  {created.code}: {created.message}"
    for step in fact.steps:
        if (found := step.failure(backend)) is not None:
            return found
    return None if fact.check is None else fact.check(backend)


def _short(request: dict[str, Any]) -> str:
    text = repr(request)
    return text if len(text) < 700 else text[:500] + " ... " + text[-150:]


# Attribute values


def S(text: str) -> dict[str, Any]:
    return {"S": text}


def N(number: str | int) -> dict[str, Any]:
    return {"N": str(number)}


def SS(*members: str) -> dict[str, Any]:
    return {"SS": list(members)}


def NS(*members: str) -> dict[str, Any]:
    return {"NS": list(members)}


def BS(*members: str) -> dict[str, Any]:
    return {"BS": list(members)}


def L(*members: Any) -> dict[str, Any]:
    return {"L": list(members)}


def M(**members: Any) -> dict[str, Any]:
    return {"M": members}


# Requests; the table is the plain one, "t", where none is named


def ask(operation: str, **request: Any) -> Step:
    """Return the step of any operation."""
    return Step(operation, request)


def put(item: dict[str, Any], table: str = "t_", **more: Any) -> Step:
    return ask("PutItem", TableName=_name(table), Item=item, **more)


def get(key: dict[str, Any], table: str = "t_", **more: Any) -> Step:
    return ask("GetItem", TableName=_name(table), Key=key, **more)


def delete(key: dict[str, Any], table: str = "t_", **more: Any) -> Step:
    return ask("DeleteItem", TableName=_name(table), Key=key, **more)


def update(
    key: dict[str, Any], expression: str | None = None, values: dict[str, Any] | None = None, **more: Any
) -> Step:
    request = {"TableName": _name(more.pop("table", "t_")), "Key": key, **more}
    if expression is not None:
        request["UpdateExpression"] = expression
    if values is not None:
        request["ExpressionAttributeValues"] = values
    return Step("UpdateItem", request)


def query(condition: str | None, values: dict[str, Any] | None = None, **more: Any) -> Step:
    request = {"TableName": _name(more.pop("table", "t_")), **more}
    if condition is not None:
        request["KeyConditionExpression"] = condition
    if values is not None:
        request["ExpressionAttributeValues"] = values
    return Step("Query", request)


def scan(table: str = "t_", **more: Any) -> Step:
    return ask("Scan", TableName=_name(table), **more)


def statement(text: str, *parameters: Any, **more: Any) -> Step:
    request = {"Statement": text, **more}
    if parameters:
        request["Parameters"] = list(parameters)
    return Step("ExecuteStatement", request)


def _name(table: str) -> str:
    return HASH["TableName"] if table == "t_" else table
