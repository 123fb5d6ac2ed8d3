"""Tokens to the syntax tree of one statement.

```
statement   := expression [;]
expression  := operators over terms: OR, AND, NOT, = <> != IS IN, < <= > >= BETWEEN LIKE, + - ||, * / %
term        := literal | ? | path | call | ( … ) | [ … ] | << … >> | { … } | select | dml
select      := SELECT * | items FROM source [WHERE …] [GROUP BY …] [HAVING …] [ORDER BY …] [LIMIT …]
dml         := INSERT INTO path VALUE item | UPDATE path changes … | DELETE FROM path … | FROM source [WHERE …] changes
changes     := SET path = expression, … | REMOVE path, each as often as one likes
dml, after  := [WHERE …] [RETURNING ALL|MODIFIED OLD|NEW *]
```
Source: the grammar of PartiQL, whose parser's words the service passes on; answers captured on the service.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Final

from ddbmodel.expressions.partiql.parse_expressions import ExpressionParser, Rule, Step, run
from ddbmodel.expressions.partiql.syntax import Node
from ddbmodel.expressions.partiql.tokens import Token

__all__ = ["parse"]

_CACHED_TEXTS: Final = 256
_CACHED_CHARACTERS: Final = 1024
"""Longer statements are not remembered: there is no telling how many a caller makes."""


def parse(text: str) -> tuple[Node, int]:
    """Return the statement of a text, and how many parameters it has.

    Raises:
        InvalidStatement: the text is not of the grammar.
    """
    return _remembered(text) if len(text) <= _CACHED_CHARACTERS else _StatementParser(text).parse()


@lru_cache(maxsize=_CACHED_TEXTS)
def _remembered(text: str) -> tuple[Node, int]:
    return _StatementParser(text).parse()


class _StatementParser(ExpressionParser):
    def parse(self) -> tuple[Node, int]:
        statement = run(self.expression())
        if self.token.kind != "end" and not self.accept(";"):
            self.refuse("Unexpected token after expression")
        if self.token.kind != "end":
            self.refuse("Unexpected token after semicolon. (Only one query is allowed.)")
        return statement, self.parameters

    def statement(self, token: Token) -> Rule | None:
        rules: dict[str, Callable[[Token], Rule]] = {
            "select": self.select,
            "insert": self.insert,
            "update": self.update,
            "delete": self.delete,
            "from": self.from_first,
            "create": self.unsupported,
            "drop": self.unsupported,
            "exec": self.unsupported,
        }
        rule = rules.get(token.text)
        if rule is not None:
            self.position += 1
            return rule(token)
        return self.changes() if token.text in ("set", "remove") else None

    def select(self, token: Token) -> Rule:
        clauses: dict[str, Node] = {}
        if self.word() == "distinct":
            clauses["distinct"] = Node("other", self.take())
        else:
            self.accept_word("all")
        if self.word() == "value":
            clauses["value"] = Node("other", self.take())
            yield self.expression()
            items: list[Node] = []
        else:
            items = [(yield self.select_item())]
            while self.accept(","):
                items.append((yield self.select_item()))
            if len(items) > 1 and any(item.kind == "all" for item in items):
                self.refuse(
                    "Other expressions may not be present in the select list when '*' is used without dot notation."
                )
        if not self.accept_word("from"):
            self.refuse("Expected FROM after SELECT list")
        clauses["from"] = yield self.sources()
        if self.accept_word("where"):
            clauses["where"] = yield self.expression()
        for name, words in (("group by", ("group", "by")), ("having", ("having",)), ("order by", ("order", "by"))):
            if self.accept_word(*words):
                clauses[name] = yield self.clause(name)
            elif self.word() == words[0] and len(words) > 1:
                self.position += 1
                self.refuse("Expected BY")
        if self.accept_word("limit"):
            clauses["limit"] = yield self.expression()
        return Node("select", token, parts=tuple(items), clauses=clauses)

    def select_item(self) -> Rule:
        if self.at("*"):
            return Node("all", self.take())
        item = yield self.expression()
        if item.kind == "path":
            self.check_stars(item)
        return self.aliased(item)

    def check_stars(self, path: Node) -> None:
        *inner, last = path.parts
        if any(part.kind == "wildcard" for part in path.parts) or any(part.kind == "unpivot" for part in inner):
            self.refuse("Invalid use of * in select list")
        if last.kind == "unpivot" and any(part.kind == "index" for part in inner):
            self.refuse("Cannot use [] and * together in SELECT list expression")

    def aliased(self, node: Node, *more: str) -> Node:
        """What follows AS, or a bare name; with `more` also AT and BY."""
        for word in ("as", *more):
            if self.accept_word(word):
                if self.token.kind not in ("name", "quoted"):
                    self.refuse(f"Expected identifier for {word.upper()}-alias")
                node = Node("alias", self.take(), parts=(node,))
            elif word == "as" and self.token.kind in ("name", "quoted"):
                node = Node("alias", self.take(), parts=(node,))
        return node

    def sources(self) -> Rule:
        """What FROM names: one source, or several, which are read to be refused."""
        token = self.token
        sources: list[Node] = []
        while True:
            unpivot = self.accept_word("unpivot")
            source = yield self.expression()
            sources.append(self.aliased(Node("other", source.token, "unpivot") if unpivot else source, "at", "by"))
            if sources[1:] and self.accept_word("on"):
                yield self.expression()
            if not self.accept(",") and not self.joins():
                return Node("sources", token, parts=tuple(sources))

    def joins(self) -> bool:
        start = self.position
        while self.word() in ("inner", "left", "right", "full", "outer", "cross"):
            self.position += 1
        if self.accept_word("join"):
            return True
        self.position = start
        return False

    def clause(self, name: str) -> Rule:
        if name == "order by":
            return self.order_keys()
        return self.expression() if name == "having" else self.expression_list()

    def expression_list(self) -> Rule:
        token = self.token
        parts = [(yield self.expression())]
        while self.accept(","):
            parts.append((yield self.expression()))
        return Node("list", token, parts=tuple(parts))

    def order_keys(self) -> Rule:
        token = self.token
        parts: list[Node] = []
        while True:
            key = yield self.expression()
            descending = self.word() == "desc"
            if self.word() in ("asc", "desc"):
                self.position += 1
            parts.append(Node("key", key.token, "desc" if descending else "asc", (key,)))
            if not self.accept(","):
                return Node("list", token, parts=tuple(parts))

    def insert(self, token: Token) -> Rule:
        if not self.accept_word("into"):
            self.refuse("Unexpected keyword")
        clauses: dict[str, Node] = {"target": (yield self.simple_path())}
        if not self.accept_word("value"):
            clauses["values"] = yield self.expression()
        else:
            clauses["value"] = yield self.expression()
            if self.accept_word("at"):
                clauses["at"] = yield self.expression()
        if self.word() == "on":
            clauses["conflict"] = yield self.conflict()
        yield from self.returning(clauses)
        return Node("insert", token, clauses=clauses)

    def conflict(self) -> Rule:
        token = self.take()
        self.expect_word("conflict")
        if self.accept_word("where"):
            yield self.expression()
        self.expect_word("do")
        self.expect_word("nothing")
        return Node("other", token)

    def update(self, token: Token) -> Rule:
        clauses: dict[str, Node] = {}
        yield from self.target(clauses)
        clauses["changes"] = yield self.changes()
        yield from self.where(clauses)
        yield from self.returning(clauses)
        return Node("update", token, clauses=clauses)

    def delete(self, token: Token) -> Rule:
        if not self.accept_word("from"):
            self.refuse("Expected FROM after DELETE")
        clauses: dict[str, Node] = {}
        yield from self.target(clauses)
        yield from self.where(clauses)
        yield from self.returning(clauses)
        return Node("delete", token, clauses=clauses)

    def from_first(self, token: Token) -> Rule:
        clauses: dict[str, Node] = {"from": (yield self.sources())}
        yield from self.where(clauses)
        clauses["changes"] = yield self.changes()
        yield from self.returning(clauses)
        return Node("update", token, clauses=clauses)

    def target(self, clauses: dict[str, Node]) -> Step:
        path = yield self.simple_path()
        clauses["from"] = Node("sources", path.token, parts=(self.aliased(path, "at", "by"),))

    def where(self, clauses: dict[str, Node]) -> Step:
        if self.accept_word("where"):
            clauses["where"] = yield self.expression()

    def changes(self) -> Rule:
        """One SET or REMOVE after the other: assignments, removals, and inserts, which are read to be refused."""
        token = self.token
        parts: list[Node] = []
        while True:
            here = self.token
            if self.accept_word("set"):
                while True:
                    path = yield self.simple_path()
                    if not self.accept("="):
                        self.refuse("Expected '='")
                    value = yield self.expression()
                    parts.append(Node("assignment", here, parts=(path, value)))
                    if not self.accept(","):
                        break
            elif self.accept_word("remove"):
                removed = yield self.simple_path()
                parts.append(Node("removal", here, parts=(removed,)))
            elif self.accept_word("insert"):
                parts.append((yield self.insert(here)))
            elif parts:
                return Node("changes", token, parts=tuple(parts))
            else:
                self.refuse("Expected data manipulation")

    def returning(self, clauses: dict[str, Node]) -> Step:
        token = self.token
        if not self.accept_word("returning"):
            return
        elements: list[Node] = []
        while True:
            which = self.word()
            if which not in ("modified", "all"):
                self.refuse("Expected ALL or MODIFIED in RETURNING clause")
            self.position += 1
            image = self.word()
            if image not in ("old", "new"):
                self.refuse("Expected OLD or NEW in RETURNING clause")
            self.position += 1
            element = self.token
            shown = yield self.star_or_expression()
            elements.append(Node(shown.kind, element, f"{which} {image}".upper()))
            if not self.accept(","):
                break
        clauses["returning"] = Node("returning", token, parts=tuple(elements))

    def star_or_expression(self) -> Rule:
        if self.at("*"):
            return Node("all", self.take())
        return (yield self.expression())

    def unsupported(self, token: Token) -> Rule:
        """CREATE, DROP and EXEC, which are read as far as needed to say that they are not supported."""
        what = {"create": "Create", "drop": "Drop", "exec": "Exec"}[token.text]
        if what != "Exec":
            if self.word() not in ("table", "index"):
                self.refuse(f"Unexpected token following {token.text.upper()}")
            what += self.take().text.capitalize()
        while self.token.kind != "end":
            self.position += 1
        return Node("other", token, what)
        yield
