"""Key templates: ``"ORDER#{placed_at}#{order_id}"`` makes the text of a key from other fields.

Values are printed so that text sorts as the values do; a text value must not contain a delimiter of the template,
else two keys could be the same or a key could reach into another's range.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from string import Formatter
from typing import Any, Final

from ddbmodel.errors import KeyAttributeMissing, ModelDefinitionError
from ddbmodel.model.scalars import TEXT_OF, Refused
from ddbmodel.model.shapes import Choice, Scalar, Shape

__all__ = ["KeyTemplate", "parse_template", "template_fields"]

_PADDED: Final = re.compile(r"0([1-9][0-9]*)d?\Z")
_FREE_TEXT: Final = {"text", "choice"}
_NO_KEY_TEXT: Final = {"boolean", "binary", "duration"}


@dataclass(frozen=True, slots=True)
class _Input:
    field: str
    text: Callable[[Any], str]
    is_free_text: bool
    width_digits: int | None


@dataclass(frozen=True, slots=True)
class KeyTemplate:
    """A parsed template; `parts` are literal texts and inputs in order."""

    template: str
    parts: tuple[str | _Input, ...]
    delimiters: frozenset[str]

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that the template is made from."""
        return tuple(part.field for part in self.parts if isinstance(part, _Input))

    def format(self, values: Mapping[str, Any]) -> str:
        """Return the key text made from field values.

        Raises:
            Refused: a value is missing, empty, contains a delimiter or is wider than its padding.
        """
        return "".join(part if isinstance(part, str) else self._text(part, values) for part in self.parts)

    def _text(self, part: _Input, values: Mapping[str, Any]) -> str:
        value = values.get(part.field)
        if value is None:
            raise Refused(f"the key template {self.template!r} needs a value for {part.field!r}")
        text = part.text(value)
        if not text:
            raise Refused(f"the key template {self.template!r} needs a non-empty {part.field!r}")
        if part.is_free_text and not self.delimiters.isdisjoint(text):
            raise Refused(
                f"{part.field!r} contains a delimiter of the key template {self.template!r}, "
                f"one of {' '.join(sorted(self.delimiters))}; choose another delimiter, or encode the value"
            )
        if part.width_digits is not None:
            if text[0] == "-" or len(text) > part.width_digits:
                raise Refused(
                    f"{part.field!r} does not fit {part.width_digits} digits of the key template {self.template!r}; "
                    "negative or wider numbers would sort wrongly"
                )
            text = text.rjust(part.width_digits, "0")
        return text


def template_fields(model: str, template: str) -> tuple[str, ...]:
    """Return the names of the fields that a template uses."""
    try:
        return tuple(name for _, name, _, _ in Formatter().parse(template) if name is not None)
    except ValueError as error:
        raise ModelDefinitionError(f"{model}: key template {template!r} cannot be read: {error}") from None


def parse_template(
    model: str, template: str, shapes: Mapping[str, Shape], *, sorts: bool, known: Sequence[str]
) -> KeyTemplate:
    """Return the template of a model's key field.

    Args:
        shapes: those of the model's fields that may stand in a template.
        sorts: whether it is a sort key, whose numbers must be padded.

    Raises:
        KeyAttributeMissing: it uses a field that the model does not have.
        ModelDefinitionError: it uses a field whose values have no text that sorts.
    """
    parts: list[str | _Input] = []
    template_fields(model, template)
    for literal, name, form, conversion in Formatter().parse(template):
        if literal:
            parts.append(literal)
        if name is None:
            continue
        if name not in shapes:
            raise KeyAttributeMissing(model, f"key template {template!r}", name, known)
        if conversion:
            raise ModelDefinitionError(f"{model}: key template {template!r} has a conversion; use {{{name}}}")
        parts.append(_input(model, template, name, shapes[name], form or "", sorts))
    if not any(isinstance(part, _Input) for part in parts):
        raise ModelDefinitionError(f"{model}: key template {template!r} uses no field, so all keys would be the same")
    literals = "".join(part for part in parts if isinstance(part, str))
    return KeyTemplate(template, tuple(parts), frozenset(sign for sign in literals if not sign.isalnum()))


def _input(model: str, template: str, name: str, shape: Shape, form: str, sorts: bool) -> _Input:
    where = f"{model}: key template {template!r}: {name!r}"
    if isinstance(shape, Choice) and shape.tag == "S":
        return _Input(name, lambda member: str(getattr(member, "value", member)), True, None)
    if not isinstance(shape, Scalar) or shape.kind in _NO_KEY_TEXT:
        raise ModelDefinitionError(f"{where} has no text of its own; use text, numbers, dates, UUIDs or enums of text")
    padded = _PADDED.match(form)
    if form and (padded is None or shape.kind not in ("integer", "epoch")):
        raise ModelDefinitionError(f"{where} has the format {form!r}; only zero-padded whole numbers ({{n:010d}}) do")
    if sorts and shape.kind in ("integer", "epoch", "real", "decimal") and padded is None:
        raise ModelDefinitionError(
            f"{where} is a number, whose text does not sort as numbers do; pad a whole number, {{{name}:010d}}"
        )
    width = int(padded.group(1)) if padded else None
    return _Input(name, TEXT_OF[shape.kind], shape.kind in _FREE_TEXT, width)
