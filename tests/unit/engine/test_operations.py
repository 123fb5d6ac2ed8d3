"""Every operation of the API is answered, or refused as the service refuses one that it does not have."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from ddbmodel.engine import Engine, EngineOptions
from ddbmodel.engine.tables import UNAVAILABLE_OPERATIONS
from ddbmodel.engine.validation.api import OPERATION_NAMES
from ddbmodel.errors import ServiceError

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "operations.md"


def test_the_api_has_sixty_two_operations_and_four_of_streams() -> None:
    assert len(OPERATION_NAMES) == 62 + 4


@pytest.mark.parametrize("operation", sorted(OPERATION_NAMES))
async def test_an_operation_is_answered_or_not_available_and_the_page_says_which(operation: str) -> None:
    answered, _, unavailable = PAGE.read_text().partition("## Not available")
    engine = Engine.open()

    code = await _code_of_an_empty_request(engine, operation)

    assert (code == "UnknownOperationException") == (operation in UNAVAILABLE_OPERATIONS)
    part, other = (unavailable, answered) if operation in UNAVAILABLE_OPERATIONS else (answered, unavailable)
    assert f"`{operation}`" in part
    assert f"`{operation}`" not in other
    await engine.close()


def test_the_page_names_no_other_operation() -> None:
    named = set(re.findall(r"`([A-Z][A-Za-z]+)`", PAGE.read_text()))

    parameters = {"Expected", "AttributeUpdates", "KeyConditions", "QueryFilter", "ScanFilter", "AttributesToGet"}
    assert named - OPERATION_NAMES == parameters | {"ConditionalOperator", "UnknownOperationException"}


def test_the_reference_page_has_every_option_with_its_default() -> None:
    page = (PAGE.parent / "engine.md").read_text()

    for option in fields(EngineOptions):
        default = f'"{option.default}"' if isinstance(option.default, str) else str(option.default)
        assert f"| `{option.name}` | `{default}` |" in page


async def _code_of_an_empty_request(engine: Engine, operation: str) -> str | None:
    try:
        await engine.execute(operation, {})
    except ServiceError as error:
        return error.code
    return None
