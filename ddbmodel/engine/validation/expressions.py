"""The expressions of one request: parsed, resolved and checked, with the names and values that they share.

The names and values are checked first, then each expression in the order in which the operation asks for it, then
that every name and value was used.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final, TypeVar, cast

from ddbmodel.engine.messages import expressions as messages
from ddbmodel.engine.messages.message import Message, Refusal, refused
from ddbmodel.engine.validation.attribute_values import MAX_NAME_BYTES, canonical_value
from ddbmodel.expressions.check import check_condition, check_projection, check_update
from ddbmodel.expressions.errors import InvalidExpression
from ddbmodel.expressions.parse import parse_condition, parse_projection, parse_update
from ddbmodel.expressions.resolve import Resolver
from ddbmodel.expressions.tree import Condition, Projection, Update
from ddbmodel.values.item_size import item_size_bytes, utf8_length
from ddbmodel.values.wire import AttributeValue

__all__ = ["RequestExpressions"]

TreeT = TypeVar("TreeT", Condition, Update, Projection)

_PLACEHOLDER: Final = {"#": re.compile(r"#[A-Za-z0-9_]+"), ":": re.compile(r":[A-Za-z0-9_]+")}
_MAX_PLACEHOLDER_CHARACTERS: Final = 255
_MAX_MAP_BYTES: Final = 2 * 1024 * 1024
"""Of names and values together, with their placeholders."""
_CACHED_TEXTS: Final = 1024
_NAMES: Final = "ExpressionAttributeNames"
_VALUES: Final = "ExpressionAttributeValues"


class RequestExpressions:
    """The expressions of a request by parameter name; call `finish` when all were asked for.

    Args:
        request: the body, or the action of a transaction, whose members were checked.
        parameters: the expression parameters that it can have, in the order in which messages list them.

    Raises:
        ServiceError: ``ValidationException`` for names or values that cannot be, or have no expression to serve.
    """

    __slots__ = ("_has_placeholders", "_resolver", "_texts")

    def __init__(self, request: dict[str, Any], *parameters: str) -> None:
        self._texts = {name: request[name] for name in parameters if request.get(name) is not None}
        names, values = request.get(_NAMES), request.get(_VALUES)
        self._has_placeholders = names is not None or values is not None
        self._resolver: Resolver | None = None
        size_bytes = 0
        if names is not None:
            if not self._texts:
                raise refused(messages.WITHOUT_EXPRESSION, parameter=_NAMES, which="")
            size_bytes = _check_names(names)
        if values is not None:
            self._require_use_of_values(parameters)
            values = _canonical_values(values)
            size_bytes += _check_size(_VALUES, item_size_bytes(values))
        if size_bytes > _MAX_MAP_BYTES:
            raise refused(messages.MAPS_TOO_LARGE)
        if self._texts:
            self._resolver = Resolver(names, values)

    def condition(self, parameter: str) -> Condition | None:
        """Return a condition, filter or key condition, or None when the request has none under this name."""
        return self._tree(parameter, parse_condition, Resolver.condition, check_condition)

    def update(self, parameter: str) -> Update | None:
        """Return an update, or None."""
        return self._tree(parameter, parse_update, Resolver.update, check_update)

    def projection(self, parameter: str) -> Projection | None:
        """Return a projection, or None."""
        return self._tree(parameter, parse_projection, Resolver.projection, check_projection)

    def finish(self) -> None:
        """Refuse names and values that no expression used."""
        if self._resolver is None:
            return
        for kind, unused in (("Names", self._resolver.unused_names()), ("Values", self._resolver.unused_values())):
            if unused:
                raise refused(messages.UNUSED, parameter=f"ExpressionAttribute{kind}", names=", ".join(unused))

    def _tree(
        self,
        parameter: str,
        parse: Callable[[str], TreeT],
        resolve: Callable[[Resolver, TreeT], TreeT],
        check: Callable[[TreeT], object],
    ) -> TreeT | None:
        text = self._texts.get(parameter)
        if text is None or self._resolver is None:
            return None
        try:
            if self._has_placeholders:
                tree = resolve(self._resolver, parse(text))
                check(tree)
            else:
                tree = cast("TreeT", _tree_of_text(text, parse, resolve, check))
        except InvalidExpression as error:
            raise refused(messages.EXPRESSION, parameter=parameter, text=error.message) from None
        return tree

    def _require_use_of_values(self, parameters: tuple[str, ...]) -> None:
        with_values = [name for name in parameters if name != "ProjectionExpression"]
        if self._texts.keys().isdisjoint(with_values):
            verb = "are" if len(with_values) > 1 else "is"
            which = f": {' and '.join(with_values)} {verb} null"
            raise refused(messages.WITHOUT_EXPRESSION, parameter=_VALUES, which=which)


@lru_cache(maxsize=_CACHED_TEXTS)
def _tree_of_text(
    text: str, parse: Callable[[str], Any], resolve: Callable[[Resolver, Any], Any], check: Callable[[Any], object]
) -> Any:
    """Return the checked tree of an expression that stands for itself; trees never change, so they can be shared."""
    tree = resolve(Resolver(None, None), parse(text))
    check(tree)
    return tree


def _check_names(names: dict[str, Any]) -> int:
    """Return how many bytes names have with their placeholders."""
    if not names:
        raise refused(messages.MUST_NOT_BE_EMPTY, parameter=_NAMES)
    size_bytes = 0
    for placeholder, name in names.items():
        _check_placeholder(_NAMES, "#", placeholder)
        if not name:
            raise refused(messages.EMPTY_NAME, parameter=_NAMES, key=placeholder)
        name_bytes = utf8_length(name)
        if name_bytes > MAX_NAME_BYTES:
            raise refused(messages.NAME_TOO_LARGE, parameter=_NAMES, key=placeholder)
        size_bytes += len(placeholder) + name_bytes
    return _check_size(_NAMES, size_bytes)


def _canonical_values(values: dict[str, Any]) -> dict[str, AttributeValue]:
    if not values:
        raise refused(messages.MUST_NOT_BE_EMPTY, parameter=_VALUES)
    kept: dict[str, AttributeValue] = {}
    for placeholder, value in values.items():
        _check_placeholder(_VALUES, ":", placeholder)
        try:
            kept[placeholder] = canonical_value(value)
        except Refusal as refusal:
            raise _in_values(refusal, placeholder) from None
    return kept


def _in_values(refusal: Refusal, placeholder: str) -> Refusal:
    """Return the refusal of an expression's value; the older wording says where the value is."""
    inner = refusal.message
    older = inner.text if inner.older is None else inner.older
    wrapped = Message(
        inner.text,
        inner.source,
        older=_VALUES + " contains invalid value: " + older + " for key {placeholder}",
        enveloped=inner.enveloped,
    )
    return refused(wrapped, **refusal.values, placeholder=placeholder)


def _check_size(kind: str, size_bytes: int) -> int:
    if size_bytes > _MAX_MAP_BYTES:
        raise refused(messages.MAP_TOO_LARGE, parameter=kind)
    return size_bytes


def _check_placeholder(kind: str, sigil: str, placeholder: str) -> None:
    if len(placeholder) > _MAX_PLACEHOLDER_CHARACTERS:
        raise refused(messages.PLACEHOLDER_TOO_LONG, parameter=kind, size=len(placeholder))
    if not _PLACEHOLDER[sigil].fullmatch(placeholder):
        raise refused(messages.PLACEHOLDER_SYNTAX, parameter=kind, key=placeholder)
