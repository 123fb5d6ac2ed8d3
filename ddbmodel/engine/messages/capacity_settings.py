"""What capacity and billing settings of tables and indexes are refused with.

`of` is ``table`` or ``index NAME`` (``index : NAME`` where the service puts a space before the colon).
"""

from __future__ import annotations

from typing import Final

from ddbmodel.engine.messages.message import Message

__all__ = [
    "INDEX_MAXIMUM_WHEN_PROVISIONED",
    "INDEX_UNITS_TOO_HIGH",
    "INDEX_UNITS_UNCHANGED",
    "INDEX_UNITS_WHEN_ON_DEMAND",
    "MAXIMUM_OUT_OF_RANGE",
    "MAXIMUM_TOO_HIGH",
    "MAXIMUM_WHEN_PROVISIONED",
    "NEW_INDEX_MAXIMUM_WHEN_PROVISIONED",
    "NEW_INDEX_UNITS_WHEN_ON_DEMAND",
    "NEW_MAXIMUM_WHEN_PROVISIONED",
    "NO_INDEX_UNITS",
    "NO_INDEX_UNITS_FOR_SWITCH",
    "NO_NEW_INDEX_UNITS",
    "NO_UNITS",
    "NO_UNITS_FOR_SWITCH",
    "TABLE_UNITS_TOO_HIGH",
    "TABLE_UNITS_UNCHANGED",
    "TOO_MANY_DECREASES",
    "UNITS_WHEN_ON_DEMAND",
    "UPDATE_OF_INDEX_ON_DEMAND",
    "WARM_BELOW_INITIAL",
    "WARM_BELOW_UNITS",
    "WARM_LOWERED",
    "WARM_TOO_HIGH",
    "WARM_WITHOUT_MEMBER",
]

_INVALID: Final = "One or more parameter values were invalid: "
_SEEN: Final = "seen on the service in us-west-2, October 2026"
_GUIDE: Final = "Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher limits."
_INITIAL_THROUGHPUT: Final = (
    "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/"
    "on-demand-capacity-mode.html#on-demand-capacity-mode-initial"
)

# Provisioned

UNITS_WHEN_ON_DEMAND: Final = Message(
    _INVALID + "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST",
    _SEEN,
)
NO_UNITS: Final = Message(
    _INVALID + "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED",
    _SEEN,
)
NO_UNITS_FOR_SWITCH: Final = Message(
    _INVALID + "ProvisionedThroughput must be specified when BillingMode is PROVISIONED", _SEEN
)
INDEX_UNITS_WHEN_ON_DEMAND: Final = Message(
    _INVALID + "ProvisionedThroughput should not be specified for index: {index} when BillingMode is PAY_PER_REQUEST",
    _SEEN,
)
NEW_INDEX_UNITS_WHEN_ON_DEMAND: Final = Message(
    _INVALID + "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified for index: {index} when BillingMode "
    "is PAY_PER_REQUEST",
    _SEEN,
)
NO_INDEX_UNITS: Final = Message(_INVALID + "ProvisionedThroughput is not specified for index: {index}", _SEEN)
NO_NEW_INDEX_UNITS: Final = Message(
    _INVALID + "Both ReadCapacityUnits and WriteCapacityUnits must be specified for index: {index}", _SEEN
)
NO_INDEX_UNITS_FOR_SWITCH: Final = Message(
    _INVALID + "ProvisionedThroughput must be specified for index: {index}", _SEEN
)
UPDATE_OF_INDEX_ON_DEMAND: Final = Message(
    _INVALID + "The only Updates for index: {index} when TableThroughputMode is PAY_PER_REQUEST can be to "
    "OnDemandThroughput, WarmThroughput",
    _SEEN,
)
TABLE_UNITS_UNCHANGED: Final = Message(
    "The provisioned throughput for the table will not change. The requested value equals the current value. Current "
    "ReadCapacityUnits provisioned for the table: {read}. Requested ReadCapacityUnits: {read}. Current "
    "WriteCapacityUnits provisioned for the table: {write}. Requested WriteCapacityUnits: {write}. " + _GUIDE,
    _SEEN,
)
INDEX_UNITS_UNCHANGED: Final = Message(
    "The provisioned throughput for the index {index} will not change. The requested value equals the current value. "
    "Current ReadCapacityUnits provisioned for index {index}: {read}. Requested ReadCapacityUnits: {read}. Current "
    "WriteCapacityUnits provisioned for index {index}: {write}. Requested WriteCapacityUnits: {write}. " + _GUIDE,
    _SEEN,
)
TABLE_UNITS_TOO_HIGH: Final = Message(
    "The requested {unit}, {value}, is above the per table maximum for the account in {region}. Per table maximum: "
    "{most}. " + _GUIDE,
    _SEEN,
    code="LimitExceededException",
)
INDEX_UNITS_TOO_HIGH: Final = Message(
    "The requested {unit} for index {index}, {value}, is above the per index maximum for the account in {region}. Per "
    "index maximum: {most}. " + _GUIDE,
    _SEEN,
    code="LimitExceededException",
)
TOO_MANY_DECREASES: Final = Message(
    "Subscriber limit exceeded: Provisioned throughput decreases are limited within a given UTC day. After the first "
    "4 decreases, each subsequent decrease in the same UTC day can be performed at most once every 3600 seconds. "
    "Number of decreases today: {count}. Last decrease at {last}. Next decrease can be made at {next}.",
    _SEEN,
    code="LimitExceededException",
)

# Limits of what is on demand

MAXIMUM_WHEN_PROVISIONED: Final = Message(
    _INVALID + "{member} for OnDemandThroughput cannot be specified when table BillingMode is PROVISIONED.", _SEEN
)
INDEX_MAXIMUM_WHEN_PROVISIONED: Final = Message(
    _INVALID + "{member} for OnDemandThroughput for index: {index} cannot be specified when table BillingMode is "
    "PROVISIONED.",
    _SEEN,
)
NEW_MAXIMUM_WHEN_PROVISIONED: Final = Message(
    _INVALID + "{member} for OnDemandThroughput cannot be specified when the table BillingMode is PROVISIONED", _SEEN
)
NEW_INDEX_MAXIMUM_WHEN_PROVISIONED: Final = Message(
    _INVALID + "{member} for OnDemandThroughput for index : {index} cannot be specified when the table BillingMode is "
    "PROVISIONED",
    _SEEN,
)
MAXIMUM_OUT_OF_RANGE: Final = Message(
    _INVALID + "Requested {member} for OnDemandThroughput for {of} is outside of valid range", _SEEN
)
MAXIMUM_TOO_HIGH: Final = Message(
    "Subscriber limit exceeded: Requested {member} for OnDemandThroughput for {of} exceeds {limit} of the account in "
    "region {region}",
    _SEEN,
    code="LimitExceededException",
)

# Warm throughput

WARM_BELOW_INITIAL: Final = Message(
    _INVALID
    + "Requested {member} for WarmThroughput for {of} is lower than initial throughput for OnDemand. See: "
    + _INITIAL_THROUGHPUT,
    _SEEN,
)
WARM_BELOW_UNITS: Final = Message(
    _INVALID + "Requested {member} for WarmThroughput for {of} is lower than {unit} of ProvisionedThroughput", _SEEN
)
WARM_LOWERED: Final = Message(
    _INVALID + "Requested {member} for WarmThroughput for {of} is lower than current WarmThroughput, decreasing "
    "WarmThroughput is not supported",
    _SEEN,
)
WARM_TOO_HIGH: Final = Message(
    "Subscriber limit exceeded: Requested {member} for WarmThroughput for {of} exceeds {limit} of the account in "
    "region {region}",
    _SEEN,
    code="LimitExceededException",
)
WARM_WITHOUT_MEMBER: Final = Message(
    _INVALID + "WarmThroughput must have at least one of ReadUnitsPerSecond or WriteUnitsPerSecond specified for "
    "index: {index}",
    _SEEN,
)
