"""Random expressions: conditions, updates, projections and key conditions, with their names and values."""

from __future__ import annotations

from typing import Any

from differential.generator.values import NAMES, any_value, key_value, list_of, number, set_of, text, value
from differential.generator.world import Index, World

__all__ = ["Expressions"]

_COMPARATORS = ("=", "<>", "<", "<=", ">", ">=")
_BROKEN_TEXTS = (
    "", " ", "x", "x =", "= :a", "x = :undefined", "#undefined = :undefined", "x == :a", "x AND y", "(x = :undefined",
    "x = y)", "((x = y))", "attribute_exists()", "attribute_exists(x, y)", "attribute_exist(x)", "size(x)",
    "size(x) = size(:undefined)", "begins_with(x)", "contains(x, x)", "x IN ()", "x BETWEEN y", "data = y",
    "NOT", "x = y AND", "x..y = z", "x[a] = y", "x[99999999999] = y", "attribute_type(x, y)",
    "attribute_exists(size(x))",
    "x = 5", "x = 'a'", "between = y", "begins_with(x, y) = z", "a-b = c", "x = y z", "if_not_exists(x, y) = z",
    "#x = :a", "attribute_exists(x) = y", "x in (y)", "not x = y", "$ = y",
)  # fmt: skip
_BROKEN_UPDATES = (
    "", " ", "SET", "SET x", "SET x =", "SET x = :undefined", "SET x = y SET y = x", "REMOVE x, x", "REMOVE",
    "ADD x", "ADD x :undefined", "SET x = x, x[0] = x", "SET x.y = x, x[1] = x", "DELETE x", "SET pk = x", "REMOVE pk",
    "SET x = size(y)", "SET x = attribute_exists(y)", "SET x = y + z + x", "SET x = list_append(y)", "FOO x = y",
    "SET x = if_not_exists(:undefined, y)", "SET x = (y)", "SET x = ((y))", "SET x == y", "set x = y, remove z",
    "SET data = y", "ADD x y", "SET x = y REMOVE", "SET #undefined = y", "SET x[0][1].y = x",
)  # fmt: skip


class Expressions:
    """The expressions of one request, which share its names and values."""

    def __init__(self, w: World) -> None:
        self.w = w
        self.names: dict[str, str] = {}
        self.values: dict[str, Any] = {}

    def add_to(self, request: dict[str, Any]) -> None:
        """Give the request the names and values that were used."""
        w = self.w
        if w.broken():
            self.values[w.pick(":unused", "v", ":", "", ":a-b", ":v0")] = value(w)
        if w.broken():
            self.names[w.pick("#unused", "n", "#", "", "#a-b", "#n0")] = w.pick("x", "pk", "")
        if self.names or w.broken():
            request["ExpressionAttributeNames"] = self.names
        if self.values or w.broken():
            request["ExpressionAttributeValues"] = self.values

    def condition(self) -> str:
        """Return a condition."""
        w = self.w
        if w.broken() and w.chance(0.7):
            return w.pick(*_BROKEN_TEXTS)
        made = self._condition(0)
        return self._damaged(made) if w.broken() else made

    def projection(self) -> str:
        """Return a projection."""
        w = self.w
        if w.broken():
            return w.pick(
                "", ",", "x,", "x, x", "x, x.y", "data", "x.", "x[", "#undefined", ":v", "x y", "pk, pk", "x[-1]"
            )
        return ", ".join(self.path() for _ in range(w.random.randrange(1, 4)))

    def update(self) -> str:
        """Return an update."""
        w = self.w
        if w.broken() and w.chance(0.7):
            return w.pick(*_BROKEN_UPDATES)
        sections: dict[str, list[str]] = {}
        free = [*NAMES, *(name for name in w.types if name not in (*NAMES, "pk", "sk") or w.broken())]
        for name in w.random.sample(free, min(len(free), w.random.randrange(1, 4))):
            # Now and then two changes of one path, which no update may have.
            section, change = self._change(name if not w.broken() else "x")
            sections.setdefault(section, []).append(change)
        keywords = {name: name if w.chance(0.9) else name.lower() for name in sections}
        made = " ".join(f"{keywords[name]} {', '.join(parts)}" for name, parts in sections.items())
        return self._damaged(made) if w.broken() else made

    def key_condition(self, index: Index | None) -> str:
        """Return a key condition on the table or an index."""
        w = self.w
        partition, sort = (index.partition, index.sort) if index else (w.partition, w.sort)
        text_ = f"{self.name(partition)} = {self.value(key_value(w, w.types[partition]))}"
        if w.broken():
            return self._no_key_condition(partition, text_)
        if sort is None or w.chance(0.35):
            return text_
        kind = w.types[sort]
        own = (lambda: key_value(w, kind)) if w.chance(0.95) else (lambda: value(w))
        form = w.random.randrange(8)
        name = self.name(sort)
        if form < 5:
            more = f"{name} {w.pick(*_COMPARATORS if w.broken() else ('=', '<', '<=', '>', '>='))} {self.value(own())}"
        elif form == 5:
            more = f"{name} BETWEEN {self.value(own())} AND {self.value(own())}"
        else:
            more = f"begins_with({name}, {self.value(own())})"
        return w.pick(f"{text_} AND {more}", f"{more} AND {text_}", f"({text_}) AND ({more})")

    def _no_key_condition(self, partition: str, condition: str) -> str:
        """Return what no query takes; `{}` stands for a value."""
        w = self.w
        form: str = w.pick(
            "", "{p} > {}", "{c} OR {c}", "{c} AND {c}", "NOT {c}", "({c})", "attribute_exists({p})", "{p} = {p}",
            "{c} AND x = y", "{c} AND attribute_exists(x)", "begins_with({p}, {})", "size({p}) = {}", "{c} AND q = {}",
            "x = {}", "{p}.x = {}", "{c} AND {p} > {}", "{p} IN ({})", "{p} <> {}",
        )  # fmt: skip
        if "{c}" not in form:
            self.values.clear()
            self.names.clear()
        made = form.replace("{p}", partition).replace("{c}", condition)
        return made.replace("{}", self.value(w.pick(text, number)(w))) if "{}" in made else made

    def path(self) -> str:
        """Return a document path."""
        w = self.w
        if w.chance(0.75):
            return self.name(w.pick(*NAMES, *w.types))
        return w.pick(
            "l[0]", "l[1]", "m.x", "m.y[0]", "l[1].x", "l[0][0]", f"m.{self.name('x')}", "m.l[3]", "z.x", "x.y"
        )

    def name(self, name: str) -> str:
        """Return an attribute name as it is or by an alias."""
        if name not in ("data", "size") and self.w.chance(0.75):
            return name
        if self.w.broken() and self.w.chance(0.3):
            return name
        alias = next((a for a, n in self.names.items() if n == name), f"#n{len(self.names)}")
        self.names[alias] = name
        return alias

    def value(self, wanted: dict[str, Any]) -> str:
        """Return the placeholder of a value."""
        placeholder = f":v{len(self.values)}"
        self.values[placeholder] = wanted
        return placeholder

    def _condition(self, depth: int) -> str:
        w = self.w
        form = w.random.randrange(12) if depth < 3 else 0
        if form < 8:
            return self._term()
        if form == 8:
            return f"NOT {self._condition(depth + 1)}"
        if form == 9:
            return f"({self._condition(depth + 1)})" if depth == 0 else self._term()
        return f"{self._condition(depth + 1)} {w.pick('AND', 'OR', 'AND', 'or')} {self._condition(depth + 1)}"

    def _term(self) -> str:
        w = self.w
        name = w.pick(*NAMES, *w.types)
        path = self.name(name) if w.chance(0.7) else self.path()
        form = w.random.randrange(10)
        # What values of that name are made for is asked of them more often.
        if w.chance(0.4):
            form = w.pick(
                *{"data": (6, 6, 6, 8), "l": (6, 8), "x": (6, 7, 2), "z": (2, 4, 5), "m": (0, 8)}.get(name, (form,))
            )
        if form < 3:
            return f"{path} {w.pick(*_COMPARATORS)} {self._operand(name)}"
        if form == 3:
            return f"{w.pick('attribute_exists', 'attribute_not_exists')}({path})"
        if form == 4:
            return f"{path} BETWEEN {self._operand(name)} AND {self._operand(name)}"
        if form == 5:
            return f"{path} IN ({', '.join(self._operand(name) for _ in range(w.random.randrange(1, 4)))})"
        if form == 6:
            return f"contains({path}, {self.value(text(w)) if w.chance(0.6) else self._operand(name)})"
        if form == 7:
            return f"begins_with({path}, {self.value(text(w) if w.chance(0.8) else value(w))})"
        if form == 8:
            return f"size({path}) {w.pick(*_COMPARATORS)} {self.value(number(w) if w.chance(0.9) else value(w))}"
        kind = w.pick("S", "N", "L", "M", "SS", "BOOL", "NULL", "B", "NS", "BS")
        return f"attribute_type({path}, {self.value({'S': kind} if not w.broken() else w.pick({'S': 'Q'}, number(w)))})"

    def _operand(self, name: str) -> str:
        w = self.w
        if w.chance(0.1):
            return self.path()
        if w.chance(0.03):
            return f"size({self.path()})"
        return self.value(any_value(w, name))

    def _change(self, name: str) -> tuple[str, str]:
        """Return a change of an attribute and its section; mostly one that values of that name can take."""
        w = self.w
        nested = {"l": ("l[0]", "l[1]", "l[7]"), "m": ("m.x", "m.y", "m.l[0]")}.get(name)
        path = w.pick(*nested) if nested and w.chance(0.2) else self.name(name)
        if w.chance(0.15):
            return "REMOVE", path
        if w.chance(0.1):
            return "SET", f"{path} = {self.path()}"
        kind = name if w.chance(0.85) else w.pick(*NAMES)
        if kind == "l" and w.chance(0.7):
            old = "l" if w.chance(0.5) else f"if_not_exists(l, {self.value({'L': []})})"
            new = self.value(list_of(w))
            return "SET", f"{path} = list_append({w.pick(f'{old}, {new}', f'{new}, {old}')})"
        if kind in ("z", "size") and w.chance(0.7):
            if w.chance(0.4):
                return "ADD", f"{path} {self.value(number(w))}"
            old = path if w.chance(0.4) else f"if_not_exists({path}, {self.value(number(w))})"
            return "SET", f"{path} = {old} {w.pick('+', '-')} {self.value(number(w) if w.chance(0.95) else value(w))}"
        if kind == "data" and w.chance(0.7):
            return w.pick("ADD", "DELETE"), f"{path} {self.value(set_of(w) if w.chance(0.9) else value(w))}"
        if w.chance(0.2):
            return "SET", f"{path} = if_not_exists({self.path()}, {self.value(any_value(w, name))})"
        return "SET", f"{path} = {self.value(any_value(w, name))}"

    def _damaged(self, expression: str) -> str:
        """Return an expression with one of its words lost, doubled or moved."""
        words = expression.split(" ")
        place = self.w.random.randrange(len(words))
        how = self.w.random.randrange(3)
        if how == 0:
            del words[place]
        elif how == 1:
            words.insert(place, words[place])
        else:
            words.insert(self.w.random.randrange(len(words)), words.pop(place))
        return " ".join(words)
