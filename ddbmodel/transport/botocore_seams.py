"""Where botocore would convert what is in the wire's form already: those parts of one client, replaced.

A request here is the JSON that is sent, and an answer's JSON is what is returned, so walking both through the model of
the service, and binary to bytes and back, is most of what a call costs. Everything else of a client stays: credentials,
endpoints, retries, signing, checksums and the events that users listen to. The parts are those of a client that is ours
alone, never of the session it came from. A part that is not what is expected here (another version, or a user's own)
is left alone, and its side is converted as boto3 wants it.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson

from ddbmodel.values.binary import to_base64, with_base64_text

__all__ = ["CONVERTED", "Seams", "replace_conversions", "with_json_forms"]

_FIRST_NOT_GOOD: Final = 300
_PROTOCOL: Final = "json"
_ANSWERED_AS_SENT: Final = frozenset(
    {
        "BatchExecuteStatement",
        "BatchGetItem",
        "BatchWriteItem",
        "DeleteItem",
        "ExecuteStatement",
        "ExecuteTransaction",
        "GetItem",
        "GetRecords",
        "PutItem",
        "Query",
        "Scan",
        "SearchVectors",
        "TransactGetItems",
        "TransactWriteItems",
        "UpdateItem",
    }
)
"""What is called often. Answers about tables are rare, and some servers write null there where the service is silent,
which botocore leaves out."""
_parsing = logging.getLogger("botocore.parsers")


@dataclass(frozen=True)
class Seams:
    """Which sides of a client are in the form of the wire."""

    takes_json_forms: bool
    gives_json_forms: bool


CONVERTED: Final = Seams(takes_json_forms=False, gives_json_forms=False)
"""A client as it comes: it takes and gives what boto3 does."""


def replace_conversions(client: Any) -> Seams:
    """Replace the parts of a client that only convert, and say which of its sides are in the form of the wire now."""
    if _protocol_of(client) != _PROTOCOL:
        return CONVERTED
    _keep_user_agent(client)
    return Seams(takes_json_forms=_replace_serializer(client), gives_json_forms=_replace_parser(client))


def with_json_forms(document: Any) -> Any:
    """Return what boto3 answered in the form of the wire: binary as base64 text, times as seconds since 1970."""
    return with_base64_text(_with_epochs(document))


def _with_epochs(document: Any) -> Any:
    # Recursion is safe: the service refuses items nested deeper than 32 levels.
    if isinstance(document, dict):
        return {name: _with_epochs(inner) for name, inner in document.items()}
    if isinstance(document, list):
        return [_with_epochs(inner) for inner in document]
    return document.timestamp() if isinstance(document, datetime) else document


def _protocol_of(client: Any) -> str | None:
    model = getattr(getattr(client, "meta", None), "service_model", None)
    return getattr(model, "resolved_protocol", None)


def _replace_serializer(client: Any) -> bool:
    from botocore.serialize import JSONSerializer

    stock = getattr(client, "_serializer", None)
    if type(stock) is not JSONSerializer:
        return False
    client._serializer = _BodySerializer(stock)
    return True


def _replace_parser(client: Any) -> bool:
    from aiobotocore.parsers import AioResponseParserFactory

    endpoint: Any = getattr(client, "_endpoint", None)
    stock = getattr(endpoint, "_response_parser_factory", None)
    # Users may have given their session a factory of their own, or told the stock one how to parse times or binary.
    if type(stock) is not AioResponseParserFactory or getattr(stock, "_defaults", None) != {}:
        return False
    endpoint._response_parser_factory = _BodyParserFactory(stock)
    return True


def _keep_user_agent(client: Any) -> None:
    from botocore.useragent import UserAgentString

    creator: Any = getattr(client, "_user_agent_creator", None)
    if creator.__class__ is UserAgentString:
        # The creator is the client's own copy; what listens to the making of requests asks the same one again.
        setattr(creator, "to_string", _KeptUserAgent(creator.to_string))  # noqa: B010  # types of methods are fixed


class _BodySerializer:
    """Makes the request of an operation, whose parameters are its body as they are."""

    def __init__(self, stock: Any) -> None:
        self._stock = stock
        self._empty: dict[str, dict[str, Any]] = {}

    def serialize_to_request(self, parameters: dict[str, Any], operation_model: Any) -> dict[str, Any]:
        name = operation_model.name
        if name not in self._empty:
            # Everything but the body is the same for every request of an operation.
            self._empty[name] = self._stock.serialize_to_request({}, operation_model)
        empty = self._empty[name]
        # Listeners may add headers to a request.
        return {**empty, "headers": {**empty["headers"]}, "body": orjson.dumps(parameters, _json_form, _OPTIONS)}


_OPTIONS: Final = orjson.OPT_PASSTHROUGH_DATETIME


def _json_form(value: Any) -> Any:
    # What listeners put into parameters is in boto3's form.
    if isinstance(value, (bytes, bytearray)):
        return to_base64(bytes(value))
    if isinstance(value, datetime):
        return value.timestamp()
    raise TypeError


class _BodyParserFactory:
    """Gives the one parser of a client."""

    def __init__(self, stock: Any) -> None:
        self._stock = stock
        self._parsers: dict[str, _BodyParser] = {}

    def create_parser(self, protocol_name: str) -> _BodyParser:
        if protocol_name not in self._parsers:
            self._parsers[protocol_name] = _BodyParser(self._stock.create_parser(protocol_name))
        return self._parsers[protocol_name]


class _BodyParser:
    """Parses a good answer's body and nothing else; errors and what is no JSON are left to botocore's parser."""

    def __init__(self, stock: Any) -> None:
        self._stock = stock

    async def parse(self, response: dict[str, Any], shape: Any) -> Any:
        if response["status_code"] >= _FIRST_NOT_GOOD:
            return await self._stock.parse(response, shape)
        if response["context"]["operation_name"] in _ANSWERED_AS_SENT:
            parsed = _parsed(response["body"])
            if parsed is not None:
                _parsing.debug("Response headers: %s", response["headers"])
                _parsing.debug("Response body:\n%s", response["body"])
                parsed["ResponseMetadata"] = _facts(response)
                return parsed
        return with_json_forms(await self._stock.parse(response, shape))


def _parsed(body: bytes) -> dict[str, Any] | None:
    try:
        parsed = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(parsed, dict):
        return None
    if None in parsed.values():
        return {name: member for name, member in parsed.items() if member is not None}
    return parsed


def _facts(response: dict[str, Any]) -> dict[str, Any]:
    headers = {name.lower(): value for name, value in response["headers"].items()}
    facts = {"HTTPStatusCode": response["status_code"], "HTTPHeaders": headers}
    if "x-amzn-requestid" in headers:
        facts["RequestId"] = headers["x-amzn-requestid"]
    return facts


class _KeptUserAgent:
    """Gives the User-Agent of a client's requests, built once for every set of features that a request may use."""

    def __init__(self, build: Any) -> None:
        self._build = build
        self._built: dict[frozenset[str], str] = {}

    def __call__(self) -> str:
        from botocore.context import get_context

        context = get_context()
        features = frozenset() if context is None else frozenset(context.features)
        if features not in self._built:
            self._built[features] = self._build()
        return self._built[features]
