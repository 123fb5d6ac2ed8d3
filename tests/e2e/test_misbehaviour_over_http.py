"""An engine that misbehaves behind the server, as a client on the other side of the wire meets it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from ddbmodel import Attr, Database, Model, OutcomeUnknown, Throttled, attr, partition_key, version
from ddbmodel.engine import Behaviours, Engine
from ddbmodel.server.running import Server
from ddbmodel.server.settings import ServerSettings


class Counter(Model, table="counters"):
    id: Attr[str] = partition_key()
    total: Attr[int] = attr(default=0)
    revision: Attr[int] = version()


@pytest.fixture
async def served() -> AsyncIterator[tuple[Engine, Database]]:
    engine = Engine.open("memory:")
    async with Server(engine, ServerSettings(port=0)) as server, Database.connect(server.url) as db:
        await db.create_tables(Counter)
        await db.create(Counter(id="c"))
        yield engine, db
    await engine.close()


@pytest.mark.parametrize("switches", [{"lost_request_rate": 1.0}, {"lost_response_rate": 1.0}])
async def test_a_connection_that_breaks_leaves_the_outcome_of_a_write_open(
    switches: dict[str, float], served: tuple[Engine, Database]
) -> None:
    engine, db = served
    engine.behave(Behaviours(**switches))  # type: ignore[arg-type]  # rates
    with pytest.raises(OutcomeUnknown, match="UpdateItem was sent and no answer came"):
        await db.update(Counter.key(id="c"), Counter.total.add(1))
    engine.behave(Behaviours())

    assert (await db.get_or_raise(Counter, id="c")).total == switches.get("lost_response_rate", 0)


async def test_a_throttled_client_is_told_which_limit_it_met(served: tuple[Engine, Database]) -> None:
    engine, db = served
    engine.behave(Behaviours(throttled_write_rate=1))

    with pytest.raises(Throttled) as throttled:
        await db.put(Counter(id="d"))

    (reason,) = throttled.value.throttling_reasons
    assert reason.reason.startswith("TableWrite")
    assert reason.resource.endswith(":table/counters")


async def test_units_of_work_are_carried_out_once_across_broken_connections(served: tuple[Engine, Database]) -> None:
    engine, db = served
    engine.behave(Behaviours(lost_response_rate=0.3, conflict_rate=0.2, seed=1))

    async def add_one(unit: object) -> None:
        counter = await unit.get_or_raise(Counter, id="c")  # type: ignore[attr-defined]  # a unit of work
        counter.total += 1

    for _ in range(5):
        await db.run(add_one, retries=20)
    engine.behave(Behaviours())

    assert (await db.get_or_raise(Counter, id="c")).total == 5
