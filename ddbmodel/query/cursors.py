"""Page cursors: the service's last evaluated key as an opaque text, signed and bound to one query."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from typing import Any, Final

from ddbmodel.errors import InvalidCursor
from ddbmodel.transport.executor import Request
from ddbmodel.values.wire import Item

__all__ = ["CursorSigner"]

_SIGNATURE_BYTES: Final = 32
# How far to read does not change what is read, so a cursor stays good when the page size changes.
_NOT_BOUND: Final = frozenset({"ExclusiveStartKey", "Limit", "Select"})


class CursorSigner:
    """Makes and opens cursors with one secret."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def sign(self, last_evaluated_key: Item, request: Request) -> str:
        """Return the cursor that continues a request after a key."""
        payload = json.dumps(last_evaluated_key, separators=(",", ":"), sort_keys=True).encode()
        return base64.urlsafe_b64encode(self._signature(payload, request) + payload).decode().rstrip("=")

    def open(self, cursor: str, request: Request) -> Item:
        """Return the key that a cursor of this request continues after.

        Raises:
            InvalidCursor: it was changed, is another query's, or was signed with another secret.
        """
        if not isinstance(cursor, str):
            raise InvalidCursor(f"a cursor is the text that a page gave, got a {type(cursor).__name__}")
        try:
            raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raise _invalid(cursor) from None
        signature, payload = raw[:_SIGNATURE_BYTES], raw[_SIGNATURE_BYTES:]
        if not hmac.compare_digest(signature, self._signature(payload, request)):
            raise _invalid(cursor)
        key: Item = json.loads(payload)
        return key

    def _signature(self, payload: bytes, request: Request) -> bytes:
        bound: dict[str, Any] = {name: value for name, value in request.items() if name not in _NOT_BOUND}
        shape = json.dumps(bound, separators=(",", ":"), sort_keys=True).encode()
        return hmac.digest(self._secret, hashlib.sha256(shape).digest() + payload, "sha256")


def _invalid(cursor: str) -> InvalidCursor:
    return InvalidCursor(
        f"a cursor of {len(cursor)} characters is not one of this query: it was changed, belongs to a query with other "
        "conditions, or was signed with another secret; start at the first page, and connect with cursor_secret=... if "
        "cursors must outlive this process"
    )
