"""The defects of other mappers that ours must not have: what was seen there, in which, and where it is known from.

Each has a test in this folder, named by what is right, that carries its id (`shows`). "run" means that it was
reproduced; a number is that of an issue or pull request in the project's repository.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

__all__ = ["DEFECTS", "LATER", "Defect", "shows"]

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Defect:
    """One defect: `peers` have it."""

    id: str
    peers: str
    fact: str
    source: str


DEFECTS: Final = (
    Defect(
        "empty-page",
        "pydynox 1.8",
        "a query stops at the first page that a filter leaves empty, and loses what follows",
        "run",
    ),
    Defect(
        "limit-and-filter",
        "ElectroDB, pydynox 1.8",
        "a limit with a filter counts what was evaluated, so results are missing without a word",
        "ElectroDB 574, 577; run",
    ),
    Defect(
        "sets-as-lists", "pydynox 1.8", "a set of texts is stored as a list, a set of numbers as a list of texts", "run"
    ),
    Defect("hooks-not-awaited", "pydynox 1.8", "asynchronous hooks are never awaited", "run"),
    Defect("changes-in-place", "pydynox 1.8", "a list or dict that changes in place is not saved", "run"),
    Defect("shared-default", "pydynox 1.8", "a mutable default is one object for all instances", "run"),
    Defect(
        "none-as-null",
        "pydynox 1.8, Java SDK",
        "None becomes a NULL attribute, which an index key must not be",
        "run; Java 3499, 3542",
    ),
    Defect(
        "values-not-encoded",
        "pydynox 1.8",
        "values in conditions and updates do not pass the field's encoding: a datetime raises TypeError",
        "run",
    ),
    Defect(
        "version-after-failure",
        "pydynox 1.8",
        "the version of an object moves before the write and stays moved when that fails, in transactions too",
        "run",
    ),
    Defect(
        "limiter-stalls",
        "pydynox 1.8",
        "the rate limiter blocks the event loop, and hangs on a request larger than its burst",
        "run",
    ),
    Defect(
        "append-to-nothing", "pydynox 1.8", "an append to a list that is not there is refused by the service", "run"
    ),
    Defect("update-gives-nothing", "pydynox 1.8", "an update returns nothing, and the object does not show it", "run"),
    Defect("errors-without-facts", "pydynox 1.8", "errors carry no code, item or reasons", "run"),
    Defect("lenient-memory", "pydynox 1.8", "the backend in memory takes what the service refuses", "run"),
    Defect("equality-by-key", "pydynox 1.8", "objects are equal when their keys are, whatever else they hold", "run"),
    Defect("key-rewritten", "pydynox 1.8", "an update by key may change the key attribute", "run"),
    Defect("unchecked-values", "pydynox 1.8", "a constructor takes values of other types and names of no field", "run"),
    Defect(
        "untyped-operators",
        "pydynox 1.8, PynamoDB, dyntastic",
        "an operator that the type does not have passes the type checkers",
        "run with mypy and pyright; PynamoDB 1071, 1246",
    ),
    Defect(
        "stale-index-keys",
        "OneTable, ElectroDB, PynamoDB",
        "a partial update leaves keys of indexes that are made from other fields behind, or throws",
        "OneTable 355, 517; ElectroDB 286, 343, 372, 406",
    ),
    Defect(
        "one-attribute-keys",
        "dynamoxy 0.3, PynamoDB, OneTable",
        "index keys of several attributes cannot be declared",
        "run; PynamoDB 1293",
    ),
    Defect(
        "unknown-entities-dropped", "pydynox 1.8", "items of unknown entities disappear from a collection", "source"
    ),
    Defect(
        "unsigned-cursors",
        "dynamoxy 0.3, ElectroDB, OneTable",
        "a cursor can be changed, or used for another query",
        "source",
    ),
    Defect(
        "duplicates-in-batches", "pydynox 1.8", "two writes of one key in a batch are refused by the service", "run"
    ),
    Defect(
        "untyped-transactions",
        "pydynox 1.8",
        "updates and checks in transactions are strings without names or types",
        "source",
    ),
    Defect(
        "unknown-attributes-lost", "PynamoDB", "a save removes attributes that the model does not know", "PynamoDB 284"
    ),
    Defect(
        "whole-item-saves",
        "dynamoxy 0.3, PynamoDB",
        "a save writes the whole item, so that of two writers of different fields one loses",
        "run",
    ),
    Defect(
        "partial-item-saved",
        "bloop",
        "an item read from an index that holds only keys is saved, and the rest is gone",
        "bloop 4",
    ),
    Defect(
        "optional-unique-values",
        "OneTable",
        "unique values do not survive updates, or optional ones cannot be unique",
        "OneTable 129, 317, 323",
    ),
    Defect(
        "doubled-writes",
        "all that retry as botocore does",
        "a write is sent again after its answer was lost, and happens twice",
        "run",
    ),
    Defect(
        "no-item-on-failure",
        "PynamoDB, boto3",
        "a failed condition does not say what is there",
        "PynamoDB 1219, 1225; boto3 2657; toolbox 581",
    ),
    Defect(
        "expired-items-shown",
        "all",
        "items whose time is over are read until the service deletes them",
        "spring-cache-dynamodb 15",
    ),
    Defect(
        "template-injection",
        "all with key templates",
        "a value with the delimiter of a key template makes the key of another item",
        "source",
    ),
    Defect(
        "no-version-in-transactions",
        "Java SDK v1, PynamoDB",
        "versions are not checked in transactions, and cannot be left out per call",
        "Java v1 1992; PynamoDB PR 718",
    ),
    Defect(
        "float-errors",
        "boto3, dyntastic",
        "a float cannot be stored, or comes back as something else",
        "boto3 369; dyntastic 33",
    ),
    Defect(
        "unprocessed-returned",
        "ElectroDB",
        "what a batch left unprocessed is the caller's matter, and easily lost",
        "source",
    ),
    Defect("index-key-none", "pydynox 1.8", "a field of an index key that becomes None cannot be written", "run"),
    Defect(
        "no-nested-updates",
        "pydynox 1.8, Java SDK",
        "an update cannot reach into nested documents",
        "run; Java PR 5593, 6708",
    ),
    Defect("no-set-updates", "pydynox 1.8", "an update cannot add to a set or take from it", "run"),
    Defect(
        "inputs-stored-twice",
        "dynamodb-toolbox, all with key templates",
        "what stands in the key is stored as an attribute once more",
        "toolbox 1199",
    ),
    Defect(
        "keys-only-by-hand",
        "dyntastic, ElectroDB",
        "results of an index that holds only keys must be read one by one by hand",
        "dyntastic 9",
    ),
    Defect("no-sort-in-keys", "dynamodb-onetable, PynamoDB", "numbers in key texts do not sort as numbers", "source"),
    Defect("crash-at-exit", "pydynox 1.8", "the interpreter panics at its end", "run"),
    Defect(
        "connections-leak",
        "aioboto3, aiodynamo",
        "clients and sessions stay open",
        "aioboto3 182, 236, 347; aiodynamo 147",
    ),
    Defect(
        "no-dedupe-or-rate",
        "PynamoDB",
        "batches neither leave duplicates out nor keep to a rate",
        "PynamoDB 591, 846, 1243",
    ),
)

LATER: Final = {
    "streams: one model per stream (bloop 110), no leases (all), lost or reordered records (bloop, Powertools)": (
        "the step about streams has a test for each fault shown there"
    ),
    "operations that are newer than the installed SDK cannot be reached on AWS (aiobotocore 1095, 1382, 1533)": (
        "ours goes through aioboto3 as well, so it has this one; the embedded engine knows all 66 operations"
    ),
    "encryption of fields, vectors, values above 400 KB, export of infrastructure": "not built yet, not a defect",
}
"""What the research lists and a later step is about."""


def shows(*ids: str) -> Callable[[F], F]:
    """Mark a test as the one that shows that we do not have some defects."""
    known = {defect.id for defect in DEFECTS}
    assert known.issuperset(ids), f"no such defect: {set(ids) - known}"

    def mark(test: F) -> F:
        test.__dict__["defects"] = ids
        return test

    return mark
