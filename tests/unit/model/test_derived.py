"""Texts that are made from other fields: what instances show, items hold, and updates by key must recompute."""

from __future__ import annotations

from datetime import date
from enum import Enum

import pytest

from ddbmodel.errors import KeyAttributeMissing, ModelDefinitionError, ValueNotStorable
from ddbmodel.model import Attr, GlobalIndex, Model, attr, partition_key, schema_of, sort_key
from ddbmodel.model.derived_fields import derived_value, derived_values, moved_by
from ddbmodel.model.fields import derived


class Status(Enum):
    OPEN = "open"
    DONE = "done"


class Task(Model, table="tasks"):
    pk: Attr[str] = partition_key("USER#{user}")
    sk: Attr[str] = sort_key("TASK#{number:06d}")
    user: Attr[str] = attr(stored=False)
    number: Attr[int] = attr(stored=False)
    status: Attr[Status] = attr(default=Status.OPEN)
    due: Attr[date | None] = attr(default=None, alias="d")
    by_status: Attr[str | None] = derived("STATUS#{status}")
    by_due: Attr[str | None] = derived("DUE#{due}#{number:06d}")

    agenda = GlobalIndex(partition_key=by_status, sort_key=by_due)


DAY = date(2026, 1, 31)


def test_an_instance_shows_the_texts_from_the_beginning() -> None:
    task = Task(user="ann", number=7, d=DAY)

    assert (task.pk, task.sk, task.by_status, task.by_due) == (
        "USER#ann",
        "TASK#000007",
        "STATUS#open",
        "DUE#2026-01-31#000007",
    )


def test_the_texts_follow_the_fields_whenever_an_item_is_made() -> None:
    task = Task(user="ann", number=7, d=DAY)
    task.status, task.due = Status.DONE, date(2026, 2, 1)

    item = task.to_item()

    assert item["by_status"] == {"S": "STATUS#done"}
    assert item["by_due"] == {"S": "DUE#2026-02-01#000007"}
    assert task.by_due == "DUE#2026-02-01#000007"
    assert Task.from_item(item) == task


def test_a_text_of_which_a_field_is_none_is_absent_so_that_the_index_is_sparse() -> None:
    task = Task(user="ann", number=7, d=DAY)
    task.due = None

    assert "by_due" not in task.to_item()
    assert task.by_due is None
    assert Task.from_item(task.to_item()).by_due is None


def test_what_is_passed_for_a_text_does_not_count() -> None:
    task = Task.model_validate({"user": "ann", "number": 7, "by_due": "mine", "pk": "mine"})

    assert (task.by_due, task.pk) == (None, "USER#ann")


def test_a_value_that_cannot_stand_in_a_text_is_refused_when_the_item_is_made() -> None:
    class Note(Model, table="notes"):
        id: Attr[str] = partition_key()
        topic: Attr[str] = attr()
        by_topic: Attr[str | None] = derived("TOPIC#{topic}")

    with pytest.raises(ValueNotStorable, match=r"Note\.by_topic: 'topic' contains a delimiter"):
        Note(id="a", topic="a#b").to_item()


def test_the_schema_says_what_is_derived_from_what() -> None:
    by_status, by_due = schema_of(Task).derived

    assert by_status.inputs == (("status", "status"),)
    assert by_due.inputs == (("due", "d"), ("number", "number"))
    assert (by_due.field, by_due.attribute) == ("by_due", "by_due")


def test_an_update_moves_the_texts_that_are_made_from_what_it_changes() -> None:
    assert [each.field for each in moved_by(Task, {"status"})] == ["by_status"]
    assert [each.field for each in moved_by(Task, {"d", "status"})] == ["by_status", "by_due"]
    assert moved_by(Task, {"due", "other"}) == ()


def test_a_text_is_made_from_attribute_values_and_from_what_the_key_says() -> None:
    key = Task.key(user="ann", number=7).item

    assert derived_value(Task, "by_status", {"status": {"S": "done"}}) == {"S": "STATUS#done"}
    assert derived_value(Task, "by_due", {"d": {"S": "2026-01-31"}}) is None
    assert derived_values(Task, {**key, "d": {"S": "2026-01-31"}}) == {
        "by_status": None,
        "by_due": {"S": "DUE#2026-01-31#000007"},
    }


def test_the_texts_of_an_item_are_those_that_its_instance_makes() -> None:
    item = Task(user="ann", number=7, d=DAY).to_item()

    assert derived_values(Task, item) == {name: item[name] for name in ("by_status", "by_due")}


@pytest.mark.parametrize(
    ("field", "value", "rule"),
    [
        ("by_due", {"d": {"N": "5"}, "number": {"N": "1"}}, "with type S"),
        ("by_due", {"d": {"S": "2026-01-31"}, "number": {"N": "-1"}}, "does not fit 6 digits"),
        ("by_due", {"d": {"S": "2026-01-31"}, "number": {"N": "1.5"}}, "does not fit 6 digits"),
    ],
)
def test_an_attribute_value_that_cannot_stand_in_a_text_is_refused(field: str, value: dict, rule: str) -> None:
    with pytest.raises(ValueNotStorable, match=rule):
        derived_value(Task, field, value)


def test_a_number_that_an_index_sorts_by_must_be_padded() -> None:
    with pytest.raises(ModelDefinitionError, match="pad a whole number"):

        class Wrong(Model, table="t"):
            id: Attr[str] = partition_key()
            n: Attr[int] = attr()
            text: Attr[str | None] = derived("N#{n}")
            by_text = GlobalIndex(partition_key="id", sort_key=text)


def test_a_number_that_only_partitions_an_index_may_stand_as_it_is() -> None:
    class Right(Model, table="t"):
        id: Attr[str] = partition_key()
        n: Attr[int] = attr()
        text: Attr[str | None] = derived("N#{n}")
        by_text = GlobalIndex(partition_key=text)

    assert Right(id="a", n=-5).to_item()["text"] == {"S": "N#-5"}


def test_the_text_of_an_index_key_is_no_longer_than_the_service_takes() -> None:
    class Long(Model, table="t"):
        id: Attr[str] = partition_key()
        name: Attr[str] = attr()
        text: Attr[str | None] = derived("N#{name}")
        by_text = GlobalIndex(partition_key="id", sort_key=text)

    assert Long(id="a", name="x" * 1022).to_item()["text"] == {"S": "N#" + "x" * 1022}
    with pytest.raises(ValueNotStorable, match=r"Long\.text: a key attribute has at most 1024 bytes, got 1025"):
        Long(id="a", name="x" * 1023).to_item()


def test_a_text_from_what_may_be_none_may_be_none_itself() -> None:
    with pytest.raises(ModelDefinitionError, match=r"'n' may be None.*declare it as str \| None"):

        class Wrong(Model, table="t"):
            id: Attr[str] = partition_key()
            n: Attr[str | None] = attr(default=None)
            text: Attr[str] = derived("N#{n}")


def test_a_text_that_always_is_there_need_not_allow_none() -> None:
    class Right(Model, table="t"):
        id: Attr[str] = partition_key()
        text: Attr[str] = derived("N#{id}")

    assert Right(id="a").text == "N#a"
    assert Right.from_item(Right(id="a").to_item()).text == "N#a"


def test_a_derived_field_that_is_no_text_is_refused() -> None:
    with pytest.raises(ModelDefinitionError, match="declare it as str"):

        class Wrong(Model, table="t"):
            id: Attr[str] = partition_key()
            text: Attr[int | None] = derived("N#{id}")


def test_a_text_made_from_a_text_is_refused() -> None:
    with pytest.raises(ModelDefinitionError, match="'first' is made from other fields itself"):

        class Wrong(Model, table="t"):
            id: Attr[str] = partition_key()
            first: Attr[str | None] = derived("A#{id}")
            second: Attr[str | None] = derived("B#{first}")


def test_a_text_from_a_field_that_is_not_there_is_refused() -> None:
    with pytest.raises(KeyAttributeMissing, match="'nope'"):

        class Wrong(Model, table="t"):
            id: Attr[str] = partition_key()
            text: Attr[str | None] = derived("A#{nope}")
