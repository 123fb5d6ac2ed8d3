"""Every fact of the list, asked of the engine: in this process, and those about HTTP of its server."""

from __future__ import annotations

import asyncio
import sys
from contextlib import closing
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from facts.backends import Embedded
from facts.collection import ALL
from facts.form import Fact, failure

NOT_YET: frozenset[str] = frozenset()


@pytest.mark.parametrize("fact", [pytest.param(each, id=each.id) for each in ALL if not each.is_wire])
def test_the_engine_answers_as_the_fact_says(fact: Fact, loop: asyncio.AbstractEventLoop) -> None:
    with closing(Embedded(loop)) as engine:
        found = failure(fact, engine)

    assert found is None, f"{fact.says} ({fact.source})\n{found}"
