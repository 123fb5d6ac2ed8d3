"""Laws of values: number text, key order, binary."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ddbmodel.values.binary import from_base64, to_base64, with_base64_text, with_raw_bytes
from ddbmodel.values.key_encoding import encode_composite, encode_key_value, encode_number, prefix_end
from ddbmodel.values.numbers import canonical_number


@st.composite
def storable_numbers(draw: st.DrawFn) -> str:
    digits = draw(st.integers(0, 10**38 - 1))
    # The first digit must not stand above 1E125, nor the last below 1E-130.
    exponent = draw(st.integers(-130, 125 - max(len(str(digits)) - 1, 0)))
    return f"{draw(st.sampled_from(['', '-', '+']))}{digits}e{exponent}"


@given(storable_numbers())
def test_a_canonical_number_is_the_same_number(written: str) -> None:
    kept = canonical_number(written)

    assert Decimal(kept) == Decimal(written)
    assert "e" not in kept.lower()
    assert canonical_number(kept) == kept


@given(storable_numbers(), storable_numbers())
def test_number_bytes_sort_as_numbers_do(one: str, two: str) -> None:
    left, right = canonical_number(one), canonical_number(two)

    by_bytes = encode_number(left) < encode_number(right)

    assert by_bytes == (Decimal(left) < Decimal(right))
    assert (encode_number(left) == encode_number(right)) == (left == right)


keys: st.SearchStrategy[tuple[Any, ...]] = st.tuples(
    st.text("a\x00é😀", max_size=3), st.integers(-300, 300), st.binary(max_size=3)
)


def composite(key: tuple[Any, ...]) -> bytes:
    text, number, raw = key
    values = ({"S": text}, {"N": str(number)}, {"B": to_base64(raw)})
    return encode_composite(encode_key_value(value) for value in values)


@given(keys, keys)
def test_composite_keys_sort_by_each_part_in_turn(one: tuple[Any, ...], two: tuple[Any, ...]) -> None:
    as_values = (one[0].encode(), one[1], one[2]) < (two[0].encode(), two[1], two[2])

    assert (composite(one) < composite(two)) == as_values
    assert (composite(one) == composite(two)) == (one == two)


@given(st.binary(max_size=4), st.binary(max_size=4))
def test_the_end_of_a_prefix_lies_behind_all_that_starts_with_it(prefix: bytes, rest: bytes) -> None:
    end = prefix_end(prefix)

    assert end is None or prefix + rest < end
    if end is not None:
        assert not end.startswith(prefix)


@given(st.binary(max_size=20), st.binary(max_size=3))
def test_binary_survives_both_forms(raw: bytes, member: bytes) -> None:
    item = {"B": {"B": to_base64(raw)}, "l": {"L": [{"BS": [to_base64(member)]}, {"M": {"BS": {"S": "x"}}}]}}

    assert from_base64(to_base64(raw)) == raw
    assert with_base64_text(with_raw_bytes(item)) == item
    assert with_raw_bytes(item)["B"]["B"] == raw
