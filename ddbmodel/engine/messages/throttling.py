"""What the service says when throughput or another transaction is in the way."""

from __future__ import annotations

from typing import Final

from ddbmodel.engine.messages.message import Message

__all__ = [
    "INDEX_ON_DEMAND",
    "INDEX_PROVISIONED",
    "OVER_ACCOUNT_LIMIT",
    "TABLE_ON_DEMAND",
    "TABLE_PROVISIONED",
    "TRANSACTION_CONFLICT",
    "TRANSACTION_IN_PROGRESS",
]

_REASONS: Final = "API reference, TransactionCanceledException, messages of its reasons"

TABLE_PROVISIONED: Final = Message(
    "The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning "
    "level with the UpdateTable API.",
    source=_REASONS,
    code="ProvisionedThroughputExceededException",
)
INDEX_PROVISIONED: Final = Message(
    "The level of configured provisioned throughput for one or more global secondary indexes of the table was "
    "exceeded. Consider increasing your provisioning level for the under-provisioned global secondary indexes with the "
    "UpdateTable API",
    source=_REASONS,
    code="ProvisionedThroughputExceededException",
)
TABLE_ON_DEMAND: Final = Message(
    "Throughput exceeds the current capacity of your table or index. DynamoDB is automatically scaling your table or "
    "index so please try again shortly. If exceptions persist, check if you have a hot key: "
    "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html",
    source=f"{_REASONS}; answers to PutItem quoted in public issues, 2021 and 2024",
    code="ThrottlingException",
)
INDEX_ON_DEMAND: Final = Message(
    "Throughput exceeds the current capacity for one or more global secondary indexes. DynamoDB is automatically "
    "scaling your index so please try again shortly.",
    source=_REASONS,
    code="ThrottlingException",
)
OVER_ACCOUNT_LIMIT: Final = Message(
    "Throughput exceeds the current throughput limit for your account. Please contact AWS Support at "
    "https://aws.amazon.com/support request a limit increase",
    source="API reference, RequestLimitExceeded",
    code="RequestLimitExceeded",
)
TRANSACTION_CONFLICT: Final = Message(
    "Transaction is ongoing for the item", source=_REASONS, code="TransactionConflictException"
)
TRANSACTION_IN_PROGRESS: Final = Message(
    "Transaction from previous request is still in progress",
    source="answer to TransactWriteItems quoted in a public issue, 2021",
    code="TransactionInProgressException",
)
