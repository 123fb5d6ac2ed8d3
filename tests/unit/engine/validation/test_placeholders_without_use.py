"""Names and values of expressions in a request that has no expression to use them."""

from __future__ import annotations

from typing import Any

import pytest

from ddbmodel.engine.messages.message import Refusal, Wording
from ddbmodel.engine.validation.expressions import RequestExpressions

VALUES = {"ExpressionAttributeValues": {":v": {"S": "x"}}}
NAMES = {"ExpressionAttributeNames": {"#n": "x"}}
ONLY = "can only be specified when using expressions"


@pytest.mark.parametrize(
    ("request_", "parameters", "older"),
    [
        (VALUES, ("ConditionExpression",), f"ExpressionAttributeValues {ONLY}: ConditionExpression is null"),
        (
            VALUES,
            ("UpdateExpression", "ConditionExpression"),
            f"ExpressionAttributeValues {ONLY}: UpdateExpression and ConditionExpression are null",
        ),
        (
            {**VALUES, "ProjectionExpression": "x"},
            ("ProjectionExpression", "FilterExpression"),
            f"ExpressionAttributeValues {ONLY}: FilterExpression is null",
        ),
        (NAMES, ("ProjectionExpression",), f"ExpressionAttributeNames {ONLY}"),
    ],
)
def test_placeholders_need_an_expression_that_takes_them(
    request_: dict[str, Any], parameters: tuple[str, ...], older: str
) -> None:
    with pytest.raises(Refusal) as caught:
        RequestExpressions(request_, *parameters)

    assert caught.value.text(Wording.OLDER) == caught.value.text(Wording.CLASSIC) == older
    assert caught.value.text(Wording.CURRENT) == older.partition(":")[0]
    assert caught.value.text(Wording.ENVELOPED) == "1 validation error detected: " + older.partition(":")[0]
