"""Every exception of the library, one tree; a class for each thing that a caller does differently.

```
DdbModelError
├── ModelDefinitionError          a declaration cannot work; raised at class creation
│   └── KeyAttributeMissing       a key template or an index names a field that the model does not have
├── InvalidRequest                a call that cannot be compiled; raised before any I/O
│   ├── InvalidUrl                a URL that `Database.connect` does not know
│   ├── InvalidCursor             a page cursor that is not this query's
│   ├── LintError                 a read costs more, or tells less, than it seems, and ``lint="error"`` refuses it
│   └── TransactionTooLarge       more than one transaction can carry
├── ValueNotStorable              a Python value that the wire cannot carry
│   └── ItemTooLarge              an item above 400 KB
├── ItemNotDecodable              a stored item that does not fit the model
├── StorageError                  the engine's file
│   ├── NotADatabaseFile          exists, and is not ours
│   ├── DatabaseFileLocked        another process owns it
│   └── StorageFailed             the disk refused; nothing of the failed group was kept
├── NotSupportedHere              this backend cannot do that
├── NotFound                      `get_or_raise` found no item
├── ConditionFailed               a condition did not hold; `.current` is the model as it is now
│   ├── AlreadyExists             `create` found an item
│   ├── UniqueViolation           another item has a unique value; `.fields` are those it has
│   └── VersionConflict           an optimistic lock found another version
│       ├── StaleObject           an object of a unit of work was changed by somebody else since it was read
│       ├── Gone                  the same, deleted
│       └── ReadConflict          an item that a serializable unit only read is not what it was
├── LeaseLost                     a lock was lost, or a unit of work requires one that was
├── LockTimeout                   somebody else held a lock for too long
├── IdentityConflict              a second object for a key the unit of work already tracks
├── UnitOfWorkClosed              the unit was committed, failed or discarded
├── AlreadyCommitted              a command was carried out before; `.result_json` is what it gave
├── ConcurrentUse                 a second task uses a unit of work
├── TransactionFailed             all or nothing was nothing; `.errors` says why, action by action
│   └── CommitConflict            the same of a unit of work, as a group for ``except*``
├── BatchFailed                   some of many writes are not done; `.failed` has each with its reason
├── OutcomeUnknown                no answer came: the write may or may not have happened
├── TableMismatch                 tables are not what the models say; `.tables` has every difference
├── StreamHandlerFailed           `drain` gave up on a handler that cannot get past a record
└── ServiceError                  any other answer of the service that is not a success
    ├── ResourceNotFound          no such table, index or stream
    └── Throttled                 the service asks to slow down
```
Messages name what, where, got (kind and size, never the user's value) and the way out. `ServiceError` alone carries
the service's own words. The service's answers keep their code and request id.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, Self, TypeAlias

from ddbmodel.values.wire import Item

__all__ = [
    "AlreadyCommitted",
    "AlreadyExists",
    "BatchFailed",
    "CancellationReason",
    "CodedText",
    "CommitConflict",
    "ConcurrentUse",
    "ConditionFailed",
    "DatabaseFileLocked",
    "DdbModelError",
    "Gone",
    "IdentityConflict",
    "InvalidCursor",
    "InvalidRequest",
    "InvalidUrl",
    "ItemNotDecodable",
    "ItemTooLarge",
    "KeyAttributeMissing",
    "LeaseLost",
    "LintError",
    "LockTimeout",
    "ModelDefinitionError",
    "NotADatabaseFile",
    "NotFound",
    "NotSupportedHere",
    "Outcome",
    "OutcomeUnknown",
    "ReadConflict",
    "Resolvable",
    "ResourceNotFound",
    "ServiceError",
    "StaleObject",
    "StorageError",
    "StorageFailed",
    "StreamHandlerFailed",
    "TableMismatch",
    "Throttled",
    "ThrottlingReason",
    "TransactionFailed",
    "TransactionTooLarge",
    "UniqueViolation",
    "UnitOfWorkClosed",
    "ValueNotStorable",
    "VersionConflict",
]


class DdbModelError(Exception):
    """The root of every error that this library raises on purpose."""

    retryable: bool = False
    """Whether the same call may succeed when it is made again after a pause."""


class ModelDefinitionError(DdbModelError):
    """A model cannot work as it is declared."""


class KeyAttributeMissing(ModelDefinitionError):
    """A key template or an index names a field that the model does not have."""

    def __init__(self, model: str, where: str, field: str, known: Sequence[str]) -> None:
        super().__init__(
            f"{model}: {where} uses {field!r}, which is not a field of the model; its fields are {', '.join(known)}"
        )
        self.model, self.where, self.field = model, where, field


class InvalidRequest(DdbModelError):
    """A call that cannot be compiled to a request of the service."""


class InvalidUrl(InvalidRequest):
    """A database URL that is not one of the known forms."""


class InvalidCursor(InvalidRequest):
    """A page cursor that was tampered with, belongs to another query, or was made by another process."""


class CodedText(Protocol):
    """A text with a code for programs, as `ReadWarning` is."""

    @property
    def code(self) -> str:
        """What the text is about, in one word."""
        ...


class LintError(InvalidRequest):
    """A read costs more, or tells less, than it seems; raised with ``Database.connect(..., lint="error")``.

    Attributes:
        warnings: what is the matter, in words; each has a `code`.
    """

    def __init__(self, message: str, warnings: Sequence[CodedText]) -> None:
        super().__init__(message)
        self.warnings = tuple(warnings)


class TransactionTooLarge(InvalidRequest):
    """More than one transaction can carry; nothing was sent.

    Attributes:
        got: how much the transaction would have carried.
        limit: how much one can.
        unit: ``actions`` or ``bytes``.
    """

    def __init__(self, got: int, limit: int, unit: str = "actions") -> None:
        super().__init__(
            f"a transaction carries at most {limit:,} {unit}, got {got:,}; nothing was sent: split the work into "
            "transactions that may each stand alone"
        )
        self.got, self.limit, self.unit = got, limit, unit


class ValueNotStorable(DdbModelError):
    """A Python value that the wire cannot carry; `model`, `path` and `rule` say which, where and why."""

    def __init__(self, model: str, path: str, rule: str) -> None:
        super().__init__(f"{model}.{path}: {rule}" if path else f"{model}: {rule}")
        self.model, self.path, self.rule = model, path, rule


class ItemTooLarge(ValueNotStorable):
    """An item above the service's limit, names and values together."""

    def __init__(self, model: str, size_bytes: int | None, limit_bytes: int) -> None:
        got = "more" if size_bytes is None else f"{size_bytes:,}"
        super().__init__(
            model, "", f"an item has at most {limit_bytes:,} bytes, got {got}; keep large values outside the item"
        )
        self.size_bytes, self.limit_bytes = size_bytes, limit_bytes


class ItemNotDecodable(DdbModelError):
    """A stored item that does not fit the model; `problems` are (path, rule) pairs."""

    def __init__(self, model: str, problems: Sequence[tuple[str, str]]) -> None:
        super().__init__(
            f"{model}: a stored item does not fit the model: "
            + "; ".join(f"{path or 'item'}: {rule}" for path, rule in problems)
        )
        self.model, self.problems = model, tuple(problems)


class StorageError(DdbModelError):
    """The engine's file cannot be used."""


class NotADatabaseFile(StorageError):
    """The file exists and is not a database of this engine, or of a version that this one cannot read."""


class DatabaseFileLocked(StorageError):
    """Another process, or another engine in this one, owns the file."""


class StorageFailed(StorageError):
    """The disk refused a write; the whole group was undone and none of it was acknowledged."""


class NotSupportedHere(DdbModelError):
    """The backend behind this database cannot do what was asked."""


class NotFound(DdbModelError):
    """No item has this key."""


class ConditionFailed(DdbModelError):
    """A condition did not hold, so nothing was written.

    Attributes:
        current: the model as it is now, None if absent.
        instance: the object of a unit of work whose write or check it was; None elsewhere.
    """

    def __init__(self, message: str, current: Any = None, instance: Any = None) -> None:
        super().__init__(message)
        self.current, self.instance = current, instance


class AlreadyExists(ConditionFailed):
    """An item with this key is there already."""


class UniqueViolation(ConditionFailed):
    """Another item of the model has the same value in a field, or in several together, that is unique.

    Attributes:
        fields: those of the constraint.
        field: the only one, or the first of several.
    """

    def __init__(self, model: str, fields: Sequence[str]) -> None:
        which = " and ".join(map(repr, fields))
        super().__init__(
            f"{model}: another item has the value of this one in {which}, which is unique; nothing was written", None
        )
        self.model, self.fields = model, tuple(fields)

    @property
    def field(self) -> str:
        return self.fields[0]


class VersionConflict(ConditionFailed):
    """The stored version is not the one that was read."""


class StaleObject(VersionConflict):
    """Somebody else changed the item of `instance` since the unit of work read it; `current` is what it is now."""


class Gone(VersionConflict):
    """Somebody else deleted the item of `instance` since the unit of work read it."""


class ReadConflict(VersionConflict):
    """An item that a serializable unit of work read, or found absent, and did not write is not what it was."""


class IdentityConflict(DdbModelError):
    """Another object with the same key is tracked by this unit of work."""


class UnitOfWorkClosed(DdbModelError):
    """The unit of work was committed, failed or discarded and takes no more work."""


class LeaseLost(DdbModelError):
    """Somebody else holds, or may hold, a lock; a unit of work that requires it wrote nothing."""


class LockTimeout(DdbModelError):
    """Somebody else held a lock for all of the time that the caller would wait."""

    retryable = True


class AlreadyCommitted(DdbModelError):
    """A unit of work with the same idempotency key was committed before; nothing of this one was written.

    Attributes:
        result_json: what that one gave, as JSON; `Database.run` returns it as its own type. None where it gave nothing.
    """

    def __init__(self, message: str, result_json: str | None) -> None:
        super().__init__(message)
        self.result_json = result_json


class ConcurrentUse(DdbModelError):
    """A unit of work belongs to the task that opened it, and another one used it."""


class TransactionFailed(DdbModelError):
    """A transaction was cancelled as a whole.

    Attributes:
        errors: position of the action in the transaction to the error that stopped it.
        errors_by_name: the same for the actions that were given a name.
    """

    def __init__(
        self,
        message: str,
        errors: Mapping[int, DdbModelError],
        errors_by_name: Mapping[str, DdbModelError] | None = None,
        *,
        retryable: bool = False,
    ) -> None:
        super().__init__(message)
        self.errors, self.errors_by_name = dict(errors), dict(errors_by_name or {})
        self.retryable = retryable


class CommitConflict(TransactionFailed, ExceptionGroup[DdbModelError]):
    """Several objects stopped the commit of a unit of work; also a group, so that ``except* UniqueViolation`` works.

    Attributes:
        errors: position of the action in the plan to the error of its object, which has it as `instance`.
    """

    def __new__(cls, message: str, errors: Mapping[int, DdbModelError]) -> Self:
        return super().__new__(cls, message, list(errors.values()))

    def __init__(self, message: str, errors: Mapping[int, DdbModelError]) -> None:
        super().__init__(message, errors, retryable=all(error.retryable for error in errors.values()))


class BatchFailed(DdbModelError):
    """Some of many writes are not done; the cause is the first failure.

    Attributes:
        done: how many are.
        replaced: how many were not sent, because a later one of the same key was given before they were.
        failed: what is not done, as it was given, each with its error.
        skipped: what was read from the input and not sent after the first failure; more of the input may be unread.
    """

    def __init__(
        self,
        message: str,
        *,
        done: int,
        replaced: int,
        failed: Sequence[tuple[object, DdbModelError]],
        skipped: Sequence[object],
    ) -> None:
        super().__init__(message)
        self.done, self.replaced = done, replaced
        self.failed, self.skipped = list(failed), list(skipped)
        self.retryable = bool(failed) and all(error.retryable for _, error in failed)


Outcome: TypeAlias = Literal["committed", "not_committed", "unknown"]
"""What became of a unit of work."""


class Resolvable(Protocol):
    """What can find out later whether it was committed: a unit of work."""

    async def resolve(self) -> Outcome:
        """Return what became of it."""
        ...


class OutcomeUnknown(DdbModelError):
    """The request was sent and no answer came; the write may or may not have happened.

    Attributes:
        unit: the unit of work that can find out, with ``await error.unit.resolve()``; None for any other write.
    """

    unit: Resolvable | None = None


class TableMismatch(DdbModelError):
    """Tables exist and differ from what the models say, or cannot become it.

    Attributes:
        tables: the name of each such table to its differences, in words.
    """

    def __init__(self, tables: Mapping[str, Sequence[str]]) -> None:
        super().__init__(
            "; ".join(f"table {name!r} is not what its models say: {'; '.join(of)}" for name, of in tables.items())
        )
        self.tables = {name: tuple(of) for name, of in tables.items()}

    @property
    def differences(self) -> tuple[str, ...]:
        """Every difference of all of the tables, in words."""
        return tuple(difference for of in self.tables.values() for difference in of)


class StreamHandlerFailed(DdbModelError):
    """A stream handler cannot get past a record; its last error, where there is one, is the cause.

    Attributes:
        handler: its name; None when the stream could not be read to its end.
        attempts: how often it failed on the record so far.
    """

    def __init__(self, message: str, *, handler: str | None = None, attempts: int = 0) -> None:
        super().__init__(message)
        self.handler, self.attempts = handler, attempts


@dataclass(frozen=True, slots=True)
class CancellationReason:
    """Why one action of a transaction stood in its way; code ``None`` means that it did not."""

    code: str
    message: str | None = None
    item: Item | None = None


@dataclass(frozen=True, slots=True)
class ThrottlingReason:
    """Which limit a throttled request met, as in ``TableWriteKeyRangeThroughputExceeded``, and whose limit it is."""

    reason: str
    """What was throttled (``Table`` or ``Index``), what it did (``Read`` or ``Write``), and which limit it met."""
    resource: str
    """The ARN of the table or index."""


class ServiceError(DdbModelError):
    """An answer of the service that is not a success.

    Attributes:
        code: the service's short error name, as in ``ValidationException``.
        message: the service's own words.
        item: the item as it was, when a condition failed and the request asked for it.
        cancellation_reasons: one for each action of a cancelled transaction, in request order.
        throttling_reasons: the limits that a throttled request met, where the service says them.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        item: Item | None = None,
        cancellation_reasons: Sequence[CancellationReason] = (),
        throttling_reasons: Sequence[ThrottlingReason] = (),
        request_id: str | None = None,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message = code, message
        self.item = item
        self.cancellation_reasons = tuple(cancellation_reasons)
        self.throttling_reasons = tuple(throttling_reasons)
        self.request_id = request_id
        self.retryable = code in RETRYABLE_CODES


class ResourceNotFound(ServiceError):
    """No such table, index or stream."""


class Throttled(ServiceError):
    """The service asks to slow down."""


THROTTLING_CODES = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ThrottlingException",
        "LimitExceededException",
    }
)
RETRYABLE_CODES = THROTTLING_CODES | {
    "InternalServerError",
    "ServiceUnavailable",
    "TransactionConflictException",
    "TransactionInProgressException",
}


def service_error(code: str, message: str, **facts: Any) -> ServiceError:
    """Return the error of the class that belongs to a code; `facts` are the keywords of `ServiceError`."""
    if code == "ResourceNotFoundException":
        return ResourceNotFound(code, message, **facts)
    if code in THROTTLING_CODES:
        return Throttled(code, message, **facts)
    return ServiceError(code, message, **facts)
