"""Key templates: ``"ORDER#{placed_at}#{order_id}"`` makes the text of a key from other fields, and reads it back.

Values are printed so that text sorts as the values do. A text value must not contain a delimiter of the template (a
sign of its fixed parts that is no letter or digit), else two keys could be the same, or a key could reach into the
range of another. With ``escape`` delimiters are written as ``%23`` instead, and so is every sign up to ``%``, so that a
value still sorts before its own continuations.

| input | text | width | may be ranged over |
|---|---|---|---|
| text, enum of text | as it is | any | as the last input; if escaped and every delimiter sorts before ``%``, anywhere |
| UUID, aware datetime, date, padded number | as stored; the number with zeros in front | fixed | yes |
| time, number without padding | as stored | any | no |
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from string import Formatter
from typing import Any, Final
from urllib.parse import unquote

from ddbmodel.errors import KeyAttributeMissing, ModelDefinitionError
from ddbmodel.model.scalars import TAG_OF_KIND, TEXT_OF, Refused
from ddbmodel.model.shapes import Choice, Scalar, Shape, bare
from ddbmodel.values.wire import AttributeValue

__all__ = ["KeyTemplate", "TemplateInput", "parse_template", "template_fields"]

_PADDED: Final = re.compile(r"0([1-9][0-9]*)d?\Z")
_NO_KEY_TEXT: Final = {"boolean", "binary", "duration"}
_NUMBERS: Final = {"integer", "epoch", "real", "decimal"}
_FIXED: Final[Mapping[str, str]] = {
    "uuid": r"[0-9a-f-]{36}",
    "moment": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z",
    "day": r"\d{4}-\d\d-\d\d",
}
_SIGNS_OF_TIME: Final = frozenset("0123456789:.+-")
_SIGNS_OF_NUMBERS: Final = frozenset("0123456789.E+-")


@dataclass(frozen=True, slots=True)
class TemplateInput:
    """A field in a template.

    Attributes:
        kind: of the scalar; ``choice`` for an enum of text.
        width_digits: of a padded number.
    """

    field: str
    kind: str
    text: Callable[[Any], str]
    width_digits: int | None = None

    @property
    def is_free_text(self) -> bool:
        """Whether its values may have any signs."""
        return self.kind in ("text", "choice")

    @property
    def is_fixed_width(self) -> bool:
        """Whether all of its texts are of one length."""
        return self.width_digits is not None or self.kind in _FIXED

    @property
    def tag(self) -> str:
        """The type tag that its values are stored with."""
        return "S" if self.kind == "choice" else TAG_OF_KIND[self.kind]


@dataclass(frozen=True)
class KeyTemplate:
    """A parsed template; `parts` are literal texts and inputs in order.

    Attributes:
        escape: whether free text is escaped instead of refused.
    """

    template: str
    parts: tuple[str | TemplateInput, ...]
    delimiters: frozenset[str]
    escape: bool = False

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """The fields that the template is made from."""
        return tuple(dict.fromkeys(part.field for part in self.parts if isinstance(part, TemplateInput)))

    def format(self, values: Mapping[str, Any]) -> str:
        """Return the key text made from field values.

        Raises:
            Refused: a value is missing, empty, contains a delimiter or is wider than its padding.
        """
        return "".join(part if isinstance(part, str) else self._text(part, values) for part in self.parts)

    def format_known(self, values: Mapping[str, Any]) -> str | None:
        """Return the text, or None where a value is None or missing; raises as `format`."""
        if any(values.get(field) is None for field in self.fields):
            return None
        return self.format(values)

    def format_stored(self, values: Mapping[str, AttributeValue]) -> str | None:
        """Return the text made from attribute values by field, or None where one is absent or NULL.

        Raises:
            Refused: as `format`, or an attribute value is of another type.
        """
        texts: list[str] = []
        for part in self.parts:
            if isinstance(part, str):
                texts.append(part)
                continue
            value = values.get(part.field)
            if value is None or "NULL" in value:
                return None
            texts.append(self.stored_text(part, value))
        return "".join(texts)

    def stored_text(self, part: TemplateInput, value: AttributeValue) -> str:
        """Return what an attribute value is in the text; raises as `format_stored`."""
        if part.tag not in value:
            raise Refused(f"the key template {self.template!r} takes {part.field!r} with type {part.tag}")
        return self._placed(part, value[part.tag])

    def escaped(self, field: str, text: str) -> str:
        """Return free text of a field as it stands in the key, whole or the start of one.

        Raises:
            Refused: it has a delimiter, and the template does not escape.
        """
        if self.escape:
            return "".join(map(self._escaped_sign, text))
        if not self.delimiters.isdisjoint(text):
            raise Refused(
                f"{field!r} contains a delimiter of the key template {self.template!r}, one of "
                f"{' '.join(sorted(self.delimiters))}; choose another delimiter, or let the template escape it with "
                "escape=True"
            )
        return text

    def parse(self, text: str) -> dict[str, AttributeValue]:
        """Return the attribute values, by field, that a key text was made from; the template must be reversible.

        Raises:
            Refused: the text is none of this template.
        """
        assert self.not_reversible is None, f"{self.template!r} cannot be read back: {self.not_reversible}"
        found = self._pattern.fullmatch(text)
        if found is None:
            raise Refused(f"the key is no text of the template {self.template!r}")
        values: dict[str, AttributeValue] = {}
        inputs = [part for part in self.parts if isinstance(part, TemplateInput)]
        for part, raw in zip(inputs, found.groups(), strict=True):
            value = {part.tag: self._read(part, raw)}
            if values.setdefault(part.field, value) != value:
                raise Refused(f"the key is no text of the template {self.template!r}")
        return values

    @cached_property
    def not_reversible(self) -> str | None:
        """Why values cannot be told from the text again; None where they can."""
        for part, following in zip(self.parts, (*self.parts[1:], None), strict=True):
            if isinstance(part, str) or (part.is_fixed_width and part.kind != "epoch"):
                continue
            if part.kind == "epoch":
                return f"{part.field!r} is a time of whole seconds there"
            if isinstance(following, TemplateInput):
                return f"nothing stands between {part.field!r} and {following.field!r}"
            if following is not None and not self._ends(part, following[0]):
                return f"{following[0]!r} after {part.field!r} may be a part of its text"
        return None

    def keeps_order(self, position: int) -> bool:
        """Return whether texts with equal values before a position of `parts` sort as the values of the input there."""
        part = self.parts[position]
        assert isinstance(part, TemplateInput), "a literal has no values"
        if part.is_free_text:
            # A sign that is escaped sorts as %, so with all those below it nothing changes its place.
            return all(sign < "%" for sign in self.delimiters) if self.escape else position == len(self.parts) - 1
        return part.is_fixed_width

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile(
            "".join(re.escape(part) if isinstance(part, str) else f"({self._pattern_of(part)})" for part in self.parts),
            re.DOTALL | re.ASCII,
        )

    def _pattern_of(self, part: TemplateInput) -> str:
        if part.width_digits is not None:
            return rf"\d{{{part.width_digits}}}"
        if part.is_free_text:
            return f"[^{re.escape(''.join(sorted(self.delimiters)))}]+" if self.delimiters else ".+"
        signs = _SIGNS_OF_TIME if part.kind == "time" else _SIGNS_OF_NUMBERS
        return _FIXED.get(part.kind) or f"[{re.escape(''.join(sorted(signs)))}]+"

    def _ends(self, part: TemplateInput, sign: str) -> bool:
        if part.is_free_text:
            return sign in self.delimiters
        return sign not in (_SIGNS_OF_TIME if part.kind == "time" else _SIGNS_OF_NUMBERS)

    def _read(self, part: TemplateInput, raw: str) -> str:
        if part.width_digits is not None:
            return raw.lstrip("0") or "0"
        if not (part.is_free_text and self.escape):
            return raw
        try:
            return unquote(raw, errors="strict")
        except UnicodeDecodeError:
            raise Refused(f"the key is no text of the template {self.template!r}") from None

    def _escaped_sign(self, sign: str) -> str:
        if sign > "%" and sign not in self.delimiters:
            return sign
        return "".join(f"%{byte:02X}" for byte in sign.encode())

    def _text(self, part: TemplateInput, values: Mapping[str, Any]) -> str:
        value = values.get(part.field)
        if value is None:
            raise Refused(f"the key template {self.template!r} needs a value for {part.field!r}")
        return self._placed(part, part.text(value))

    def _placed(self, part: TemplateInput, text: str) -> str:
        if not text:
            raise Refused(f"the key template {self.template!r} needs a non-empty {part.field!r}")
        if part.is_free_text:
            return self.escaped(part.field, text)
        if part.width_digits is None:
            return text
        if text[0] == "-" or len(text) > part.width_digits or not text.isdigit():
            raise Refused(
                f"{part.field!r} does not fit {part.width_digits} digits of the key template {self.template!r}; "
                "negative or wider numbers would sort wrongly"
            )
        return text.rjust(part.width_digits, "0")


def template_fields(model: str, template: str) -> tuple[str, ...]:
    """Return the names of the fields that a template uses."""
    try:
        return tuple(name for _, name, _, _ in Formatter().parse(template) if name is not None)
    except ValueError as error:
        raise ModelDefinitionError(f"{model}: key template {template!r} cannot be read: {error}") from None


def parse_template(
    model: str,
    template: str,
    shapes: Mapping[str, Shape],
    *,
    sorts: bool,
    known: Sequence[str],
    optional: bool = False,
    escape: bool = False,
) -> KeyTemplate:
    """Return the template of a model's key field.

    Args:
        shapes: those of the model's fields that may stand in a template.
        sorts: whether it is a sort key, whose numbers must be padded.
        optional: whether values may be None, so that there is no text.
        escape: whether free text is escaped instead of refused.

    Raises:
        KeyAttributeMissing: it uses a field that the model does not have.
        ModelDefinitionError: it uses a field whose values have no text that sorts.
    """
    parts: list[str | TemplateInput] = []
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
        shape = bare(shapes[name]) if optional else shapes[name]
        parts.append(_input(model, template, name, shape, form or "", sorts))
    if not any(isinstance(part, TemplateInput) for part in parts):
        raise ModelDefinitionError(f"{model}: key template {template!r} uses no field, so all keys would be the same")
    literals = "".join(part for part in parts if isinstance(part, str))
    if escape and "%" in literals:
        raise ModelDefinitionError(
            f"{model}: key template {template!r} has a %, which begins what is escaped; choose another delimiter"
        )
    return KeyTemplate(template, tuple(parts), frozenset(sign for sign in literals if not sign.isalnum()), escape)


def _input(model: str, template: str, name: str, shape: Shape, form: str, sorts: bool) -> TemplateInput:
    where = f"{model}: key template {template!r}: {name!r}"
    if isinstance(shape, Choice) and shape.tag == "S":
        return TemplateInput(name, "choice", lambda member: str(getattr(member, "value", member)))
    if not isinstance(shape, Scalar) or shape.kind in _NO_KEY_TEXT:
        raise ModelDefinitionError(f"{where} has no text of its own; use text, numbers, dates, UUIDs or enums of text")
    padded = _PADDED.match(form)
    if form and (padded is None or shape.kind not in ("integer", "epoch")):
        raise ModelDefinitionError(f"{where} has the format {form!r}; only zero-padded whole numbers ({{n:010d}}) do")
    if sorts and shape.kind in _NUMBERS and padded is None:
        raise ModelDefinitionError(
            f"{where} is a number, whose text does not sort as numbers do; pad a whole number, {{{name}:010d}}"
        )
    return TemplateInput(name, shape.kind, TEXT_OF[shape.kind], int(padded.group(1)) if padded else None)
