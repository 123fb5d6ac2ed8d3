"""PartiQL statements: plain Python values in, wire items or models out; one alone, many, or all or nothing.

| call | operation | when a statement fails |
|---|---|---|
| `execute` | ``ExecuteStatement``, every page | its error is raised |
| `execute_many` | ``BatchExecuteStatement``, 25 at a time | its result carries the error; the others are carried out |
| `execute_transaction` | ``ExecuteTransaction`` | nothing is carried out; `TransactionFailed` says why |
"""

from __future__ import annotations

import asyncio
import random
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, Protocol, TypeAlias, TypeVar, overload

from ddbmodel.errors import (
    AlreadyExists,
    ConditionFailed,
    DdbModelError,
    InvalidRequest,
    ItemNotDecodable,
    ServiceError,
    TransactionFailed,
    TransactionTooLarge,
    ValueNotStorable,
    service_error,
)
from ddbmodel.model import Model
from ddbmodel.model.codec import codec_of
from ddbmodel.model.encode import dynamic_value
from ddbmodel.model.scalars import Refused
from ddbmodel.query.hooks import load_all, loaded
from ddbmodel.transport.executor import Executor, Request, Response
from ddbmodel.transport.retry import MAX_ATTEMPTS, full_jitter_delay_s
from ddbmodel.values.wire import AttributeValue, Item

__all__ = ["Statement", "StatementCalls", "StatementResult"]

M = TypeVar("M", bound=Model)
T_co = TypeVar("T_co", covariant=True)

Statement: TypeAlias = str | tuple[str, Sequence[Any]]
"""The text of a statement, alone or with the Python values of its question marks."""

# Source: AWS API Reference, ExecuteStatement, BatchExecuteStatement and ExecuteTransaction.
_MAX_CHARACTERS: Final = 8192
_MAX_BATCH: Final = 25
_MAX_TRANSACTION: Final = 100

_WRITES: Final = ("insert", "update", "delete")
# What a statement failed of, by the names of batches and transactions, where that is no error without its ending.
_CODES: Final = {
    "ValidationError": "ValidationException",
    "ThrottlingError": "ThrottlingException",
    "RequestLimitExceeded": "RequestLimitExceeded",
    "InternalServerError": "InternalServerError",
}
# These did nothing, so they are sent again.
_THROTTLED: Final = frozenset({"ProvisionedThroughputExceeded", "RequestLimitExceeded", "ThrottlingError"})

Sleep: TypeAlias = Callable[[float], Any]


@dataclass(frozen=True, slots=True)
class StatementResult(Generic[T_co]):
    """What one statement of several gave.

    Attributes:
        item: what it read or, with RETURNING, wrote; None where there is none.
        error: why it was not carried out; None when it was.
    """

    item: T_co | None = None
    error: DdbModelError | None = None


class _Connected(Protocol):
    @property
    def executor(self) -> Executor: ...


class StatementCalls:
    """The calls of a `Database` that take PartiQL."""

    @overload
    async def execute(
        self: _Connected, statement: str, parameters: Sequence[Any] = (), /, *, consistent: bool = False
    ) -> list[Item]: ...
    @overload
    async def execute(
        self: _Connected, statement: str, parameters: Sequence[Any] = (), /, *, model: type[M], consistent: bool = False
    ) -> list[M]: ...
    async def execute(
        self: _Connected,
        statement: str,
        parameters: Sequence[Any] = (),
        /,
        *,
        model: type[M] | None = None,
        consistent: bool = False,
    ) -> list[Item] | list[M]:
        """Carry out a PartiQL statement; return its items, of a SELECT those of all pages.

        Versions of models are neither checked nor raised, and nothing is hidden.

        Args:
            parameters: Python values for the question marks, in their order.
            model: what to make of whole items; without it they stay in the wire's form.
            consistent: read strongly consistent, for twice the cost.

        Raises:
            AlreadyExists: an INSERT of a key that is there.
            ConditionFailed: the condition of a write does not hold, or an UPDATE has no item; ``current`` is the item
                as it is, where the service says it.
            InvalidRequest: the statement is none, or too long.
            ServiceError: the statement is none of the service's, or its table is not there.
            ValueNotStorable: a parameter that the wire cannot carry.
            ItemNotDecodable: an item does not fit the model.
        """
        request = _request((statement, parameters), "statement", consistent=consistent)
        items: list[Item] = []
        while True:
            try:
                answer = await self.executor.execute("ExecuteStatement", request)
            except ServiceError as error:
                raise _failure(error, model, request) from error
            items += answer.get("Items", [])
            token = answer.get("NextToken")
            if token is None:
                return items if model is None else await load_all(model.from_item, items)
            request = {**request, "NextToken": token}

    @overload
    async def execute_many(
        self: _Connected, statements: Iterable[Statement], /, *, consistent: bool = False
    ) -> list[StatementResult[Item]]: ...
    @overload
    async def execute_many(
        self: _Connected, statements: Iterable[Statement], /, *, model: type[M], consistent: bool = False
    ) -> list[StatementResult[M]]: ...
    async def execute_many(
        self: _Connected,
        statements: Iterable[Statement],
        /,
        *,
        model: type[M] | None = None,
        consistent: bool = False,
    ) -> list[StatementResult[Any]]:
        """Carry out any number of statements, each for itself, in batches of 25; return a result for each, in order.

        Each reads or writes one item by its whole key, and in a batch all read or all write. A statement that fails
        does not stop the others; one that was throttled is sent again.

        Args:
            model: what to make of whole items.
            consistent: read strongly consistent, for twice the cost.

        Raises:
            InvalidRequest: one is no statement, or too long; nothing was sent.
            ValueNotStorable: a parameter that the wire cannot carry; nothing was sent.
        """
        requests = _requests(statements, consistent=consistent)
        results: list[StatementResult[Any]] = []
        for start in range(0, len(requests), _MAX_BATCH):
            results += await _batch(self.executor, requests[start : start + _MAX_BATCH], model, asyncio.sleep)
        return results

    @overload
    async def execute_transaction(
        self: _Connected, statements: Iterable[Statement], /, *, token: str | None = None
    ) -> list[Item | None]: ...
    @overload
    async def execute_transaction(
        self: _Connected, statements: Iterable[Statement], /, *, model: type[M], token: str | None = None
    ) -> list[M | None]: ...
    async def execute_transaction(
        self: _Connected,
        statements: Iterable[Statement],
        /,
        *,
        model: type[M] | None = None,
        token: str | None = None,
    ) -> list[Any]:
        """Carry out up to 100 statements, all or none; return what each read, None where there is no item.

        All read, or all write; among writes, ``EXISTS(SELECT ...)`` is a condition on an item that is not written.

        Args:
            model: what to make of whole items.
            token: of 1 to 36 characters; the service carries out the same statements with the same token once in ten
                minutes. By default every call has its own.

        Raises:
            TransactionFailed: nothing was carried out; ``errors`` are by position of the statement.
            TransactionTooLarge: more than 100 statements; nothing was sent.
            InvalidRequest, ValueNotStorable, ItemNotDecodable: as `execute`.
        """
        requests = _requests(statements)
        if not requests:
            return []
        if len(requests) > _MAX_TRANSACTION:
            raise TransactionTooLarge(len(requests), _MAX_TRANSACTION, "statements")
        body = {"TransactStatements": requests, "ClientRequestToken": token or str(uuid.uuid4())}
        try:
            answer = await self.executor.execute("ExecuteTransaction", body)
        except ServiceError as error:
            raise _transaction_failure(error, model, requests) from error
        items = [response.get("Item") for response in answer.get("Responses", [])]
        items += [None] * (len(requests) - len(items))
        made = [_made(model, item) for item in items]
        await loaded(each for each in made if isinstance(each, Model))
        return made


async def _batch(
    executor: Executor, requests: list[Request], model: type[Model] | None, sleep: Sleep
) -> list[StatementResult[Any]]:
    results: list[StatementResult[Any]] = [StatementResult() for _ in requests]
    left, attempt = list(range(len(requests))), 0
    while True:
        attempt += 1
        try:
            answer = await executor.execute("BatchExecuteStatement", {"Statements": [requests[each] for each in left]})
        except DdbModelError as error:
            # Batches before this one may have been carried out, and their results are not to be lost.
            for position in left:
                results[position] = StatementResult(error=error)
            return results
        again = []
        for position, response in zip(left, answer["Responses"], strict=True):
            results[position] = result = _result(response, model, requests[position])
            await loaded((result.item,) if isinstance(result.item, Model) else ())
            if response.get("Error", {}).get("Code") in _THROTTLED:
                again.append(position)
        if not again or attempt == MAX_ATTEMPTS:
            return results
        left = again
        await sleep(full_jitter_delay_s(attempt, random.random()))  # noqa: S311  # spreads retries


def _result(response: Response, model: type[Model] | None, request: Request) -> StatementResult[Any]:
    fault = response.get("Error")
    if fault is not None:
        return StatementResult(error=_reason(fault["Code"], fault.get("Message"), fault.get("Item"), model, request))
    try:
        return StatementResult(_made(model, response.get("Item")))
    except ItemNotDecodable as error:
        return StatementResult(error=error)


def _made(model: type[Model] | None, item: Item | None) -> Any:
    return item if model is None or item is None else model.from_item(item)


def _requests(statements: Iterable[Statement], *, consistent: bool = False) -> list[Request]:
    if isinstance(statements, str):
        raise InvalidRequest("several statements are a list; for one of them use db.execute")
    return [
        _request(each if isinstance(each, tuple) else (each, ()), f"statements[{position}]", consistent=consistent)
        for position, each in enumerate(statements)
    ]


def _request(statement: tuple[Any, ...], where: str, *, consistent: bool) -> Request:
    if len(statement) != 2 or not isinstance(statement[0], str) or not statement[0].strip():
        got = ", ".join(type(part).__name__ for part in statement)
        raise InvalidRequest(f"{where} takes a text, alone or in a tuple with its parameters; got ({got})")
    text, parameters = statement
    if len(text) > _MAX_CHARACTERS:
        raise InvalidRequest(
            f"{where}: a statement has at most {_MAX_CHARACTERS:,} characters, got {len(text):,}; pass values as "
            "parameters, with ? in their place"
        )
    if isinstance(parameters, (str, bytes)) or not isinstance(parameters, Sequence):
        raise InvalidRequest(
            f"{where}: parameters are a list of values, one for each ?; got a {type(parameters).__name__}"
        )
    request: Request = {"Statement": text}
    if parameters:
        request["Parameters"] = [_encoded(where, position, value) for position, value in enumerate(parameters)]
    if consistent:
        request["ConsistentRead"] = True
    if _verb(request) in _WRITES:
        request["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
    return request


def _encoded(where: str, position: int, value: Any) -> AttributeValue:
    try:
        return dynamic_value(value, codec_of)
    except Refused as refusal:
        raise ValueNotStorable(where, f"parameters[{position}]", refusal.rule) from None
    except RecursionError:
        raise ValueNotStorable(where, f"parameters[{position}]", "nested deeper than 32 levels") from None


def _failure(error: ServiceError, model: type[Model] | None, request: Request) -> DdbModelError:
    if error.code not in ("ConditionalCheckFailedException", "DuplicateItemException"):
        return error
    current = _current(error.item, model)
    # Some servers call a duplicate what it is, others a condition that failed: an INSERT has no other.
    if error.code == "DuplicateItemException" or _verb(request) == "insert":
        return AlreadyExists("statement: an item with this key exists already; UPDATE changes it", current)
    return ConditionFailed("statement: its condition does not hold, or there is no item to update", current)


def _transaction_failure(error: ServiceError, model: type[Model] | None, requests: list[Request]) -> DdbModelError:
    reasons = error.cancellation_reasons
    if not reasons:
        return error
    errors = {
        position: _reason(reason.code, reason.message, reason.item, model, request)
        for position, (reason, request) in enumerate(zip(reasons, requests, strict=False))
        if reason.code not in (None, "None")
    }
    told = "; ".join(f"statement {position}: {failure}" for position, failure in errors.items())
    return TransactionFailed(
        f"nothing was carried out, because of {len(errors)} of {len(reasons)} statements: {told}",
        errors,
        retryable=bool(errors) and all(failure.retryable for failure in errors.values()),
    )


def _reason(
    code: str, message: str | None, item: Item | None, model: type[Model] | None, request: Request
) -> DdbModelError:
    return _failure(service_error(_CODES.get(code, f"{code}Exception"), message or "", item=item), model, request)


def _verb(request: Request) -> str:
    text: str = request["Statement"]
    return text.lstrip()[:6].lower()


def _current(item: Item | None, model: type[Model] | None) -> Any:
    try:
        return _made(model, item) if item else None
    except ItemNotDecodable:
        # The condition failed all the same, which is what the caller must hear of.
        return None
