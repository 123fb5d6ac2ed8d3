"""What the service says before an operation begins: about the request's form, its signature and its body.

Only the HTTP server raises these; a request of this process has no signature and is no text. A message whose text is
empty is answered with the error's type alone, as the service does it.
"""

from __future__ import annotations

from typing import Final

from ddbmodel.engine.messages.message import Message

__all__ = [
    "AUTHENTICATION_MISSING",
    "BODY_HAS_A_KEY_TWICE",
    "BODY_HAS_TOO_MANY_PARTS",
    "BODY_IS_NOT_JSON",
    "BODY_IS_TOO_DEEP",
    "HEADER_IS_NOT_SIGNED",
    "OPERATION_UNKNOWN",
    "OVERLOADED",
    "SCOPE_HAS_OTHER_PARTS",
    "SIGNATURE_DIFFERS",
    "SIGNATURE_IS_INCOMPLETE",
    "SIGNATURE_IS_OF_ANOTHER_SCOPE",
    "SIGNATURE_IS_OF_THE_FUTURE",
    "SIGNATURE_IS_TOO_OLD",
    "SOMETHING_FAILED_INSIDE",
    "TOKEN_INVALID",
]

_WIRE: Final = "dynalite's connection tests, whose author ran them against the service"
_SIGV4: Final = "AWS documentation, 'Troubleshoot Signature Version 4 signing for AWS API requests'"
_OURS: Final = "ours: what the service does is not known; it must not be read two ways"

AUTHENTICATION_MISSING: Final = Message(
    "Request is missing Authentication Token", source=_WIRE, code="MissingAuthenticationTokenException"
)
SIGNATURE_IS_INCOMPLETE: Final = Message(
    "{faults} Authorization={header}", source=_WIRE, code="IncompleteSignatureException"
)
SCOPE_HAS_OTHER_PARTS: Final = Message(
    "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '{scope}'",
    source=_SIGV4,
    code="IncompleteSignatureException",
)
TOKEN_INVALID: Final = Message(
    "The security token included in the request is invalid.",
    source="recorded answers of the service for an unknown access key, 2026",
    code="UnrecognizedClientException",
)
SIGNATURE_DIFFERS: Final = Message(
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key "
    "and signing method. Consult the service documentation for details.",
    source="DynamoDB Developer Guide, 'Error handling with DynamoDB'",
    code="InvalidSignatureException",
)
SIGNATURE_IS_OF_ANOTHER_SCOPE: Final = Message("{faults}", source=_SIGV4, code="InvalidSignatureException")
SIGNATURE_IS_TOO_OLD: Final = Message(
    "Signature expired: {signed} is now earlier than {earliest} ({now} - 5 min.)",
    source=_SIGV4,
    code="InvalidSignatureException",
)
SIGNATURE_IS_OF_THE_FUTURE: Final = Message(
    "Signature not yet current: {signed} is still later than {latest} ({now} + 5 min.)",
    source=_SIGV4,
    code="InvalidSignatureException",
)
HEADER_IS_NOT_SIGNED: Final = Message(
    "'{header}' must be a 'SignedHeader' in the AWS Authorization.", source=_SIGV4, code="InvalidSignatureException"
)
BODY_IS_NOT_JSON: Final = Message("", source=_WIRE, code="SerializationException")
BODY_IS_TOO_DEEP: Final = Message(
    "The request is nested more than {limit} levels deep", source=_OURS, code="SerializationException"
)
BODY_HAS_TOO_MANY_PARTS: Final = Message(
    "The request has more than {limit} objects and lists", source=_OURS, code="SerializationException"
)
BODY_HAS_A_KEY_TWICE: Final = Message(
    "An object of the request has the same key twice", source=_OURS, code="SerializationException"
)
OPERATION_UNKNOWN: Final = Message("", source=_WIRE, code="UnknownOperationException")
SOMETHING_FAILED_INSIDE: Final = Message(
    "Internal server error",
    source="DynamoDB Developer Guide, 'Error handling with DynamoDB', HTTP status 5xx",
    code="InternalServerError",
)
OVERLOADED: Final = Message(
    "Service unavailable: too many requests are under way; try again",
    source="DynamoDB Developer Guide, 'Error handling with DynamoDB', HTTP status 503",
    code="ServiceUnavailable",
)
