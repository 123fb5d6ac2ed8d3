"""Runs a program on both backends; a program that fails is shrunk to a report that can be read."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from canonical import canonical

from differential.agreement import agree, levelled
from differential.backends import Answer, Backend, Embedded
from differential.differences import Difference, explained
from differential.differences.simpler import smaller
from differential.generator import Program, Request

__all__ = ["Disagreement", "Pair", "shrunk"]

_PAGES = 60


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A request that the backends answered differently, and the differences that explain it, if any do."""

    number: int
    operation: str
    request: dict[str, Any]
    ours: Answer
    theirs: Answer
    differences: tuple[Difference, ...]

    def report(self) -> str:
        """Return it in words."""
        return (
            f"{self.operation} {json.dumps(self.request, ensure_ascii=False)}\n"
            f"    engine:         {_shown(self.ours)}\n    DynamoDB Local: {_shown(self.theirs)}"
        )


class Pair:
    """The engine and DynamoDB Local, kept equal."""

    def __init__(self, ours: Embedded, theirs: Backend, *, messages: bool = True) -> None:
        self.ours, self.theirs, self.messages = ours, theirs, messages
        self.runs = int(time.time() * 1000)

    def run(self, program: Program, requests: Sequence[Request] | None = None) -> list[Disagreement]:
        """Return what the backends disagreed in, up to the first disagreement that nothing explains."""
        return self._run(program, program.requests if requests is None else requests, stop=True)

    def survey(self, program: Program) -> list[Disagreement]:
        """Return all that the backends disagreed in."""
        return self._run(program, program.requests, stop=False)

    def _run(self, program: Program, requests: Sequence[Request], *, stop: bool) -> list[Disagreement]:
        found: list[Disagreement] = []
        self.runs += 1
        self._clear(program)
        for number, (operation, request) in enumerate(requests):
            ours, theirs = (_asked(backend, operation, request) for backend in (self.ours, self.theirs))
            # Both go on from one place, also where only one of them sees a page's end.
            self.theirs.memory.kept.pop("LastEvaluatedKey", None)
            if "LastEvaluatedKey" in self.ours.memory.kept:
                self.theirs.memory.kept["LastEvaluatedKey"] = self.ours.memory.kept["LastEvaluatedKey"]
            if agree(operation, request, ours, theirs, messages=self.messages):
                if operation == "BatchExecuteStatement" or _may_leave_unequal(request):
                    self._make_equal(program)
                continue
            filled = self.ours.memory.fill(request)
            rows = explained(operation, filled, ours, theirs, self.ours.probe, messages=self.messages)
            found.append(Disagreement(number, operation, request, ours, theirs, rows))
            if not rows and stop:
                break
            self._make_equal(program)
        self._clear(program)
        return found

    def _clear(self, program: Program) -> None:
        for backend in (self.ours, self.theirs):
            backend.memory.kept.clear()
            # A token means the same for ten minutes, whatever becomes of the table.
            backend.memory.kept |= {f"token-{number}": f"token-{number}-{self.runs}" for number in (1, 2)}
            for name in _tables(backend):
                _drop(backend, name)

    def _make_equal(self, program: Program) -> None:
        """Give DynamoDB Local the engine's items, so that a difference does not follow the rest of the program."""
        table = program.world.table
        names = [_tables(backend) for backend in (self.ours, self.theirs)]
        again = program.subject == "streams" or names[0] != names[1]
        if not again:
            again = any(self._described(self.ours, name) != self._described(self.theirs, name) for name in names[0])
        if again:
            self._clear(program)
            for backend in (self.ours, self.theirs):
                _asked(backend, *program.requests[0])
        elif table in names[0]:
            kept, theirs = (
                {_key(item): item for item in _items(backend, table)} for backend in (self.ours, self.theirs)
            )
            keys = [part["AttributeName"] for part in program.requests[0][1]["KeySchema"]]
            for key, item in theirs.items():
                if key not in kept:
                    self.theirs.ask("DeleteItem", {"TableName": table, "Key": {name: item[name] for name in keys}})
            for key, item in kept.items():
                if canonical(item) != canonical(theirs.get(key)):
                    self.theirs.ask("PutItem", {"TableName": table, "Item": item})

    def _described(self, backend: Backend, name: str) -> Any:
        """Return what must be alike of a table: its keys and indexes."""
        answer = backend.ask("DescribeTable", {"TableName": name})
        table = levelled("DescribeTable", {}, answer.response or {}).get("Table", {})
        indexes = table.get("GlobalSecondaryIndexes", ())
        return (
            table.get("KeySchema"),
            table.get("AttributeDefinitions"),
            [(index["IndexName"], index["KeySchema"]) for index in indexes],
            table.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED"),
            table.get("StreamSpecification", {}).get("StreamEnabled", False),
            table.get("DeletionProtectionEnabled", False),
            backend.ask("DescribeTimeToLive", {"TableName": name}).response,
            [(table["ProvisionedThroughput"][f"{kind}CapacityUnits"]) for kind in ("Read", "Write")],
        )


def shrunk(pair: Pair, program: Program, failed: Disagreement, limit_s: float = 20) -> str:
    """Return a short program that still disagrees, in words."""
    deadline = time.monotonic() + limit_s
    requests = list(program.requests[: failed.number + 1])
    best = failed

    def fails(tried: Sequence[Request]) -> Disagreement | None:
        found = pair.run(program, tried)
        last = found[-1] if found and not found[-1].differences else None
        return last if last and last.number == len(tried) - 1 and _kind(last) == _kind(failed) else None

    step = len(requests) // 2
    while step and time.monotonic() < deadline:
        start = 1
        while start < len(requests) - 1 and time.monotonic() < deadline:
            tried = [*requests[:start], *requests[min(start + step, len(requests) - 1) :]]
            again = fails(tried)
            if again:
                requests, best = tried, again
            else:
                start += step
        step //= 2
    changed = True
    while changed and time.monotonic() < deadline:
        changed = False
        operation, request = requests[-1]
        for less in smaller(request):
            if time.monotonic() > deadline:
                break
            again = fails([*requests[:-1], (operation, less)])
            if again:
                requests[-1], best, changed = (operation, less), again, True
                break
    before = "\n".join(
        f"  {operation} {json.dumps(request, ensure_ascii=False)}" for operation, request in requests[:-1]
    )
    return f"program {program.seed} ({program.subject}), request {failed.number}, shrunk:\n{before}\n  {best.report()}"


def _kind(disagreement: Disagreement) -> tuple[Any, ...]:
    return disagreement.ours.error, disagreement.theirs.error, disagreement.ours.message[:25]


def _asked(backend: Backend, operation: str, request: dict[str, Any]) -> Answer:
    filled = backend.memory.fill(request)
    answer = backend.ask(operation, filled)
    if answer.response is None:
        return answer
    if operation == "UpdateTable":
        _wait_for_indexes(backend, filled["TableName"])
    backend.memory.keep(answer.response)
    cut = "Limit" in request and (operation == "Scan" or "IndexName" in request)
    if operation == "ExecuteStatement" and "Limit" in request and "NextToken" in answer.response:
        return _all_pages_of_statement(backend, filled, answer)
    if operation in ("Query", "Scan") and (cut or "TotalSegments" in request):
        return _all_pages(backend, operation, filled, answer)
    return answer


def _wait_for_indexes(backend: Backend, table: str) -> None:
    """Wait until the indexes of a table are there or gone; DynamoDB Local takes its time."""
    for _ in range(100):
        described = (backend.ask("DescribeTable", {"TableName": table}).response or {"Table": {}})["Table"]
        if all(index["IndexStatus"] == "ACTIVE" for index in described.get("GlobalSecondaryIndexes", ())):
            return
        time.sleep(0.02)


def _all_pages(backend: Backend, operation: str, request: dict[str, Any], first: Answer) -> Answer:
    """Return the items of all pages and segments: where a page ends is not said, what all hold together is."""
    total: dict[str, Any] = {"Items": [], "Count": 0, "ScannedCount": 0}
    segments = range(request.get("TotalSegments", 1))
    for segment in segments:
        answer = first
        asked = dict(request)
        if len(segments) > 1:
            asked["Segment"] = segment
            asked.pop("ExclusiveStartKey", None)
            answer = backend.ask(operation, asked)
        for _ in range(_PAGES):
            if answer.response is None:
                return answer
            total["Items"] += answer.response.get("Items", [])
            for count in ("Count", "ScannedCount"):
                total[count] += answer.response[count]
            if "LastEvaluatedKey" not in answer.response:
                break
            answer = backend.ask(operation, {**asked, "ExclusiveStartKey": answer.response["LastEvaluatedKey"]})
    return Answer(response=total)


def _all_pages_of_statement(backend: Backend, request: dict[str, Any], answer: Answer) -> Answer:
    items: list[Any] = []
    for _ in range(_PAGES):
        if answer.response is None:
            return answer
        items += answer.response["Items"]
        if "NextToken" not in answer.response:
            break
        answer = backend.ask("ExecuteStatement", {**request, "NextToken": answer.response["NextToken"]})
    return Answer(response={"Items": items})


def _may_leave_unequal(request: dict[str, Any]) -> bool:
    """Return whether both may answer the same and only DynamoDB Local have written something (differences)."""
    written = json.dumps(request)
    return "remove" in written.lower() or "delete" in written.lower() or "AttributeUpdates" in written


def _tables(backend: Backend) -> list[str]:
    # Some requests of a program create tables of other names.
    names: list[str] = (backend.ask("ListTables", {}).response or {})["TableNames"]
    return names


def _drop(backend: Backend, name: str) -> None:
    if backend.ask("DeleteTable", {"TableName": name}).error is not None:
        backend.ask("UpdateTable", {"TableName": name, "DeletionProtectionEnabled": False})
        backend.ask("DeleteTable", {"TableName": name})


def _items(backend: Backend, table: str) -> list[dict[str, Any]]:
    return list((backend.ask("Scan", {"TableName": table}).response or {"Items": []})["Items"])


def _key(item: dict[str, Any]) -> str:
    return json.dumps([canonical(item.get("pk")), canonical(item.get("sk"))])


def _shown(answer: Answer) -> str:
    if answer.error is None:
        return json.dumps(answer.response, ensure_ascii=False)
    more = "".join(f"\n        reason {reason}" for reason in answer.reasons)
    return f"{answer.error}: {answer.message}{f' item {answer.item}' if answer.item else ''}{more}"
