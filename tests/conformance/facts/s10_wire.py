"""S10: the JSON protocol over HTTP: headers, error bodies, what is no request, and signatures."""

from __future__ import annotations

import gzip
import json
import re
import zlib
from typing import Any, Final

from facts.backends import HEADERS, PAGE, USER
from facts.form import GUIDE, WIRE, Asked, Backend, Check, Fact, fact
from facts.tables import HASH, STREAMED

__all__ = ["FACTS"]

_SIGNING: Final = "AWS documentation, Signature Version 4; recorded HTTP answers of the service"
_EARLIER: Final = "public tests run against the service, 2013 to 2020"
_CORAL: Final = "com.amazon.coral.service#"
_OF_THE_SERVICE: Final = "com.amazonaws.dynamodb.v20120810#"
_VALIDATE: Final = "com.amazon.coral.validate#"
_16_MB: Final = 16 * 1024 * 1024


def _send(backend: Backend, operation: str, body: Any, **headers: str) -> Asked:
    """Send a body, as it is if it is bytes; a header that is empty is left out."""
    target = f"DynamoDB_20120810.{operation}"
    given = {**HEADERS, "X-Amz-Target": target, **{name.replace("_", "-"): value for name, value in headers.items()}}
    payload = body if isinstance(body, bytes) else json.dumps(body).encode()
    return backend.send("POST", "/", {name: value for name, value in given.items() if value}, payload)


def _is(what: str, expected: object, actual: object) -> str | None:
    return None if expected == actual else f"{what}: expected {expected!r}, got {actual!r}"


def _matches(what: str, pattern: str, actual: str | None) -> str | None:
    found = actual is not None and re.fullmatch(pattern, actual)
    return None if found else f"{what}: expected like {pattern!r}, got {actual!r}"


def _first(*found: str | None) -> str | None:
    return next((each for each in found if each is not None), None)


def _header(operation: str, body: Any, name: str, pattern: str) -> Check:
    def check(backend: Backend) -> str | None:
        return _matches(name, pattern, _send(backend, operation, body).headers.get(name))

    return check


def _checksum(operation: str, body: Any) -> Check:
    def check(backend: Backend) -> str | None:
        asked = _send(backend, operation, body)
        return _is("x-amz-crc32", str(zlib.crc32(asked.body)), asked.headers.get("x-amz-crc32"))

    return check


def _refused(
    operation: str, body: Any, kind: str, words: str | None = None, *, named: str = "message", **headers: str
) -> Check:
    """Return the check that a request is refused with a whole body.

    Args:
        kind: its ``__type``.
        words: a pattern of its message; None: there is none, or it does not matter.
        named: as which member.
    """

    def check(backend: Backend) -> str | None:
        asked = _send(backend, operation, body, **headers)
        try:
            document = json.loads(asked.body)
        except ValueError:
            return f"expected an error, got {asked.status} {asked.body[:200]!r}"
        return _first(
            _is("__type", kind, document.get("__type")),
            _is("status", 400, asked.status),
            None if words is None else _matches(named, words, document.get(named)),
        )

    return check


def _serialization(says: str, mark: str, operation: str, body: Any, words: str, source: str = WIRE) -> Fact:
    return fact(
        f"S10.serialization.{mark}",
        says,
        source,
        is_wire=True,
        check=_refused(operation, body, _CORAL + "SerializationException", words, named="Message"),
    )


def _healthy(backend: Backend) -> str | None:
    asked = backend.send("GET", "/", {}, b"")
    return _is("status", 200, asked.status) or _matches(
        "body", r"healthy: dynamodb\.[a-z0-9-]+\.amazonaws\.com ", asked.body.decode()
    )


def _zipped(backend: Backend) -> str | None:
    for number in range(20):
        item = {"pk": {"S": str(number)}, "filling": {"S": "x" * 1000}}
        backend.ask("PutItem", {"TableName": "plain", "Item": item})
    asked = _send(backend, "Scan", {"TableName": "plain"}, Accept_Encoding="gzip")
    if (found := _is("Content-Encoding", "gzip", asked.headers.get("content-encoding"))) is not None:
        return found
    return _first(
        _is("Count", 20, json.loads(gzip.decompress(asked.body))["Count"]),
        _is("checksum of what was sent", str(zlib.crc32(asked.body)), asked.headers.get("x-amz-crc32")),
    )


def _too_large(backend: Backend) -> str | None:
    asked = _send(backend, "PutItem", b"{" + b" " * _16_MB + b"}")
    return _is("status", 413, asked.status)


def _streams_target(backend: Backend) -> str | None:
    body = json.dumps({"TableName": "streamed"}).encode()
    right = {**HEADERS, "X-Amz-Target": "DynamoDBStreams_20120810.ListStreams"}
    asked = backend.send("POST", "/", right, body)
    return _is("status", 200, asked.status)


def _throttled(backend: Backend) -> str | None:
    backend.behave(throttled_write_rate=1.0)
    return _refused("PutItem", _PUT, "com.amazon.coral.availability#ThrottlingException", ".+")(backend)


def _preflight(backend: Backend) -> str | None:
    asked = backend.secured().send("OPTIONS", "/", {"Origin": PAGE, "Access-Control-Request-Method": "POST"}, b"")
    return _is("status", 200, asked.status) or _is("origin", PAGE, asked.headers.get("access-control-allow-origin"))


def _signed(access_key: str, secret: str, words: str, code: str) -> Check:
    """Return the check that a request that botocore signs so is refused."""

    def check(backend: Backend) -> str | None:
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest
        from botocore.credentials import Credentials

        request = AWSRequest(
            "POST",
            "http://localhost/",
            {"X-Amz-Target": "DynamoDB_20120810.ListTables", "Content-Type": HEADERS["Content-Type"]},
            b"{}",
        )
        SigV4Auth(Credentials(access_key, secret), "dynamodb", "us-east-1").add_auth(request)
        asked = backend.secured().send("POST", "/", {**dict(request.headers), "Host": "localhost"}, b"{}")
        if not code:
            return _is("status", 200, asked.status)
        document = json.loads(asked.body)
        return _is("__type", _CORAL + code, document.get("__type")) or _matches(
            "message", words, document.get("message")
        )

    return check


_GET: Final = {"TableName": "plain", "Key": {"pk": {"S": "a"}}}
_PUT: Final = {"TableName": "plain", "Item": {"pk": {"S": "a"}}}
_TRANSACTION: Final = {
    "TransactItems": [
        {
            "ConditionCheck": {
                "TableName": "plain",
                "Key": {"pk": {"S": "a"}},
                "ConditionExpression": "attribute_exists(pk)",
            }
        }
    ]
}

FACTS: Final[tuple[Fact, ...]] = (
    # Headers
    *(
        fact(f"S10.header.{mark}", says, WIRE, is_wire=True, check=_header(operation, body, name, pattern))
        for mark, says, operation, body, name, pattern in (
            (
                "content_type",
                "an answer is of the protocol's type",
                "GetItem",
                _GET,
                "content-type",
                "application/x-amz-json-1.0",
            ),
            (
                "request_id",
                "an answer has a request id of 52 characters",
                "GetItem",
                _GET,
                "x-amzn-requestid",
                "[A-Z0-9]{52}",
            ),
            ("error_id", "a refusal has one too", "GetItem", {}, "x-amzn-requestid", "[A-Z0-9]{52}"),
            (
                "error_type",
                "a refusal is of the protocol's type",
                "GetItem",
                {},
                "content-type",
                "application/x-amz-json-1.0",
            ),
            ("server", "an answer names no product", "GetItem", _GET, "server", "Server"),
            ("date", "an answer has a date", "GetItem", _GET, "date", r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT"),
            ("length", "an answer says its length", "GetItem", _GET, "content-length", r"\d+"),
        )
    ),
    fact(
        "S10.checksum.answer",
        "x-amz-crc32 is the CRC-32 of the body",
        WIRE,
        is_wire=True,
        check=_checksum("PutItem", _PUT),
    ),
    fact("S10.checksum.refusal", "of a refusal's body too", WIRE, is_wire=True, check=_checksum("PutItem", {})),
    # Error bodies
    *(
        fact(f"S10.error.{mark}", says, WIRE, is_wire=True, check=_refused(operation, body, kind, words, named=named))
        for mark, says, operation, body, kind, words, named in (
            (
                "not_found",
                "a missing table is an error of the service",
                "GetItem",
                {**_GET, "TableName": "missing"},
                _OF_THE_SERVICE + "ResourceNotFoundException",
                "Requested resource not found",
                "message",
            ),
            (
                "validation",
                "a ValidationException is one of the validator",
                "PutItem",
                {"TableName": "plain", "Item": {}},
                _VALIDATE + "ValidationException",
                ".*Missing the key pk in the item",
                "message",
            ),
            ("constraint", "so are constraints", "GetItem", {}, _VALIDATE + "ValidationException", ".*", "message"),
            (
                "condition",
                "a failed condition is an error of the service",
                "PutItem",
                {**_PUT, "ConditionExpression": "attribute_exists(pk)"},
                _OF_THE_SERVICE + "ConditionalCheckFailedException",
                "The conditional request failed",
                "message",
            ),
            (
                "in_use",
                "a table that exists is an error of the service",
                "CreateTable",
                HASH,
                _OF_THE_SERVICE + "ResourceInUseException",
                ".*",
                "message",
            ),
            (
                "cancelled",
                "a cancelled transaction says it with a capital",
                "TransactWriteItems",
                _TRANSACTION,
                _OF_THE_SERVICE + "TransactionCanceledException",
                "Transaction cancelled.*",
                "Message",
            ),
            (
                "serialization",
                "a SerializationException is one of the framework, and says it with a capital",
                "GetItem",
                {"TableName": 5},
                _CORAL + "SerializationException",
                ".+",
                "Message",
            ),
            (
                "operation",
                "an unknown operation is an error of the framework",
                "Nonsense",
                {},
                _CORAL + "UnknownOperationException",
                None,
                "message",
            ),
        )
    ),
    fact(
        "S10.error.access",
        "so is an AccessDeniedException, here for a table of another account",
        "seen on the service in us-west-2 and us-east-1, October 2026",
        is_wire=True,
        check=_refused(
            "DescribeTable",
            {"TableName": "arn:aws:dynamodb:us-east-1:999999999999:table/plain"},
            _CORAL + "AccessDeniedException",
            ".*",
            named="Message",
        ),
    ),
    fact(
        "S10.error.throttled",
        "a ThrottlingException is one of availability",
        WIRE,
        is_wire=True,
        check=_throttled,
    ),
    # What is no request
    _serialization(
        "a number is no text",
        "number_text",
        "GetItem",
        {**_GET, "TableName": 5},
        "NUMBER_VALUE cannot be converted to String",
    ),
    _serialization(
        "a text is no number",
        "text_number",
        "Scan",
        {"TableName": "plain", "Limit": "x"},
        "STRING_VALUE cannot be converted to Integer",
    ),
    _serialization(
        "a boolean is no text",
        "boolean_text",
        "GetItem",
        {**_GET, "TableName": True},
        "TRUE_VALUE cannot be converted to String",
    ),
    _serialization(
        "a list is no structure",
        "list_structure",
        "GetItem",
        {**_GET, "Key": {"pk": []}},
        "(Unexpected token received from parser|Start of list found where not expected|"
        "Unrecognized collection type class .*)",
    ),
    _serialization(
        "a map is no text",
        "map_text",
        "GetItem",
        {**_GET, "TableName": {}},
        "Start of structure or map found where not expected",
    ),
    _serialization(
        "a text is no map",
        "text_map",
        "PutItem",
        {**_PUT, "Item": "x"},
        "Unrecognized collection type class java.lang.String",
    ),
    _serialization(
        "a text is no structure",
        "text_structure",
        "GetItem",
        {**_GET, "Key": {"pk": "x"}},
        "Unexpected token received from parser",
    ),
    _serialization(
        "a number is no binary",
        "number_binary",
        "PutItem",
        {**_PUT, "Item": {"pk": {"B": 5}}},
        "only base-64-encoded strings are convertible to bytes",
    ),
    fact(
        "S10.json",
        "what is no JSON is a SerializationException",
        _EARLIER,
        is_wire=True,
        check=_refused("GetItem", b"{nonsense", _CORAL + "SerializationException"),
    ),
    # Other requests
    fact(
        "S10.target.none",
        "a request without a target has no operation",
        _EARLIER,
        is_wire=True,
        check=_refused("GetItem", _GET, _CORAL + "UnknownOperationException", X_Amz_Target=""),
    ),
    fact(
        "S10.target.version",
        "an operation belongs to a version",
        _EARLIER,
        is_wire=True,
        check=_refused("GetItem", _GET, _CORAL + "UnknownOperationException", X_Amz_Target="DynamoDB_20990101.GetItem"),
    ),
    fact(
        "S10.target.streams",
        "streams have a target of their own",
        "botocore's service model of DynamoDB Streams",
        is_wire=True,
        tables=(STREAMED,),
        check=_streams_target,
    ),
    fact("S10.healthy", "GET / is answered with the health of the endpoint", WIRE, is_wire=True, check=_healthy),
    fact("S10.gzip", "an answer is compressed when the client asks for it", WIRE, is_wire=True, check=_zipped),
    fact("S10.too_large", "a request of more than 16 MB is too large", WIRE, is_wire=True, check=_too_large),
    fact("S10.preflight", "a page's preflight is answered, where pages may ask", WIRE, is_wire=True, check=_preflight),
    # Signatures
    fact(
        "S10.signature.none",
        "a request without a signature misses its token",
        WIRE,
        is_wire=True,
        check=_refused(
            "GetItem",
            _GET,
            _CORAL + "MissingAuthenticationTokenException",
            "Request is missing Authentication Token",
            Authorization="",
        ),
    ),
    fact(
        "S10.signature.incomplete",
        "a signature has all of its parts",
        GUIDE("Error handling with DynamoDB"),
        is_wire=True,
        check=_refused(
            "GetItem", _GET, _CORAL + "IncompleteSignatureException", Authorization="AWS4-HMAC-SHA256 Credential=x"
        ),
    ),
    fact(
        "S10.signature.right",
        "a right signature is accepted",
        _SIGNING,
        is_wire=True,
        check=_signed(USER[0], USER[1], "", ""),
    ),
    fact(
        "S10.signature.key",
        "an unknown access key is no valid token",
        WIRE,
        is_wire=True,
        check=_signed(
            "AKIDOTHER", "x", r"The security token included in the request is invalid\.", "UnrecognizedClientException"
        ),
    ),
    fact(
        "S10.signature.wrong",
        "a wrong signature is told apart",
        _SIGNING,
        is_wire=True,
        check=_signed(
            USER[0],
            "wrong",
            r"The request signature we calculated does not match the signature you provided\..*",
            "InvalidSignatureException",
        ),
    ),
)
