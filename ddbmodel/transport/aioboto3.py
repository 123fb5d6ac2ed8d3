"""The waist through aioboto3: any endpoint that speaks the protocol, with the configuration every AWS tool reads.

Reads go through botocore's standard retries. Writes are tried once by botocore and repeated here only where that is
safe (`retry.py`), since botocore would send a write again after a lost answer. boto3's form (bytes, datetimes,
``ResponseMetadata``) does not leave this file. The library is imported when the first request is made.
"""

from __future__ import annotations

import asyncio
import io
import os
import random
from contextlib import AsyncExitStack
from typing import Any, Final

from ddbmodel.errors import (
    CancellationReason,
    InvalidRequest,
    InvalidUrl,
    NotSupportedHere,
    ServiceError,
    Throttled,
    ThrottlingReason,
    service_error,
)
from ddbmodel.transport.botocore_seams import CONVERTED, Seams, replace_conversions, with_json_forms
from ddbmodel.transport.executor import Request, Response
from ddbmodel.transport.retry import MAX_ATTEMPTS, full_jitter_delay_s, is_read, is_repeatable, unanswered
from ddbmodel.transport.scaling import SCALING_OPERATIONS
from ddbmodel.transport.sessions import new_session
from ddbmodel.values.binary import with_raw_bytes

__all__ = ["Aioboto3Executor"]

_STREAM_OPERATIONS: Final = frozenset({"DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"})
_SERVICES: Final = {"streams": "dynamodbstreams", "scaling": "application-autoscaling"}
# What servers say of a service that they are not; the last is a page that is not found.
_NO_SUCH_OPERATION: Final = frozenset({"InvalidAction", "UnknownOperationException", "404"})
_LARGE_BODY_BYTES: Final = 512 * 1024
# The service failed after it accepted the request: what it did is not known.
_FAILED_INSIDE: Final = frozenset({"InternalServerError", "InternalFailure", "ServiceUnavailable"})
_FIRST_SERVER_ERROR: Final = 500


class Aioboto3Executor:
    """Sends requests to AWS, or to the server at `endpoint_url`.

    Args:
        region: for AWS, where the session's configuration names none or another.
        session: an ``aioboto3.Session``; by default a new one, configured by environment and files.
        endpoint_url: a server other than AWS's. Where nothing configures credentials or a region, placeholders are
            sent, because local servers want some and look at none.
    """

    def __init__(self, *, region: str | None = None, session: Any = None, endpoint_url: str | None = None) -> None:
        self._region, self._endpoint_url = region, endpoint_url
        self._session, self._session_given = session, session is not None
        self._clients: dict[str, Any] = {}
        self._seams: dict[str, Seams] = {}
        self._stack = AsyncExitStack()
        self._opening = asyncio.Lock()
        self._closed = False

    async def execute(self, operation: str, request: Request) -> Response:
        """Return the service's answer; see `Executor.execute`."""
        client = await self._client_for(operation)
        attempt = 0
        while True:
            attempt += 1
            try:
                return await _send(client, self._seams.get(_kind_of(operation), CONVERTED), operation, request)
            except _Unanswered as failure:
                may_repeat = failure.nothing_was_sent or is_repeatable(operation, request)
                if is_read(operation) or attempt == MAX_ATTEMPTS or not may_repeat:
                    error = unanswered(operation, failure.cause, nothing_was_sent=failure.nothing_was_sent)
                    raise error from failure.cause
            except ServiceError as error:
                if is_read(operation) or attempt == MAX_ATTEMPTS or not isinstance(error, Throttled):
                    raise
            await asyncio.sleep(full_jitter_delay_s(attempt, random.random()))  # noqa: S311  # spreads retries

    async def scale(self, operation: str, request: Request) -> Response:
        """Return the answer of Application Auto Scaling; see `Scaling.scale`."""
        client = await self._client_for(operation)
        try:
            return await _send(client, self._seams.get(_kind_of(operation), CONVERTED), operation, request)
        except _Unanswered as failure:
            raise unanswered(operation, failure.cause, nothing_was_sent=failure.nothing_was_sent) from failure.cause
        except ServiceError as error:
            if error.code not in _NO_SUCH_OPERATION:
                raise
            raise NotSupportedHere(
                "capacity cannot follow the load here: this server has no Application Auto Scaling; say "
                "Provisioned(...) or OnDemand() where it is used"
            ) from error

    async def close(self) -> None:
        """Close the connections; closing twice is fine."""
        self._closed = True
        # A client that is being made would otherwise be entered after the others were closed, and stay open.
        async with self._opening:
            self._clients.clear()
            await self._stack.aclose()

    async def _client_for(self, operation: str) -> Any:
        kind = _kind_of(operation)
        client = self._clients.get(kind)
        if client is not None:
            return client
        self._check_open()
        async with self._opening:
            self._check_open()
            if kind not in self._clients:
                opened = await self._opened(kind)
                opened.meta.events.register("before-send", _stream_large_body)
                self._seams[kind] = replace_conversions(opened)
                self._clients[kind] = opened
        return self._clients[kind]

    async def _opened(self, kind: str) -> Any:
        from botocore.exceptions import BotoCoreError

        try:
            if self._session is None:
                self._session = new_session()
            return await self._stack.enter_async_context(self._new_client(kind))
        except BotoCoreError as error:
            raise InvalidRequest(f"the connection cannot be set up: {error}") from error

    def _check_open(self) -> None:
        if self._closed:
            raise InvalidRequest("this database is closed; connect again to use it")

    def _new_client(self, kind: str) -> Any:
        from botocore.config import Config

        session = self._session
        attempts = 1 if kind == "writes" else 4
        settings: dict[str, Any] = {
            "region_name": self._region or session.region_name,
            # The service checks parameters itself, and says it in its own words.
            "config": Config(
                retries={"mode": "standard", "total_max_attempts": attempts},
                parameter_validation=False,
                connect_timeout=5,
            ),
        }
        if self._endpoint_url is not None:
            settings["endpoint_url"] = self._endpoint_url
            settings["region_name"] = settings["region_name"] or "us-east-1"
            if not self._session_given and not _credentials_are_configured(session):
                settings |= {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
        elif settings["region_name"] is None:
            raise InvalidUrl("no AWS region is configured; name it in the URL, as in 'aws://eu-west-1'")
        return session.client(_SERVICES.get(kind, "dynamodb"), **settings)


def _kind_of(operation: str) -> str:
    if operation in SCALING_OPERATIONS:
        return "scaling"
    return "streams" if operation in _STREAM_OPERATIONS else "reads" if is_read(operation) else "writes"


def _stream_large_body(request: Any, **_: Any) -> None:
    # aiohttp warns about large bodies that it is given in one piece, since sending one holds up the event loop.
    if isinstance(request.body, bytes) and len(request.body) > _LARGE_BODY_BYTES:
        request.body = io.BytesIO(request.body)


class _Unanswered(Exception):
    """A request that the service did not answer; what it becomes depends on the operation."""

    def __init__(self, cause: Exception, *, nothing_was_sent: bool) -> None:
        super().__init__(str(cause))
        self.cause, self.nothing_was_sent = cause, nothing_was_sent


async def _send(client: Any, seams: Seams, operation: str, request: Request) -> Response:
    from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
    from botocore.exceptions import ConnectionError as NotConnected

    method = getattr(client, _method_name(operation), None)
    if method is None:
        raise service_error("UnknownOperationException", f"{operation} is not an operation of the service")
    try:
        response = await method(**(request if seams.takes_json_forms else with_raw_bytes(request)))
    except ClientError as error:
        failure = _service_error(error.response)
        # A proxy's 502 or 504 has no code of the service, and says as little about what became of the request.
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        if (failure.code in _FAILED_INSIDE or status >= _FIRST_SERVER_ERROR) and not is_read(operation):
            raise _Unanswered(error, nothing_was_sent=False) from error
        raise failure from error
    except (NotConnected, HTTPClientError) as error:
        raise _Unanswered(error, nothing_was_sent=_nothing_was_sent(error)) from error
    except BotoCoreError as error:
        # No credentials, an expired login and the like, which are found out before anything is sent.
        raise service_error(type(error).__name__, str(error)) from error
    facts = response.pop("ResponseMetadata", None) or {}
    if "RequestId" not in facts and facts.get("HTTPHeaders", {}).get("content-type", "").startswith("text/html"):
        # A proxy's page, or another kind of server; botocore takes it for an answer without members.
        page = ValueError("a web page came instead, so what answered does not speak the protocol")
        raise _Unanswered(page, nothing_was_sent=False)
    return response if seams.gives_json_forms else with_json_forms(response)  # type: ignore[no-any-return]  # a dict


def _service_error(response: dict[str, Any]) -> ServiceError:
    facts = response.get("Error", {})
    reasons = [
        CancellationReason(
            code="None" if reason.get("Code") is None else reason["Code"],
            message=reason.get("Message"),
            item=with_json_forms(reason["Item"]) if reason.get("Item") else None,
        )
        for reason in response.get("CancellationReasons") or ()
    ]
    return service_error(
        facts.get("Code", "UnknownError"),
        facts.get("Message") or response.get("message") or "",
        item=with_json_forms(response["Item"]) if response.get("Item") else None,
        cancellation_reasons=reasons,
        throttling_reasons=_throttling_reasons(response),
        request_id=response.get("ResponseMetadata", {}).get("RequestId"),
    )


def _throttling_reasons(response: dict[str, Any]) -> list[ThrottlingReason]:
    # One of the three errors spells it small.
    listed = response.get("ThrottlingReasons") or response.get("throttlingReasons") or ()
    return [ThrottlingReason(reason.get("reason", ""), reason.get("resource", "")) for reason in listed]


def _nothing_was_sent(error: Exception) -> bool:
    from aiohttp import ClientConnectorError
    from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError, ProxyConnectionError

    if isinstance(error, (ConnectTimeoutError, ProxyConnectionError)):
        return True
    # aiobotocore gives this class to a connection that broke half-way, too.
    return isinstance(error, EndpointConnectionError) and isinstance(error.__context__, ClientConnectorError)


def _credentials_are_configured(session: Any) -> bool:
    """Return whether environment or files hold any; asking the session would wait for a machine's metadata server."""
    named = ("AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE")
    return any(name in os.environ for name in named) or bool(session.available_profiles)


def _method_name(operation: str) -> str:
    from botocore import xform_name

    return xform_name(operation)  # type: ignore[no-any-return]  # a str
