"""Key conditions by the fields that a key is made from: ``Order.customer_id == "c1"`` where the key is a text; pure.

The inputs of a partition key are all given, each by ``==``. Those of a sort key are given from the left: by ``==``, and
the next one by a range, which becomes a range of the text.

| condition on the next input | of the text |
|---|---|
| none | ``begins_with`` what is known so far |
| ``begins_with`` | ``begins_with`` |
| ``>= >`` | from the value up to the end of what begins as known so far |
| ``<= <`` | from the start of what begins as known so far up to the value |
| ``between`` | between the two |
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NoReturn

from ddbmodel.errors import InvalidRequest, ValueNotStorable
from ddbmodel.expressions.tree import AttributeTest, Between, Comparator, Comparison, Condition, Path, Value
from ddbmodel.model.codec import codec_of
from ddbmodel.model.entities import entity_classes
from ddbmodel.model.key_template import KeyTemplate, TemplateInput
from ddbmodel.model.scalars import Refused
from ddbmodel.model.schema import KeyField
from ddbmodel.values.wire import AttributeValue

if TYPE_CHECKING:
    from ddbmodel.model.base import Model

__all__ = ["key_terms_of_any", "key_terms_of_inputs", "template_prefix"]

Terms = Mapping[str, Condition]
"""Conditions with one attribute at their left and values at their right, by the attribute."""


def key_terms_of_inputs(
    where: str, model: type[Model], partition: Sequence[KeyField], sort: Sequence[KeyField], terms: Terms
) -> dict[str, Condition]:
    """Return the conditions with those on inputs of key templates replaced by conditions on the keys.

    A sort key with a template of which nothing is said gets the prefix that all of its texts have.

    Args:
        where: what messages start with.
        partition, sort: the keys of the table or index that is queried.

    Raises:
        InvalidRequest: an input is missing, left out before another one, or ranged over where its text does not sort.
        ValueNotStorable: a value that no key can have.
    """
    keys = {part.attribute for part in (*partition, *sort)}
    made, used, of_partition = dict(terms), set[str](), set[str]()
    for part in partition:
        template = _template_of(model, part)
        if template is None or part.attribute in terms:
            continue
        inputs = _Inputs(where, model, part, template, terms)
        if inputs.given:
            made[part.attribute] = inputs.partition_term()
            used |= inputs.given
            of_partition.update(template.fields)
    for position, part in enumerate(sort):
        template = _template_of(model, part)
        if template is None or part.attribute in terms:
            continue
        inputs = _Inputs(where, model, part, template, terms)
        later = {each.attribute for each in sort[position + 1 :]} & terms.keys()
        # What the partition key is made from too says nothing about the sort key by itself.
        if inputs.given - used or (not later and _is_of_all(model, part)):
            term = inputs.sort_term(of_partition)
            if term is not None:
                made[part.attribute] = term
                used |= inputs.given
    return {name: term for name, term in made.items() if name in keys or name not in used}


def key_terms_of_any(
    where: str, views: Sequence[tuple[type[Model], Sequence[KeyField]]], terms: Terms
) -> dict[str, Condition]:
    """Return the conditions with those on inputs of a partition key, as any of several models makes it, replaced.

    Args:
        views: each model with its partition key, whose attributes are the same for all.

    Raises:
        InvalidRequest: as `key_terms_of_inputs`, or two models make different keys of the conditions.
    """
    found: list[dict[str, Condition]] = []
    refusal: InvalidRequest | None = None
    for model, partition in views:
        try:
            made = key_terms_of_inputs(where, model, partition, (), terms)
        except InvalidRequest as error:
            refusal = refusal or error
            continue
        if made.keys() - terms.keys():
            found.append(made)
    if not found:
        if refusal is not None:
            raise refusal
        return dict(terms)
    keys = [{part.attribute: made.get(part.attribute) for part in views[0][1]} for made in found]
    if any(each != keys[0] for each in keys):
        raise InvalidRequest(
            f"{where}: the models make different partition keys of these conditions; give the key itself"
        )
    # What one of them has no use for, another may have.
    return {name: term for name, term in found[0].items() if all(name in made for made in found)}


def template_prefix(template: KeyTemplate, values: Mapping[str, AttributeValue]) -> tuple[str, int]:
    """Return how all texts begin that have these values, and the position of the first part that is not known.

    Args:
        values: by field; used from the left up to the first one that is missing.

    Raises:
        Refused: a value that cannot stand in the template.
    """
    text = ""
    for position, part in enumerate(template.parts):
        if isinstance(part, str):
            text += part
        elif part.field in values:
            text += template.stored_text(part, values[part.field])
        else:
            return text, position
    return text, len(template.parts)


class _Inputs:
    """What is said about the inputs of one key."""

    def __init__(self, where: str, model: type[Model], key: KeyField, template: KeyTemplate, terms: Terms) -> None:
        codec = codec_of(model)
        names = {field: codec.plan_of[field].attribute for field in template.fields}
        self._where, self._model, self._key, self._template = where, model, key, template
        self._terms = {field: terms[attribute] for field, attribute in names.items() if attribute in terms}
        self.given = {names[field] for field in self._terms}

    def partition_term(self) -> Condition:
        """Return the equality of the partition key."""
        for field in self._template.fields:
            if field not in self._terms or _equal(self._terms[field]) is None:
                self._refuse(
                    f"the partition key {self._key.field!r} is made from {', '.join(self._template.fields)}, and a "
                    f"query needs == on each of them; {field!r} has none"
                )
        text, _ = self._prefix()
        return self._compared("=", text)

    def sort_term(self, said_of_partition: set[str]) -> Condition | None:
        """Return the condition on the sort key; None where nothing is known of it.

        Args:
            said_of_partition: fields whose conditions have their use, even if they have none here.
        """
        prefix, position = self._prefix()
        if position == len(self._template.parts):
            return self._compared("=", prefix)
        part = self._template.parts[position]
        assert isinstance(part, TemplateInput), "only an input can be unknown"
        before = {each.field for each in self._template.parts[:position] if isinstance(each, TemplateInput)}
        for field in self._terms.keys() - before - {part.field} - said_of_partition:
            self._refuse_gap(part.field, field)
        term = self._terms.get(part.field)
        if term is None:
            return self._begins_with(prefix) if prefix else None
        return self._ranged(prefix, position, part, term)

    def _prefix(self) -> tuple[str, int]:
        known = {field: value for field, term in self._terms.items() if (value := _equal(term)) is not None}
        try:
            return template_prefix(self._template, known)
        except Refused as refusal:
            raise self._not_storable(refusal) from None

    def _ranged(self, prefix: str, position: int, part: TemplateInput, term: Condition) -> Condition:
        if isinstance(term, AttributeTest):
            return self._begins_with(prefix + self._start_of(part, term))
        if not self._template.keeps_order(position):
            self._refuse(
                f"the texts of the key {self._key.field!r} do not sort as {part.field!r} does, so it takes no range "
                "there; use == or .begins_with, or give the template escape=True and delimiters such as #"
            )
        ends = _Ends(prefix, self._template.parts[position + 1 :])
        low = high = None
        match term:
            case Comparison(">=", _, Value(value)):
                low = ends.from_value(self._text(part, value))
            case Comparison(">", _, Value(value)):
                low = ends.after_value(self._text(part, value))
            case Comparison("<=", _, Value(value)):
                high = ends.up_to_value(self._text(part, value))
            case Comparison("<", _, Value(value)):
                text = self._text(part, value)
                if ends.is_last and not part.is_fixed_width:
                    if not prefix:
                        return self._compared("<", text)
                    self._refuse(f"{part.field!r} ends the key {self._key.field!r}, where < has no range; use <=")
                high = ends.before_value(text)
            case Between(_, Value(first), Value(last)):
                low, high = ends.from_value(self._text(part, first)), ends.up_to_value(self._text(part, last))
        return self._between(low or prefix, high if high is not None else _after(prefix) if prefix else None)

    def _text(self, part: TemplateInput, value: AttributeValue) -> str:
        try:
            return self._template.stored_text(part, value)
        except Refused as refusal:
            raise self._not_storable(refusal) from None

    def _start_of(self, part: TemplateInput, term: AttributeTest) -> str:
        start = term.arguments[1]
        text = start.value.get("S") if isinstance(start, Value) else None
        if not isinstance(text, str) or part.tag != "S":
            self._refuse(f"begins_with on {part.field!r} takes text")
        try:
            return self._template.escaped(part.field, text) if part.is_free_text else text
        except Refused as refusal:
            raise self._not_storable(refusal) from None

    def _between(self, low: str, high: str | None) -> Condition:
        path = Path((self._key.attribute,))
        if high is None:
            return self._compared(">=", low)
        if not low:
            return self._compared("<=", high)
        return Between(path, Value({"S": low}), Value({"S": high}))

    def _begins_with(self, prefix: str) -> Condition:
        return AttributeTest("begins_with", (Path((self._key.attribute,)), Value({"S": prefix})))

    def _compared(self, comparator: Comparator, text: str) -> Condition:
        return Comparison(comparator, Path((self._key.attribute,)), Value({"S": text}))

    def _not_storable(self, refusal: Refused) -> ValueNotStorable:
        return ValueNotStorable(self._model.__name__, self._key.field, refusal.rule)

    def _refuse(self, rule: str) -> NoReturn:
        raise InvalidRequest(f"{self._where}: {rule}")

    def _refuse_gap(self, missing: str, given: str) -> NoReturn:
        self._refuse(
            f"a condition on {given!r}, of which the key {self._key.field!r} is made, needs == on {missing!r} before "
            f"it; add {missing!r}, or put the condition on {given!r} into .filter(...)"
        )


class _Ends:
    """Where ranges of texts begin and end that begin alike and go on with one more value.

    Whole texts never are equal to an end that is not a whole text, so that an end may be included or not.
    """

    def __init__(self, prefix: str, tail: Sequence[str | TemplateInput]) -> None:
        self._prefix = prefix
        self.is_last = not tail
        self._literal = tail[0] if tail and isinstance(tail[0], str) else ""

    def from_value(self, text: str) -> str:
        return self._prefix + text

    def after_value(self, text: str) -> str:
        # The next text there is, where nothing follows.
        return self._prefix + text + "\0" if self.is_last else _after(self._prefix + text + self._literal)

    def up_to_value(self, text: str) -> str:
        return self._prefix + text if self.is_last else _after(self._prefix + text + self._literal)

    def before_value(self, text: str) -> str:
        if not self.is_last:
            return self._prefix + text
        # All texts there are of one length, so that this one ends before any of the value itself.
        return self._prefix + text[:-1] + chr(ord(text[-1]) - 1)


def _after(text: str) -> str:
    """Return the smallest text above all that begin with one."""
    for position in range(len(text) - 1, -1, -1):
        sign = ord(text[position])
        if sign < 0x10FFFF:
            # What lies between is half of a surrogate pair and no text by itself.
            return text[:position] + chr(0xE000 if sign == 0xD7FF else sign + 1)
    return text + "\U0010ffff"


def _template_of(model: type[Model], part: KeyField) -> KeyTemplate | None:
    return codec_of(model).plan_of[part.field].template


def _is_of_all(model: type[Model], part: KeyField) -> bool:
    """Return whether the keys of all classes that are read through a model have its template."""
    templates = [_template_of(each, part) for each in (model, *entity_classes(model).values())]
    return len({template and (template.template, template.escape) for template in templates}) == 1


def _equal(term: Condition) -> AttributeValue | None:
    match term:
        case Comparison("=", _, Value(value)):
            return value
    return None
