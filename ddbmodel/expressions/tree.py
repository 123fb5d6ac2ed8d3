"""The tree of conditions, updates, projections and document paths.

```
Condition      Comparison | Between | In | AttributeTest | And | Or | Not | Changed (stream filters only)
Operand        Path | Value | ValueRef | Size
Update         of SetAction | RemoveAction | AddAction | DeleteAction
SetOperand     Path | Value | ValueRef | IfNotExists | ListAppend | Arithmetic
Projection     of Path
```
A parsed tree holds placeholders (`NameRef`, `ValueRef`); `resolve` replaces them, so every later step sees names and
values only. `And` and `Or` are n-ary and flattened, `Update` keeps its actions in the order of the four sections:
so a tree has one form, whatever text it came from.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, NoReturn, TypeAlias

from ddbmodel.values.wire import AttributeValue

__all__ = [
    "Absent",
    "AddAction",
    "And",
    "Arithmetic",
    "AttributeTest",
    "Between",
    "Changed",
    "Comparator",
    "Comparison",
    "Condition",
    "DeleteAction",
    "IfNotExists",
    "In",
    "ListAppend",
    "NameRef",
    "Not",
    "Operand",
    "Or",
    "Path",
    "Projection",
    "RemoveAction",
    "SetAction",
    "SetOperand",
    "Size",
    "Step",
    "TestName",
    "Update",
    "UpdateAction",
    "Value",
    "ValueRef",
    "all_of",
]

Comparator: TypeAlias = Literal["=", "<>", "<", "<=", ">", ">="]
TestName: TypeAlias = Literal["attribute_exists", "attribute_not_exists", "attribute_type", "begins_with", "contains"]


@dataclass(frozen=True, slots=True)
class NameRef:
    """A name placeholder as written: ``#n``."""

    placeholder: str


@dataclass(frozen=True, slots=True)
class ValueRef:
    """A value placeholder as written: ``:v``."""

    placeholder: str


@dataclass(frozen=True, slots=True)
class Value:
    """A literal attribute value; numbers inside are canonical."""

    value: AttributeValue


Step: TypeAlias = str | int | NameRef
"""An attribute name, a list position, or a placeholder for a name."""


@dataclass(frozen=True, slots=True)
class Path:
    """A document path; its first step is a name or a placeholder, never a position."""

    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Size:
    """``size(operand)``: a number, usable wherever an operand is."""

    operand: Operand


Operand: TypeAlias = "Path | Value | ValueRef | Size"


class Condition:
    """A truth about an item; combine with ``&``, ``|`` and ``~``."""

    __slots__ = ()

    def __and__(self, other: Condition) -> Condition:
        return And((self, other)) if isinstance(other, Condition) else NotImplemented

    def __or__(self, other: Condition) -> Condition:
        return Or((self, other)) if isinstance(other, Condition) else NotImplemented

    def __invert__(self) -> Condition:
        return self.term if isinstance(self, Not) else Not(self)

    def __bool__(self) -> NoReturn:
        raise TypeError(
            "a condition has no truth value: it is evaluated where the data is; "
            "combine conditions with & | ~ instead of and, or, not"
        )


@dataclass(frozen=True, slots=True)
class Comparison(Condition):
    """``left = right`` and the other five comparators."""

    comparator: Comparator
    left: Operand
    right: Operand


@dataclass(frozen=True, slots=True)
class Between(Condition):
    """``operand BETWEEN low AND high``, both ends included."""

    operand: Operand
    low: Operand
    high: Operand


@dataclass(frozen=True, slots=True)
class In(Condition):
    """``operand IN (option, …)``, 1 to 100 options."""

    operand: Operand
    options: tuple[Operand, ...]


@dataclass(frozen=True, slots=True)
class AttributeTest(Condition):
    """A boolean function of the service, with the arguments it was written with."""

    name: TestName
    arguments: tuple[Operand, ...]


@dataclass(frozen=True, slots=True)
class And(Condition):
    """Every term holds; at least two terms, none of them an `And`."""

    terms: tuple[Condition, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "terms", _flattened(And, self.terms))


@dataclass(frozen=True, slots=True)
class Or(Condition):
    """At least one term holds; at least two terms, none of them an `Or`."""

    terms: tuple[Condition, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "terms", _flattened(Or, self.terms))


@dataclass(frozen=True, slots=True)
class Not(Condition):
    """The term does not hold."""

    term: Condition


@dataclass(frozen=True, slots=True)
class Absent:
    """Stands where a value could: the attribute is not there."""


@dataclass(frozen=True, slots=True)
class Changed(Condition):
    """The value at a path differs between the old and the new image; for stream filters only, it has no text.

    `before` and `after`, where given, also fix what it was and what it is now.
    """

    path: Path
    before: Value | Absent | None = None
    after: Value | Absent | None = None


@dataclass(frozen=True, slots=True)
class IfNotExists:
    """``if_not_exists(path, default)``: the attribute as it was, or the default."""

    path: Path
    default: SetOperand


@dataclass(frozen=True, slots=True)
class ListAppend:
    """``list_append(first, second)``."""

    first: SetOperand
    second: SetOperand


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """``left + right`` or ``left - right``; the grammar allows one operator in an action."""

    operator: Literal["+", "-"]
    left: SetOperand
    right: SetOperand


SetOperand: TypeAlias = "Path | Value | ValueRef | IfNotExists | ListAppend | Arithmetic"


@dataclass(frozen=True, slots=True)
class SetAction:
    """``SET path = operand``."""

    path: Path
    operand: SetOperand


@dataclass(frozen=True, slots=True)
class RemoveAction:
    """``REMOVE path``."""

    path: Path


@dataclass(frozen=True, slots=True)
class AddAction:
    """``ADD path value``: numbers are summed, sets united."""

    path: Path
    value: Value | ValueRef


@dataclass(frozen=True, slots=True)
class DeleteAction:
    """``DELETE path value``: the members are taken out of the set."""

    path: Path
    value: Value | ValueRef


UpdateAction: TypeAlias = SetAction | RemoveAction | AddAction | DeleteAction

_SECTION_ORDER: Final = (SetAction, RemoveAction, AddAction, DeleteAction)


@dataclass(frozen=True, slots=True)
class Update:
    """The actions of one update, kept in section order: SET, REMOVE, ADD, DELETE."""

    actions: tuple[UpdateAction, ...]

    def __post_init__(self) -> None:
        in_order = tuple(action for section in _SECTION_ORDER for action in self.actions if type(action) is section)
        object.__setattr__(self, "actions", in_order)


@dataclass(frozen=True, slots=True)
class Projection:
    """The paths to return, in the order written."""

    paths: tuple[Path, ...]


def all_of(conditions: tuple[Condition, ...]) -> Condition | None:
    """Return the conjunction of any number of conditions; None of none, the condition itself of one."""
    if len(conditions) < 2:
        return conditions[0] if conditions else None
    return And(conditions)


def _flattened(kind: type[And] | type[Or], terms: tuple[Condition, ...]) -> tuple[Condition, ...]:
    flat: list[Condition] = []
    for term in terms:
        if isinstance(term, (And, Or)) and type(term) is kind:
            flat.extend(term.terms)
        else:
            flat.append(term)
    assert len(flat) >= 2, f"{kind.__name__} takes at least two terms, got {len(flat)}"
    return tuple(flat)
