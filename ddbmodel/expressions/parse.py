"""Text to tree: conditions, updates and projections, with the rules that need no names and no values.

```
condition   := term | condition AND condition | condition OR condition | NOT condition | ( condition )
term        := operand comparator operand | operand BETWEEN operand AND operand | operand IN ( operand, … ) | function
operand     := path | :value | function | ( operand )
update      := sections SET | REMOVE | ADD | DELETE, each at most once
set action  := path = set operand [ + | - set operand ]
path        := name ( . name | [ position ] )*
```
Nothing here recurses: open parentheses and calls live on explicit stacks, since their depth belongs to the user.
A fault of meaning is kept until the whole text is read, because the service reports syntax first.

Source: AWS Developer Guide, "Using expressions in DynamoDB"; texts as observed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, NoReturn, TypeVar, cast

from ddbmodel.expressions.errors import InvalidExpression
from ddbmodel.expressions.reserved_words import is_reserved
from ddbmodel.expressions.tokens import Token, syntax_error, tokenize
from ddbmodel.expressions.tree import (
    AddAction,
    And,
    Arithmetic,
    AttributeTest,
    Between,
    Comparator,
    Comparison,
    Condition,
    DeleteAction,
    IfNotExists,
    In,
    ListAppend,
    NameRef,
    Not,
    Operand,
    Or,
    Path,
    Projection,
    RemoveAction,
    SetAction,
    SetOperand,
    Size,
    Step,
    TestName,
    Update,
    UpdateAction,
    ValueRef,
)

__all__ = [
    "MAX_EXPRESSION_BYTES",
    "MAX_OPERATORS",
    "MAX_PATH_STEPS",
    "parse_condition",
    "parse_projection",
    "parse_update",
]

MAX_EXPRESSION_BYTES: Final = 4096
MAX_OPERATORS: Final = 300
MAX_PATH_STEPS: Final = 32
_MAX_POSITION: Final = 2**31 - 1

_COMPARATORS: Final = frozenset({"=", "<>", "<", "<=", ">", ">="})
_SECTIONS: Final = frozenset({"SET", "REMOVE", "ADD", "DELETE"})
# Words of the grammar are no names at all; other reserved words are names that may not be written out.
_KEYWORDS: Final = _SECTIONS | {"AND", "OR", "NOT", "IN", "BETWEEN"}
_CONDITION_FUNCTIONS: Final = {
    "attribute_exists": 1,
    "attribute_not_exists": 1,
    "attribute_type": 2,
    "begins_with": 2,
    "contains": 2,
    "size": 1,
}
_UPDATE_FUNCTIONS: Final = {"if_not_exists": 2, "list_append": 2}

# The same few texts come again and again; trees never change, so they can be shared.
_CACHED_TEXTS: Final = 1024

NodeT = TypeVar("NodeT")


@lru_cache(maxsize=_CACHED_TEXTS)
def parse_condition(text: str) -> Condition:
    """Return the tree of a condition, filter or key condition, placeholders unresolved.

    Raises:
        InvalidExpression: syntax, a reserved word, a misused function, more than 4 KB or 300 operators.
    """
    return _ConditionParser(text).parse()


@lru_cache(maxsize=_CACHED_TEXTS)
def parse_update(text: str) -> Update:
    """Return the tree of an update, placeholders unresolved; raises as `parse_condition`."""
    return _UpdateParser(text).parse()


@lru_cache(maxsize=_CACHED_TEXTS)
def parse_projection(text: str) -> Projection:
    """Return the tree of a projection, placeholders unresolved; raises as `parse_condition`."""
    return _ProjectionParser(text).parse()


class _Parser:
    """What the three grammars share: the token stream, paths, calls, and the faults found on the way."""

    functions: dict[str, int]
    other_functions: dict[str, int]
    kind: str

    def __init__(self, text: str) -> None:
        size_bytes = len(text.encode("utf-8", "surrogatepass"))
        if size_bytes > MAX_EXPRESSION_BYTES:
            # Of an update the service does not say how long it is.
            shown = "" if self.kind == "an update expression" else f" expression size: {size_bytes}"
            raise InvalidExpression(f"Expression size has exceeded the maximum allowed size;{shown}")
        if not text:
            raise InvalidExpression("The expression can not be empty;")
        self.text = text
        self.tokens = tokenize(text)
        self.position = 0
        self.operators = 0
        self.fault: InvalidExpression | None = None

    @property
    def token(self) -> Token:
        return self.tokens[self.position]

    def finish(self, tree: NodeT) -> NodeT:
        """Return the tree once the text is used up and no fault was found in it."""
        if self.token.kind != "end":
            self.refuse()
        if self.operators > MAX_OPERATORS:
            # The service stops counting at the first one too many.
            raise InvalidExpression(f"The expression contains too many operators; operator count: {MAX_OPERATORS + 1}")
        if self.fault is not None:
            raise self.fault
        return tree

    def refuse(self) -> NoReturn:
        raise syntax_error(self.text, self.tokens, self.position)

    def note(self, message: str) -> None:
        """Keep the first fault of meaning; syntax errors further on come before it."""
        if self.fault is None:
            self.fault = InvalidExpression(message)

    def at(self, symbol: str) -> bool:
        return self.token.kind == "symbol" and self.token.text == symbol

    def accept(self, symbol: str) -> bool:
        if not self.at(symbol):
            return False
        self.position += 1
        return True

    def expect(self, symbol: str) -> None:
        if not self.accept(symbol):
            self.refuse()

    def keyword(self) -> str:
        """Return the token in upper case when it is a word, else nothing."""
        return self.token.text.upper() if self.token.kind == "word" else ""

    def path(self) -> Path:
        steps: list[Step] = [self.name()]
        while True:
            if self.accept("."):
                steps.append(self.name())
            elif self.accept("["):
                steps.append(self.list_position())
                self.expect("]")
            else:
                break
        if len(steps) > MAX_PATH_STEPS:
            self.note(f"The document path has too many nesting levels; nesting levels: {len(steps)}")
        return Path(tuple(steps))

    def name(self) -> Step:
        token = self.token
        if token.kind == "name_ref":
            self.position += 1
            return NameRef(token.text)
        if token.kind != "word" or self.keyword() in _KEYWORDS:
            self.refuse()
        self.position += 1
        if is_reserved(token.text):
            self.note(f"Attribute name is a reserved keyword; reserved keyword: {token.text}")
        return token.text

    def list_position(self) -> int:
        token = self.token
        if token.kind != "number":
            self.refuse()
        self.position += 1
        # Compared by length first: the text may have thousands of digits.
        if len(token.text) > len(str(_MAX_POSITION)) or int(token.text) > _MAX_POSITION:
            self.note(f"List index is not within the allowable range; index: [{token.text}]")
            return 0
        return int(token.text)

    def operand(self) -> object:
        """Return one operand: a path, a value, or a call with operands in it."""
        opened: list[tuple[Token | None, list[object]]] = []
        while True:
            if self.accept("("):
                opened.append((None, []))
                continue
            following = self.tokens[min(self.position + 1, len(self.tokens) - 1)]
            is_name = self.token.kind == "word" and self.keyword() not in _KEYWORDS
            if is_name and following.kind == "symbol" and following.text == "(":
                opened.append((self.token, []))
                self.position += 2
                continue
            node = self.leaf()
            grouped = False
            while True:
                if not opened:
                    return node
                called, arguments = opened[-1]
                if called is not None and self.accept(","):
                    arguments.append(node)
                    break
                self.expect(")")
                opened.pop()
                if called is None:
                    if grouped:
                        self.note("The expression has redundant parentheses;")
                    grouped = True
                else:
                    node, grouped = self.call(called.text, [*arguments, node]), False

    def leaf(self) -> object:
        token = self.token
        if token.kind == "value_ref":
            self.position += 1
            return ValueRef(token.text)
        return self.path()

    def call(self, function: str, arguments: list[object]) -> object:
        self.operators += 1
        expected = self.functions.get(function)
        if expected is None:
            if function in self.other_functions:
                self.note(f"The function is not allowed in {self.kind}; function: {function}")
            else:
                self.note(f"Invalid function name; function: {function}")
        elif len(arguments) != expected:
            self.note(
                "Incorrect number of operands for operator or function; "
                f"operator or function: {function}, number of operands: {len(arguments)}"
            )
        else:
            return self.function(function, arguments)
        # The fault is noted and will be raised; any operand lets the rest of the text be read.
        return arguments[0]

    def function(self, function: str, arguments: list[object]) -> object:
        raise AssertionError(f"this grammar has no {function} of {len(arguments)} arguments")

    def require_path(self, function: str, argument: object) -> None:
        if not isinstance(argument, Path):
            self.note(f"Operator or function requires a document path; operator or function: {function}")

    def misused(self, function: str) -> None:
        self.note(f"The function is not allowed to be used this way in an expression; function: {function}")


@dataclass(slots=True)
class _Group:
    """What stands between two parentheses, or the whole text: an OR of ANDs under construction."""

    in_parentheses: bool
    alternatives: list[Condition] = field(default_factory=list)
    terms: list[Condition] = field(default_factory=list)
    negations: int = 0
    only_a_group: bool = False

    @property
    def is_fresh(self) -> bool:
        return not (self.alternatives or self.terms or self.negations)

    def add(self, condition: Condition, *, was_group: bool) -> None:
        self.only_a_group = was_group and self.is_fresh
        for _ in range(self.negations):
            condition = Not(condition)
        self.negations = 0
        self.terms.append(condition)

    def close_alternative(self) -> None:
        self.alternatives.append(self.terms[0] if len(self.terms) == 1 else And(tuple(self.terms)))
        self.terms = []

    def result(self) -> Condition:
        self.close_alternative()
        return self.alternatives[0] if len(self.alternatives) == 1 else Or(tuple(self.alternatives))


class _ConditionParser(_Parser):
    functions = _CONDITION_FUNCTIONS
    other_functions = _UPDATE_FUNCTIONS
    kind = "a condition expression"

    def parse(self) -> Condition:
        groups = [_Group(in_parentheses=False)]
        while True:
            group = groups[-1]
            if self.keyword() == "NOT":
                self.position += 1
                self.operators += 1
                group.negations += 1
                continue
            if self.accept("("):
                groups.append(_Group(in_parentheses=True))
                continue
            # Parentheses around the first operand open a group that `comparison` takes back.
            term = self.comparison(groups)
            groups[-1].add(term, was_group=False)
            if self.close(groups):
                return self.finish(groups[0].result())

    def close(self, groups: list[_Group]) -> bool:
        """Close the groups that end here; return whether the text ends too, False when another term follows."""
        while True:
            group = groups[-1]
            word = self.keyword()
            if word in ("AND", "OR"):
                self.position += 1
                self.operators += 1
                if word == "OR":
                    group.close_alternative()
                return False
            if not group.in_parentheses:
                if self.token.kind != "end":
                    self.refuse()
                return True
            self.expect(")")
            if group.only_a_group and not group.alternatives and len(group.terms) == 1:
                self.note("The expression has redundant parentheses;")
            groups.pop()
            groups[-1].add(group.result(), was_group=True)

    def comparison(self, groups: list[_Group]) -> Condition:
        left = self.operand()
        # A parenthesis that turns out to hold an operand is no group: `(a) = :v`.
        closed = 0
        while not isinstance(left, AttributeTest) and groups[-1].in_parentheses and groups[-1].is_fresh:
            if not self.accept(")"):
                break
            groups.pop()
            closed += 1
        if closed > 1:
            self.note("The expression has redundant parentheses;")
        word = self.keyword()
        if self.token.kind == "symbol" and self.token.text in _COMPARATORS:
            comparator = cast("Comparator", self.token.text)
            self.position += 1
            self.operators += 1
            return Comparison(comparator, self.plain(left), self.plain(self.operand()))
        if word == "BETWEEN":
            self.position += 1
            self.operators += 1
            low = self.operand()
            if self.keyword() != "AND":
                self.refuse()
            self.position += 1
            return Between(self.plain(left), self.plain(low), self.plain(self.operand()))
        if word == "IN":
            self.position += 1
            self.operators += 1
            self.expect("(")
            options = [self.operand()]
            while self.accept(","):
                options.append(self.operand())
            self.expect(")")
            return In(self.plain(left), tuple(map(self.plain, options)))
        if isinstance(left, AttributeTest):
            return left
        if isinstance(left, Size):
            self.misused("size")
            return AttributeTest("attribute_exists", (left,))
        if self.fault is None or not self.fault.message.startswith(("Invalid function", "The function", "Incorrect")):
            self.refuse()
        return AttributeTest("attribute_exists", (cast("Operand", left),))

    def function(self, function: str, arguments: list[object]) -> object:
        operands = [self.plain(argument) for argument in arguments]
        if function == "size":
            if isinstance(operands[0], Size):
                self.note(
                    "Incorrect operand type for operator or function; operator or function: size, operand type: N"
                )
                return operands[0]
            return Size(operands[0])
        if function in ("attribute_exists", "attribute_not_exists"):
            self.require_path(function, operands[0])
        return AttributeTest(cast("TestName", function), tuple(operands))

    def plain(self, operand: object) -> Operand:
        """Return an operand that stands for a value; a test stands for a truth and cannot."""
        if isinstance(operand, AttributeTest):
            self.misused(operand.name)
            return operand.arguments[0]
        return cast("Operand", operand)


class _UpdateParser(_Parser):
    functions = _UPDATE_FUNCTIONS
    other_functions = _CONDITION_FUNCTIONS
    kind = "an update expression"

    def parse(self) -> Update:
        actions: list[UpdateAction] = []
        seen: set[str] = set()
        while True:
            section = self.keyword()
            if section not in _SECTIONS:
                self.refuse()
            self.position += 1
            if section in seen:
                self.note(f'The "{section}" section can only be used once in an update expression;')
            seen.add(section)
            actions.append(self.action(section))
            while self.accept(","):
                actions.append(self.action(section))
            if self.token.kind == "end":
                return self.finish(Update(tuple(actions)))

    def action(self, section: str) -> UpdateAction:
        path = self.path()
        if section == "SET":
            self.expect("=")
            return SetAction(path, self.set_operand())
        if section == "REMOVE":
            return RemoveAction(path)
        token = self.token
        if token.kind != "value_ref":
            self.refuse()
        self.position += 1
        return (AddAction if section == "ADD" else DeleteAction)(path, ValueRef(token.text))

    def set_operand(self) -> SetOperand:
        opened = 0
        while self.accept("("):
            opened += 1
        node = cast("SetOperand", self.operand())
        opened = self.closed(opened)
        if self.at("+") or self.at("-"):
            operator = self.token.text
            self.position += 1
            self.operators += 1
            right = cast("SetOperand", self.operand())
            for side in (node, right):
                if isinstance(side, ListAppend):
                    self.misused("list_append")
            node = Arithmetic("+" if operator == "+" else "-", node, right)
            opened = self.closed(opened)
        if opened:
            self.refuse()
        return node

    def closed(self, opened: int) -> int:
        """Return how many of the open parentheses are left after those that close here."""
        closing = 0
        while closing < opened and self.accept(")"):
            closing += 1
        if closing > 1:
            self.note("The expression has redundant parentheses;")
        return opened - closing

    def function(self, function: str, arguments: list[object]) -> object:
        first, second = cast("list[SetOperand]", arguments)
        for argument in (first, second):
            if isinstance(argument, ListAppend):
                self.misused("list_append")
        if function == "list_append":
            return ListAppend(first, second)
        self.require_path(function, first)
        return IfNotExists(first if isinstance(first, Path) else Path(("",)), second)


class _ProjectionParser(_Parser):
    functions: dict[str, int] = {}  # noqa: RUF012  # read only
    other_functions: dict[str, int] = {}  # noqa: RUF012
    kind = "a projection expression"

    def parse(self) -> Projection:
        paths = [self.path()]
        while self.accept(","):
            paths.append(self.path())
        return self.finish(Projection(tuple(paths)))
