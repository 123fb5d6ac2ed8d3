"""Declarations that cannot work are refused when the class is made."""

import pytest

from ddbmodel.errors import KeyAttributeMissing, ModelDefinitionError
from ddbmodel.model import Attr, GlobalIndex, LocalIndex, Model, attr, partition_key, sort_key, version


def test_a_table_needs_a_partition_key() -> None:
    with pytest.raises(ModelDefinitionError, match="needs a key"):

        class Keyless(Model, table="t"):
            name: Attr[str] = attr()


def test_two_partition_keys_are_refused() -> None:
    with pytest.raises(ModelDefinitionError, match="one partition_key"):

        class Two(Model, table="t"):
            a: Attr[str] = partition_key()
            b: Attr[str] = partition_key()


def test_an_index_over_an_unknown_field_is_refused() -> None:
    with pytest.raises(KeyAttributeMissing, match="'nope'"):

        class Wrong(Model, table="t"):
            a: Attr[str] = partition_key()
            by_nope = GlobalIndex(partition_key="nope")


def test_a_template_over_an_unknown_field_is_refused() -> None:
    with pytest.raises(KeyAttributeMissing, match="'nope'"):

        class Wrong(Model, table="t"):
            a: Attr[str] = partition_key("A#{nope}")


def test_an_unpadded_number_in_a_sort_key_is_refused() -> None:
    with pytest.raises(ModelDefinitionError, match="pad a whole number"):

        class Wrong(Model, table="t"):
            a: Attr[str] = partition_key()
            b: Attr[str] = sort_key("B#{n}")
            n: Attr[int] = attr()


def test_a_field_named_like_a_method_is_refused_with_the_alias_to_use() -> None:
    with pytest.raises(ModelDefinitionError, match="alias='key'"):

        class Wrong(Model, table="t"):
            key: Attr[str] = partition_key()  # type: ignore[assignment]  # the mistake itself


@pytest.mark.parametrize("type_", [bool, list[str], dict[str, str], str | None])
def test_a_key_of_a_type_that_cannot_be_a_key_is_refused(type_: object) -> None:
    with pytest.raises(ModelDefinitionError, match="cannot be"):

        class Wrong(Model, table="t"):
            a: Attr[type_] = partition_key()  # type: ignore[valid-type]  # a parameter of the test


def test_a_version_is_a_whole_number() -> None:
    with pytest.raises(ModelDefinitionError, match="declared as int"):

        class Wrong(Model, table="t"):
            a: Attr[str] = partition_key()
            v: Attr[str] = version()


def test_a_local_index_needs_a_sort_key() -> None:
    with pytest.raises(ModelDefinitionError, match="needs a table with a sort key"):

        class Wrong(Model, table="t"):
            a: Attr[str] = partition_key()
            n: Attr[int] = attr()
            by_n = LocalIndex(sort_key=n)


def test_an_index_has_a_name_that_the_service_takes() -> None:
    with pytest.raises(ModelDefinitionError, match=r"Short\.ab: the name of an index has 3 to 255 characters"):

        class Short(Model, table="short"):
            key_: Attr[str] = partition_key()
            ab = GlobalIndex(partition_key=key_)
