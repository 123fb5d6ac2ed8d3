"""The conversions of a client that is ours are left out; a client that is not as expected keeps them."""

from __future__ import annotations

from typing import Any

import aioboto3
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from botocore.config import Config

from ddbmodel.transport.botocore_seams import CONVERTED, Seams, replace_conversions, with_json_forms

SESSION = aioboto3.Session(aws_access_key_id="a", aws_secret_access_key="b", region_name="eu-west-1")


def client_at(url: str, **settings: Any) -> Any:
    return SESSION.client("dynamodb", endpoint_url=url, config=Config(parameter_validation=False, **settings))


async def test_requests_and_answers_pass_as_they_are() -> None:
    bodies: list[bytes] = []

    async def answer(request: web.Request) -> web.Response:
        bodies.append(await request.read())
        headers = {"x-amzn-requestid": "R1", "Content-Type": "application/x-amz-json-1.0"}
        return web.Response(body=b'{"Item": {"b": {"B": "AAE="}}, "Attributes": null}', headers=headers)

    application = web.Application()
    application.router.add_post("/", answer)
    async with TestServer(application) as server, client_at(str(server.make_url("/"))) as client:
        assert replace_conversions(client) == Seams(takes_json_forms=True, gives_json_forms=True)
        response = await client.get_item(TableName="t", Key={"b": {"B": "AAE="}})

    assert bodies == [b'{"TableName":"t","Key":{"b":{"B":"AAE="}}}']
    assert response.pop("ResponseMetadata")["RequestId"] == "R1"
    assert response == {"Item": {"b": {"B": "AAE="}}}


async def test_an_error_is_what_botocore_makes_of_it() -> None:
    async def answer(request: web.Request) -> web.Response:
        body = b'{"__type": "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException", "message": "no"}'
        return web.Response(body=body, status=400)

    application = web.Application()
    application.router.add_post("/", answer)
    async with TestServer(application) as server, client_at(str(server.make_url("/"))) as client:
        replace_conversions(client)
        with pytest.raises(client.exceptions.ConditionalCheckFailedException, match="no"):
            await client.get_item(TableName="t", Key={})


async def test_a_session_keeps_its_own_parts() -> None:
    async with client_at("http://127.0.0.1:1") as one, client_at("http://127.0.0.1:1") as other:
        replace_conversions(one)
        assert type(other._serializer).__name__ == "JSONSerializer"
        assert type(other._endpoint._response_parser_factory).__name__ == "AioResponseParserFactory"


async def test_what_is_not_as_expected_is_left_alone() -> None:
    assert replace_conversions(object()) == CONVERTED
    async with client_at("http://127.0.0.1:1") as client:
        client._endpoint._response_parser_factory = object()
        client._serializer = object()
        assert replace_conversions(client) == CONVERTED


def test_what_boto3_answers_becomes_the_form_of_the_wire() -> None:
    assert with_json_forms({"a": [{"B": b"\x00\x01"}]}) == {"a": [{"B": "AAE="}]}
