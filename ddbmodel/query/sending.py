"""Sends single writes and transactions of writes: the one place where a write meets the service and its refusals."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from ddbmodel.errors import ServiceError, TransactionTooLarge
from ddbmodel.query.failures import transaction_failure, write_failure
from ddbmodel.query.item_requests import MAX_ACTIONS, ItemWrite
from ddbmodel.transport.executor import Executor, Response

__all__ = ["send_transaction", "send_write"]


async def send_write(executor: Executor, write: ItemWrite) -> Response:
    """Carry out one write, and let its instance show what is stored now.

    Raises:
        AlreadyExists, VersionConflict, NotFound, ConditionFailed: a guard or the condition did not hold.
        ServiceError: any other refusal.
    """
    try:
        answer = await executor.execute(write.operation, write.request())
    except ServiceError as error:
        raise write_failure(write, error) from error
    write.succeeded()
    return answer


async def send_transaction(executor: Executor, writes: Sequence[ItemWrite]) -> None:
    """Carry out writes of different items, all of them or none.

    Raises:
        TransactionTooLarge: more actions than one transaction takes; nothing was sent.
        TransactionFailed: why nothing was written, by position of the write.
        ServiceError: any other refusal.
    """
    if len(writes) > MAX_ACTIONS:
        raise TransactionTooLarge(len(writes), MAX_ACTIONS)
    # The token makes a repetition by the transport, after an answer was lost, the same transaction.
    request = {"TransactItems": [write.transact_item() for write in writes], "ClientRequestToken": str(uuid.uuid4())}
    try:
        await executor.execute("TransactWriteItems", request)
    except ServiceError as error:
        raise transaction_failure(writes, error) from error
    for write in writes:
        write.succeeded()
