"""Cursors are opaque, signed, and good for one query."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from ddbmodel.errors import InvalidCursor, InvalidRequest
from ddbmodel.query.cursors import CursorSigner, signer_of

REQUEST: dict[str, Any] = {
    "TableName": "scores",
    "KeyConditionExpression": "#0 = :0",
    "ExpressionAttributeNames": {"#0": "game"},
    "ExpressionAttributeValues": {":0": {"S": "tetris"}},
}
KEY = {"game": {"S": "tetris"}, "player": {"B": "AP8="}}
SIGNER = CursorSigner(b"secret")


def test_a_cursor_gives_its_key_back_whatever_the_page_size() -> None:
    cursor = SIGNER.sign(KEY, REQUEST)

    assert SIGNER.open(cursor, {**REQUEST, "Limit": 5, "ExclusiveStartKey": KEY}) == KEY
    assert cursor.isascii()
    assert "=" not in cursor


@pytest.mark.parametrize(
    "change",
    [
        {"TableName": "other"},
        {"IndexName": "leaderboard"},
        {"ExpressionAttributeValues": {":0": {"S": "go"}}},
        {"FilterExpression": "#0 = :0"},
        {"ScanIndexForward": False},
    ],
)
def test_another_query_does_not_open_it(change: dict[str, Any]) -> None:
    cursor = SIGNER.sign(KEY, REQUEST)

    with pytest.raises(InvalidCursor):
        SIGNER.open(cursor, {**REQUEST, **change})


def test_another_secret_does_not_open_it() -> None:
    with pytest.raises(InvalidCursor, match="cursor_secret"):
        CursorSigner(b"other").open(SIGNER.sign(KEY, REQUEST), REQUEST)


def test_secrets_are_replaced_while_their_cursors_are_around() -> None:
    of_old = signer_of("old").sign(KEY, REQUEST)
    both = signer_of(["new", b"old"])

    assert both.open(of_old, REQUEST) == KEY
    assert both.sign(KEY, REQUEST) == signer_of("new").sign(KEY, REQUEST)
    with pytest.raises(InvalidCursor):
        signer_of("new").open(of_old, REQUEST)


def test_without_a_secret_a_cursor_is_its_signers_alone() -> None:
    cursor = signer_of(None).sign(KEY, REQUEST)

    with pytest.raises(InvalidCursor):
        signer_of(None).open(cursor, REQUEST)


@pytest.mark.parametrize("secret", ["", b"", [], ["new", ""], [3]])
def test_an_empty_secret_is_refused(secret: Any) -> None:
    with pytest.raises(InvalidRequest, match="must not be empty"):
        signer_of(secret)


def test_a_last_letter_with_spare_bits_set_is_another_cursor() -> None:
    # One byte beside a multiple of three leaves the last letter four bits that say nothing.
    cursor = next(text for size in range(3) if len(text := SIGNER.sign({"a": {"S": "x" * size}}, REQUEST)) % 4 == 2)
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    twin = cursor[:-1] + letters[letters.index(cursor[-1]) + 1]
    assert base64.urlsafe_b64decode(twin + "==") == base64.urlsafe_b64decode(cursor + "==")

    with pytest.raises(InvalidCursor):
        SIGNER.open(twin, REQUEST)


def test_every_changed_byte_is_noticed() -> None:
    cursor = SIGNER.sign(KEY, REQUEST)
    raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))

    for position in range(len(raw)):
        changed = raw[:position] + bytes([raw[position] ^ 1]) + raw[position + 1 :]
        with pytest.raises(InvalidCursor):
            SIGNER.open(base64.urlsafe_b64encode(changed).decode().rstrip("="), REQUEST)


@pytest.mark.parametrize("cursor", ["", "A", "not base64!", "ä", "AAAA", 5, None])
def test_anything_else_is_no_cursor(cursor: Any) -> None:
    with pytest.raises(InvalidCursor):
        SIGNER.open(cursor, REQUEST)
