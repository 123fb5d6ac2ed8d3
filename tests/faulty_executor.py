"""An executor that records requests and lets chosen ones go wrong on their way, as networks and services do."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any, Literal, TypeAlias

from ddbmodel.errors import CancellationReason, OutcomeUnknown, service_error
from ddbmodel.transport.executor import Executor

Fault: TypeAlias = Literal[
    "lost_request", "lost_response", "throttle", "conflict", "failure_before", "failure_after", "in_progress", "cancel"
]


class FaultyExecutor:
    """Passes requests on; the faults in `faults` happen to the next writing transactions, one each, None for none."""

    def __init__(self, inner: Executor) -> None:
        self.inner = inner
        self.faults: deque[Fault | None] = deque()
        self.requests: list[tuple[str, dict[str, Any]]] = []

    @property
    def transactions(self) -> list[dict[str, Any]]:
        return [request for operation, request in self.requests if operation == "TransactWriteItems"]

    async def execute(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        self.requests.append((operation, request))
        fault = self.faults.popleft() if operation == "TransactWriteItems" and self.faults else None
        if fault in ("lost_response", "failure_after"):
            await self.inner.execute(operation, request)
        match fault:
            case "lost_request" | "lost_response":
                raise OutcomeUnknown("no answer")
            case "failure_before" | "failure_after":
                raise service_error("InternalServerError", "something broke")
            case "throttle":
                raise service_error("ThrottlingException", "slow down")
            case "in_progress":
                raise service_error("TransactionInProgressException", "still at it")
            case "cancel":
                raise asyncio.CancelledError
            case "conflict":
                reasons = [CancellationReason("None") for _ in request["TransactItems"]]
                reasons[0] = CancellationReason("TransactionConflict", "another transaction is at it")
                raise service_error("TransactionCanceledException", "conflict", cancellation_reasons=reasons)
        return await self.inner.execute(operation, request)

    async def close(self) -> None:
        await self.inner.close()
