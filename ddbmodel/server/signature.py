"""Signature Version 4: whether a request was signed with a known secret, and whole.

Rules, each tested by mutating a request that botocore signed:

| what | rule |
|---|---|
| form | one Authorization header: ``AWS4-HMAC-SHA256 Credential=..., SignedHeaders=..., Signature=...`` |
| scope | date of ``X-Amz-Date``, the server's region where it has one, the service that is asked, ``aws4_request`` |
| time | within five minutes of this machine's clock |
| headers | Host and every ``X-Amz-*`` header are signed; no signed header comes twice |
| body | the hash of the very bytes; no unsigned and no chunk-signed payload |
| place | the path is ``/`` and has no query (the handler answers 404 otherwise), so no presigned URL passes |
| token | a session token is that of the access key, and is there only where the key has one |

An unknown access key costs the same work as a known one; signatures and tokens are compared in constant time.
Source: AWS documentation, "Create a signed AWS API request".
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from ddbmodel.engine.messages.message import refused
from ddbmodel.engine.messages.protocol import (
    AUTHENTICATION_MISSING,
    HEADER_IS_NOT_SIGNED,
    SCOPE_HAS_OTHER_PARTS,
    SIGNATURE_DIFFERS,
    SIGNATURE_IS_INCOMPLETE,
    SIGNATURE_IS_OF_ANOTHER_SCOPE,
    SIGNATURE_IS_OF_THE_FUTURE,
    SIGNATURE_IS_TOO_OLD,
    TOKEN_INVALID,
)
from ddbmodel.server.credentials import Credential

__all__ = ["Authorization", "Headers", "SignatureCheck", "parse_authorization"]

Headers = Iterable[tuple[bytes, bytes]]
"""The headers of a request as they came, names in any case."""

_ALGORITHM: Final = "AWS4-HMAC-SHA256"
_TERMINATOR: Final = "aws4_request"
_SKEW: Final = timedelta(minutes=5)
_TIME_FORM: Final = "%Y%m%dT%H%M%SZ"
_SCOPE_PARTS: Final = 5
_MAX_CACHED_KEYS: Final = 64
# Signed with where the access key is not known, so that the answer takes as long as for a wrong signature.
_NOBODY: Final = Credential("", "a secret that belongs to no access key")


@dataclass(frozen=True, slots=True)
class Authorization:
    """The parts of an Authorization header."""

    access_key_id: str
    date: str
    region: str
    service: str
    terminator: str
    signed_headers: tuple[str, ...]
    signature: str


def parse_authorization(header: str | None, *, is_dated: bool) -> Authorization:
    """Return what an Authorization header says.

    Args:
        is_dated: whether the request has an ``X-Amz-Date`` or a ``Date`` header.

    Raises:
        Refusal: it is not there, or is not a signature of version 4 with all its parts.
    """
    if header is None or not header.startswith("AWS4-"):
        raise refused(AUTHENTICATION_MISSING)
    algorithm, _, rest = header.partition(" ")
    faults = [] if algorithm == _ALGORITHM else [f"Unsupported AWS 'algorithm': '{algorithm}'."]
    parts: dict[str, str] = {}
    for part in rest.split(","):
        name, _, value = part.strip().partition("=")
        if name in parts:
            raise refused(SIGNATURE_IS_INCOMPLETE, faults=f"Authorization header has '{name}' twice.", header=header)
        parts[name] = value
    faults += [
        f"Authorization header requires '{name}' parameter."
        for name in ("Credential", "Signature", "SignedHeaders")
        if not parts.get(name)
    ]
    if not is_dated:
        faults.append("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
    if faults:
        raise refused(SIGNATURE_IS_INCOMPLETE, faults=" ".join(faults), header=header)
    scope = parts["Credential"].split("/")
    if len(scope) != _SCOPE_PARTS:
        raise refused(SCOPE_HAS_OTHER_PARTS, scope=parts["Credential"])
    access_key_id, date, region, service, terminator = scope
    signed_headers = tuple(parts["SignedHeaders"].split(";"))
    return Authorization(access_key_id, date, region, service, terminator, signed_headers, parts["Signature"])


class SignatureCheck:
    """Checks requests against credentials; `region` is the one they must be signed for, None for any."""

    def __init__(self, credentials: Mapping[str, Credential], region: str | None) -> None:
        self._credentials, self._region = credentials, region
        self._keys: dict[tuple[str, str, str, str], bytes] = {}

    def check(
        self,
        authorization: Authorization,
        method: str,
        headers: Headers,
        body: bytes,
        now_s: float,
        service: str = "dynamodb",
    ) -> None:
        """Return if a request for ``/`` was signed, as a whole and for a service, with a known secret.

        Raises:
            Refusal: it was not.
        """
        values: dict[str, list[str]] = {}
        for name, value in headers:
            values.setdefault(name.decode("latin-1").lower(), []).append(value.decode("utf-8", "surrogateescape"))
        signed_at = values.get("x-amz-date", [""])[0]
        self._check_scope(authorization, signed_at, service)
        _check_signed_headers(authorization.signed_headers, values)
        # Whatever X-Amz-Content-Sha256 says: what was signed for another body, or for none, does not match this one.
        payload_hash = hashlib.sha256(body).hexdigest()
        credential = self._credentials.get(authorization.access_key_id)
        expected = self._signature(credential or _NOBODY, authorization, method, values, payload_hash, signed_at)
        given = authorization.signature.encode("utf-8", "surrogateescape")
        is_right = hmac.compare_digest(expected.encode(), given)
        if credential is None or not _is_token_of(credential, values.get("x-amz-security-token")):
            raise refused(TOKEN_INVALID)
        if not is_right:
            raise refused(SIGNATURE_DIFFERS)
        # Last, so that only who knows the secret learns the time of this machine.
        _check_time(signed_at, now_s)

    def _check_scope(self, authorization: Authorization, signed_at: str, service: str) -> None:
        faults = []
        if self._region is not None and authorization.region != self._region:
            faults.append("Credential should be scoped to a valid region.")
        if authorization.service != service:
            faults.append(f"Credential should be scoped to correct service: '{service}'.")
        if authorization.terminator != _TERMINATOR:
            faults.append(
                f"Credential should be scoped with a valid terminator: '{_TERMINATOR}', "
                f"not '{authorization.terminator}'."
            )
        if authorization.date != signed_at[:8]:
            faults.append(
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
                f"'{authorization.date}' != '{signed_at[:8]}', from '{signed_at}'."
            )
        if faults:
            raise refused(SIGNATURE_IS_OF_ANOTHER_SCOPE, faults=" ".join(faults))

    def _signature(
        self,
        credential: Credential,
        authorization: Authorization,
        method: str,
        values: Mapping[str, list[str]],
        payload_hash: str,
        signed_at: str,
    ) -> str:
        names = authorization.signed_headers
        lines = "".join(f"{name}:{' '.join(values[name][0].split())}\n" for name in names)
        canonical = f"{method}\n/\n\n{lines}\n{';'.join(names)}\n{payload_hash}"
        canonical_hash = hashlib.sha256(canonical.encode("utf-8", "surrogateescape")).hexdigest()
        scope = f"{authorization.date}/{authorization.region}/{authorization.service}/{_TERMINATOR}"
        text = f"{_ALGORITHM}\n{signed_at}\n{scope}\n{canonical_hash}"
        key = self._signing_key(credential, authorization)
        return hmac.digest(key, text.encode("utf-8", "surrogateescape"), "sha256").hex()

    def _signing_key(self, credential: Credential, scope: Authorization) -> bytes:
        place = (credential.access_key_id, scope.date, scope.region, scope.service)
        key = self._keys.get(place)
        if key is None:
            key = f"AWS4{credential.secret}".encode()
            for part in (*place[1:], _TERMINATOR):
                key = hmac.digest(key, part.encode("utf-8", "surrogateescape"), "sha256")
            if len(self._keys) >= _MAX_CACHED_KEYS:
                self._keys.clear()
            # Dates and regions are the client's to choose; only those of known keys are worth a place.
            if credential is not _NOBODY:
                self._keys[place] = key
        return key


def _check_signed_headers(signed: tuple[str, ...], values: Mapping[str, list[str]]) -> None:
    if "host" not in signed:
        raise refused(HEADER_IS_NOT_SIGNED, header="Host")
    for name in values:
        if name.startswith("x-amz-") and name not in signed:
            raise refused(HEADER_IS_NOT_SIGNED, header=name)
    # A header that comes twice, or is not there, could be read otherwise than it was signed.
    if any(len(values.get(name, ())) != 1 for name in signed):
        raise refused(SIGNATURE_DIFFERS)


def _is_token_of(credential: Credential, given: list[str] | None) -> bool:
    if credential.session_token is None:
        return given is None
    if given is None:
        return False
    return hmac.compare_digest(credential.session_token.encode(), given[0].encode("utf-8", "surrogateescape"))


def _check_time(signed_at: str, now_s: float) -> None:
    try:
        signed = datetime.strptime(signed_at, _TIME_FORM).replace(tzinfo=UTC)
    except ValueError:
        raise refused(SIGNATURE_DIFFERS) from None
    now = datetime.fromtimestamp(int(now_s), UTC)
    facts = {"signed": signed_at, "now": now.strftime(_TIME_FORM)}
    if signed < now - _SKEW:
        raise refused(SIGNATURE_IS_TOO_OLD, earliest=(now - _SKEW).strftime(_TIME_FORM), **facts)
    if signed > now + _SKEW:
        raise refused(SIGNATURE_IS_OF_THE_FUTURE, latest=(now + _SKEW).strftime(_TIME_FORM), **facts)
