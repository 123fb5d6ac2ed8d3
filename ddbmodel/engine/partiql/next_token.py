"""Where the next page of a SELECT starts, as text that only the same SELECT understands.

```
token = base64url( 8 bytes of SHA-256 over the rest | JSON: digest of the request, key of the last item read )
```
The digest is over table, statement and parameters; another Limit or ConsistentRead may follow, as on the service.
"""

from __future__ import annotations

from base64 import b64decode, urlsafe_b64encode
from hashlib import sha256
from typing import Any, Final

import orjson

from ddbmodel.engine.catalog import Index, Table
from ddbmodel.engine.messages.message import Refusal, refused
from ddbmodel.engine.messages.partiql import INVALID_TOKEN, TOKEN_OF_OTHER_REQUEST
from ddbmodel.engine.validation.attribute_values import canonical_item
from ddbmodel.errors import ServiceError
from ddbmodel.values.wire import AttributeValue, Item

__all__ = ["key_of_token", "next_token", "request_digest"]

_CHECK_BYTES: Final = 8


def request_digest(table: Table, statement: str, parameters: list[AttributeValue]) -> str:
    """Return what tells one request from another."""
    return sha256(orjson.dumps([table.id, statement, parameters])).hexdigest()


def next_token(digest: str, key: Item) -> str:
    """Return the token of a page that ended at a key."""
    body = orjson.dumps({"request": digest, "key": key})
    return urlsafe_b64encode(_check(body) + body).decode()


def key_of_token(token: str, digest: str, table: Table, index: Index | None) -> Item:
    """Return the key that a page ended at.

    Raises:
        Refusal: the token is none of ours, or another request's.
    """
    try:
        content = b64decode(token.encode(), altchars=b"-_", validate=True)
        body = content[_CHECK_BYTES:]
        fields: Any = orjson.loads(body)
    except ValueError:
        raise refused(INVALID_TOKEN) from None
    if content[:_CHECK_BYTES] != _check(body) or not isinstance(fields, dict) or fields.keys() != {"request", "key"}:
        raise refused(INVALID_TOKEN)
    if fields["request"] != digest:
        raise refused(TOKEN_OF_OTHER_REQUEST)
    return _key_of(table, index, fields["key"])


def _key_of(table: Table, index: Index | None, key: Any) -> Item:
    # Whoever made a token by hand may have put anything into it.
    attributes = {one.name: one for one in table.keys.attributes + (() if index is None else index.keys.attributes)}
    try:
        item = canonical_item(key)
    except (Refusal, ServiceError):
        raise refused(INVALID_TOKEN) from None
    if item.keys() != attributes.keys() or not all(item[name].get(one.type) for name, one in attributes.items()):
        raise refused(INVALID_TOKEN)
    return item


def _check(body: bytes) -> bytes:
    return sha256(body).digest()[:_CHECK_BYTES]
