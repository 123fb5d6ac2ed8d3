"""Expressions of statements to syntax trees: operators by precedence, terms, paths and calls.

Every rule is a generator that yields the rules inside it; `run` keeps them on a list of its own, so that the depth of a
statement is not that of the interpreter's stack.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Final, NoReturn, TypeAlias

from ddbmodel.expressions.partiql.errors import InvalidStatement
from ddbmodel.expressions.partiql.syntax import Node
from ddbmodel.expressions.partiql.tokens import Token, tokenize

__all__ = ["ExpressionParser", "Rule", "Step", "run"]

Step: TypeAlias = "Generator[Rule, Node, None]"
"""A part of a rule that adds to what the rule has read."""

Rule: TypeAlias = "Generator[Rule, Node, Node]"
"""What it sends is what the rule that it yielded returned."""

_PRECEDENCE: Final = {
    **dict.fromkeys(["or"], 1),
    **dict.fromkeys(["and"], 2),
    **dict.fromkeys(["=", "<>", "!=", "is", "in"], 4),
    **dict.fromkeys(["<", "<=", ">", ">=", "between", "like"], 5),
    **dict.fromkeys(["+", "-", "||"], 6),
    **dict.fromkeys(["*", "/", "%"], 7),
}
_NOT_PRECEDENCE: Final = 3
_OPERATOR_WORDS: Final = frozenset({"or", "and", "is", "in", "between", "like", "not"})
_OPERATOR_SIGNS: Final = frozenset({"=", "<>", "!=", "<", "<=", ">", ">=", "+", "-", "||", "/", "%", "@"})
_LITERAL_WORDS: Final = frozenset({"true", "false", "null", "missing"})
_TYPES: Final = {
    "missing": "MISSING",
    "null": "NULL",
    "bool": "BOOLEAN",
    "boolean": "BOOLEAN",
    "smallint": "SMALLINT",
    "int4": "INTEGER4",
    "int8": "INTEGER8",
    "int": "INTEGER",
    "integer": "INTEGER",
    "float": "FLOAT",
    "real": "REAL",
    "double": "DOUBLE_PRECISION",
    "decimal": "DECIMAL",
    "numeric": "NUMERIC",
    "timestamp": "TIMESTAMP",
    "date": "DATE",
    "time": "TIME",
    "char": "CHARACTER",
    "character": "CHARACTER",
    "varchar": "CHARACTER_VARYING",
    "string": "STRING",
    "symbol": "SYMBOL",
    "clob": "CLOB",
    "blob": "BLOB",
    "struct": "STRUCT",
    "tuple": "TUPLE",
    "list": "LIST",
    "sexp": "SEXP",
    "bag": "BAG",
}
# Keywords that name a function when a parenthesis follows.
_FUNCTIONS: Final = """
avg bit_length char_length character_length coalesce count date_add date_diff exists lower max min nullif
octet_length position size sum trim upper
"""
_FUNCTION_WORDS: Final = frozenset(_FUNCTIONS.split())
_SIGN_NAMES: Final = {
    ")": "RIGHT_PAREN",
    "]": "RIGHT_BRACKET",
    "}": "RIGHT_CURLY",
    ">>": "RIGHT_DOUBLE_ANGLE_BRACKET",
    ":": "COLON",
}


def run(rule: Rule) -> Node:
    """Return what a rule reads."""
    running: list[Rule] = [rule]
    value: Node | None = None
    while True:
        try:
            running.append(next(running[-1]) if value is None else running[-1].send(value))
            value = None
        except StopIteration as done:
            value = done.value
            running.pop()
            if not running:
                assert value is not None
                return value


class ExpressionParser:
    """The tokens of a text and the rules of expressions; `keyword_term` is where statements come in."""

    def __init__(self, text: str) -> None:
        self.tokens = tokenize(text)
        self.position = 0
        self.parameters = 0

    # The token at hand

    @property
    def token(self) -> Token:
        return self.tokens[self.position]

    def following(self) -> Token:
        return self.tokens[min(self.position + 1, len(self.tokens) - 1)]

    def take(self) -> Token:
        token = self.token
        self.position += 1
        return token

    def at(self, sign: str) -> bool:
        return self.token.kind == "sign" and self.token.text == sign

    def at_end(self) -> bool:
        return self.token.kind == "end"

    def accept(self, sign: str) -> bool:
        if not self.at(sign):
            return False
        self.position += 1
        return True

    def expect(self, sign: str) -> None:
        if not self.accept(sign):
            self.refuse(f"Expected {_SIGN_NAMES[sign]}")

    def word(self) -> str:
        """Return the keyword at hand, or nothing."""
        return self.token.text if self.token.kind == "keyword" else ""

    def accept_word(self, *words: str) -> bool:
        """Step over a run of keywords when all of it is there."""
        for offset, word in enumerate(words):
            token = self.tokens[min(self.position + offset, len(self.tokens) - 1)]
            if token.kind != "keyword" or token.text != word:
                return False
        self.position += len(words)
        return True

    def expect_word(self, word: str) -> None:
        if not self.accept_word(word):
            self.refuse(f"Expected {word.upper()} keyword")

    def refuse(self, detail: str) -> NoReturn:
        raise InvalidStatement("syntax", detail=detail)

    # Expressions

    def expression(self, precedence: int = 0) -> Rule:
        left: Node = yield self.unary()
        while True:
            token, negated = self.token, False
            operator = token.text if token.kind in ("sign", "keyword") else ""
            if operator == "not" and self.following().text in ("in", "between", "like"):
                operator, negated = self.following().text, True
            binding = _PRECEDENCE.get(operator, 0)
            if binding <= precedence:
                return left
            self.position += 2 if negated else 1
            if operator == "is":
                negated = self.accept_word("not")
                left = Node("is", token, self.type_name(), (left,))
            elif operator == "in" and self.at("("):
                self.position += 1
                members = yield self.members("list", token, ")")
                left = Node("binary", token, "in", (left, members))
            else:
                if self.at_end():
                    self.refuse("Missing right-hand side expression of infix operator")
                right = yield self.expression(binding)
                if operator == "between":
                    self.expect_word("and")
                    if self.at_end():
                        self.refuse("Expected expression after AND")
                    high = yield self.expression(binding)
                    left = Node("between", token, operator, (left, right, high))
                else:
                    left = Node("binary", token, operator, (left, right))
                    if operator == "like" and self.accept_word("escape"):
                        yield self.expression(binding)
            if negated:
                left = Node("unary", token, "not", (left,))

    def unary(self) -> Rule:
        token = self.token
        if self.word() == "not":
            self.position += 1
            negated = yield self.expression(_NOT_PRECEDENCE)
            return Node("unary", token, "not", (negated,))
        if not self.at("-") and not self.at("+"):
            return (yield self.path())
        self.position += 1
        term = yield self.unary()
        if term.kind != "number":
            return Node("unary", token, token.text, (term,))
        if token.text == "-":
            return Node("number", term.token, term.text[1:] if term.text.startswith("-") else f"-{term.text}")
        return term

    def type_name(self) -> str:
        name = _TYPES.get(self.token.text.lower() if self.token.kind in ("keyword", "name") else "")
        if name is None:
            self.refuse("Expected type name")
        self.position += 1
        following = self.token.text.lower() if self.token.kind in ("keyword", "name") else ""
        if name == "DOUBLE_PRECISION":
            self.expect_word("precision")
        elif name == "CHARACTER" and following == "varying":
            self.position += 1
            name = "CHARACTER_VARYING"
        return name

    def path(self) -> Rule:
        root = yield self.term()
        return (yield self.steps(root, simple=False))

    def simple_path(self) -> Rule:
        if self.token.kind not in ("name", "quoted"):
            self.refuse("Expected identifier for simple path")
        token = self.take()
        return (yield self.steps(Node("name", token, token.text), simple=True))

    def steps(self, root: Node, *, simple: bool) -> Rule:
        parts = [root]
        for_simple = " for simple path" if simple else ""
        while True:
            if self.accept("."):
                token = self.token
                if token.kind in ("name", "quoted"):
                    parts.append(Node("dot", token, token.text))
                elif self.at("*"):
                    if simple:
                        self.refuse("Invalid path dot component for simple path")
                    parts.append(Node("unpivot", token))
                else:
                    self.refuse("Invalid path dot component")
                self.position += 1
            elif self.accept("["):
                if self.at("*"):
                    inner = Node("wildcard", self.take())
                else:
                    inner = yield self.expression()
                if simple and inner.kind not in ("name", "number", "text", "word"):
                    self.refuse(f"Invalid path component{for_simple}")
                self.expect("]")
                parts.append(inner if inner.kind == "wildcard" else Node("index", inner.token, parts=(inner,)))
            else:
                return Node("path", root.token, parts=tuple(parts)) if len(parts) > 1 else root

    # Terms

    def term(self) -> Rule:
        token = self.token
        if token.kind in ("text", "number", "ion"):
            self.position += 1
            return Node(token.kind, token, token.text)
        if token.kind in ("name", "quoted"):
            self.position += 1
            if self.accept("("):
                return (yield self.call(token))
            return Node("name", token, token.text)
        if token.kind == "keyword":
            return (yield self.keyword_term(token))
        if token.kind == "sign":
            return (yield self.sign_term(token))
        self.refuse("Unexpected term")

    def sign_term(self, token: Token) -> Rule:
        if token.text in _OPERATOR_SIGNS:
            if token.text == "@" and self.following().kind in ("name", "quoted"):
                self.position += 1
                name = self.take()
                return Node("name", name, name.text)
            self.refuse("Identifier must follow @-operator" if token.text == "@" else "Unexpected operator")
        self.position += 1
        match token.text:
            case "?":
                self.parameters += 1
                return Node("parameter", token, str(self.parameters - 1))
            case "(":
                group = yield self.members("list", token, ")")
                return group.parts[0] if len(group.parts) == 1 else group
            case "[":
                return (yield self.literal("list", token, "]"))
            case "<<":
                return (yield self.literal("bag", token, ">>"))
            case "{":
                return (yield self.literal("struct", token, "}"))
        self.refuse("Unexpected term")

    def literal(self, kind: str, token: Token, closing: str) -> Rule:
        if self.accept(closing):
            return Node(kind, token)
        return (yield self.members(kind, token, closing))

    def members(self, kind: str, token: Token, closing: str) -> Rule:
        """At least one member, up to the closing sign; a struct has pairs."""
        parts: list[Node] = []
        while True:
            parts.append((yield self.expression()))
            if kind == "struct":
                self.expect(":")
                parts.append((yield self.expression()))
            if not self.accept(","):
                break
        self.expect(closing)
        return Node(kind, token, parts=tuple(parts))

    def call(self, name: Token) -> Rule:
        function = name.text.lower()
        if self.accept(")"):
            return Node("call", name, function)
        if self.at("*"):
            if function != "count":
                self.refuse(f"{function}(*) is not allowed")
            self.position += 1
            self.expect(")")
            return Node("call", name, function)
        arguments = yield self.members("list", name, ")")
        return Node("call", name, function, arguments.parts)

    def keyword_term(self, token: Token) -> Rule:
        word = token.text
        if word in _LITERAL_WORDS:
            self.position += 1
            return Node("word", token, word)
        if word in _FUNCTION_WORDS and self.following().text == "(":
            self.position += 2
            return (yield self.call(token))
        statement = self.statement(token)
        if statement is not None:
            return (yield statement)
        self.refuse("Unexpected operator" if word in _OPERATOR_WORDS else "Unexpected keyword")

    def statement(self, token: Token) -> Rule | None:
        """Return the rule of the statement that a keyword begins, None when it begins none; the position is at it."""
        raise AssertionError(f"statements are read by a subclass, which does not know {token.text}")
