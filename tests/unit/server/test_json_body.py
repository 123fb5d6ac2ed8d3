"""A body is read only when there is one way to read it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ddbmodel.engine.messages.message import Refusal, Wording
from ddbmodel.server.json_body import MAX_DEPTH, parse_body

KEYS = st.sampled_from(["a", "b", ":", 'c":', "\\", "é", "u003a"])
TEXTS = st.sampled_from(["", "x", 'a":b', "::", "\\u003a", '"', "{[", "ü:"])


class Pairs(list[tuple[str, Any]]):
    """The members of an object, in order, a key more than once where that was drawn."""


DOCUMENTS = st.recursive(
    st.one_of(TEXTS, st.integers(-(10**6), 10**6), st.booleans(), st.none(), st.sampled_from([0.5, 1.25])),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.lists(st.tuples(KEYS, inner), max_size=4).map(Pairs)),
    max_leaves=12,
)


def written(document: Any, *, ascii_only: bool, space: str) -> str:
    if isinstance(document, Pairs):
        members = (
            f"{json.dumps(name, ensure_ascii=ascii_only)}{space}:{space}"
            f"{written(value, ascii_only=ascii_only, space=space)}"
            for name, value in document
        )
        return "{" + ",".join(members) + "}"
    if isinstance(document, list):
        return "[" + ",".join(written(value, ascii_only=ascii_only, space=space) for value in document) + "]"
    return json.dumps(document, ensure_ascii=ascii_only)


def has_a_key_twice(document: Any) -> bool:
    if isinstance(document, Pairs):
        names = [name for name, _ in document]
        return len(set(names)) != len(names) or any(has_a_key_twice(value) for _, value in document)
    return isinstance(document, list) and any(has_a_key_twice(value) for value in document)


@given(
    st.lists(st.tuples(KEYS, DOCUMENTS), max_size=4).map(Pairs),
    st.booleans(),
    st.sampled_from(["", " ", "\n\t"]),
    st.booleans(),
)
def test_a_body_is_refused_exactly_when_an_object_has_a_key_twice(
    document: Pairs, ascii_only: bool, space: str, escape_colons: bool
) -> None:
    text = written(document, ascii_only=ascii_only, space=space)
    if escape_colons:
        text = text.replace('"::"', '"\\u003a\\u003A"')

    if has_a_key_twice(document):
        with pytest.raises(Refusal):
            parse_body(text.encode())
    else:
        assert parse_body(text.encode()) == json.loads(text)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b"12",
        b"{} {}",
        b"{'a':1}",
        b'{"a":1,}',
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b'{"a":1e999}',
        b'{"a":01}',
        b'{"a":"\\ud800"}',
        b'{"\\udfff":1}',
        b'{"a":"\xff"}',
        b'{"a":"\xed\xa0\x80"}',
        b'\xef\xbb\xbf{"a":1}',
        '{"a":1}'.encode("utf-16"),
        b'{"a":"\x00"}',
        b"[" * 1_000_000,
        b'{"a":' * 100_000,
        b'{"a":1,"a":1}',
        b'{"a" :1,"\\u0061":2}',
        b'{"a":{"\\u003a":1,":":2}}',
        b'{"b":"\\u003a","a":1,"a":1}',
    ],
)
def test_what_is_not_one_safe_object_is_refused(body: bytes) -> None:
    with pytest.raises(Refusal) as caught:
        parse_body(body)

    assert caught.value.code == "SerializationException"


@pytest.mark.parametrize("text", ['{"a":"\\u003a"}', '{"\\u003A":1}', '{"u003a":"a:b"}', '{"a" : ":"}'])
def test_an_escaped_colon_is_no_second_key(text: str) -> None:
    assert parse_body(text.encode()) == json.loads(text)


@pytest.mark.parametrize(("open_", "close"), [(b'{"M":', b"}"), (b"[", b"]")])
def test_the_depth_of_a_body_is_limited(open_: bytes, close: bytes) -> None:
    deepest = MAX_DEPTH - 1
    assert parse_body(b'{"a":' + open_ * deepest + b"1" + close * deepest + b"}")

    with pytest.raises(Refusal):
        parse_body(b'{"a":' + open_ * (deepest + 1) + b"1" + close * (deepest + 1) + b"}")


@pytest.mark.parametrize("part", [b"[]", b"{}", b'{"a":[]}', b"[[]]"])
def test_the_objects_and_lists_of_a_body_are_limited(part: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ddbmodel.server.json_body.MAX_PARTS", 1000)
    inside = part.count(b"[") + part.count(b"{")
    fits = 998 // inside
    assert parse_body(b'{"a":[' + b",".join([part] * fits) + b"]}")

    with pytest.raises(Refusal) as caught:
        parse_body(b'{"a":[' + b",".join([part] * (fits + 1)) + b"]}")

    assert "more than 1000 objects and lists" in caught.value.text(Wording.CURRENT)


@pytest.mark.parametrize("text", ["[" * 2000, '\\"[' * 2000, "\\\\[" * 2000, '\\\\\\"{' * 2000])
def test_brackets_in_strings_are_no_objects_and_lists(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ddbmodel.server.json_body.MAX_PARTS", 1000)
    body = '{"a":"\\\\","b":"' + text + '"}'

    assert parse_body(body.encode()) == json.loads(body)


def test_a_wide_body_is_not_a_deep_one() -> None:
    body = json.dumps({"a": [{"b": [i]} for i in range(1000)]}).encode()

    assert len(parse_body(body)["a"]) == 1000
