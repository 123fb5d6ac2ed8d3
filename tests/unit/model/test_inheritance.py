"""Subclasses, generic models and late forward references each get their own codec and schema."""

import pickle
from typing import Generic, TypeVar

from pydantic import BaseModel

from ddbmodel.model import Attr, GlobalIndex, Model, attr, partition_key

T = TypeVar("T")


class Base(Model, table="t"):
    id: Attr[str] = partition_key()
    age: Attr[int] = attr(default=1)
    by_age = GlobalIndex(partition_key=age)


class Sub(Base):
    age: Attr[int] = attr(default=2)


class Late(Model, table="t"):
    id: Attr[str] = partition_key()
    node: Attr["Node | None"] = attr(default=None)


class Node(BaseModel):
    value: int = 1


class Box(Model, Generic[T], table="g"):
    id: Attr[str] = partition_key()
    item: Attr[T] = attr()


def test_a_subclass_keeps_the_indexes_and_may_declare_a_field_again() -> None:
    assert Sub(id="a").to_item()["age"] == {"N": "2"}
    assert Sub.by_age.model is Sub


def test_a_late_forward_reference_is_known_after_the_rebuild() -> None:
    Late.model_rebuild()
    late = Late(id="a", node=Node(value=2))

    assert Late.from_item(late.to_item()) == late


def test_a_generic_model_has_a_codec_for_each_parameter() -> None:
    box = Box[int](id="a", item=3)

    assert Box[int].from_item(box.to_item()) == box


def test_an_instance_can_be_pickled() -> None:
    assert pickle.loads(pickle.dumps(Sub(id="a"))) == Sub(id="a")


def test_a_class_in_a_function_may_name_types_of_the_function() -> None:
    class Inside(BaseModel):
        value: int = 1

    class Outer(Model, table="t"):
        id: Attr[str] = partition_key()
        inside: "Attr[Inside]" = attr()

    assert Outer(id="a", inside=Inside()).to_item()["inside"] == {"M": {"value": {"N": "1"}}}
