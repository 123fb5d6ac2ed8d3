"""Page cursors: the service's last evaluated key as an opaque text, signed and bound to one query.

The signature covers the key, and all of the request that decides which items come in which order. So a cursor is good
for its own table, index, conditions, filter, selection and direction only; how far to read is free to change.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from collections.abc import Sequence
from typing import Any, Final, TypeAlias

from ddbmodel.errors import InvalidCursor, InvalidRequest
from ddbmodel.transport.executor import Request
from ddbmodel.values.wire import Item

__all__ = ["CursorSecret", "CursorSigner", "signer_of"]

CursorSecret: TypeAlias = str | bytes | Sequence[str | bytes]
"""What signs cursors; of several, the first signs and each of them opens."""

_SECRET_BYTES: Final = 32

_SIGNATURE_BYTES: Final = 32
# How far to read does not change what is read, so a cursor stays good when the page size changes.
_NOT_BOUND: Final = frozenset({"ExclusiveStartKey", "Limit", "Select"})


class CursorSigner:
    """Makes cursors with one secret, and opens those of older secrets too."""

    def __init__(self, secret: bytes, *older: bytes) -> None:
        """Sign with `secret`; a cursor that one of the `older` ones signed is still opened."""
        self._secret, self._accepted = secret, (secret, *older)

    def sign(self, last_evaluated_key: Item, request: Request) -> str:
        """Return the cursor that continues a request after a key."""
        payload = json.dumps(last_evaluated_key, separators=(",", ":"), sort_keys=True).encode()
        signature = hmac.digest(self._secret, _signed(payload, request), "sha256")
        return _text(signature + payload)

    def open(self, cursor: str, request: Request) -> Item:
        """Return the key that a cursor of this request continues after.

        Raises:
            InvalidCursor: it was changed, is another query's, or was signed with a secret that is not accepted.
        """
        if not isinstance(cursor, str):
            raise InvalidCursor(f"a cursor is the text that a page gave, got a {type(cursor).__name__}")
        try:
            raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raise _invalid(cursor) from None
        if _text(raw) != cursor:
            # The bits that a last letter has to spare are nobody's to set.
            raise _invalid(cursor)
        signature, payload = raw[:_SIGNATURE_BYTES], raw[_SIGNATURE_BYTES:]
        signed = _signed(payload, request)
        # Every secret is tried, so that the time says nothing about which one fits.
        fits = [hmac.compare_digest(signature, hmac.digest(secret, signed, "sha256")) for secret in self._accepted]
        if not any(fits):
            raise _invalid(cursor)
        key: Item = json.loads(payload)
        return key


def signer_of(secret: CursorSecret | None) -> CursorSigner:
    """Return the signer of one secret or several; None makes a random one, which ends with the process.

    Raises:
        InvalidRequest: there is no secret, or an empty one.
    """
    if secret is None:
        return CursorSigner(secrets.token_bytes(_SECRET_BYTES))
    given = [secret] if isinstance(secret, (str, bytes)) else list(secret)
    if not given or not all(isinstance(each, (str, bytes)) and each for each in given):
        raise InvalidRequest(
            "cursor_secret is a text or bytes, or a list of them, and must not be empty; leave it out for a random one"
        )
    first, *older = (each.encode() if isinstance(each, str) else each for each in given)
    return CursorSigner(first, *older)


def _signed(payload: bytes, request: Request) -> bytes:
    bound: dict[str, Any] = {name: value for name, value in request.items() if name not in _NOT_BOUND}
    shape = json.dumps(bound, separators=(",", ":"), sort_keys=True).encode()
    return hashlib.sha256(shape).digest() + payload


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _invalid(cursor: str) -> InvalidCursor:
    return InvalidCursor(
        f"a cursor of {len(cursor)} characters is not one of this query: it was changed, belongs to a query with other "
        "conditions, or was signed with another secret; start at the first page, and connect with cursor_secret=... if "
        "cursors must outlive this process"
    )
