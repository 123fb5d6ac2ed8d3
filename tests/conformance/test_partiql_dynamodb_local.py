"""Statements get the answers of DynamoDB Local, and in the classic wording its words."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from canonical import canonical
from differential.backends import Answer, DynamoDBLocal, Embedded
from partiql_differences import explained
from partiql_statements import STATEMENTS, RandomStatements, seed_items, table_definition

_STATEMENTS_PER_PROGRAM = 100
_ERRORS = {"DuplicateItem": "DuplicateItemException"}
"""DynamoDB Local calls this one by another name than the service's model."""


@contextmanager
def _both(url: str, loop: asyncio.AbstractEventLoop, table: str) -> Iterator[tuple[Embedded, DynamoDBLocal]]:
    with closing(DynamoDBLocal(url)) as local, closing(Embedded(loop)) as embedded:
        plain = {
            "TableName": f"{table}-plain",
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        }
        for backend in (embedded, local):
            for definition in (table_definition(table), plain):
                created = backend.ask("CreateTable", definition)
                assert created.error is None, created.message
            for item in seed_items():
                backend.ask("PutItem", {"TableName": table, "Item": item})
        yield embedded, local
        for name in (table, f"{table}-plain"):
            local.ask("DeleteTable", {"TableName": name})


def _shown(answer: Answer) -> tuple[str, Any]:
    if answer.error is not None:
        return f"{_ERRORS.get(answer.error, answer.error)}: {answer.message}", None
    items = [json.dumps(canonical(item), sort_keys=True) for item in (answer.response or {})["Items"]]
    return "ok", sorted(items)


def _compare(statement: str, table: str, embedded: Embedded, local: DynamoDBLocal) -> None:
    request = {"Statement": statement}
    (ours, our_items), (theirs, their_items) = (
        _shown(backend.ask("ExecuteStatement", request)) for backend in (embedded, local)
    )
    if (ours, our_items) == (theirs, their_items):
        return
    assert explained(statement.replace(table, "things"), ours, theirs) is not None, (
        f"{statement}\n  engine:         {ours} {our_items}\n  DynamoDB Local: {theirs} {their_items}"
    )
    for name in (table, f"{table}-plain"):
        _make_equal(name, embedded, local)


def _make_equal(table: str, embedded: Embedded, local: DynamoDBLocal) -> None:
    """Give DynamoDB Local the engine's items, so that a known difference does not follow the rest of a program."""

    def items(backend: Embedded | DynamoDBLocal) -> dict[str, dict[str, Any]]:
        found = (backend.ask("Scan", {"TableName": table}).response or {})["Items"]
        return {json.dumps([item["pk"], item.get("sk")]): item for item in found}

    kept, theirs = items(embedded), items(local)
    for key, item in theirs.items():
        if key not in kept:
            names = [name for name in ("pk", "sk") if name in item]
            local.ask("DeleteItem", {"TableName": table, "Key": {name: item[name] for name in names}})
    for item in kept.values():
        local.ask("PutItem", {"TableName": table, "Item": item})


@pytest.mark.slow
def test_every_form_of_statement_gets_the_answer_of_dynamodb_local(
    oracle_url: str, loop: asyncio.AbstractEventLoop, effort: Any
) -> None:
    with _both(oracle_url, loop, "forms") as (embedded, local):
        for statement in STATEMENTS[:: effort.count(quick=10, check=2, long=1)]:
            named = statement.replace("plain", '"forms-plain"').replace('"things"', "things").replace("things", "forms")
            _compare(named, "forms", embedded, local)


@pytest.mark.slow
def test_random_statements_get_the_answers_of_dynamodb_local(
    oracle_url: str, loop: asyncio.AbstractEventLoop, effort: Any
) -> None:
    for seed in range(effort.count(quick=1, check=6, long=120)):
        table = f"statements{seed}"
        with _both(oracle_url, loop, table) as (embedded, local):
            statements = RandomStatements(seed, table)
            for _ in range(_STATEMENTS_PER_PROGRAM):
                _compare(statements.next(), table, embedded, local)
