"""The public names, written out: a change to them is a change of this file, and seen in review."""

from __future__ import annotations

import importlib
import subprocess
import sys
from typing import Final

import pytest

PUBLIC: Final[dict[str, list[str]]] = {
    "ddbmodel": [
        "AlreadyCommitted",
        "AlreadyExists",
        "Attr",
        "AutoScale",
        "BatchFailed",
        "BatchReport",
        "ByModel",
        "Cache",
        "CacheEntry",
        "CancellationReason",
        "Checkpoint",
        "Collection",
        "CommitConflict",
        "CommitRecord",
        "Compressed",
        "ConcurrentUse",
        "ConditionFailed",
        "Cost",
        "CounterShard",
        "Database",
        "DatabaseFileLocked",
        "DdbModelError",
        "DdbModelWarning",
        "Document",
        "Explanation",
        "FieldCodec",
        "FileCheckpoint",
        "GlobalIndex",
        "Gone",
        "HotKey",
        "HotKeys",
        "IdentityConflict",
        "Index",
        "InvalidCursor",
        "InvalidRequest",
        "InvalidUrl",
        "ItemNotDecodable",
        "ItemTooLarge",
        "Key",
        "KeyAttributeMissing",
        "LeaseLock",
        "LeaseLost",
        "LintError",
        "LocalIndex",
        "Lock",
        "LockTimeout",
        "MigrationReport",
        "Model",
        "ModelDefinitionError",
        "NotADatabaseFile",
        "NotFound",
        "NotSupportedHere",
        "OnDemand",
        "OutcomeUnknown",
        "Page",
        "Plan",
        "Provisioned",
        "Query",
        "RateLimit",
        "ReadConflict",
        "ReadWarning",
        "Ref",
        "ResourceNotFound",
        "Savepoint",
        "Scan",
        "ServiceError",
        "ShardedCounter",
        "StaleObject",
        "StatementResult",
        "StorageError",
        "StorageFailed",
        "StreamHandlerFailed",
        "TableDifference",
        "TableMismatch",
        "TableStep",
        "Throttled",
        "ThrottlingReason",
        "Transaction",
        "TransactionFailed",
        "TransactionTooLarge",
        "Unique",
        "UniqueViolation",
        "UnitOfWork",
        "UnitOfWorkClosed",
        "Units",
        "UpdateReport",
        "ValueNotStorable",
        "VersionConflict",
        "Write",
        "after_load",
        "after_write",
        "attr",
        "before_write",
        "by_model",
        "collection",
        "created_at",
        "deleted_at",
        "derived",
        "migrates",
        "partition_key",
        "sort_key",
        "ttl",
        "ulid",
        "updated_at",
        "uuid7",
        "version",
    ],
    "ddbmodel.engine": [
        "AnswerLost",
        "Behaviours",
        "Clock",
        "Engine",
        "EngineOptions",
        "ManualClock",
        "RequestLost",
        "SystemClock",
        "Unanswered",
    ],
    "ddbmodel.errors": [
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
    ],
    "ddbmodel.streams": [
        "Change",
        "Insert",
        "Modify",
        "Published",
        "Remove",
        "StreamApp",
    ],
}

# Type aliases cannot carry one; the string below each is for readers.
ALIASES: Final = {"Change", "Outcome"}


@pytest.mark.parametrize("module", PUBLIC)
def test_the_public_names_are_these(module: str) -> None:
    assert sorted(importlib.import_module(module).__all__) == PUBLIC[module]


@pytest.mark.parametrize("module", PUBLIC)
def test_every_public_name_says_what_it_is_for(module: str) -> None:
    imported = importlib.import_module(module)

    silent = [name for name in PUBLIC[module] if name not in ALIASES and not getattr(imported, name).__doc__]

    assert imported.__doc__
    assert silent == []


def test_every_public_method_says_what_it_does() -> None:
    silent = [
        f"{module}.{name}.{member}"
        for module in PUBLIC
        for name in PUBLIC[module]
        for member, value in vars(getattr(importlib.import_module(module), name)).items()
        if not member.startswith("_") and callable(value) and not value.__doc__ and name not in ALIASES
    ]

    assert silent == []


def test_every_error_derives_from_one_root() -> None:
    from ddbmodel import errors

    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Exception)]

    assert all(issubclass(kind, errors.DdbModelError) for kind in kinds)
    assert {kind.__name__ for kind in kinds} <= set(errors.__all__)


def test_importing_it_imports_no_client_of_aws() -> None:
    program = (
        "import sys, ddbmodel, ddbmodel.streams, ddbmodel.engine\n"
        "sys.exit(bool({'boto3', 'botocore', 'aioboto3', 'aiohttp'} & set(sys.modules)))"
    )

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
