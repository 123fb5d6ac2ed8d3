"""A set field is absent when it is None or empty, and refused when something else was put there."""

from __future__ import annotations

import pytest

from ddbmodel.errors import ValueNotStorable
from ddbmodel.model import Attr, Model, attr, partition_key


class Post(Model, table="posts"):
    id: Attr[str] = partition_key()
    tags: Attr[set[str]] = attr(default_factory=set)
    marks: Attr[frozenset[int] | None] = attr(default=None)


@pytest.mark.parametrize("field", ["tags", "marks"])
@pytest.mark.parametrize("wrong", ["", 0, {}, [], False, "x", ["x"]])
def test_a_value_that_is_no_set_is_refused_also_when_it_is_falsy(field: str, wrong: object) -> None:
    post = Post(id="a")
    post.__dict__[field] = wrong

    with pytest.raises(ValueNotStorable, match=f"Post.{field}: declared as set, holds {type(wrong).__name__}"):
        post.to_item()


@pytest.mark.parametrize("field", ["tags", "marks"])
@pytest.mark.parametrize("nothing", [None, set(), frozenset()])
def test_none_and_empty_sets_are_absent(field: str, nothing: object) -> None:
    post = Post(id="a")
    post.__dict__[field] = nothing

    assert post.to_item() == {"id": {"S": "a"}}


def test_an_empty_optional_set_is_not_blamed_for_another_field() -> None:
    post = Post(id="a", marks=frozenset())
    post.__dict__["tags"] = 3

    with pytest.raises(ValueNotStorable, match=r"Post\.tags"):
        post.to_item()
