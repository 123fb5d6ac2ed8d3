"""The page of service facts says what is measured."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from facts.collection import ALL
from facts.measuring import Measured, measure_server
from facts.page import PAGE, table_of


def _rows(table: str) -> list[list[str]]:
    return [line.split("|")[1:-1] for line in table.splitlines() if line.startswith("| ")]


def test_the_page_counts_the_facts_of_every_section() -> None:
    counted = [row[:3] for row in _rows(table_of(ALL, Measured(), {}))]

    written = [row[:3] for row in _rows(PAGE.read_text())]

    assert written == counted


@pytest.mark.slow
def test_the_page_has_the_numbers_of_the_other_emulators(effort: Any, request: pytest.FixtureRequest) -> None:
    if effort.name != "long":
        pytest.skip("asks two servers every fact; runs in `make long`")
    peers = {
        "DynamoDB Local": measure_server(ALL, request.getfixturevalue("oracle_url")),
        "moto": measure_server(ALL, request.getfixturevalue("moto_url")),
    }

    assert table_of(ALL, Measured(), peers) in PAGE.read_text(), "measure again: python -m facts, in tests/conformance"
