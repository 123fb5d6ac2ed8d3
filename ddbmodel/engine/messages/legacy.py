"""Parameters of before expressions: Expected, AttributeUpdates, filters, KeyConditions, AttributesToGet."""

from __future__ import annotations

from typing import Final

from ddbmodel.engine.messages.message import Message

__all__ = [
    "ADD_TYPE",
    "BOUNDS",
    "DELETE_TYPE",
    "DUPLICATE_NAME",
    "EXISTS_WITH_OPERATOR",
    "KEY_IN_QUERY_FILTER",
    "LIST_WITHOUT_OPERATOR",
    "MANY_KEY_CONDITIONS",
    "MIXED",
    "NOT_INDEXABLE",
    "NO_VALUE",
    "NUMBER_OF_ARGUMENTS",
    "OPERANDS_DIFFER",
    "OPERAND_TYPE",
    "OPERATOR_WITHOUT_CONDITIONS",
    "OPERATOR_WITHOUT_VALUE",
    "OPERATOR_WITH_ONE_CONDITION",
    "UPDATE_TYPE",
    "VALUE_AND_LIST",
    "VALUE_FORBIDDEN",
    "VALUE_REQUIRED",
]

_CAPTURED: Final = "captured on the service, 2026, us-east-1"
_EARLIER: Final = "public tests run against the service, 2013 to 2020; DynamoDB Local 1.25.1 agrees"
_PARAMETER: Final = "One or more parameter values were invalid: "

MIXED: Final = Message(
    "Can not use both expression and non-expression parameters in the same request: "
    "Non-expression parameters: {{{legacy}}} Expression parameters: {{{expressions}}}",
    _CAPTURED,
    enveloped=True,
)
OPERATOR_WITHOUT_CONDITIONS: Final = Message(
    "ConditionalOperator cannot be used without Filter or Expected", _CAPTURED, enveloped=True
)
OPERATOR_WITH_ONE_CONDITION: Final = Message(
    "ConditionalOperator can only be used when Filter or Expected has two or more elements", _CAPTURED, enveloped=True
)
VALUE_REQUIRED: Final = Message(
    _PARAMETER + "Value must be provided when Exists is {exists} for Attribute: {name}", _CAPTURED, enveloped=True
)
"""`exists` is ``true``, or ``null`` where the request has none."""
VALUE_FORBIDDEN: Final = Message(
    _PARAMETER + "Value cannot be used when Exists is false for Attribute: {name}", _CAPTURED, enveloped=True
)
VALUE_AND_LIST: Final = Message(
    _PARAMETER + "Value and AttributeValueList cannot be used together for Attribute: {name}",
    _CAPTURED,
    enveloped=True,
)
EXISTS_WITH_OPERATOR: Final = Message(
    _PARAMETER + "Exists and ComparisonOperator cannot be used together for Attribute: {name}",
    _EARLIER,
    enveloped=True,
)
LIST_WITHOUT_OPERATOR: Final = Message(
    _PARAMETER + "AttributeValueList can only be used with a ComparisonOperator for Attribute: {name}",
    _EARLIER,
    enveloped=True,
)
OPERATOR_WITHOUT_VALUE: Final = Message(
    _PARAMETER + "Value or AttributeValueList must be used with ComparisonOperator: {operator} for Attribute: {name}",
    _CAPTURED,
    enveloped=True,
)
NUMBER_OF_ARGUMENTS: Final = Message(
    _PARAMETER + "Invalid number of argument(s) for the {operator} ComparisonOperator", _CAPTURED, enveloped=True
)
OPERAND_TYPE: Final = Message(
    _PARAMETER + "ComparisonOperator {operator} is not valid for {type} AttributeValue type", _EARLIER, enveloped=True
)
OPERANDS_DIFFER: Final = Message(
    _PARAMETER + "AttributeValues inside AttributeValueList must be of same type", _EARLIER, enveloped=True
)
BOUNDS: Final = Message(
    "The BETWEEN condition was provided a range where the lower bound is greater than the upper bound",
    _EARLIER,
    enveloped=True,
)
NO_VALUE: Final = Message(
    _PARAMETER + "Only DELETE action is allowed when no attribute value is specified", _EARLIER, enveloped=True
)
ADD_TYPE: Final = Message(
    _PARAMETER + "ADD action is not supported for the type {type}",
    "public tests run against the service, 2013 to 2020; DynamoDB Local 1.25.1 names types in full",
    enveloped=True,
)
DELETE_TYPE: Final = Message(
    _PARAMETER + "DELETE action with value is not supported for the type {type}", ADD_TYPE.source, enveloped=True
)
DUPLICATE_NAME: Final = Message(
    _PARAMETER + "Duplicate value in attribute name: {name}",
    "public tests run against the service, 2013 to 2020; DynamoDB Local 1.25.1 says it in BatchGetItem only",
)
UPDATE_TYPE: Final = Message("Type mismatch for attribute to update", _EARLIER)
"""Of an item that an AttributeUpdates met, where an expression speaks of an operand."""
MANY_KEY_CONDITIONS: Final = Message("Conditions can be of length 1 or 2 only", _EARLIER)
NOT_INDEXABLE: Final = Message("Attempted conditional constraint is not an indexable operation", _EARLIER)
KEY_IN_QUERY_FILTER: Final = Message(
    "QueryFilter can only contain non-primary key attributes: Primary key attribute: {name}", _EARLIER
)
