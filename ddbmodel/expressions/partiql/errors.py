"""What can be wrong with a statement; the words are in the engine's table of messages."""

from __future__ import annotations

from typing import Literal, TypeAlias

__all__ = ["InvalidStatement", "StatementFault"]

StatementFault: TypeAlias = Literal[
    "alias",
    "at_in_insert",
    "boolean_expected_by_and_or",
    "boolean_expected_by_not",
    "boolean_expected_by_where",
    "changed_hierarchy",
    "delete_returning",
    "duplicate_column",
    "duplicate_number",
    "duplicate_text",
    "duplicate_tuple_key",
    "empty_bag",
    "empty_name",
    "exists_outside_transaction",
    "from_in_insert",
    "from_of_write",
    "in_operands",
    "in_too_many",
    "index_of_write",
    "insert_returning",
    "ion_literal",
    "is_operand",
    "is_type",
    "is_in_update",
    "item_format",
    "list_index",
    "list_in_source",
    "missing_operand",
    "negative_zero",
    "nesting",
    "number_overflow",
    "number_precision",
    "number_underflow",
    "operator_in_condition",
    "operator_in_update",
    "operation_in_transaction",
    "order_by_operand",
    "parameters",
    "path_component",
    "path_starts_with_index",
    "returning_elements",
    "returning_star",
    "select_value",
    "set_function_first",
    "set_function_operands",
    "set_function_second",
    "several_sources",
    "source",
    "source_length",
    "syntax",
    "table_name",
    "token",
    "tuple_key",
    "type_in_bag",
    "unknown_function",
    "unpivot_component",
    "unsupported_clause",
    "unsupported_operation",
    "unsupported_type",
    "wildcard_component",
]


class InvalidStatement(Exception):
    """A statement cannot be carried out, whatever is stored.

    Attributes:
        fault: which rule it breaks.
        values: what the words say about it; `at` is `` at line:column:length``, or nothing.
    """

    def __init__(self, fault: StatementFault, at: str = "", **values: object) -> None:
        super().__init__(fault)
        self.fault: StatementFault = fault
        self.values: dict[str, object] = {"at": at, **values}
