"""Placeholders to names and values, and which of them were never used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ddbmodel.expressions.errors import InvalidExpression
from ddbmodel.expressions.rewrite import rewrite_condition, rewrite_operand, rewrite_update
from ddbmodel.expressions.tree import Condition, NameRef, Path, Projection, Update, Value, ValueRef
from ddbmodel.values.wire import AttributeValue

__all__ = ["Resolver"]


class Resolver:
    """Resolves every expression of one request; values must be canonical."""

    def __init__(self, names: Mapping[str, str] | None, values: Mapping[str, AttributeValue] | None) -> None:
        self._names = names or {}
        self._values = values or {}
        self._used: set[str] = set()

    def condition(self, tree: Condition) -> Condition:
        """Return the condition without placeholders; InvalidExpression for an undefined one."""
        return rewrite_condition(tree, self._leaf)

    def update(self, tree: Update) -> Update:
        """Return the update without placeholders; raises as `condition`."""
        return rewrite_update(tree, self._leaf)

    def projection(self, tree: Projection) -> Projection:
        """Return the projection without placeholders; raises as `condition`."""
        return Projection(tuple(rewrite_operand(path, self._leaf) for path in tree.paths))

    def unused_names(self) -> list[str]:
        """Return the name placeholders that no expression used."""
        return [name for name in self._names if name not in self._used]

    def unused_values(self) -> list[str]:
        """Return the value placeholders that no expression used."""
        return [name for name in self._values if name not in self._used]

    def _leaf(self, leaf: Any) -> Any:
        if isinstance(leaf, Path):
            return Path(tuple(self._name(step) if isinstance(step, NameRef) else step for step in leaf.steps))
        if not isinstance(leaf, ValueRef):
            return leaf
        if leaf.placeholder not in self._values:
            raise InvalidExpression(
                f"An expression attribute value used in expression is not defined; attribute value: {leaf.placeholder}"
            )
        self._used.add(leaf.placeholder)
        return Value(self._values[leaf.placeholder])

    def _name(self, step: NameRef) -> str:
        if step.placeholder not in self._names:
            raise InvalidExpression(
                "An expression attribute name used in the document path is not defined; "
                f"attribute name: {step.placeholder}"
            )
        self._used.add(step.placeholder)
        return self._names[step.placeholder]
