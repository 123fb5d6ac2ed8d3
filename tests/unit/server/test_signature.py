"""A request is accepted exactly when botocore signed it with a known secret and nobody touched it since."""

from __future__ import annotations

import string
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

from ddbmodel.engine.messages.message import Refusal, Wording
from ddbmodel.server.credentials import Credential
from ddbmodel.server.signature import SignatureCheck, parse_authorization

KEY, SECRET, TOKEN = "AKIDTEST", "a/secret+with=signs", "a-session-token"
BODY = b'{"TableName":"scores"}'
KNOWN = {KEY: Credential(KEY, SECRET), "AKIDTOKEN": Credential("AKIDTOKEN", SECRET, TOKEN)}
Request = dict[str, Any]

_CHARACTERS = string.ascii_letters + string.digits
_DIGITS = "0123456789abcdefABCDEFé"


def now_s() -> float:
    return datetime.now(UTC).timestamp()


def signed(
    body: bytes = BODY,
    *,
    key: str = KEY,
    secret: str = SECRET,
    token: str | None = None,
    region: str = "eu-west-1",
    service: str = "dynamodb",
    by: type[SigV4Auth] = SigV4Auth,
    **headers: str,
) -> Request:
    """Return the parts of a request that botocore signed."""
    lines = {
        "Content-Type": "application/x-amz-json-1.0",
        "X-Amz-Target": "DynamoDB_20120810.Scan",
        "Host": "localhost:8000",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    request = AWSRequest("POST", "http://localhost:8000/", headers=lines, data=body)
    by(Credentials(key, secret, token), service, region).add_auth(request)
    return {"body": body, "headers": dict(request.headers.items())}


def check(
    request: Request, *, region: str | None = None, known: dict[str, Credential] = KNOWN, at_s: float = 0
) -> None:
    headers = request["headers"]
    authorization = parse_authorization(headers.get("Authorization"), is_dated="X-Amz-Date" in headers)
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    raw += request.get("more", [])
    SignatureCheck(known, region).check(authorization, "POST", raw, request["body"], at_s or now_s())


def refusal_of(request: Request, **options: Any) -> tuple[str, str]:
    with pytest.raises(Refusal) as caught:
        check(request, **options)
    return caught.value.code, caught.value.text(Wording.CURRENT)


@given(
    st.binary(max_size=200),
    st.text(st.characters(codec="ascii", categories=("L", "N", "P")), min_size=1),
    st.sampled_from(["us-east-1", "ddbmodel-local"]),
)
def test_what_botocore_signs_is_accepted(body: bytes, secret: str, region: str) -> None:
    request = signed(body, secret=secret, region=region, X_Amz_User_Agent="a  client   with spaces")

    check(request, region=region, known={KEY: Credential(KEY, secret)})


def test_a_session_token_is_accepted_with_its_key() -> None:
    check(signed(key="AKIDTOKEN", token=TOKEN))


@given(st.data())
def test_no_byte_of_the_body_can_be_changed(data: st.DataObject) -> None:
    request = signed()
    position = data.draw(st.integers(0, len(BODY) - 1))
    other = data.draw(st.integers(0, 255).filter(lambda value: value != BODY[position]))
    request["body"] = BODY[:position] + bytes([other]) + BODY[position + 1 :]

    assert refusal_of(request)[0] == "InvalidSignatureException"


@given(st.data())
def test_no_character_of_a_signed_header_can_be_changed(data: st.DataObject) -> None:
    request = signed(X_Amz_Extra="extra value")
    name = data.draw(st.sampled_from(["Content-Type", "X-Amz-Target", "Host", "X-Amz-Date", "X-Amz-Extra"]))
    value = request["headers"][name]
    position = data.draw(st.integers(0, len(value) - 1))
    other = _another(value[position], data.draw(st.integers(0, len(_CHARACTERS) - 2)), _CHARACTERS)
    request["headers"][name] = value[:position] + other + value[position + 1 :]

    assert refusal_of(request)[0] == "InvalidSignatureException"


@given(st.data())
def test_no_character_of_the_signature_can_be_changed(data: st.DataObject) -> None:
    request = signed()
    head, _, signature = request["headers"]["Authorization"].partition("Signature=")
    position = data.draw(st.integers(0, len(signature) - 1))
    other = _another(signature[position], data.draw(st.integers(0, len(_DIGITS) - 2)), _DIGITS)
    request["headers"]["Authorization"] = f"{head}Signature={signature[:position]}{other}{signature[position + 1 :]}"

    assert refusal_of(request)[0] == "InvalidSignatureException"


def _another(character: str, number: int, of: str) -> str:
    """Return one of the other characters; what is drawn must not depend on a signature, which depends on the time."""
    return of.replace(character, "")[number]


def without(name: str) -> Callable[[Request], None]:
    return lambda request: request["headers"].pop(name)


def with_header(name: str, value: str) -> Callable[[Request], None]:
    return lambda request: request["headers"].update({name: value})


def edited(old: str, new: str) -> Callable[[Request], None]:
    def edit(request: Request) -> None:
        header = request["headers"]["Authorization"]
        assert old in header
        request["headers"]["Authorization"] = header.replace(old, new)

    return edit


SIGNED_HEADERS = "SignedHeaders=content-type;host;x-amz-date;x-amz-target"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (without("Authorization"), "MissingAuthenticationTokenException"),
        (with_header("Authorization", "Bearer abc"), "MissingAuthenticationTokenException"),
        (with_header("Authorization", "AWS4-HMAC-SHA256 "), "IncompleteSignatureException"),
        (without("X-Amz-Date"), "IncompleteSignatureException"),
        (edited("Signature=", "Signatur="), "IncompleteSignatureException"),
        (edited("SignedHeaders=", "Signed="), "IncompleteSignatureException"),
        (edited("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA512"), "IncompleteSignatureException"),
        (edited("Signature=", "Signature=00, Signature="), "IncompleteSignatureException"),
        (edited("/aws4_request", "/aws4_request/more"), "IncompleteSignatureException"),
        (edited("/aws4_request", "/aws5_request"), "InvalidSignatureException"),
        (edited("/dynamodb/", "/s3/"), "InvalidSignatureException"),
        (edited("/eu-west-1/", "/us-east-1/"), "InvalidSignatureException"),
        (edited(KEY, "AKIDOTHER"), "UnrecognizedClientException"),
        (edited(KEY, "AKIDTOKEN"), "UnrecognizedClientException"),
        (edited(SIGNED_HEADERS, "SignedHeaders=content-type;x-amz-date;x-amz-target"), "InvalidSignatureException"),
        (edited(SIGNED_HEADERS, "SignedHeaders=content-type;host;x-amz-date"), "InvalidSignatureException"),
        (
            edited(SIGNED_HEADERS, "SignedHeaders=host;content-type;x-amz-date;x-amz-target"),
            "InvalidSignatureException",
        ),
        (edited(SIGNED_HEADERS, SIGNED_HEADERS + ";x-not-there"), "InvalidSignatureException"),
        (with_header("X-Amz-Security-Token", TOKEN), "InvalidSignatureException"),
        (with_header("X-Amz-Unsigned", "x"), "InvalidSignatureException"),
        (with_header("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD"), "InvalidSignatureException"),
    ],
)
def test_a_request_that_was_changed_is_refused(change: Callable[[Request], None], code: str) -> None:
    request = signed()

    change(request)

    assert refusal_of(request)[0] == code


@pytest.mark.parametrize("name", ["host", "x-amz-target"])
def test_a_request_is_signed_whole(name: str) -> None:
    class Careless(SigV4Auth):
        def headers_to_sign(self, request: AWSRequest) -> Any:
            headers = super().headers_to_sign(request)
            del headers[name]
            return headers

    request = signed(by=Careless)

    assert f"{name};" not in request["headers"]["Authorization"]
    code, text = refusal_of(request)
    assert code == "InvalidSignatureException"
    assert text.lower() == f"'{name}' must be a 'signedheader' in the aws authorization."


@pytest.mark.parametrize("name", [b"X-Amz-Target", b"host", b"X-Amz-Date"])
def test_a_signed_header_that_comes_twice_is_refused(name: bytes) -> None:
    request = signed()
    request["more"] = [(name, b"another")]

    assert refusal_of(request)[0] == "InvalidSignatureException"


@pytest.mark.parametrize("hash_", ["UNSIGNED-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "0" * 64])
def test_a_payload_that_is_not_signed_is_refused_although_its_header_is(hash_: str) -> None:
    # botocore signs what this header says; the body could be any other.
    request = signed(X_Amz_Content_SHA256=hash_)

    assert refusal_of(request)[0] == "InvalidSignatureException"


@pytest.mark.parametrize(("token", "key"), [("another", "AKIDTOKEN"), (None, "AKIDTOKEN"), (TOKEN, KEY)])
def test_a_session_token_is_bound_to_its_key(token: str | None, key: str) -> None:
    request = signed(key=key, token=token)

    assert refusal_of(request) == (
        "UnrecognizedClientException",
        "The security token included in the request is invalid.",
    )


def test_a_wrong_secret_is_answered_as_the_service_does() -> None:
    assert refusal_of(signed(secret="another"))[1] == (
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access "
        "Key and signing method. Consult the service documentation for details."
    )


@pytest.mark.parametrize(("minutes", "start"), [(5.1, "Signature expired: "), (-5.1, "Signature not yet current: ")])
def test_a_request_is_accepted_for_five_minutes(minutes: float, start: str) -> None:
    request = signed()
    ago = timedelta(minutes=minutes).total_seconds()

    check(request, at_s=now_s() + ago * 0.9)

    code, text = refusal_of(request, at_s=now_s() + ago)
    assert code == "InvalidSignatureException"
    assert text.startswith(start)


def test_a_server_with_a_region_wants_requests_for_it() -> None:
    assert refusal_of(signed(region="us-east-1"), region="eu-west-1") == (
        "InvalidSignatureException",
        "Credential should be scoped to a valid region.",
    )


def test_signatures_of_another_day_need_a_key_of_that_day() -> None:
    checker = SignatureCheck(KNOWN, None)
    for region in ("eu-west-1", "us-east-1", "eu-west-1"):
        headers = signed(region=region)["headers"]
        authorization = parse_authorization(headers["Authorization"], is_dated=True)
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        checker.check(authorization, "POST", raw, BODY, now_s())


def test_what_is_missing_is_named() -> None:
    with pytest.raises(Refusal) as caught:
        parse_authorization("AWS4-HMAC-SHA256 Credential=a/b/c/d/e", is_dated=False)

    assert caught.value.text(Wording.CURRENT) == (
        "Authorization header requires 'Signature' parameter. "
        "Authorization header requires 'SignedHeaders' parameter. "
        "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. "
        "Authorization=AWS4-HMAC-SHA256 Credential=a/b/c/d/e"
    )
