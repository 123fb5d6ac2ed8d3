"""PartiQL: what is wrong with a statement, and with statements together in a batch or a transaction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ddbmodel.engine.messages.message import Message
from ddbmodel.expressions.partiql.errors import StatementFault

__all__ = [
    "BATCH_READ_NEEDS_KEY",
    "CONSISTENT_READ_OF_INDEX",
    "DUPLICATE_ITEM",
    "DUPLICATE_TARGETS",
    "EXISTS_NEEDS_CONDITION",
    "EXISTS_ON_INDEX",
    "EXPRESSION",
    "INVALID_TOKEN",
    "KEY_MISSING",
    "KEY_NOT_GIVEN",
    "KEY_TWICE",
    "KEY_TYPE",
    "MIXED_BATCH",
    "MIXED_TRANSACTION",
    "MULTI_ATTRIBUTE_INDEX",
    "NESTING_OF_ITEM",
    "NOT_PROJECTED",
    "NOT_PROJECTED_FILTER",
    "ORDER_BY_NEEDS_HASH",
    "ORDER_BY_NEEDS_HASH_KEY_NAMED",
    "ORDER_BY_NEEDS_WHERE",
    "ORDER_BY_NO_KEY",
    "OVERLAPPING",
    "PATH_INTO_KEY",
    "RETURNING_IN_TRANSACTION",
    "STATEMENT_FAULTS",
    "TOKEN_OF_OTHER_REQUEST",
    "TOO_MANY_READS",
    "TRANSACTION_READ_NEEDS_KEY",
    "TRANSACTION_READ_OF_INDEX",
    "TRANSACTION_STATEMENT",
    "UNKNOWN_INDEX",
]

_CAPTURED: Final = "captured on the service, 2026, eu-west-2"
_LOCAL: Final = "observed on DynamoDB Local 1.25.1"
_GUIDE: Final = "AWS Developer Guide, PartiQL"
_PARAMETER: Final = "One or more parameter values were invalid: "

STATEMENT_FAULTS: Final[Mapping[StatementFault, Message]] = {
    "syntax": Message(
        # Where no token can be read the service says nothing after the colon.
        "Statement wasn't well formed, can't be processed: {detail}",
        _CAPTURED,
        classic="Statement wasn't well formed, can't be processed: {statement}",
    ),
    "alias": Message("Aliasing is not supported", _CAPTURED),
    "at_in_insert": Message("AT is not supported in insert statements.{at}", _LOCAL),
    "boolean_expected_by_and_or": Message("The arguments to AND/OR must be Expressions", _LOCAL),
    "boolean_expected_by_not": Message("The argument to NOT must be a Type or Expression", _LOCAL),
    "boolean_expected_by_where": Message("WHERE clause must contain an expression that resolves to a boolean", _LOCAL),
    "changed_hierarchy": Message("Changing item's hierarchy while reading isn't supported", _LOCAL),
    "delete_returning": Message(
        "Invalid returning clause: RETURNING {returning} *. Only RETURNING ALL OLD * is allowed in DELETE statements.",
        _CAPTURED,
    ),
    "duplicate_column": Message("Duplicate identifiers in select clause: {name}", _LOCAL),
    "duplicate_number": Message(
        _PARAMETER + "Input collection [{members}] contains duplicates! under {where}",
        _CAPTURED,
        classic="Input collection contains duplicates",
    ),
    "duplicate_text": Message(
        _PARAMETER + "Input collection [{members}] contains duplicates.",
        _CAPTURED,
        classic="Input collection contains duplicates",
    ),
    "duplicate_tuple_key": Message("Duplicate keys in tuple. Key: {name} under {where}{at}", _LOCAL),
    "empty_bag": Message("Empty bags are not supported", _CAPTURED, classic="Empty bags are not supported{at}"),
    "empty_name": Message("Path component cannot be an empty string", _CAPTURED),
    "exists_outside_transaction": Message("EXISTS can only be used in ExecuteTransaction write requests.", _LOCAL),
    "from_in_insert": Message("Unsupported FROM ... WHERE ... clause in INSERT statement.{at}", _LOCAL),
    "from_of_write": Message(
        "FROM clause may only contain a single table name in data manipulation statements", _LOCAL
    ),
    "in_operands": Message(
        "IN operator must have a left hand argument of type Variable Reference and right hand argument of type Seq "
        "with at least one member",
        _LOCAL,
    ),
    "in_too_many": Message(
        "The IN operator is provided with too many operands; number of operands: {count}", _CAPTURED
    ),
    "index_of_write": Message("This operation is not supported on an index", _LOCAL),
    "insert_returning": Message("RETURNING is not supported in INSERT", _LOCAL),
    "ion_literal": Message("Ion Literals are not supported: {what} under key {where}{at}", _LOCAL),
    "is_in_update": Message("IS operator is not supported in update expressions", _LOCAL),
    "is_operand": Message("The left hand side argument to IS must be a Variable Reference, Literal, or Path", _LOCAL),
    "is_type": Message(
        "Unsupported data type for IS operator: {what}. Supported data types are [MISSING, NULL, BOOLEAN, BLOB, "
        "STRING, NUMERIC, STRUCT, TUPLE, LIST]{at}",
        _LOCAL,
    ),
    "item_format": Message(
        "Unsupported format in item expression. Please use struct format {{...}} to express item values for insert "
        "statement.{at}",
        _LOCAL,
    ),
    "list_in_source": Message("Invalid list expression in source.", _LOCAL),
    "list_index": Message("List index is not within the allowable range; index: [{index}]{at}", _CAPTURED),
    "missing_operand": Message("MISSING must be compared using IS operator", _LOCAL),
    "negative_zero": Message("Negative zero decimal is not supported under key {where}{at}", _LOCAL),
    "nesting": Message(
        "Nesting Levels have exceeded supported limits under {where}",
        _CAPTURED,
        classic="Nesting Levels have exceeded supported limits",
    ),
    "number_overflow": Message(
        "Number overflow. Attempting to store a number with magnitude larger than supported range under {where}",
        _CAPTURED,
        classic="Number overflow. Attempting to store a number with magnitude larger than supported range",
    ),
    "number_precision": Message(
        "Attempting to store more than 38 significant digits in a Number under {where}",
        _CAPTURED,
        classic="Attempting to store more than 38 significant digits in a Number",
    ),
    "number_underflow": Message(
        "Number underflow. Attempting to store a number with magnitude smaller than supported range under {where}",
        _CAPTURED,
        classic="Number underflow. Attempting to store a number with magnitude smaller than supported range",
    ),
    "operation_in_transaction": Message("Unsupported operation in transaction.", _LOCAL),
    "operator_in_condition": Message("Unsupported operator in Condition Expression. Operator: {operator}", _LOCAL),
    "operator_in_update": Message("Unsupported operator in Update Expression. Operator: {operator}", _LOCAL),
    "order_by_operand": Message("Argument to ORDER BY must be of type VariableReference. Type: {what}", _LOCAL),
    "parameters": Message("Number of parameters in request and statement don't match.", _LOCAL),
    "path_component": Message("Unexpected path component{at}", _CAPTURED),
    "path_starts_with_index": Message("A path cannot start with a list index{at}", _LOCAL),
    "returning_elements": Message("Invalid syntax with multiple returning elements in RETURNING clause", _LOCAL),
    "returning_star": Message("Expected '*' after ( MODIFIED | ALL ) ( NEW | OLD ) in RETURNING clause", _LOCAL),
    "select_value": Message("Select projection doesn't support value or pivot keywords", _LOCAL),
    "set_function_first": Message(
        "The first argument to {function} must equal the assignment value{at}",
        _CAPTURED,
        classic="The first argument to {function} must equal the assignment value",
    ),
    "set_function_operands": Message("{function} must have exactly two arguments{at}", _CAPTURED),
    "set_function_second": Message("The second argument to {function} must be a value with type SET{at}", _CAPTURED),
    "several_sources": Message("Only select from a single table or index is supported.", _LOCAL),
    "source": Message("Unexpected from source", _LOCAL),
    "source_length": Message("A path may contain at most 2 components in the FROM clause", _CAPTURED),
    "table_name": Message(
        "Table name should be within the length [3, 255] and only contain 'a-z', 'A-Z', '0-9', '-', '_', '.'.", _LOCAL
    ),
    "token": Message("Unsupported token in expression: {what}{at}", _LOCAL),
    "tuple_key": Message("Tuple keys must be of type String. Actual type: {what} under {where}{at}", _LOCAL),
    "type_in_bag": Message(
        "Unsupported data type in Bag. DynamoDB only supports either numbers or strings in bags{at}", _LOCAL
    ),
    "unknown_function": Message(
        "Unrecognized function: {function}{at}", _CAPTURED, classic="Unrecognized function: {function}"
    ),
    "unpivot_component": Message("Unpivot path component like a.*.b are not supported{at}", _LOCAL),
    "unsupported_clause": Message("Unsupported clause: {clause}{at}", _LOCAL),
    "unsupported_operation": Message("Unsupported operation: {operation}", _CAPTURED),
    "unsupported_type": Message("Unsupported data type: {what} under key {where}{at}", _CAPTURED),
    "wildcard_component": Message("Wildcard path component like a[*].b are not supported{at}", _LOCAL),
}

EXPRESSION: Final = Message("{text}", "made in `expressions`, as in native expressions; nothing stands in front of it")

KEY_NOT_GIVEN: Final = Message("Where clause does not contain a mandatory equality on all key attributes", _CAPTURED)
KEY_TWICE: Final = Message(
    "Multiple conditions on same key {name}. Only single item Update/Insert/Delete are supported", _CAPTURED
)
KEY_TYPE: Final = Message(
    "Key attribute's data type should match its data type in table's schema: Key {name}", _CAPTURED
)
KEY_MISSING: Final = Message("Key attribute should be present in the item: Key {name}", _LOCAL)
PATH_INTO_KEY: Final = Message(
    # Of a write; a read has a colon behind "Key".
    "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: Key {name}",
    _LOCAL,
)
NESTING_OF_ITEM: Final = Message("Nesting Levels have exceeded supported limits", _CAPTURED)
DUPLICATE_ITEM: Final = Message("Duplicate primary key exists in table", _CAPTURED, code="DuplicateItemException")

UNKNOWN_INDEX: Final = Message(
    "The table does not have the specified index",
    _CAPTURED,
    classic="The table does not have the specified index: {index}",
)
MULTI_ATTRIBUTE_INDEX: Final = Message(
    "PartiQL statements cannot be executed on tables with multi-attribute HASH keys or multi-attribute RANGE keys.",
    _CAPTURED,
)
CONSISTENT_READ_OF_INDEX: Final = Message(
    "Strongly consistent read is not supported on Global Secondary Indexes", _CAPTURED
)
NOT_PROJECTED: Final = Message(_PARAMETER + "Global secondary index {index} does not project [{names}]", _CAPTURED)
NOT_PROJECTED_FILTER: Final = Message(
    _PARAMETER + "Secondary index {index} does not project one or more filter attributes: [{names}]", _CAPTURED
)
OVERLAPPING: Final = Message("Overlapping conditions with range keys are not supported in where clause", _CAPTURED)
TOO_MANY_READS: Final = Message("Too many decomposed read operations for a given query.", _CAPTURED)
ORDER_BY_NEEDS_WHERE: Final = Message("Must have WHERE clause in the statement when using ORDER BY clause.", _LOCAL)
ORDER_BY_NEEDS_HASH: Final = Message(
    "Must have at least one non-optional hash key condition in WHERE clause when using ORDER BY clause.", _LOCAL
)
ORDER_BY_NEEDS_HASH_KEY_NAMED: Final = Message(
    "Must have hash key in ORDER BY clause when more than one hash key condition specified in WHERE clause.", _LOCAL
)
ORDER_BY_NO_KEY: Final = Message("Variable reference {name} in ORDER BY clause must be part of the primary key", _LOCAL)
INVALID_TOKEN: Final = Message("Invalid NextToken", _CAPTURED)
TOKEN_OF_OTHER_REQUEST: Final = Message("NextToken does not match request", _CAPTURED)

MIXED_BATCH: Final = Message("Read and write requests together in the same batch is not supported.", _LOCAL)
DUPLICATE_TARGETS: Final = Message("Provided list of item keys contains duplicates", _LOCAL)
BATCH_READ_NEEDS_KEY: Final = Message(
    "Select statements within BatchExecuteStatement must specify the primary key in the where clause.",
    _CAPTURED,
    classic="Only single item select is supported",
)

TRANSACTION_STATEMENT: Final = Message("Validation failed in TransactStatements[{position}]: {text}", _CAPTURED)
"""Around what is wrong with one statement of a transaction."""
MIXED_TRANSACTION: Final = Message(
    "ExecuteTransaction API does not support both read and write operations in the same request.", _LOCAL
)
RETURNING_IN_TRANSACTION: Final = Message("RETURNING clause is not supported in ExecuteTransaction.", _CAPTURED)
TRANSACTION_READ_NEEDS_KEY: Final = Message(
    "Select statements within ExecuteTransaction must specify the primary key in the where clause.", _CAPTURED
)
TRANSACTION_READ_OF_INDEX: Final = Message("Reads on indices are not supported within transactions.", _CAPTURED)
EXISTS_NEEDS_CONDITION: Final = Message("EXISTS() must contain a single item read with additional condition", _CAPTURED)
EXISTS_ON_INDEX: Final = Message("Operations on indices are not supported in transactions", _LOCAL)
