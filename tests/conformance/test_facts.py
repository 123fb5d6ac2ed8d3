"""Every fact of the list, asked of the engine in this process, and those about HTTP of its server."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from facts.backends import Embedded, OverHttp
from facts.collection import ALL
from facts.form import CannotAsk, Fact, failure
from facts.serving import our_server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OverHttp]:
    with our_server(tmp_path_factory.mktemp("facts")) as backend:
        yield backend


@pytest.mark.parametrize("fact", [pytest.param(each, id=each.id) for each in ALL if not each.is_wire])
def test_the_engine_answers_as_the_fact_says(fact: Fact, loop: asyncio.AbstractEventLoop) -> None:
    with closing(Embedded(loop)) as engine:
        found = failure(fact, engine)

    assert found is None, f"{fact.says} ({fact.source})\n{found}"


@pytest.mark.shares("server-of-the-facts")
@pytest.mark.parametrize("fact", [pytest.param(each, id=each.id) for each in ALL if each.is_wire])
def test_the_server_answers_as_the_fact_says(fact: Fact, server: OverHttp) -> None:
    server.forget()

    found = failure(fact, server)

    assert found is None, f"{fact.says} ({fact.source})\n{found}"


@pytest.mark.shares("server-of-the-facts")
def test_the_server_answers_all_other_facts_as_the_engine_does(server: OverHttp) -> None:
    found: dict[str, str] = {}
    not_asked: list[str] = []
    for fact in ALL:
        if fact.is_wire:
            continue
        server.forget()
        try:
            wrong = failure(fact, server)
        except CannotAsk:
            not_asked.append(fact.id)
            continue
        if wrong is not None:
            found[fact.id] = wrong

    assert found == {}
    # Those that move the clock, or begin anew with other options.
    assert len(not_asked) < 40, not_asked
