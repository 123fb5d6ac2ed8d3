"""Sends hostile requests and reports what goes wrong: ``make fuzz``, or
``python tests/fuzz/fuzz.py [--seconds 300] [--seed N] [--url http://127.0.0.1:8000]``.

Every answer must be a response or a refusal with an error type of the 400s, no later than ten times a valid request
of the same size. Without a URL the engine of this process is asked, then a server that is started for it.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).parent.parent))
sys.path.insert(0, str(Path(__file__).parent))

from hostile import BODIES, HostileRequests, as_json
from model_requests import KEY, OPERATIONS, TABLE, table_definition
from server_process import ServerProcess
from targets import EmbeddedTarget, HttpTarget, Reply, Target

__all__ = ["Finding", "findings", "prepare", "raw_findings", "too_slow"]

_TIMES: Final = 10
_TRIES: Final = 4
# What a request may always take: below it a clock of a busy machine measures the machine.
_FLOOR_S: Final = 0.002
_LARGEST_ITEM: Final = 190_000
_LARGEST_EXPRESSION: Final = 4000
# Valid requests have a table of their own: a hostile one may delete that which it is about.
_REFERENCE: Final = "reference"


@dataclass(frozen=True, slots=True)
class Finding:
    """A request that was not answered as it must be."""

    seed: int
    number: int
    what: str
    operation: str
    request: Any
    fault: str

    def report(self) -> str:
        """Return it in words."""
        written = self.request if isinstance(self.request, bytes) else as_json(self.request)
        shown = written if len(written) < 700 else written[:450] + b" ... " + written[-150:]
        return (
            f"seed {self.seed}, request {self.number} ({self.what}): {self.operation} of {len(written)} bytes\n"
            f"    {shown.decode(errors='backslashreplace')}\n    {self.fault}"
        )


def prepare(target: Target) -> None:
    """Make the table that the requests are about, with some items."""
    target.send("CreateTable", {**table_definition(), "TableName": _REFERENCE})
    target.send("CreateTable", table_definition())
    for number in range(20):
        item = {"pk": {"S": "a"}, "sk": {"N": str(number)}, "g": {"S": "g"}, "x": {"L": [{"N": str(number)}]}}
        assert target.send("PutItem", {"TableName": TABLE, "Item": item}).error is None


def findings(target: Target, seed: int, more: Callable[[int], bool]) -> Iterator[Finding]:
    """Send hostile requests while `more` says so of their number, and give what went wrong."""
    source = HostileRequests(seed)
    number = 0
    while more(number):
        what, operation, request = source.next()
        fault = _fault(target, operation, request)
        if fault:
            yield Finding(seed, number, what, operation, request, fault)
        if number % 200 == 199:
            _check_alive(target)
        number += 1


def raw_findings(target: HttpTarget) -> Iterator[Finding]:
    """Send bodies that are no requests."""
    for number, body in enumerate(BODIES):
        for operation in ("PutItem", "GetRecords", "Nonsense"):
            fault = _fault(target, operation, body)
            if fault:
                yield Finding(0, number, "a body", operation, body, fault)


def _fault(target: Target, operation: str, request: Any) -> str | None:
    reply = target.send(operation, request)
    return reply.fault or too_slow(target, operation, request, reply)


def too_slow(target: Target, operation: str, request: Any, first: Reply) -> str | None:
    """Return in words that a request takes more than ten times one that is valid and as long."""
    if first.took_s <= _FLOOR_S:
        return None
    length = len(request) if isinstance(request, bytes) else len(as_json(request))
    expression = 0 if isinstance(request, bytes) else _longest_expression(request)
    valid_s = min(_valid(target, length, expression).took_s for _ in range(_TRIES))
    # One item, and one expression, carries no more; a longer request or statement is measured by as many of them.
    limit_s = max(_FLOOR_S, _TIMES * valid_s * max(1.0, length / _LARGEST_ITEM, expression / _LARGEST_EXPRESSION))
    took_s = first.took_s
    for _ in range(_TRIES):
        if took_s <= limit_s:
            return None
        took_s = min(took_s, target.send(operation, request).took_s)
    return f"took {took_s * 1000:.1f} ms, a valid request of that size {valid_s * 1000:.1f} ms ({first.error})"


def _valid(target: Target, length: int, expression: int) -> Reply:
    """Send a valid request of this length, of which an expression has so much."""
    item: dict[str, Any] = dict(KEY)
    for number in range(min(length, _LARGEST_ITEM) // 20):
        item[f"a{number}"] = {"N": "1"}
    request: dict[str, Any] = {"TableName": _REFERENCE, "Item": item}
    if expression:
        # Never the same twice: what was parsed before is kept.
        name = f"z{random.randrange(10**6)}"
        terms = min(expression, _LARGEST_EXPRESSION) // (len(name) + 30)
        request["ConditionExpression"] = " AND ".join(
            [f"attribute_not_exists({name})", *[f"attribute_exists({name}[{n}])" for n in range(terms)]]
        )
        reply = target.send("PutItem", request)
        assert reply.error in (None, "ConditionalCheckFailedException"), reply
        return reply
    reply = target.send("PutItem", request)
    assert reply.error is None, reply
    return reply


def _longest_expression(request: Any) -> int:
    longest = 0
    stack = [request]
    while stack:
        value = stack.pop()
        if isinstance(value, dict):
            for name, member in value.items():
                if isinstance(member, str) and (str(name).endswith("Expression") or name == "Statement"):
                    longest = max(longest, len(member))
            stack.extend(value.values())
        elif isinstance(value, list):
            stack.extend(value)
    return longest


def _check_alive(target: Target) -> None:
    """Hold the target against what it must still do, whatever was sent to it."""
    target.send("CreateTable", table_definition())
    item = {"pk": {"S": "alive"}, "sk": {"N": "1"}}
    assert target.send("PutItem", {"TableName": _REFERENCE, "Item": item}).error is None
    if isinstance(target, EmbeddedTarget):
        assert target.engine.verify() == []


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--url", help="a server that runs already, and nothing else")
    given = parser.parse_args()
    print(f"seed {given.seed}, {len(OPERATIONS)} operations, {given.seconds:.0f} s")
    if given.url:
        with closing(HttpTarget(given.url)) as target:
            found = _report(target, given.seed, given.seconds)
    else:
        found = _report_embedded(given.seed, given.seconds / 2) + _report_served(given.seed, given.seconds / 2)
    sys.exit(1 if found else 0)


def _report_embedded(seed: int, seconds: float) -> int:
    loop = asyncio.new_event_loop()
    with closing(loop), closing(EmbeddedTarget(loop)) as target:
        return _report(target, seed, seconds)


def _report_served(seed: int, seconds: float) -> int:
    with tempfile.TemporaryDirectory() as folder:
        server = ServerProcess(None, Path(folder) / "server.log")
        asyncio.run(server.start())
        try:
            with closing(HttpTarget(server.url)) as target:
                found = _report(target, seed, seconds)
            server.stop()
        finally:
            server.end()
    return found


def _report(target: Target, seed: int, seconds: float) -> int:
    """Print what goes wrong, and return how much it was."""
    prepare(target)
    found = count = 0
    ends_at = time.monotonic() + seconds

    def more(number: int) -> bool:
        nonlocal count
        count = number
        return time.monotonic() < ends_at

    raw = raw_findings(target) if isinstance(target, HttpTarget) else ()
    for finding in chain(raw, findings(target, seed, more)):
        found += 1
        print(finding.report())
    print(f"{target.name}: {count} requests, {found} findings")
    return found


if __name__ == "__main__":
    main()
